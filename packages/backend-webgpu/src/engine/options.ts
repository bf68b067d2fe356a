/** What an engine is made with. */
export interface EngineOptions {
  readonly memoryLimit: number;
  /** Runs the platform's pending events; where it is given, reads may be synchronous. */
  readonly tick: (() => void) | null;
}

/** Counters of what the engine asked of WebGPU, since the start. */
export interface EngineCounters {
  readonly dispatches: number;
  readonly submits: number;
  readonly buffersCreated: number;
  readonly pipelinesCompiled: number;
}
