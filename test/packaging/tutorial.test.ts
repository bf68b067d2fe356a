// The tutorial on backends as its reader does it: its pages' files and commands, in order, in an empty folder beside the template.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, inject, test } from "vitest";
import { quietly } from "../../scripts/setup/exec.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { closureOf, home } from "./install.ts";

const pages = ["plain", "fused", "asynchronous", "publish"].map((name) => `docs/write-a-backend/${name}.md`);
/** A file, or a part of one, and commands: what a reader copies from a page. */
const steps = pages
  .map((page) => readFileSync(join(root, page), "utf8"))
  .flatMap((text) => [
    ...text.matchAll(/^```(?:ts file=examples\/write-a-backend\/([^\s#]+)\S*|sh)\n([\s\S]*?)^```$/gm),
  ])
  .map(([, file, text = ""]) => ({ file, text }));

test("the tutorial's backend, made from its pages alone, passes the suite and learns the digits", async () => {
  const start = join(home, "a new author");
  mkdirSync(join(start, "examples"), { recursive: true });
  for (const each of ["src", "test", "package.json", "tsconfig.json", "README.md"])
    cpSync(join(root, "examples/backend-template", each), join(start, "examples/backend-template", each), {
      recursive: true,
    });

  let folder = start;
  const counted: number[] = [];
  const written = new Set<string>();
  for (const { file, text } of steps) {
    if (file) {
      // later parts of a file go behind an empty line
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, written.has(file) ? `${readFileSync(path, "utf8")}\n${text}` : text);
      written.add(file);
      continue;
    }
    for (const line of text.trim().split("\n")) {
      const [command = "", ...args] = line.split(" ");
      if (command === "cd") folder = join(folder, args[0] ?? "");
      else if (line.startsWith("npm install")) await install(folder, args.filter((arg) => /^[a-z]/.test(arg)).slice(1));
      else if (line.startsWith("npm test")) counted.push(await passed(folder, args));
      else await run(folder, command, args);
    }
  }
  expect([...written]).toEqual(expect.arrayContaining(["src/plain.ts", "src/remote.ts", "test/digits.test.ts"]));
  expect(counted).toHaveLength(4);
  const [plain = 0, fused = 0, remote = 0, digits] = counted;
  expect(Math.min(plain, fused, remote)).toBeGreaterThan(900);
  expect(digits).toBe(1);
  expect(fused, "the fast path's scenarios").toBeGreaterThan(plain);
  for (const each of ["index.js", "index.d.ts", "remote.js"]) expect(existsSync(join(folder, "dist", each))).toBe(true);
});

const run = (folder: string, command: string, args: readonly string[]) =>
  quietly(`${command} ${args.join(" ")}`, command, [...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
  });

/** Runs `npm test` and says how many tests passed. */
async function passed(folder: string, args: readonly string[]): Promise<number> {
  const dashes = args.includes("--") ? [] : ["--"];
  await run(folder, "npm", [...args, ...dashes, "--reporter=json", "--outputFile=report.json", "--testTimeout=600000"]);
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  expect(numFailedTests).toBe(0);
  return numPassedTests;
}

/** What `npm install` does, with our packages from their tarballs and the tools of this repository. */
async function install(folder: string, names: readonly string[]): Promise<void> {
  const path = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const tarballs = inject("tarballs");
  const ours = Object.keys({ ...manifest.devDependencies }).filter((name) => name in tarballs);
  const needed = [...new Set([...ours, ...names].flatMap(closureOf))];
  const local = Object.fromEntries(needed.map((name) => [name, `file:${tarballs[name]}`]));
  writeFileSync(path, JSON.stringify({ ...manifest, devDependencies: local }));
  const flags = ["--offline", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"];
  await run(folder, "npm", ["install", ...flags]);
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  for (const [tool, path] of [
    ["tsc", "typescript/bin/tsc"],
    ["vitest", "vitest/vitest.mjs"],
  ] as const) {
    const at = join(folder, "node_modules", dirname(path).split("/")[0] ?? "");
    if (!existsSync(at)) symlinkSync(join(root, "node_modules", path.split("/")[0] ?? ""), at);
    const link = join(folder, "node_modules/.bin", tool);
    if (!existsSync(link)) symlinkSync(join(root, "node_modules", path), link);
  }
}
