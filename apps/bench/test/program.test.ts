import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyPackages, install } from "../src/against/program.ts";
import { rows } from "../src/against/rows.ts";
import { open } from "../src/against/session.ts";

let checkout = "";
beforeEach(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), "flambeau-program-")));
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));
const file = (path: string, contents: string) => {
  mkdirSync(join(checkout, path, ".."), { recursive: true });
  writeFileSync(join(checkout, path), contents);
};

test("every row is one that the child can measure, in a time or in bytes", async () => {
  const child = fileURLToPath(new URL("../src/against/child.ts", import.meta.url));
  const args = ["--conditions=source", "--disable-warning=ExperimentalWarning", "--expose-gc", child, "1"];
  const session = await open({ command: () => ({ file: process.execPath, args }) }, 1);
  try {
    for (const { name, calls } of rows) {
      const answer = await session.ask({ run: name, iterations: calls ?? 1 });
      expect(answer, name).toEqual(expect.objectContaining({ ms: expect.any(Number) }));
      // a tensor, its storage and their registration: more than a few words, less than a page
      if (calls && "ms" in answer) expect(answer.ms / calls, name).toBeGreaterThan(50);
      if (calls && "ms" in answer) expect(answer.ms / calls, name).toBeLessThan(4096);
    }
  } finally {
    await session.close();
  }
});

test("the program lies in the checkout, and there flambeau is the checkout's", async () => {
  file("packages/flambeau/package.json", '{ "name": "flambeau" }');
  // what a comparison that was killed left behind
  file(".cache/bench-program-999999999/src/old.ts", "");
  const { command, remove } = await install(checkout, "abc");
  const { args, env } = command(2);
  const [program, threads] = args.slice(-2);
  expect(threads).toBe("2");
  expect(args).toContain("--expose-gc");
  expect(program.startsWith(join(checkout, ".cache"))).toBe(true);
  expect(readFileSync(program, "utf8")).toContain("ours-workloads.ts");
  const folder = program.slice(0, program.indexOf("/src/"));
  expect(realpathSync(join(folder, "node_modules", "flambeau"))).toBe(join(checkout, "packages", "flambeau"));
  expect(env?.NODE_COMPILE_CACHE?.startsWith(checkout)).toBe(true);
  expect(existsSync(join(checkout, ".cache", "bench-program-999999999"))).toBe(false);
  await remove();
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(join(checkout, "packages", "flambeau", "package.json"))).toBe(true);
});

test("a checkout without the package is named", async () => {
  await expect(install(checkout, "abc")).rejects.toThrow("--against: abc has no package flambeau to measure");
});

test("a copy of the packages is whole but for tests, and its links lead to the copy", async () => {
  file("package.json", "{}");
  file("packages/a/src/index.ts", "export {};");
  file("packages/a/test/a.test.ts", "");
  file("packages/b/package.json", "{}");
  mkdirSync(join(checkout, "packages/b/node_modules"));
  mkdirSync(join(checkout, "node_modules"));
  symlinkSync("../../a", join(checkout, "packages/b/node_modules/a"));
  const copy = join(checkout, ".cache", "copy");
  await copyPackages(checkout, copy);
  expect(existsSync(join(copy, "packages/a/src/index.ts"))).toBe(true);
  expect(existsSync(join(copy, "packages/a/test"))).toBe(false);
  expect(realpathSync(join(copy, "packages/b/node_modules/a"))).toBe(join(copy, "packages/a"));
  expect(realpathSync(join(copy, "node_modules"))).toBe(join(checkout, "node_modules"));
});
