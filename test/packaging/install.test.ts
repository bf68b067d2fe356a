// Each package alone, from the tarball that would be published, in an empty folder: it installs, and a real call works.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll } from "../../scripts/pack.ts";
import { quietly, SetupError } from "../../scripts/setup/exec.mjs";
import { exclusively } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { pinnedNode } from "../../scripts/setup/toolchain.mjs";
import { type Package, packages } from "../../scripts/workspace.ts";

const id = (text: string) => `_${text.replaceAll(/\W/g, "_")}`;
const all = packages();
const home = mkdtempSync(join(tmpdir(), "flambeau packaging ")); // the spaces are part of the test
const majors = [22, 24] as const;
const nodes = new Map<number, string>();
let tarballs: Map<string, string>;

/** A package and the workspace packages that it depends on, directly or not. */
function closure({ name, dependencies }: Package): string[] {
  const below = all.filter((each) => dependencies.includes(each.name)).flatMap(closure);
  return [...new Set([name, ...below])];
}

beforeAll(async () => {
  for (const major of majors) {
    try {
      nodes.set(
        major,
        await exclusively(
          () => pinnedNode(major),
          () => {},
        ),
      );
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      process.stderr.write(`packaging: no Node ${major} to test with: ${error.message}\n`);
    }
  }
  tarballs = await packAll();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Installs tarballs into a new empty folder. The packages depend on nothing else, so npm needs no network. */
async function install(folder: string, names: readonly string[]): Promise<string> {
  const target = join(home, folder);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  const files = names.map((name) => tarballs.get(name) ?? "");
  // peer dependencies (vitest, for the testkit) are the user's to bring: here the workspace's
  const flags = [
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--ignore-scripts",
    "--legacy-peer-deps",
    "--offline",
  ];
  await quietly(`npm install of ${folder}`, "npm", ["install", ...flags, ...files], { cwd: target });
  return target;
}

const cpu = "@flambeau/backend-cpu-wasm";

describe.each(all)("$name", (each) => {
  let folder = "";
  const program = join(root, "test/packaging/smoke", `${each.folder}.mjs`);
  const run = async (node: string, file: string) => {
    const env = { PATH: process.env.PATH };
    const output = await quietly(`${file} of ${each.name}`, node, [file], { cwd: folder, env });
    return output.trim().split("\n").at(-1);
  };

  beforeAll(async () => {
    const own = closure(each);
    folder = await install(each.folder, own);
    const imports = each.entries.map((entry) => `import * as ${id(entry)} from "${each.name}${entry.slice(1)}";`);
    const counts = each.entries.map((entry) => `Object.keys(${id(entry)}).length`);
    writeFileSync(join(folder, "alone.mjs"), `${imports.join("\n")}\nconsole.log(Math.min(${counts}));\n`);
    if (each.folder !== "testkit") expect(Number(await run(process.execPath, "alone.mjs"))).toBeGreaterThan(0);
    // to compute, a backend stands beside the package
    if (!own.includes(cpu)) await install(each.folder, [...own, cpu]);
    if (each.folder === "testkit") symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
    cpSync(program, join(folder, "smoke.mjs"));
  });

  test.for(majors)("works in Node %i", async (major, { skip }) => {
    const node = nodes.get(major);
    if (!node) return skip(`no binary package of Node ${major} here`);
    expect(await run(node, "smoke.mjs")).toBe("works");
  });

  // what a bundler drops as unused or free of side effects must be that
  // (the testkit declares tests: it runs inside vitest, which is no thing to bundle)
  const bundles = each.folder !== "testkit";
  if (bundles)
    test("works when bundled and minified", async () => {
      await build({
        absWorkingDir: folder,
        entryPoints: ["smoke.mjs"],
        outfile: "bundled.mjs",
        bundle: true,
        minify: true,
        format: "esm",
        platform: "neutral",
        mainFields: ["module", "main"],
        external: ["node:*"],
        logLevel: "silent",
      });
      expect(await run(process.execPath, "bundled.mjs")).toBe("works");
    });
});

test.for(["nodenext", "esnext"])("the declarations stand on their own under module: %s", async (module) => {
  const folder = await install(
    `types ${module}`,
    all.map(({ name }) => name),
  );
  symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
  const lines = all.flatMap(({ name, entries }) =>
    entries.map((entry) => `export * as ${id(name + entry)} from "${name}${entry.slice(1)}";`),
  );
  const fluent = [
    'import { type Tensor, tensor } from "@flambeau/tensor";',
    "const sum: Tensor = tensor([1, 2]).add(1).sum();",
    "// @ts-expect-error: types are checked here, a string is no shape",
    'sum.reshape("2");',
  ];
  writeFileSync(join(folder, "index.ts"), [...fluent, ...lines, ""].join("\n"));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2024",
    module,
    moduleResolution: module === "nodenext" ? module : "bundler",
    lib: ["esnext", "dom", "dom.asynciterable"],
    types: [],
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  await quietly("tsc", process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: folder });
});
