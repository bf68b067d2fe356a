export type { AdapterOptions } from "./adapter.ts";
export { type WebGpuOptions, type WebGpuBackend, webgpu } from "./backend.ts";
export type { EngineCounters } from "./engine/engine.ts";
