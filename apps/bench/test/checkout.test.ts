import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { checkOut, home } from "../src/against/checkout.ts";
import { commitOf, workingTree } from "../src/against/git.ts";

const folders: string[] = [];
let root = "";
// what the user has set for git is not the test's
const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...outside } = process.env;
const env = { ...outside, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
const run = (...args: string[]) => execFileSync("git", ["-C", root, ...identity, ...args], { env });

/** A commit whose set-up is this program. */
function commit(subject: string, setUp: string): void {
  mkdirSync(join(root, "scripts"), { recursive: true });
  writeFileSync(join(root, "scripts", "run.mjs"), setUp);
  run("add", ".");
  run("commit", "--quiet", "-m", subject);
}
const counts = `import { appendFileSync, mkdirSync } from "node:fs";
mkdirSync(".cache", { recursive: true });
appendFileSync(".cache/set-ups", process.argv[2] + "\\n");`;
const lay = async (revision: string, lines: string[] = []) =>
  checkOut(root, await commitOf(root, revision), (line) => lines.push(line));

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "flambeau-checkout-")));
  folders.push(root);
  run("init", "--quiet");
  writeFileSync(join(root, ".gitignore"), ".cache/\n");
  commit("First", counts);
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test("a revision is a commit, or there is no such thing", async () => {
  const { sha, subject } = await commitOf(root, "HEAD");
  expect(sha).toMatch(/^[0-9a-f]{40}$/);
  expect(subject).toBe("First");
  expect(await commitOf(root, sha.slice(0, 10))).toEqual({ sha, subject });
  for (const revision of ["nosuch", "--all", "HEAD:.gitignore", ""]) {
    await expect(commitOf(root, revision)).rejects.toThrow(`--against: "${revision}" is no commit of this repository`);
  }
});

test("a changed package is a change of the working tree", async () => {
  expect(await workingTree(root)).toMatchObject({ subject: "First", changed: false });
  mkdirSync(join(root, "packages"));
  writeFileSync(join(root, "packages", "new.ts"), "");
  expect(await workingTree(root)).toMatchObject({ changed: true });
});

test("a commit is laid out once, set up each time, and found again", async () => {
  commit("Second", `${counts} // later`);
  mkdirSync(join(root, ".cache", "toolchain"), { recursive: true });
  writeFileSync(join(root, ".cache", "toolchain", "node"), "ours");
  const lines: string[] = [];
  const folder = await lay("HEAD~1", lines);
  const { sha } = await commitOf(root, "HEAD~1");
  expect(folder).toBe(join(home(root), sha));
  expect(lines).toEqual([`laying out ${sha.slice(0, 12)} in .cache/bench-against`]);
  expect(readFileSync(join(folder, ".cache", "toolchain", "node"), "utf8")).toBe("ours");
  expect(await lay("HEAD~1", lines)).toBe(folder);
  expect(lines).toHaveLength(1);
  expect(readFileSync(join(folder, ".cache", "set-ups"), "utf8")).toBe("setup\nsetup\n");
});

test("a folder that was changed or removed is laid out anew, and the toolchain it links to stays", async () => {
  mkdirSync(join(root, ".cache", "toolchain"), { recursive: true });
  writeFileSync(join(root, ".cache", "toolchain", "node"), "ours");
  const folder = await lay("HEAD");
  writeFileSync(join(folder, "scripts", "run.mjs"), "throw new Error('edited')");
  await lay("HEAD");
  expect(readFileSync(join(folder, "scripts", "run.mjs"), "utf8")).toBe(counts);
  rmSync(folder, { recursive: true });
  await lay("HEAD");
  rmSync(folder, { recursive: true });
  mkdirSync(folder); // a folder that is no worktree lies in that of the repository around it
  await lay("HEAD");
  expect(readFileSync(join(folder, "scripts", "run.mjs"), "utf8")).toBe(counts);
  expect(readFileSync(join(root, ".cache", "toolchain", "node"), "utf8")).toBe("ours");
});

test("a set-up that fails is one line with its reason", async () => {
  commit(
    "Broken",
    `console.error("[setup] installing\\n\\nInstalling failed: exit 1\\n\\nlots of output"); process.exitCode = 1;`,
  );
  const { sha } = await commitOf(root, "HEAD");
  const lines: string[] = [];
  const failure = lay("HEAD", lines);
  await expect(failure).rejects.toThrow(
    `--against: the set-up of ${sha.slice(0, 12)} failed: Installing failed: exit 1 (`,
  );
  await expect(failure).rejects.not.toThrow("\n");
  expect(lines).toContain("[setup] installing");
});

test("a commit without a set-up is named", async () => {
  run("rm", "--quiet", "scripts/run.mjs");
  run("commit", "--quiet", "-m", "Bare");
  await expect(lay("HEAD")).rejects.toThrow(/^--against: [0-9a-f]{12} is from before there was a set-up/);
});

test("the three commits used last stay, and copies of the working tree whose process is gone do not", async () => {
  for (const subject of ["Second", "Third", "Fourth"]) {
    commit(subject, `${counts} // ${subject}`);
  }
  const dead = join(home(root), "working-999999999-1");
  const live = join(home(root), `working-${process.pid}-1`);
  for (const folder of [dead, live]) mkdirSync(folder, { recursive: true });
  for (const revision of ["HEAD~3", "HEAD~2", "HEAD~1"]) {
    await lay(revision);
    await new Promise((done) => setTimeout(done, 20)); // file systems tell times some milliseconds apart
  }
  await lay("HEAD~3");
  await lay("HEAD");
  const there = readdirSync(home(root)).filter((name) => name.length === 40);
  const expected = await Promise.all(["HEAD~3", "HEAD~1", "HEAD"].map((revision) => commitOf(root, revision)));
  expect(there.sort()).toEqual(expected.map(({ sha }) => sha).sort());
  expect([existsSync(dead), existsSync(live)]).toEqual([false, true]);
  expect(run("worktree", "list").toString().trim().split("\n")).toHaveLength(4);
});
