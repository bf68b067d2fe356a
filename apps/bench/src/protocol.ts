import { createInterface } from "node:readline";
import type { Counted, CountOptions } from "./webgpu/counters.ts";

// A rival is a child process. It says one Hello, then answers each Request with one Answer (or each CountRequest with one
// CountAnswer); each is a line of JSON on its standard output. What it prints besides belongs on standard error. It ends when its standard input does.

/** A rival's first line: what it is, or why it cannot run here. */
export type Hello = { ready: { version: string; threads: number } } | { unavailable: string };
/** Time `iterations` calls of a workload. */
export type Request = { run: string; iterations: number };
/**
 * The milliseconds that all the calls took together, or why the workload cannot run.
 * `note` says how this rival had to deviate from the workload; `loss` is the last loss of a training step.
 */
export type Answer = { ms: number; note?: string; loss?: number } | { unsupported: string };

/** Count what a step of a workload asks of the GPU, after so many steps to warm up. */
export type CountRequest = { count: string } & CountOptions;
export type CountAnswer = { counted: Counted } | { unsupported: string };

/** Tell where the time of a call of a workload goes. */
export type ExplainRequest = { explain: string; iterations: number };
/** The share of the whole that a kernel takes. */
export type Part = { name: string; share: number };
export type ExplainAnswer = { parts: Part[] } | { unsupported: string };

/** What an adapter offers for a workload: prepared once, then run in batches. */
export type Prepared = {
  /** Run the workload `iterations` times and return the milliseconds of all. */
  run(iterations: number): number | Promise<number>;
  note?: string;
  loss?(): number | Promise<number>;
  /** Run steps and count what they ask of the GPU. */
  count?(how: CountOptions): Promise<Counted>;
  /** Run it `iterations` times and tell where the time went. */
  explain?(iterations: number): Part[];
  /** Let go of what it holds: it will not be run again. */
  release?(): void;
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

/**
 * Time calls that only enqueue work for a device: after each `chunk` of them one small read waits for all. A call may be
 * asynchronous; what it gives is released once the next call is made, and that of the last one once it was read.
 */
export function timedInChunks<R>(
  chunk: number,
  {
    call,
    settle,
    release,
  }: { call: () => R | Promise<R>; settle: (last: R) => Promise<unknown>; release: (r: R) => void },
): (iterations: number) => Promise<number> {
  return async (iterations) => {
    const start = performance.now();
    for (let left = iterations; left > 0; left -= chunk) {
      const made = call();
      let last = made instanceof Promise ? await made : made;
      for (let i = 1; i < Math.min(left, chunk); i++) {
        const next = call();
        release(last);
        // no await where there is nothing to wait for: it would cost as much as a small op
        last = next instanceof Promise ? await next : next;
      }
      await settle(last);
      release(last);
    }
    return performance.now() - start;
  };
}

const say = (message: Hello | Answer | CountAnswer | ExplainAnswer) =>
  process.stdout.write(`${JSON.stringify(message)}\n`);

/**
 * The child's side: load the rival, say hello and answer requests until standard input ends. What was prepared for a workload stays
 * for its next batch; with `keep: "last"` only until another workload is asked for.
 */
export async function serve(
  load: (threads: number) => Promise<{ version: string; workbench: Workbench }>,
  { keep = "all" }: { keep?: "all" | "last" } = {},
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
    const request = JSON.parse(line) as Request | CountRequest | ExplainRequest;
    const { workbench } = rival;
    if ("count" in request) {
      if (keep === "last") releaseOthers(prepared, request.count);
      say(await count(workbench, prepared, request));
    } else if ("explain" in request) {
      if (keep === "last") releaseOthers(prepared, request.explain);
      say(await explain(workbench, prepared, request));
    } else {
      if (keep === "last") releaseOthers(prepared, request.run);
      say(await answer(workbench, prepared, request));
    }
  }
  process.exit(0); // workers of a rival would keep the process
}

type Cache = Map<string, Prepared>;

function releaseOthers(prepared: Cache, name: string): void {
  for (const [other, { release }] of prepared) {
    if (other === name) continue;
    prepared.delete(other);
    release?.();
  }
}

async function prepare(workbench: Workbench, prepared: Cache, name: string): Promise<Prepared | undefined> {
  if (!Object.hasOwn(workbench, name)) return undefined;
  const known = prepared.get(name);
  if (known) return known;
  const workload = await workbench[name]();
  prepared.set(name, workload);
  return workload;
}

async function answer(workbench: Workbench, prepared: Cache, { run, iterations }: Request): Promise<Answer> {
  try {
    const workload = await prepare(workbench, prepared, run);
    if (!workload) return { unsupported: "not written for this rival" };
    const ms = await workload.run(iterations);
    const loss = await workload.loss?.();
    if (loss !== undefined && !Number.isFinite(loss)) return { unsupported: `the loss became ${loss}` };
    return { ms, ...(workload.note && { note: workload.note }), ...(loss !== undefined && { loss }) };
  } catch (error) {
    return { unsupported: reason(error) };
  }
}

async function count(workbench: Workbench, prepared: Cache, request: CountRequest): Promise<CountAnswer> {
  try {
    const workload = await prepare(workbench, prepared, request.count);
    if (!workload?.count) return { unsupported: "has no steps to count" };
    return { counted: await workload.count(request) };
  } catch (error) {
    return { unsupported: reason(error) };
  }
}

async function explain(workbench: Workbench, prepared: Cache, request: ExplainRequest): Promise<ExplainAnswer> {
  try {
    const workload = await prepare(workbench, prepared, request.explain);
    if (!workload?.explain) return { unsupported: "cannot be explained" };
    return { parts: workload.explain(request.iterations) };
  } catch (error) {
    return { unsupported: reason(error) };
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] || "failed without a message";
}
