// The one way in: `npm start`, `npm test`, `npm run check|conformance|bench|...` all come here. It brings a fresh clone to
// the state the task needs, says nothing when that state is already there, and then runs the task on a fitting Node.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node >= 18.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { exec, SetupError } from "./setup/exec.mjs";
import { root } from "./setup/paths.mjs";
import { prepare } from "./setup/prepare.mjs";

/** @param {string} name */
const bin = (name) => ["node_modules", ".bin", name];
const vitest = ["node_modules/vitest/vitest.mjs", "run"];
/** @param {string[]} names */
const projects = (...names) => names.map((name) => `--project=${name}`);
// A program of ours runs from its TypeScript source: Node strips the types, "source" leads imports of packages to src/.
/** @param {string} file */
const program = (file) => ["--conditions=source", "--disable-warning=ExperimentalWarning", file];

/**
 * What each task runs: a tool's binary with arguments, or Node with arguments.
 * @type {Record<string, { node?: string[], tool?: string[], args?: string[] }>}
 */
export const tasks = {
  start: { node: program("apps/fashion-mnist/src/main.ts") },
  gpt: { node: program("apps/gpt/src/main.ts") },
  names: { node: program("apps/names/src/main.ts") },
  test: { node: vitest, args: projects("unit", "webgpu") },
  "test:delivered": { node: vitest, args: projects("packaging", "figures", "browser", "playground") },
  "test:all": { node: program("scripts/test-all.ts") },
  check: { node: program("scripts/check.ts") },
  conformance: { node: program("packages/testkit/src/cli.ts") },
  playground: { node: ["node_modules/vite/bin/vite.js"], args: ["--config", "apps/playground/vite.config.ts"] },
  bench: { node: program("apps/bench/src/main.ts") },
  "gpu-check": { node: program("apps/gpu-check/src/main.ts") },
  build: { tool: bin("turbo"), args: ["run", "build", "--output-logs=errors-only"] },
  lint: { tool: bin("biome"), args: ["check", "."] },
  format: { tool: bin("biome"), args: ["check", "--write", "."] },
  typecheck: { node: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"] },
  layers: { node: program("scripts/check.ts"), args: ["layering"] },
  docs: { node: program("apps/docs/src/main.ts") },
  release: { node: program("scripts/release.ts") },
  tables: { node: program("scripts/docs.ts") },
  setup: {},
};

/** @param {string[]} argv the task and its arguments @returns {Promise<number>} the exit code */
async function main([name, ...rest]) {
  const task = name && Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (!task) {
    throw new SetupError(`Usage: node scripts/run.mjs <${Object.keys(tasks).join("|")}> [arguments]`);
  }
  const { node, env } = await prepare(name);
  const file = task.node?.at(-1)?.endsWith(".ts") ? task.node.at(-1) : undefined;
  if (file && !existsSync(join(root, file)))
    throw new SetupError(`\`${name}\` runs ${file}, which this checkout does not have.`);
  if (task.tool) return exec(join(root, ...task.tool), [...(task.args ?? []), ...rest], { env });
  if (task.node) return exec(node, [...task.node, ...(task.args ?? []), ...rest], { env });
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      if (!(error instanceof SetupError)) throw error;
      process.stderr.write(`\n${error.message}\n`);
      process.exitCode = 1;
    },
  );
}
