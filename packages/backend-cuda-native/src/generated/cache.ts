import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { threadId } from "node:worker_threads";

// Compiled texts on disk. A file's name is the digest of what it was made of, its first line that of the rest: a file that was cut off, or is another
// program's, is not taken. Nothing here throws: a cache that cannot be read or written is one that has nothing.

const most = 64 * 2 ** 20;
const mostFiles = 2048;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The folder of this user, or null where there is none. */
export function ownFolder(): string | null {
  try {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "flambeau", "cuda");
  } catch {
    return null;
  }
}

export class DiskCache {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }
  #file(of: string): string {
    return join(this.#folder, `${digest(of)}.ptx`);
  }

  /** What was kept of this, or null. */
  get(of: string): string | null {
    try {
      const file = this.#file(of);
      const all = readFileSync(file, "utf8");
      const end = all.indexOf("\n");
      const text = all.slice(end + 1);
      if (all.slice(0, end) !== `// ${digest(text)}`) return null;
      const now = new Date();
      utimesSync(file, now, now); // those that nobody uses go first
      return text;
    } catch {
      return null;
    }
  }

  /** Keeps a text. Other processes see all of it or nothing. */
  set(of: string, text: string): void {
    const file = this.#file(of);
    const draft = `${file}.${process.pid}-${threadId}`;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(draft, `// ${digest(text)}\n${text}`, { mode: 0o600 });
      renameSync(draft, file);
      this.#prune();
    } catch {
      try {
        rmSync(draft, { force: true });
      } catch {
        // there is no such folder
      }
    }
  }

  /** Removes what was not used for longest, so that the rest stays within bounds. Drafts that somebody left go with it. */
  #prune(): void {
    const files = readdirSync(this.#folder)
      .filter((name) => /^[0-9a-f]{64}\.ptx/.test(name))
      .map((name) => {
        const path = join(this.#folder, name);
        const { size, mtimeMs } = statSync(path);
        return { path, size, mtimeMs };
      })
      .sort((x, y) => y.mtimeMs - x.mtimeMs);
    let bytes = 0;
    files.forEach(({ path, size }, i) => {
      bytes += size;
      if (bytes > most || i >= mostFiles) rmSync(path, { force: true });
    });
  }
}
