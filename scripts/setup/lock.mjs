import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./exec.mjs";
import { cache } from "./paths.mjs";

const beat = 2_000;
const staleAfter = 60_000;

/** @param {unknown} error @returns {unknown} the system error code, as "EEXIST" */
const code = (error) => (error instanceof Error && "code" in error ? error.code : undefined);

/** @param {number} pid */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return code(error) === "EPERM";
  }
}

/**
 * Whether the lock's holder is gone: its process, when it is on this host; its heartbeat, when it may be in a container.
 * @param {string} path
 * @param {string} text the lock file's content
 */
function stale(path, text) {
  const [pid, host] = text.split("\n");
  if (host === hostname() && !alive(Number(pid))) return true;
  try {
    return Date.now() - statSync(path).mtimeMs > staleAfter;
  } catch {
    return false;
  }
}

/**
 * Runs `work` while no other process of this checkout is in here. Waits for a live holder, takes over from a dead one.
 * @template T
 * @param {() => Promise<T>} work
 * @param {(text: string) => void} say
 * @param {string} path the lock file
 */
export async function exclusively(work, say, path = join(cache, "setup.lock")) {
  const mine = `${path}.${process.pid}`;
  const release = () => rmSync(path, { force: true });
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(mine, `${process.pid}\n${hostname()}\n`);
  } catch (error) {
    throw new SetupError(`The set-up cannot write to ${dirname(path)}: ${error}\n\nCheck that the checkout is yours.`);
  }
  try {
    for (let waited = false; ; ) {
      try {
        linkSync(mine, path); // atomic: it succeeds for exactly one of several
        break;
      } catch (error) {
        if (code(error) !== "EEXIST") throw new SetupError(`Could not lock ${path}: ${error}`);
      }
      let holder = "";
      try {
        holder = readFileSync(path, "utf8");
      } catch {
        continue; // released in between
      }
      if (stale(path, holder)) {
        try {
          renameSync(path, `${mine}.stale`);
        } catch {
          // someone else was first
        }
        continue;
      }
      if (!waited) say(`waiting for another run (process ${holder.split("\n")[0]}) to finish its set-up`);
      waited = true;
      await sleep(200);
    }
    const heartbeat = setInterval(() => {
      const now = new Date();
      try {
        utimesSync(path, now, now);
      } catch {
        // taken over after this process was suspended for long; the steps below are safe to repeat
      }
    }, beat);
    process.once("exit", release);
    try {
      return await work();
    } finally {
      clearInterval(heartbeat);
      process.off("exit", release);
      release();
    }
  } finally {
    rmSync(mine, { force: true });
    rmSync(`${mine}.stale`, { force: true });
  }
}
