import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, realpath, rm, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type Commit, git } from "./git.ts";
import { removeOrphans } from "./orphans.ts";

/** Where other commits lie: in a folder that git ignores. */
export const home = (root: string) => join(root, ".cache", "bench-against");
/** So many commits stay laid out, those used last. */
const kept = 3;

/** Lay a commit out beside the working tree, or find it there, ready to run. @returns its folder. */
export async function checkOut(root: string, commit: Commit, progress: (line: string) => void): Promise<string> {
  const folder = join(home(root), commit.sha);
  if (!(await intact(folder, commit.sha))) {
    progress(`laying out ${commit.sha.slice(0, 12)} in .cache/bench-against`);
    await discard(root, folder);
    await mkdir(home(root), { recursive: true });
    // --force: a worktree whose folder was removed by hand is still on git's list
    const add = ["worktree", "add", "--quiet", "--force", "--detach", folder, commit.sha];
    await git(root, "-c", "core.hooksPath=/dev/null", ...add);
  }
  await shareToolchain(root, folder);
  await setUp(folder, commit, progress);
  const now = new Date();
  await utimes(folder, now, now);
  await tidyUp(root, commit.sha);
  return folder;
}

/** Whether the folder is a worktree of that commit in which no file of the commit was changed. */
async function intact(folder: string, sha: string): Promise<boolean> {
  if (!existsSync(join(folder, ".git"))) return false;
  try {
    const [top, head, status] = await Promise.all([
      git(folder, "rev-parse", "--show-toplevel"),
      git(folder, "rev-parse", "HEAD"),
      git(folder, "status", "--porcelain", "--untracked-files=no"),
    ]);
    return (await realpath(top)) === (await realpath(folder)) && head === sha && status === "";
  } catch {
    return false;
  }
}

/** Remove a worktree, whatever is left of it. */
async function discard(root: string, folder: string): Promise<void> {
  if (existsSync(folder)) await git(root, "worktree", "remove", "--force", folder).catch(() => {});
  await rm(folder, { recursive: true, force: true });
}

/** Let the other checkout find the Node and pnpm that this one has; where its pins differ it adds its own. */
async function shareToolchain(root: string, folder: string): Promise<void> {
  const [ours, theirs] = [root, folder].map((at) => join(at, ".cache", "toolchain"));
  if (!existsSync(ours) || existsSync(theirs)) return;
  await mkdir(join(folder, ".cache"), { recursive: true });
  await symlink(ours, theirs, "junction");
}

/** The other checkout's own set-up: dependencies and WebAssembly kernels. It is quick when there is nothing to do. */
async function setUp(folder: string, { sha }: Commit, progress: (line: string) => void): Promise<void> {
  if (!existsSync(join(folder, "scripts", "run.mjs"))) {
    throw new Error(`--against: ${sha.slice(0, 12)} is from before there was a set-up (scripts/run.mjs)`);
  }
  const child = spawn(process.execPath, [join("scripts", "run.mjs"), "setup"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (text: Buffer) => {
    output += text;
    for (const line of String(text).split("\n")) if (line.startsWith("[setup]")) progress(line);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  if (code === 0) return;
  const words = output.split("\n").filter((line) => line.trim() && !line.startsWith("[setup]"));
  const why = words.find((line) => /failed|error|cannot find/i.test(line)) ?? words.at(-1) ?? `exit ${code}`;
  throw new Error(
    `--against: the set-up of ${sha.slice(0, 12)} failed: ${why.trim()} (all of it: \`node scripts/run.mjs setup\` in .cache/bench-against/${sha})`,
  );
}

/** Remove the commits used longest ago, and copies of the working tree whose comparison is over. */
async function tidyUp(root: string, current: string): Promise<void> {
  const names = await readdir(home(root));
  const others = names.filter((name) => /^[0-9a-f]{40,64}$/.test(name) && name !== current);
  const used = await Promise.all(
    others.map(async (name) => ({ name, at: (await stat(join(home(root), name))).mtimeMs })),
  );
  used.sort((a, b) => b.at - a.at);
  for (const { name } of used.slice(kept - 1)) await discard(root, join(home(root), name));
  await removeOrphans(home(root), "working-");
}
