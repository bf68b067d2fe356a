// What "Download as a project" gives, unpacked and started as its README says.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../../scripts/setup/paths.mjs";
import { gallery } from "../examples/list.ts";
import { program } from "../src/site/example-pages.ts";
import { project } from "../src/widget/project.ts";
import { figures } from "./figures.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flambeau-project-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "packages/flambeau"), join(folder, "node_modules/flambeau")); // in the place of npm install
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function files(name: string): Promise<[path: string, text: string][]> {
  const zip = project(name, program(name), program("show"), "latest");
  const unpacked = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  return Object.entries(unpacked).map(([path, bytes]) => [path, strFromU8(bytes)]);
}

test.each(gallery)("$title: the project has all that its program imports", async ({ name }) => {
  const found = new Map(await files(name));
  const main = found.get(`${name}/main.ts`) ?? "";
  const imports = Array.from(main.matchAll(/from "([^"]+)"/g), ([, from = ""]) => from);
  const { dependencies } = JSON.parse(found.get(`${name}/package.json`) ?? "{}");
  expect(imports).toContain("flambeau");
  for (const from of imports)
    expect(from.startsWith("./") ? found.has(`${name}/${from.slice(2)}`) : from in dependencies).toBe(true);
});

// newton is done at once; digits asks for drawings, and nobody draws in a terminal
test.each(["newton", "digits"])("the project of %s runs", async (name) => {
  for (const [path, text] of await files(name)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { scripts } = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8"));
  const [command, ...words] = scripts.start.split(" ");
  expect(command).toBe("node");
  const said = execFileSync(process.execPath, ["--conditions=source", ...words], {
    cwd: join(folder, name),
    encoding: "utf8",
  });
  expect(said).toContain(figures[name]?.label);
});
