import { createInterface } from "node:readline";

// A rival is a child process. It says one Hello, then answers each Request with one Answer; each is a line of JSON on its
// standard output. What it prints besides belongs on standard error. It ends when its standard input does.

/** A rival's first line: what it is, or why it cannot run here. */
export type Hello = { ready: { version: string; threads: number } } | { unavailable: string };
/** Time `iterations` calls of a workload. */
export type Request = { run: string; iterations: number };
/**
 * The milliseconds that all the calls took together, or why the workload cannot run.
 * `note` says how this rival had to deviate from the workload; `loss` is the last loss of a training step.
 */
export type Answer = { ms: number; note?: string; loss?: number } | { unsupported: string };

/** What an adapter offers for a workload: prepared once, then run in batches. */
export type Prepared = {
  /** Run the workload `iterations` times and return the milliseconds of all. */
  run(iterations: number): number | Promise<number>;
  note?: string;
  loss?(): number | Promise<number>;
};
export type Workbench = { [workload: string]: () => Prepared | Promise<Prepared> };

/** Time a synchronous call in a plain loop. */
export function timed(call: () => void): (iterations: number) => number {
  return (iterations) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) call();
    return performance.now() - start;
  };
}

/** Time an asynchronous call, one after the other. */
export function timedAsync(call: () => Promise<unknown>): (iterations: number) => Promise<number> {
  return async (iterations) => {
    const start = performance.now();
    for (let i = 0; i < iterations; i++) await call();
    return performance.now() - start;
  };
}

const say = (message: Hello | Answer) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** The child's side: load the rival, say hello and answer requests until standard input ends. */
export async function serve(
  load: (threads: number) => Promise<{ version: string; workbench: Workbench }>,
): Promise<void> {
  const threads = Number(process.argv[2] ?? 1);
  let rival: Awaited<ReturnType<typeof load>>;
  try {
    rival = await load(threads);
  } catch (error) {
    say({ unavailable: reason(error) });
    return;
  }
  say({ ready: { version: rival.version, threads } });
  const prepared = new Map<string, Prepared>();
  for await (const line of createInterface({ input: process.stdin })) {
    // the parent is this program's other half: it writes nothing but requests
    const request = JSON.parse(line) as Request;
    say(await answer(rival.workbench, prepared, request));
  }
  process.exit(0); // workers of a rival would keep the process
}

async function answer(workbench: Workbench, prepared: Map<string, Prepared>, request: Request): Promise<Answer> {
  try {
    if (!Object.hasOwn(workbench, request.run)) return { unsupported: "not written for this rival" };
    let workload = prepared.get(request.run);
    if (!workload) {
      workload = await workbench[request.run]();
      prepared.set(request.run, workload);
    }
    const ms = await workload.run(request.iterations);
    const loss = await workload.loss?.();
    if (loss !== undefined && !Number.isFinite(loss)) return { unsupported: `the loss became ${loss}` };
    return { ms, ...(workload.note && { note: workload.note }), ...(loss !== undefined && { loss }) };
  } catch (error) {
    return { unsupported: reason(error) };
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] || "failed without a message";
}
