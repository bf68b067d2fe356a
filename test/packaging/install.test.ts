// Each package alone, from the tarball that would be published, in an empty folder: it installs, and a real call works.
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { quietly, SetupError } from "../../scripts/setup/exec.mjs";
import { exclusively } from "../../scripts/setup/lock.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { pinnedNode } from "../../scripts/setup/toolchain.mjs";
import { tested } from "../../scripts/toolchains/table.ts";
import { all, closure, install } from "./install.ts";

const id = (text: string) => `_${text.replaceAll(/\W/g, "_")}`;
const majors = [22, 24] as const;
/** Peers are the user's to bring: here those of the workspace, by the folder of the package that wants them. */
const peers: { readonly [folder: string]: readonly [name: string, from: string] } = {
  testkit: ["vitest", "node_modules/vitest"],
  text: ["@huggingface/tokenizers", "packages/text/node_modules/@huggingface/tokenizers"],
};
function bring(folder: string, into: string): void {
  const [name, from] = peers[folder] ?? [];
  if (name === undefined || from === undefined) return;
  const link = join(into, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join(root, from), link);
}
const nodes = new Map<number, string>();

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
});

const cpu = "@flambeau/backend-cpu-wasm";
/** What is no thing to bundle: it declares tests and runs inside vitest, writes the files that lie beside it, or finds one there. */
const unbundled = new Set(["testkit", "create-flambeau", "cpu-native"]);

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
    bring(each.folder, folder);
    const imports = each.entries.map((entry) => `import * as ${id(entry)} from "${each.name}${entry.slice(1)}";`);
    const counts = each.entries.map((entry) => `Object.keys(${id(entry)}).length`);
    writeFileSync(join(folder, "alone.mjs"), `${imports.join("\n")}\nconsole.log(Math.min(${counts}));\n`);
    if (each.folder !== "testkit") expect(Number(await run(process.execPath, "alone.mjs"))).toBeGreaterThan(0);
    // to compute, a backend stands beside the package
    if (own.includes("@flambeau/tensor") && !own.includes(cpu)) await install(each.folder, [...own, cpu]);
    bring(each.folder, folder);
    cpSync(program, join(folder, "smoke.mjs"));
  });

  test.for(majors)(tested("node", "works in %i"), async (major, { skip }) => {
    const node = nodes.get(major);
    if (!node) return skip(`no binary package of Node ${major} here`);
    expect(await run(node, "smoke.mjs")).toBe("works");
  });

  // what a bundler drops as unused or free of side effects must be that
  if (!unbundled.has(each.folder))
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
