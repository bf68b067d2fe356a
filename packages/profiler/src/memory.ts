import type { MemoryEvent } from "./recorder.ts";

export type MemoryBy = "site" | "op" | "module" | "device";

/** What one line, op, module or device held over time. */
export interface MemoryTrack {
  readonly name: string;
  /** Bytes held after each change: of what was made during the profile. */
  readonly timeline: readonly { readonly time: number; readonly bytes: number }[];
  readonly peakBytes: number;
  /** Bytes that are still held at the end. */
  readonly heldBytes: number;
  /** Bytes that came in all. */
  readonly allocated: number;
}

/** Tracks by what made the memory, the highest peak first. */
export function tracksOf(events: readonly MemoryEvent[], by: MemoryBy): MemoryTrack[] {
  const tracks = new Map<
    string,
    { timeline: { time: number; bytes: number }[]; peak: number; held: number; all: number }
  >();
  for (const event of events) {
    const name = nameOf(event, by);
    let track = tracks.get(name);
    if (track === undefined) tracks.set(name, (track = { timeline: [], peak: 0, held: 0, all: 0 }));
    track.held += event.bytes;
    if (event.bytes > 0) track.all += event.bytes;
    track.peak = Math.max(track.peak, track.held);
    track.timeline.push({ time: event.time, bytes: track.held });
  }
  return [...tracks]
    .map(([name, { timeline, peak, held, all }]) => ({
      name,
      timeline,
      peakBytes: peak,
      heldBytes: held,
      allocated: all,
    }))
    .sort((a, b) => b.peakBytes - a.peakBytes);
}
function nameOf(event: MemoryEvent, by: MemoryBy): string {
  if (by === "device") return event.device;
  if (by === "module") return event.module || "(outside of modules)";
  return (by === "op" ? event.op : event.site) ?? "unknown";
}
