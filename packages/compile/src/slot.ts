import type { Backend } from "@flambeau/tensor/functional";
import type { Buffer, TapeStorage } from "@flambeau/tensor/plugin";

/** Stands for memory that a tape has promised and no backend has given yet. */
export class Slot {
  readonly id: number;
  readonly backend: Backend;
  readonly bytes: number;
  /**
   * Whose memory it is; null once the program gave it back, before anything was run. Nothing else holds it then: tapes are long, and what lives as long as
   * they do costs the collector.
   */
  storage: TapeStorage | null;
  /** The memory, once it is there. */
  real: Buffer | null = null;

  constructor(id: number, backend: Backend, bytes: number, storage: TapeStorage | null) {
    this.id = id;
    this.backend = backend;
    this.bytes = bytes;
    this.storage = storage;
  }
  get freed(): boolean {
    return this.storage === null;
  }
}
