import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A commit by its full name and the first line of its message. */
export type Commit = { sha: string; subject: string };

/** What a git command prints. @throws Error with its last words. */
export async function git(root: string, ...args: string[]): Promise<string> {
  // a hook of git has these set, and they would outweigh the folder
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)("git", ["-C", root, ...args], { env, maxBuffer: 2 ** 26 });
    return stdout.trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Error("--against needs git, which is not installed");
    }
    const words = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(words.split("\n").at(-1) || `git ${args[0]} failed`);
  }
}

/** The commit that a revision names. @throws RangeError when it names none. */
export async function commitOf(root: string, revision: string): Promise<Commit> {
  let sha: string;
  try {
    sha = await git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  } catch (error) {
    const words = error instanceof Error && !error.message.startsWith("git rev-parse") ? `: ${error.message}` : "";
    throw new RangeError(`--against: "${revision}" is no commit of this repository${words}`);
  }
  return { sha, subject: await git(root, "log", "-1", "--format=%s", sha) };
}

/** The commit that is checked out, and whether files differ from it. */
export async function workingTree(root: string): Promise<Commit & { changed: boolean }> {
  const status = await git(root, "status", "--porcelain", "--", "packages");
  return { ...(await commitOf(root, "HEAD")), changed: status !== "" };
}
