import type { Pump } from "../dawn.ts";

/** What an engine is made with. */
export interface EngineOptions {
  readonly memoryLimit: number;
  /** In Node: what runs WebGPU's pending events. With it, the engine can wait for the device. */
  readonly pump: Pump | null;
  /** The device is the program's, and outlives the engine. */
  readonly foreignDevice?: boolean | undefined;
}

/** Counters of what the engine asked of WebGPU, since the start. */
export interface EngineCounters {
  readonly dispatches: number;
  readonly submits: number;
  readonly buffersCreated: number;
  readonly pipelinesCompiled: number;
  /** Of them, those that are kept. */
  readonly pipelines: number;
}
