import { Worker } from "node:worker_threads";
import type { FixtureFile } from "./files.ts";
import { type FileReport, failed, tally } from "./outcome.ts";

export interface WorkerTask {
  readonly fixtures: string | undefined;
  readonly filter: string;
  readonly device: string;
  readonly threads: number | undefined;
  /** Whether the cpu backend guards its memory. */
  readonly debug: boolean;
  /** Index of the first file to run. */
  readonly from: number;
}
export type WorkerMessage = { readonly index: number; readonly report: FileReport | null };

/**
 * Replays fixture files in a worker and watches it: a file that takes longer than `seconds`, or that ends the worker, counts as
 * failed, and the run goes on behind it in a new worker.
 */
export async function runWatched(
  files: readonly FixtureFile[],
  task: Omit<WorkerTask, "from">,
  seconds: number,
  done: (file: FixtureFile, report: FileReport) => void,
): Promise<void> {
  let next = 0;
  while (next < files.length) {
    const problem = await runFrom(next, task, seconds, ({ index, report }) => {
      if (report === null) return;
      done(files[index], report);
      next = index + 1;
    });
    if (problem === null) break;
    done(files[next], tally([failed(problem)]));
    next++;
  }
}

/** Runs until all files are done (null) or the worker is lost (why). @throws Error when it cannot start. */
function runFrom(
  from: number,
  task: Omit<WorkerTask, "from">,
  seconds: number,
  message: (m: WorkerMessage) => void,
): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: { ...task, from } satisfies WorkerTask,
    });
    let started = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (result: string | null) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(result);
    };
    worker.on("message", (m: WorkerMessage | "finished") => {
      if (m === "finished") return end(null);
      started = true;
      clearTimeout(timer);
      timer = setTimeout(() => end(`did not finish within ${seconds} s`), seconds * 1000);
      message(m);
    });
    worker.on("error", (error) => {
      if (started) end(`ended the run: ${error.message}`);
      else reject(error);
    });
    worker.on("exit", (code) => end(`ended the process with code ${code}`));
  });
}
