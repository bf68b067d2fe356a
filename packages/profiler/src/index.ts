export type { Average, GroupBy, SortBy, TableOptions } from "./averages.ts";
export type { EventKind, ProfilerEvent } from "./event.ts";
export type { MemoryBy, MemoryTrack } from "./memory.ts";
export type { Profiled } from "./modules.ts";
export { type AverageOptions, Profile, type ProfileOptions, profile, profileAsync, recordFunction } from "./profile.ts";
export type { MemoryEvent } from "./recorder.ts";
export { Profiler, type ProfilerOptions, type Schedule } from "./schedule.ts";
export type { ChromeTrace, TraceEvent } from "./trace.ts";
