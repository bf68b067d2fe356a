import type { Backend } from "../contract/backend.ts";
import type { Buffer } from "../contract/view.ts";
import { pressure, reclaim, relieve, settle, type Ticket, watch } from "../memory/reclaim.ts";
import { context } from "./context.ts";
import { MemoryError } from "./errors.ts";

/**
 * The memory behind one tensor and its views. Handles count themselves in `refs`; when the last one is disposed the buffer goes
 * back to the backend. A storage that is dropped without dispose is released by the finalizer (section 6 of the architecture).
 */
export class Storage {
  readonly backend: Backend;
  readonly byteLength: number;
  /** Null once given back. */
  data: Buffer | null;
  /** Live handles: tensors and views. */
  refs = 0;
  /** Graph nodes that saved this memory for their backward pass. */
  saves = 0;
  /** Bumped by each in-place write; autograd compares it with the version it saved. Set in the constructor: lifted.ts has an accessor. */
  declare version: number;
  /** What leads to the group in which this storage is looked for once it is dropped (memory/reclaim.ts). */
  group: object | null = null;
  /** Non-null once the collector decides about this storage. */
  private ticket: Ticket | null = null;

  /** `data`: memory that is there already. */
  constructor(backend: Backend, byteLength: number, data?: Buffer) {
    this.backend = backend;
    this.byteLength = byteLength;
    this.version = 0;
    if (pressure.due) relieve(backend);
    this.data = data ?? (context.tape === null ? allocate(backend, byteLength) : context.tape.alloc(this));
  }

  get buffer(): Buffer {
    if (this.data === null) throw disposedError();
    return this.data;
  }

  /** Hands the storage to the garbage collector: from now on, dropping the last handle frees it. */
  watch(): void {
    if (this.ticket !== null || this.data === null || this.backend.name === "meta") return;
    this.ticket = watch(this, this.data);
  }

  /** The memory that a tape promised is there now; null: it never will be. */
  fill(buffer: Buffer | null): void {
    this.data = buffer;
    if (this.ticket === null) return;
    if (buffer === null) settle(this.ticket);
    else this.ticket.buffer = buffer;
  }

  free(): void {
    if (this.data === null) return;
    if (context.tape === null) this.backend.free(this.data);
    else context.tape.free(this, this.data);
    this.data = null;
    if (this.ticket !== null) settle(this.ticket);
  }
}

/** A full device gets back what was dropped before it says so. */
export function allocate(backend: Backend, byteLength: number): Buffer {
  try {
    return backend.alloc(byteLength);
  } catch (error) {
    return allocateAgain(error, backend, byteLength);
  }
}

function allocateAgain(error: unknown, backend: Backend, byteLength: number): Buffer {
  if (!(error instanceof MemoryError) || reclaim() === 0) throw error;
  return backend.alloc(byteLength);
}

export const disposedError = (): MemoryError =>
  new MemoryError(
    "this tensor was disposed: its memory has been given back",
    "it was freed by dispose(), or made inside tidy() or a memoryScope() that has ended; return it from tidy or keep() it",
  );
