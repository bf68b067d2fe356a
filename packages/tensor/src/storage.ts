import type { Backend, Buffer } from "./contract.ts";
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
  /** Bumped by each in-place write; autograd compares it with the version it saved. */
  version = 0;
  /** Non-null once the finalizer watches this storage. */
  private ticket: Ticket | null = null;

  constructor(backend: Backend, byteLength: number) {
    this.backend = backend;
    this.byteLength = byteLength;
    this.data = backend.alloc(byteLength);
    allocatedSinceRelief += byteLength;
  }

  get buffer(): Buffer {
    if (this.data === null) throw disposedError();
    return this.data;
  }

  /** Hands the storage to the garbage collector: from now on, dropping the last handle frees it. */
  watch(): void {
    if (this.ticket !== null || this.data === null) return;
    this.ticket = { backend: this.backend, buffer: this.data };
    finalizers.register(this, this.ticket);
  }

  free(): void {
    if (this.data === null) return;
    this.backend.free(this.data);
    this.data = null;
    if (this.ticket !== null) this.ticket.buffer = null;
  }
}

/** What the finalizer needs, apart from the storage itself. Emptied when the storage is freed by hand. */
interface Ticket {
  readonly backend: Backend;
  buffer: Buffer | null;
}

const finalizers = new FinalizationRegistry<Ticket>((ticket) => {
  if (ticket.buffer !== null) ticket.backend.free(ticket.buffer);
  ticket.buffer = null;
});

export const disposedError = (): MemoryError =>
  new MemoryError(
    "this tensor was disposed: its memory has been given back",
    "it was freed by dispose(), or made inside tidy() or a memoryScope() that has ended; return it from tidy or keep() it",
  );

let allocatedSinceRelief = 0;
/** Bytes allocated since {@link resetPressure}: what the collector, which sees only small handles, does not know of. */
export const pressure = (): number => allocatedSinceRelief;
export const resetPressure = (): void => {
  allocatedSinceRelief = 0;
};
