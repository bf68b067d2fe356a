import type { MemoryStats } from "../contract/backend.ts";
import { context } from "../core/context.ts";
import type { Storage } from "../core/storage.ts";

/** What each device holds now: live tensors (views share one), their bytes, the highest bytes so far and what is reserved. */
export interface DeviceMemory {
  readonly tensors: number;
  readonly bytes: number;
  readonly peakBytes: number;
  readonly reservedBytes: number;
}

/**
 * Live tensors and bytes per device.
 *
 * @example
 * import { memory, tensor } from "flambeau";
 * const before = memory().cpu.tensors;
 * using x = tensor([1, 2, 3]);
 * console.log(memory().cpu.tensors - before); // 1
 */
export function memory(): Record<string, DeviceMemory> {
  context.tape?.flush("memory()");
  const out: Record<string, DeviceMemory> = {};
  for (const name of context.makers.keys()) out[name] = { tensors: 0, bytes: 0, peakBytes: 0, reservedBytes: 0 }; // not made yet
  for (const [name, backend] of context.backends) {
    if (name === "meta") continue; // holds nothing
    const stats: MemoryStats = backend.memory();
    out[name] = {
      tensors: stats.buffers,
      bytes: stats.bytes,
      peakBytes: stats.peakBytes,
      reservedBytes: stats.reservedBytes,
    };
  }
  return out;
}

interface Site {
  readonly storage: WeakRef<Storage>;
  readonly where: string;
}
let sites: Site[] = [];

/** Starts or stops noting where tensors are made, for {@link leakReport}. It costs a stack trace per tensor: for debugging. */
export function captureCreationSites(on: boolean): void {
  context.noteSite = on ? noteSite : null;
  if (!on) sites = [];
}

/** The first stack line outside the packages' own folders of compiled or source files. */
export function callSite(): string {
  const depth = Error as { stackTraceLimit?: number }; // V8's; a call through modules and interpreters is deeper than its ten lines
  const before = depth.stackTraceLimit;
  if (before !== undefined) depth.stackTraceLimit = 100;
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  if (before !== undefined) depth.stackTraceLimit = before;
  const own = /[/\\](tensor|autograd|nn|losses|optim|amp|profiler)[/\\](src|dist)[/\\]/;
  return (lines.find((line) => !own.test(line)) ?? lines[lines.length - 1] ?? "unknown").trim().replace(/^at /, "");
}

function noteSite(storage: Storage): void {
  if (storage.refs > 1) return;
  sites.push({ storage: new WeakRef(storage), where: callSite() });
  if (sites.length % 4096 === 0) sites = sites.filter(alive);
}
const alive = (site: Site): boolean => (site.storage.deref()?.data ?? null) !== null;

export interface LeakGroup {
  /** Source line that made the tensors. */
  readonly site: string;
  readonly tensors: number;
  readonly bytes: number;
}

/** Live tensors made since {@link captureCreationSites}(true), grouped by the source line that made them, largest first. */
export function leakReport(): LeakGroup[] {
  const groups = new Map<string, { site: string; tensors: number; bytes: number }>();
  for (const { storage, where } of sites) {
    const s = storage.deref();
    if (!s || s.data === null) continue;
    const group = groups.get(where) ?? { site: where, tensors: 0, bytes: 0 };
    group.tensors++;
    group.bytes += s.byteLength;
    groups.set(where, group);
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}
