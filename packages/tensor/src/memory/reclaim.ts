import type { Backend } from "../contract/backend.ts";
import type { Buffer } from "../contract/view.ts";
import { collector, mayCollect } from "./collector.ts";

// Memory that only the garbage collector can tell to be dropped: storages whose handles belong to no scope. A registry frees them
// when the engine gets round to it, which is between macrotasks; under pressure the collector is asked for, and where the platform
// allows it (collector.ts) what it found is freed at once, in the middle of a loop that never yields.

/** What is watched: a storage (core/storage.ts). */
interface Watched {
  readonly backend: Backend;
  readonly byteLength: number;
  group: object | null;
}
/**
 * What must be known of a storage once it is gone. A class, for engines lay out plain objects by the names of their fields: anybody's `{ bytes: 0.5 }`
 * would make the numbers in these larger.
 */
export class Ticket {
  readonly bytes: number;
  /** Null once given back. */
  buffer: Buffer | null;

  constructor(bytes: number, buffer: Buffer) {
    this.bytes = bytes;
    this.buffer = buffer;
  }
}

/**
 * Storages that are found dropped together: what each of them leads to, and nothing else does, is gone. An engine takes microseconds
 * for a WeakRef in a job that makes many, so that small storages share one.
 */
interface Group {
  readonly link: WeakRef<object>;
  readonly backend: Backend;
  readonly tickets: Ticket[];
}
/** What a group hangs on: an object without fields is the smallest there is. */
class Link {}
/** A storage of this size is a group of its own; smaller ones share one up to this many bytes, so that one that lives holds up little. */
const groupBytes = 65536;
const groupCount = 64;

/** Bytes that may be watched beyond what the last collection left before the next is asked for; twice that while little is found. */
const usualStep = 192 * 2 ** 20;
const largestStep = 2 ** 29;
/** The same where collecting takes time to show. */
const hintedStep = 64 * 2 ** 20;

let groups: Group[] = [];
/** The group that small storages join, what leads to it, and its bytes. */
let open: Group | null = null;
let link = new Link();
let openBytes = 0;
/** Tickets in groups, and those among them whose memory was given back. */
let grouped = 0;
let settled = 0;

/** Bytes behind tickets that are not given back. */
let watched = 0;
/** Of them, those that the last collection left, or fewer by now. */
let floor = 0;
let smallestStep = mayCollect ? usualStep : hintedStep;
let step = smallestStep;
/** End of the last collection, in milliseconds. */
let last = 0;

function giveBack(backend: Backend, ticket: Ticket): void {
  if (ticket.buffer === null) return;
  backend.free(ticket.buffer);
  settle(ticket);
}

/** The finalizers of one backend's storages: tickets, of which there are many, need not name it. */
interface Finalizers {
  readonly backend: Backend;
  readonly registry: FinalizationRegistry<Ticket>;
}
const finalizers = new WeakMap<Backend, Finalizers>();
/** Those that were used last. */
let recent: Finalizers | null = null;
function finalizersOf(backend: Backend): Finalizers {
  if (recent !== null && recent.backend === backend) return recent;
  let found = finalizers.get(backend);
  if (found === undefined) {
    found = { backend, registry: new FinalizationRegistry((ticket) => giveBack(backend, ticket)) };
    finalizers.set(backend, found);
  }
  recent = found;
  return found;
}

/** From now on the storage is freed once nothing leads to it. */
export function watch(storage: Watched, buffer: Buffer): Ticket {
  const { backend, byteLength: bytes } = storage;
  const ticket = new Ticket(bytes, buffer);
  finalizersOf(backend).registry.register(storage, ticket);
  watched += bytes;
  if (watched - floor > step) pressure.due = true;
  if (mayCollect) join(storage, ticket);
  return ticket;
}
function join(storage: Watched, ticket: Ticket): void {
  grouped++;
  if (ticket.bytes >= groupBytes) {
    groups.push({ link: new WeakRef(storage), backend: storage.backend, tickets: [ticket] });
    return;
  }
  if (
    open === null ||
    open.backend !== storage.backend ||
    open.tickets.length === groupCount ||
    openBytes + ticket.bytes > groupBytes
  ) {
    link = new Link();
    open = { link: new WeakRef(link), backend: storage.backend, tickets: [] };
    openBytes = 0;
    groups.push(open);
  }
  open.tickets.push(ticket);
  openBytes += ticket.bytes;
  storage.group = link;
}

/** The ticket's memory was given back. */
export function settle(ticket: Ticket): void {
  ticket.buffer = null;
  watched -= ticket.bytes;
  if (watched < floor) floor = watched;
  if (++settled > 4096 && 2 * settled > grouped) tidyGroups();
}
/** Forgets what was given back. */
function tidyGroups(): void {
  groups = groups.filter((group) => group === open || group.tickets.some((t) => t.buffer !== null));
  grouped = groups.reduce((n, group) => n + group.tickets.length, 0);
  // a group that lives keeps its settled tickets: they count as not settled, or this would run at each call
  settled = 0;
}

/**
 * `due` once so much was made outside scopes that dropped tensors should be looked for: each allocation reads it. `turn` where they have been looked
 * for, and come free once the program yields.
 */
export const pressure = { due: false, turn: false };

/**
 * Has the garbage collector look for dropped tensors and gives their memory back. It happens by itself under pressure and before a
 * MemoryError; a program calls it to measure what it holds.
 *
 * @returns the bytes freed at once. Where the platform cannot tell in the middle of a job what is dropped, they come free some turns
 * of the event loop later.
 * @example
 * import { ones } from "flambeau";
 * import { reclaim } from "flambeau";
 * ones([1000, 1000]); // dropped
 * console.log(reclaim() >= 0); // true
 */
export function reclaim(): number {
  const before = watched;
  // the group at hand ends here, since `link` leads to it
  open = null;
  link = new Link();
  const { synchronous, collect } = collector();
  collect();
  if (synchronous) {
    for (const group of groups)
      if (group.link.deref() === undefined) for (const ticket of group.tickets) giveBack(group.backend, ticket);
    tidyGroups();
  }
  return before - watched;
}

/** {@link reclaim} under pressure. How much may come before the next time depends on what it found and on what it cost. */
export function relieve(backend: Backend): void {
  const start = Date.now();
  const since = start - last;
  const freed = reclaim();
  last = Date.now();
  floor = watched;
  pressure.due = false;
  if (collector().synchronous) {
    if (freed < step / 4 || (last - start) * 10 > since) step = Math.min(2 * step, largestStep);
    else if ((last - start) * 50 < since) step = Math.max(step / 2, smallestStep);
  } else {
    step = smallestStep = Math.min(smallestStep, hintedStep);
    pressure.turn = true;
    warnOfLimit(backend);
  }
}

/** A device of little memory is relieved sooner. */
export function heedLimit({ limitBytes }: { readonly limitBytes?: number }): void {
  if (limitBytes === undefined) return;
  smallestStep = Math.max(Math.min(smallestStep, limitBytes / 8), 2 ** 20);
  step = Math.min(step, smallestStep);
}

let warned = false;
/** Whether the program has yielded since the last call of {@link warnOfLimit}. */
let yielded = true;
/** Where nothing can be freed before the program yields, one that never does ends with a MemoryError: it hears of it in time. */
function warnOfLimit(backend: Backend): void {
  if (warned) return;
  const before = yielded;
  yielded = false;
  if (before)
    setTimeout(() => {
      yielded = true;
    });
  const { bytes, limitBytes } = backend.memory();
  if (before || limitBytes === undefined || bytes < limitBytes / 4) return;
  warned = true;
  console.warn(
    `flambeau: ${Math.round(bytes / 2 ** 20)} MiB of tensors are on "${backend.name}", a quarter of what it can hold. ` +
      "Dropped tensors are freed when the program yields: put the body of a loop into tidy(() => ...), or await nextStep() in it.",
  );
}
