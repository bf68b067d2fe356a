import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { io } from "flambeau";

/** How a program ended, and what it wrote. */
export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Sends the program a signal. */
export type Kill = (signal: NodeJS.Signals) => void;

/** Runs a program from its source; `watch` is called at the start and with all output so far, and may send it signals. */
export async function runSource(
  program: string,
  args: readonly string[],
  watch?: (out: string, kill: Kill) => void,
): Promise<Outcome> {
  const flags = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, program, ...args]);
  const kill: Kill = (signal) => child.kill(signal);
  let [out, err] = ["", ""];
  watch?.(out, kill);
  child.stdout.on("data", (chunk) => {
    out += chunk;
    watch?.(out, kill);
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const [code] = await once(child, "close");
  return { code, out, err };
}

/** The lines of a run's metrics.jsonl. */
export async function metricsOf<M>(folder: string): Promise<M[]> {
  const text = await readFile(join(folder, "metrics.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

export interface KillOptions {
  readonly program: string;
  /** The arguments of a new run in a folder. It should be short, and save its checkpoint often. */
  readonly begin: (out: string) => readonly string[];
  /** Those with which it goes on. */
  readonly resume: (out: string) => readonly string[];
  /** A folder for the runs' folders. */
  readonly folder: string;
  readonly kills: number;
  /** Steps done, by what a checkpoint keeps beside the states. */
  readonly stepOf: (progress: { readonly [name: string]: unknown }) => number;
  /** What a run has come to, without what depends on the clock: the same for all. */
  readonly result: (out: string) => Promise<unknown>;
}

export interface KillReport {
  /** For each kill the steps of the checkpoint that it left; undefined before the first one. */
  readonly left: readonly (number | undefined)[];
  /** What the run without interruption came to. */
  readonly whole: unknown;
  /** What those that were killed and resumed came to. */
  readonly resumed: readonly unknown[];
}

/**
 * Run a job once as it is, then again and again with SIGKILL at random moments, each time going on from what is left.
 * @throws Error when a checkpoint cannot be read after a kill, or is older than the one before, or a run fails
 */
export async function killAtRandom(options: KillOptions): Promise<KillReport> {
  const { program, begin, resume, folder, kills, stepOf, result } = options;
  const succeed = ({ code, err }: Outcome) => {
    if (code !== 0) throw new Error(`the run ended with ${code}: ${err}`);
  };
  const started = performance.now();
  const wholePath = join(folder, "unkilled");
  succeed(await runSource(program, begin(wholePath)));
  const duration = performance.now() - started;
  const left: (number | undefined)[] = [];
  const resumed: unknown[] = [];
  for (let n = 1; left.length < kills || n === 1; n++) {
    const out = join(folder, `killed-${n}`);
    let step: number | undefined;
    for (let ended = false; !ended; ) {
      const args = step === undefined ? begin(out) : resume(out);
      // a run that was killed before its first checkpoint is begun anew
      if (step === undefined) await rm(out, { recursive: true, force: true });
      if (left.length === kills) {
        succeed(await runSource(program, args));
        break;
      }
      let timer: NodeJS.Timeout | undefined;
      const outcome = await runSource(program, args, (_, kill) => {
        timer ??= setTimeout(() => kill("SIGKILL"), Math.random() * duration);
      });
      clearTimeout(timer);
      ended = outcome.code !== null;
      if (ended) succeed(outcome);
      else {
        const now = await stepOfCheckpoint(join(out, "checkpoint.safetensors"), stepOf);
        if (step !== undefined && (now === undefined || now < step))
          throw new Error(`a kill brought the checkpoint from step ${step} back to ${now}`);
        left.push(now);
        step = now;
      }
    }
    resumed.push(await result(out));
  }
  return { left, whole: await result(wholePath), resumed };
}

async function stepOfCheckpoint(path: string, stepOf: KillOptions["stepOf"]): Promise<number | undefined> {
  if (!existsSync(path)) return undefined;
  const { progress } = io.parseCheckpoint(await readFile(path), { file: path }) as {
    progress: { [name: string]: unknown }; // io.saveCheckpoint wrote it
  };
  return stepOf(progress);
}
