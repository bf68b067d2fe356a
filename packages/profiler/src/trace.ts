import { type ProfilerEvent, within } from "./event.ts";
import type { MemoryEvent } from "./recorder.ts";

/** One entry of a trace, in the Trace Event Format. Times are in microseconds. */
export interface TraceEvent {
  readonly name: string;
  /** "X" has a duration, "C" is a counter, "M" names a thread. */
  readonly ph: "X" | "C" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args?: { readonly [name: string]: unknown };
}
/** What chrome://tracing and ui.perfetto.dev open: `JSON.stringify(trace)` is the file. */
export interface ChromeTrace {
  readonly displayTimeUnit: "ms";
  readonly traceEvents: readonly TraceEvent[];
}

const micro = (ms: number): number => Math.round(ms * 1e6) / 1e3;

export function traceOf(roots: readonly ProfilerEvent[], memory: readonly MemoryEvent[]): ChromeTrace {
  const traceEvents: TraceEvent[] = [
    { name: "process_name", ph: "M", pid: 1, tid: 1, args: { name: "Flambeau" } },
    { name: "thread_name", ph: "M", pid: 1, tid: 1, args: { name: "host" } },
  ];
  for (const root of roots)
    for (const event of within(root)) {
      const args: { [name: string]: unknown } = {};
      if (event.module) args.module = event.module;
      if (event.shapes) args.shapes = event.shapes;
      if (event.site) args.site = event.site;
      if (event.device) args.device = event.device;
      if (event.allocated) args.allocated = event.allocated;
      if (event.traffic) args.traffic = event.traffic;
      const { kind: cat, name } = event;
      traceEvents.push({
        name,
        cat,
        ph: "X",
        pid: 1,
        tid: 1,
        ts: micro(event.start),
        dur: micro(event.duration),
        args,
      });
    }
  const held = new Map<string, number>();
  for (const { device, bytes, time } of memory) {
    held.set(device, (held.get(device) ?? 0) + bytes);
    traceEvents.push({
      name: `memory of ${device}`,
      ph: "C",
      pid: 1,
      tid: 1,
      ts: micro(time),
      args: { bytes: held.get(device) },
    });
  }
  return { displayTimeUnit: "ms", traceEvents };
}
