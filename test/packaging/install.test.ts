// Each package alone, from the tarball that would be published, in an empty folder: it installs, and a real call works.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll } from "../../scripts/pack.ts";
import { quietly, SetupError } from "../../scripts/setup/exec.mjs";
import { exclusively } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { pinnedNode } from "../../scripts/setup/toolchain.mjs";
import { type Package, packages } from "../../scripts/workspace.ts";

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

describe.each(all)("$name", (each) => {
  let folder = "";
  beforeAll(async () => {
    folder = await install(each.folder, closure(each));
    if (each.folder === "testkit") symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
  });

  test.for(majors)("works in Node %i", async (major, { skip }) => {
    const node = nodes.get(major);
    if (!node) return skip(`no binary package of Node ${major} here`);
    const program = join(root, "test/packaging/smoke", `${each.folder}.mjs`);
    expect(existsSync(program), `each package has a smoke program: ${program}`).toBe(true);
    cpSync(program, join(folder, "smoke.mjs"));
    const output = await quietly(`the smoke program of ${each.name}`, node, ["smoke.mjs"], {
      cwd: folder,
      env: { PATH: process.env.PATH },
    });
    expect(output.trim().split("\n").at(-1)).toBe("works");
  });
});

test("the declarations of all packages stand on their own", async () => {
  const folder = await install(
    "types",
    all.map(({ name }) => name),
  );
  symlinkSync(join(root, "node_modules/vitest"), join(folder, "node_modules/vitest"));
  const lines = all.flatMap(({ name, entries }) =>
    entries.map((entry) => `export * as ${id(name + entry)} from "${name}${entry.slice(1)}";`),
  );
  writeFileSync(join(folder, "index.ts"), `${lines.join("\n")}\n`);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2024",
    module: "nodenext",
    lib: ["esnext", "dom", "dom.asynciterable"],
    types: [],
    skipLibCheck: false,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  await quietly("tsc", process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], { cwd: folder });
});

const id = (text: string) => text.replaceAll(/\W/g, "_");
