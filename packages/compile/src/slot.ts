import type { Backend } from "@flambeau/tensor/functional";
import type { Buffer, TapeStorage } from "@flambeau/tensor/plugin";

/** Stands for memory that a tape has promised and no backend has given yet. */
export class Slot {
  readonly id: number;
  readonly storage: TapeStorage;
  /** The memory, once it is there. */
  real: Buffer | null = null;
  /** Whether the program gave it back before anything was run. */
  freed = false;

  constructor(id: number, storage: TapeStorage) {
    this.id = id;
    this.storage = storage;
  }
  get backend(): Backend {
    return this.storage.backend;
  }
}
