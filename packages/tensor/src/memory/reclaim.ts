import type { Backend, Buffer } from "../contract.ts";
import type { Storage } from "../storage.ts";
import { collector } from "./collector.ts";

// Memory that only the garbage collector can tell to be dropped: storages whose handles belong to no scope. A registry frees them
// when the engine gets round to it, which is between macrotasks; under pressure the collector is asked for, and where the platform
// allows it (collector.ts) what it found is freed at once, in the middle of a loop that never yields.

/** What must be known of a storage once it is gone. */
export interface Ticket {
  readonly backend: Backend;
  readonly bytes: number;
  /** Null once given back. */
  buffer: Buffer | null;
  /** Null for small storages, which wait for the registry: a reference for each costs more than the memory is worth. */
  readonly storage: WeakRef<Storage> | null;
}

/** Storages of this size and more are found by {@link reclaim}. */
const sweptBytes = 4096;
/** Bytes that may be watched beyond what the last collection left before the next is asked for; twice that, and so on, while little is found. */
const usualStep = 192 * 2 ** 20;
const largestStep = 2 ** 29;
/** The same where collecting takes time to show. */
const hintedStep = 64 * 2 ** 20;

let tickets: Ticket[] = [];
/** Tickets among them whose memory was given back. */
let settled = 0;
/** Bytes behind tickets that are not given back. */
let watched = 0;
/** Of them, those that the last collection left, or fewer by now. */
let floor = 0;
let smallestStep = usualStep;
let step = usualStep;
/** End of the last collection, in milliseconds. */
let last = 0;

function giveBack(ticket: Ticket): void {
  if (ticket.buffer === null) return;
  ticket.backend.free(ticket.buffer);
  settle(ticket);
}

const finalizers = new FinalizationRegistry<Ticket>(giveBack);

/** From now on the storage is freed once nothing leads to it. */
export function watch(storage: Storage, buffer: Buffer): Ticket {
  const { backend, byteLength: bytes } = storage;
  const ticket = { backend, bytes, buffer, storage: bytes >= sweptBytes ? new WeakRef(storage) : null };
  finalizers.register(storage, ticket);
  if (ticket.storage !== null) tickets.push(ticket);
  watched += bytes;
  return ticket;
}
/** The ticket's memory was given back. */
export function settle(ticket: Ticket): void {
  ticket.buffer = null;
  watched -= ticket.bytes;
  if (watched < floor) floor = watched;
  if (ticket.storage !== null && ++settled > 1024 && 2 * settled > tickets.length) {
    tickets = tickets.filter((t) => t.buffer !== null);
    settled = 0;
  }
}

/** Whether so much was made outside scopes that dropped tensors should be looked for. */
export const pressing = (): boolean => watched - floor > step;

/**
 * Has the garbage collector look for dropped tensors and gives their memory back. It happens by itself under pressure and before a
 * MemoryError; a program calls it to measure what it holds.
 *
 * @returns the bytes freed at once: where the platform cannot tell in the middle of a job what is dropped, and for tensors of less
 * than 4 KiB, they come free some turns of the event loop later.
 * @example
 * import { ones, reclaim } from "flambeau";
 * ones([1000, 1000]); // dropped
 * console.log(reclaim() >= 0); // true
 */
export function reclaim(): number {
  const before = watched;
  const { synchronous, collect } = collector();
  collect();
  if (synchronous) for (const ticket of tickets) if (ticket.storage?.deref() === undefined) giveBack(ticket);
  return before - watched;
}

/** {@link reclaim} under pressure. How much may come before the next time depends on what it found and on what it cost. */
export function relieve(): void {
  const start = Date.now();
  const since = start - last;
  const freed = reclaim();
  last = Date.now();
  floor = watched;
  if (collector().synchronous) {
    if (freed < step / 4 || (last - start) * 10 > since) step = Math.min(2 * step, largestStep);
    else if ((last - start) * 50 < since) step = Math.max(step / 2, smallestStep);
  } else {
    if (step > hintedStep) smallestStep = step = hintedStep;
    warnOfLimit();
  }
}

/** A device of little memory is relieved sooner. */
export function heedLimit(limitBytes: number | undefined): void {
  if (limitBytes === undefined) return;
  smallestStep = Math.max(Math.min(smallestStep, limitBytes / 4), 2 ** 20);
  step = Math.min(step, smallestStep);
}

let warned = false;
/** Where nothing can be freed before the program yields, one that never does ends with a MemoryError: it hears of it in time. */
function warnOfLimit(): void {
  if (warned) return;
  const seen = new Set<Backend>();
  for (const { backend, buffer } of tickets) {
    if (buffer === null || seen.has(backend)) continue;
    seen.add(backend);
    const { bytes, limitBytes } = backend.memory();
    if (limitBytes === undefined || bytes < limitBytes / 4) continue;
    warned = true;
    console.warn(
      `flambeau: ${Math.round(bytes / 2 ** 20)} MiB of tensors are on "${backend.name}", a quarter of what it can hold. ` +
        "Dropped tensors are freed when the program yields: put the body of a loop into tidy(() => ...), or await nextStep() in it.",
    );
    return;
  }
}
