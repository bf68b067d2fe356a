export type { AdapterOptions } from "./adapter.ts";
export { type WebGpuBackend, type WebGpuOptions, webgpu } from "./backend.ts";
export type { EngineCounters } from "./engine/options.ts";
