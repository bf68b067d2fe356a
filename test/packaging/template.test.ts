// The template of a backend as its reader has it: copied into an empty folder it installs, builds, passes its tests and packs.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { quietly } from "../../scripts/setup/exec.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { bringTools, closureOf, home } from "./install.ts";

test("the template installs, builds, tests and packs outside of this repository", async () => {
  const folder = join(home, "own backend");
  mkdirSync(folder);
  for (const each of ["src", "test", "package.json", "tsconfig.json", "README.md"])
    cpSync(join(root, "examples/backend-template", each), join(folder, each), { recursive: true });
  const run = (command: string, args: readonly string[]) =>
    quietly(`${command} ${args[0]} of the template`, command, [...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder },
    });

  // the packages from their tarballs, the tools from this repository
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const tarballs = inject("tarballs");
  const { typescript, vitest, ...own } = manifest.devDependencies;
  expect(Object.keys(own)).toEqual(expect.arrayContaining(Object.keys(manifest.peerDependencies)));
  const needed = [...new Set(Object.keys(own).flatMap(closureOf))];
  const local = Object.fromEntries(needed.map((name) => [name, `file:${tarballs[name]}`]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, devDependencies: local }));
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"]);
  bringTools(folder, ["typescript", "vitest"]);

  await run("npm", ["run", "build"]);
  // some groups: all of them run on these sources in the testkit's own tests
  const some = ["--testTimeout=600000", "-t", "(memory|order|life|rounding|trap|sort|scan)"];
  await run("npm", ["test", "--", "--reporter=json", "--outputFile=report.json", ...some]);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  expect(numFailedTests).toBe(0);
  expect(numPassedTests).toBeGreaterThan(50);
  const packed = JSON.parse(await run("npm", ["pack", "--json", "--ignore-scripts"]));
  const files: string[] = packed[0].files.map(({ path }: { path: string }) => path);
  expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/index.js", "dist/index.d.ts"]));
  expect(files.filter((path) => path.startsWith("src/") || path.startsWith("test/"))).toEqual([]);
  writeFileSync(
    join(folder, "use.mjs"),
    `import { ones, registerBackend } from "@flambeau/tensor";
     import { referenceBackend } from "backend-template";
     console.log(ones([2], { device: registerBackend(referenceBackend()).name }).add(1).tolist().join());`,
  );
  expect((await run(process.execPath, ["use.mjs"])).trim()).toBe("2,2");
});
