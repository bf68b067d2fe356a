// The checks beside the tests. `pnpm check` runs them all and then the tests; `pnpm check lint types` runs the named ones.
// --report FILE writes the counts as JSON; --no-tests leaves the tests out (.ci/run has run them by then).
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, packAll } from "./pack.ts";
import { exec, quietly } from "./setup/exec.mjs";
import { root } from "./setup/paths.mjs";
import { attw, publint, tool } from "./tools.ts";
import { packages } from "./workspace.ts";

interface Check {
  readonly name: string;
  /** Does the check; throws with a message for the reader when it fails. */
  run(): Promise<unknown>;
}

const at = (path: string) => join(root, path);

let tarballs: Promise<Map<string, string>> | undefined;
async function tarball(name: string): Promise<string> {
  tarballs ??= packAll();
  const path = (await tarballs).get(name);
  if (!path) throw new Error(`${name} was not packed`);
  return path;
}

async function layering(): Promise<void> {
  const args = ["--config", ".dependency-cruiser.mjs", "--output-type", "err-long", "packages", "apps"];
  const output = await tool("Layering", "dependency-cruiser/bin/dependency-cruiser.mjs", ...args);
  const cruised = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  if (cruised < packages().length) throw new Error(`Layering looked at ${cruised} modules only:\n${output}`);
}

const conformance = (what: string, ...args: string[]) =>
  quietly(what, process.execPath, [
    "--conditions=source",
    "--disable-warning=ExperimentalWarning",
    at("packages/testkit/src/cli.ts"),
    ...args,
  ]);

const checks: Check[] = [
  { name: "lint", run: () => tool("Biome", "@biomejs/biome/bin/biome", "check", "--colors=off", ".") },
  { name: "types", run: () => tool("tsc", "typescript/bin/tsc", "-p", "tsconfig.json") },
  { name: "neutral", run: () => tool("tsc", "typescript/bin/tsc", "-p", "tsconfig.neutral.json") },
  { name: "layering", run: layering },
  { name: "build", run: build },
  {
    name: "conformance",
    run: () => conformance("Conformance", "--device=cpu"),
  },
  {
    name: "guards",
    run: () => conformance("Conformance with guards around memory", "--device=cpu", "--debug"),
  },
  {
    name: "release",
    run: () =>
      quietly("The plan of the next release", process.execPath, [at("scripts/release.ts"), "--dry-run", "--plan"]),
  },
  { name: "knip", run: () => tool("knip", "knip/bin/knip.js", "--no-progress") },
  ...packages().flatMap(({ name }): Check[] => [
    { name: `publint ${name}`, run: async () => publint(await tarball(name)) },
    { name: `attw ${name}`, run: async () => attw(await tarball(name)) },
  ]),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: "string" }, "no-tests": { type: "boolean", default: false } },
});
const wanted = checks.filter(
  ({ name }) => !positionals.length || positionals.some((word) => name.split(" ").includes(word)),
);
if (!wanted.length) {
  process.stderr.write(
    `No such check: ${positionals.join(", ")}. There are: ${checks.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}

const failures: string[] = [];
for (const { name, run } of wanted) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    await run();
    process.stdout.write(`  ok    ${name} (${seconds()})\n`);
  } catch (error) {
    failures.push(name);
    const text = error instanceof Error ? error.message : String(error);
    process.stdout.write(`  FAIL  ${name} (${seconds()})\n${text.replaceAll(/^/gm, "        ")}\n`);
  }
}
if (values.report) {
  mkdirSync(dirname(values.report), { recursive: true });
  writeFileSync(values.report, JSON.stringify({ passed: wanted.length - failures.length, failed: failures.length }));
}
process.stdout.write(`${wanted.length - failures.length} of ${wanted.length} checks passed\n`);
if (failures.length) process.exitCode = 1;
if (!values["no-tests"] && !positionals.length) {
  const code = await exec(process.execPath, [at("node_modules/vitest/vitest.mjs"), "run"]);
  if (code) process.exitCode = code;
}
if (process.exitCode)
  process.stdout.write(`Failed: ${[...failures, ...(failures.length ? [] : ["tests"])].join(", ")}\n`);
