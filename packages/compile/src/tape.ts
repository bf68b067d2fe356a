import { type Backend, tidy } from "@flambeau/tensor/functional";
import {
  type Buffer,
  context,
  type FusedKernel,
  type Kernels,
  type Renewal,
  type Tape,
  type TapeStorage,
  type View,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";
import { type Data, type Instruction, type Kind, noDims, type Ref, type Seen, sameData } from "./instruction.ts";
import type { Segment } from "./run.ts";
import { programSite } from "./site.ts";
import { Slot } from "./slot.ts";
import { ENDS, Node, type Shown, sameNumbers, Tree } from "./tree.ts";

/** Calls, and bytes that were written, after which a tape is run whatever comes. */
const mostCalls = 4096;
const mostWritten = 64 * 2 ** 20;

/** So many places of a call's windows are told apart. */
const mostPlaces = 2;

const noViews: readonly View[] = [];
const nothing: Data = [];

/** Ends of a segment at which the program learns nothing. */
const isRepeatable: ReadonlySet<string> = new Set(["the end", "many calls"]);

/** What a segment of a tape is told to: who runs it, and in which way. */
export type RunSegment = (end: Node, segment: Segment, why: string) => void;

/** Takes down what a program asks of its backends, and has it run once somebody wants to know. */
export class Recorder implements Tape {
  private readonly tree: Tree;
  /** Whether checks of indices are taken down, too. */
  private readonly isWhole: boolean;
  private readonly run: RunSegment;
  private readonly machines = new Map<Backend, Backend>();
  private at: Node;
  /** Memory that began and ended since the last call, as a {@link Node} has it: so many of these numbers. */
  private readonly memory: number[] = [];
  private memoryCount = 0;
  private calls = 0;
  private written = 0;
  /** The segment that is being recorded. */
  private slots: Slot[] = [];
  private storages: TapeStorage[] = [];
  private buffers: Buffer[] = [];
  private numbers = new Map<TapeStorage, Ref>();
  private data: Data[] = [];
  private moves = new Map<object, readonly number[]>();
  private running = false;
  /** For who runs the tape again: what another run brings with it, and what stands in the way of one. */
  rehearsals: Rehearsal[] = [];
  obstacle: string | null = null;

  constructor(tree: Tree, run: RunSegment, isWhole: boolean) {
    this.tree = tree;
    this.isWhole = isWhole;
    this.run = run;
    this.at = tree.root;
  }

  /** Another call of the program is taken down. */
  begin(): void {
    this.obstacle = null;
    if (this.rehearsals.length > 0) this.rehearsals = [];
  }

  alloc(storage: TapeStorage): Buffer {
    if (storage.backend.name === "meta") return storage.backend.alloc(storage.byteLength);
    const slot = new Slot(this.slots.length, storage.backend, storage.byteLength, storage);
    this.slots.push(slot);
    this.remember(slot.id, storage.byteLength, this.tree.numberOf(storage.backend));
    return slot;
  }

  free(storage: TapeStorage, buffer: Buffer): void {
    const { backend } = storage;
    if (buffer instanceof Slot && buffer.real === null) {
      buffer.storage = null;
      this.remember(buffer.id, ENDS, 0);
      return;
    }
    const number = this.numbers.get(storage);
    // memory that no call waits for goes at once
    if (number === undefined || backend.name === "meta") backend.free(buffer);
    else this.remember(number, ENDS, 0);
  }
  private remember(ref: Ref, bytes: number, owner: number): void {
    const { memory, memoryCount } = this;
    memory[memoryCount] = ref;
    memory[memoryCount + 1] = bytes;
    memory[memoryCount + 2] = owner;
    this.memoryCount = memoryCount + 3;
  }
  private remembers({ memory }: Node): boolean {
    if (memory.length !== this.memoryCount) return false;
    for (let i = 0; i < memory.length; i++) if (memory[i] !== this.memory[i]) return false;
    return true;
  }

  machine(backend: Backend): Backend {
    if (backend.name === "meta") return backend;
    let machine = this.machines.get(backend);
    if (machine === undefined) this.machines.set(backend, (machine = new Machine(backend, this)));
    // optimizers are at work on copies of their state, which nobody keeps
    if (backend.warming === true) this.refuse("a device that only compiles its kernels");
    return machine;
  }

  fused(
    backend: Backend,
    op: string,
    kernel: FusedKernel,
    inputs: readonly View[],
    outputs: readonly View[],
    attrs: object,
    writes: readonly number[],
  ): void {
    if (backend.name === "meta") return kernel.run(inputs, outputs, attrs);
    this.take("fused", backend, kernel, op, 0, writes, inputs, outputs, attrs, true);
  }

  /** Takes down a call on memory that lies in windows. */
  take(
    kind: Kind,
    backend: Backend,
    what: object | null,
    how: string,
    detail: number,
    dims: readonly number[],
    reads: readonly View[],
    writes: readonly View[],
    data: Data,
    hasData: boolean,
  ): void {
    const { children } = this.at;
    let next: Node | null = null;
    let elsewhere: Node[] | null = null;
    for (let i = 0; i < children.length; i++) {
      const known = children[i].instruction as Instruction; // only the root has none
      if (
        known.kind !== kind ||
        known.what !== what ||
        known.detail !== detail ||
        known.how !== how ||
        known.backend !== backend ||
        !this.remembers(children[i]) ||
        !sameNumbers(known.dims, dims) ||
        !this.sees(known.reads, reads) ||
        !this.sees(known.writes, writes)
      )
        continue;
      if (startsAt(known.reads, reads) && startsAt(known.writes, writes)) {
        next = children[i];
        break;
      }
      if (elsewhere === null) elsewhere = [];
      elsewhere.push(children[i]);
    }
    if (next === null && elsewhere !== null) next = this.loosened(elsewhere, reads, writes);
    this.at = next ?? this.grown(kind, backend, what, how, detail, dims, reads, writes, hasData);
    this.memoryCount = 0;
    if (hasData) this.data.push(data);
    if (this.at.moves)
      this.moves.set(
        this.at,
        [...reads, ...writes].map(({ offset }) => offset),
      );
    if (kind !== "memory" && ++this.calls >= mostCalls) this.flush("many calls");
  }

  /**
   * A call that was seen with windows elsewhere: once there are several such, or where others on this tape have moved, one that stands for all of them. Null
   * while they are few, as where two halves of a buffer take turns: each has a plan that knows its places.
   */
  private loosened(alike: readonly Node[], reads: readonly View[], writes: readonly View[]): Node | null {
    if (alike.length < mostPlaces && this.moves.size === 0 && !alike.some(({ moves }) => moves)) return null;
    const node = alike.find(({ moves }) => moves) ?? alike[0];
    const known = node.instruction as Instruction;
    const views = [...reads, ...writes];
    const isMoving = [...known.reads, ...known.writes].map(({ offset }, i) => offset !== views[i].offset);
    this.tree.loosen(
      node,
      isMoving,
      alike.filter((other) => other !== node),
    );
    return node;
  }

  /** Whether the windows are those of an instruction, but for where they begin. Memory is numbered in the order in which it is seen. */
  private sees(seen: readonly Seen[], views: readonly View[]): boolean {
    if (seen.length !== views.length) return false;
    const { slots, buffers } = this;
    for (let i = 0; i < seen.length; i++) {
      const { ref, dtype, shape, strides } = seen[i];
      const view = views[i];
      // what has its number already is told by its buffer
      const known = ref >= 0 ? slots[ref] : buffers[-1 - ref];
      if (known !== view.buffer && this.refOf(view) !== ref) return false;
      if (dtype !== view.dtype) return false;
      if (!sameNumbers(shape, view.shape) || !sameNumbers(strides, view.strides)) return false;
    }
    return true;
  }

  /** The call as one that was not seen here before. */
  private grown(
    kind: Kind,
    backend: Backend,
    what: object | null,
    how: string,
    detail: number,
    dims: readonly number[],
    reads: readonly View[],
    writes: readonly View[],
    hasData: boolean,
  ): Node {
    const see = (view: View): Seen => {
      const { dtype, offset, shape, strides } = view;
      const { tree } = this;
      return {
        ref: this.refOf(view),
        dtype,
        offset,
        shape: tree.shared(shape),
        strides: tree.shared(strides),
        moving: null,
      };
    };
    const instruction = { kind, backend, what, how, detail, dims, reads: reads.map(see), writes: writes.map(see) };
    const memory = this.memory.slice(0, this.memoryCount);
    return new Node(instruction, this.at, memory, hasData, kind === "memory" ? "" : programSite());
  }

  /** The number of what a view shows. */
  private refOf(view: View): Ref {
    const { buffer } = view;
    if (buffer instanceof Slot && buffer.real === null) return buffer.id;
    const { storage } = view as Shown;
    let number = this.numbers.get(storage);
    if (number === undefined) {
      number = -1 - this.storages.length;
      this.numbers.set(storage, number);
      this.storages.push(storage);
      this.buffers.push(buffer instanceof Slot ? (buffer.real as Buffer) : buffer);
    }
    return number;
  }

  write(backend: Backend, buffer: Buffer, bytes: Uint8Array, offset: number, isOwned: boolean): void {
    const slot = buffer instanceof Slot ? buffer : null;
    // memory from before is written through a window, which this is not
    if (slot === null || slot.real !== null) {
      this.flush("a write");
      backend.write(realOf(buffer), bytes, offset, { owned: isOwned });
      return;
    }
    const window = { buffer, dtype: "uint8" as const, offset: 0, shape: [slot.bytes], strides: [1] };
    const data = isOwned ? bytes : bytes.slice();
    this.take("write", backend, null, "", offset, [bytes.byteLength], noViews, [window], data, true);
    this.written += bytes.byteLength;
    if (this.written >= mostWritten) this.flush("many bytes");
  }

  /** Makes a check of indices where that can be done at once, so that it throws at the program's own call; else takes it down. */
  check(backend: Backend, index: View, size: number, fail: (value: number) => Error): void {
    if (backend.readSync !== undefined && !this.isWhole && this.isSettled(index))
      backend.checkIndices(shown(index), size, fail);
    else this.take("check", backend, null, "", size, noDims, [index], noViews, fail, true);
  }

  /** Whether the memory behind a view is as the program thinks that it is: no call that was taken down will write it. */
  private isSettled(view: View): boolean {
    if (view.buffer instanceof Slot && view.buffer.real === null) return false;
    const number = this.numbers.get((view as Shown).storage);
    if (number === undefined) return true;
    for (let node = this.at; node.instruction !== null && node.parent !== null; node = node.parent) {
      const { kind, writes, reads, dims } = node.instruction;
      if (writes.some((w) => w.ref === number)) return false;
      if (kind === "fused" && dims.some((i) => reads[i].ref === number)) return false;
    }
    return true;
  }

  renew(attrs: object, again: () => Renewal | null): void {
    this.rehearsals.push({
      spans: [[attrs]],
      again() {
        const next = again();
        return next && { data: [next.attrs], count: next.count };
      },
    });
  }
  repeat(stretches: readonly (() => void)[], rehearse: () => (() => void) | null, what: string): void {
    const spans: Data[][] = [];
    for (const stretch of stretches) {
      const { data } = this;
      const from = data.length;
      stretch();
      if (!this.isWhole) continue;
      if (this.data !== data) return this.refuse(what);
      // told apart by identity: others may have the same list
      for (let i = from; i < data.length; i++)
        if (Array.isArray(data[i])) data[i] = (data[i] as Data & number[]).slice();
      spans.push(data.slice(from));
    }
    if (!this.isWhole) return;
    const tree = new Tree(4);
    const first = rehearsed(tree, rehearse);
    if (first === null || !spans.every((span) => sameData(span, first.data))) return this.refuse(what);
    this.rehearsals.push({
      spans,
      again() {
        const next = rehearsed(tree, rehearse);
        return next?.end === first.end ? next : null;
      },
    });
  }
  refuse(why: string): void {
    this.obstacle ??= why;
  }

  flush(why: string): void {
    if (!isRepeatable.has(why)) this.refuse(why);
    if (this.running) return;
    if (this.memoryCount > 0) {
      const [ref] = this.memory;
      const { backend } = ref < 0 ? this.storages[-1 - ref] : this.slots[ref];
      this.take("memory", backend, null, "", 0, noDims, noViews, noViews, nothing, false);
    }
    if (this.at === this.tree.root) return;
    const { at: end, slots, storages, buffers, data, moves } = this;
    this.at = this.tree.root;
    this.calls = this.written = 0;
    this.slots = [];
    this.storages = [];
    this.buffers = [];
    this.numbers = new Map();
    this.data = [];
    if (moves.size > 0) this.moves = new Map();
    this.running = true;
    try {
      this.run(end, { slots, storages, buffers, data, moves }, why);
    } finally {
      this.running = false;
      // what an error left out will never be there
      for (const slot of slots) if (slot.real === null) slot.storage?.fill(null);
      this.tree.ended(end);
    }
  }
}

/** What a stretch of the program asks for, as the step that follows will. */
interface Rehearsed {
  readonly end: Node;
  readonly data: readonly Data[];
  /** Counts the step. */
  readonly count: () => void;
}
/** A part of the program whose numbers follow from a rehearsal: that of all `spans` of what was taken down. */
export interface Rehearsal {
  readonly spans: readonly (readonly Data[])[];
  /** What the next step asks for; null where that is other kernels. */
  readonly again: () => Pick<Rehearsed, "data" | "count"> | null;
}
/** Takes down what `rehearse` asks for, without doing it. Null where that is nothing or not in one piece. */
function rehearsed(tree: Tree, rehearse: () => (() => void) | null): Rehearsed | null {
  const { tape: outer } = context;
  const found: { readonly end: Node; readonly data: readonly Data[] }[] = [];
  const tape = new Recorder(tree, (end, { data }) => void found.push({ end, data }), false);
  context.tape = tape;
  try {
    const count = withoutInterpreters(() => tidy(rehearse));
    tape.flush("the end");
    return found.length === 1 && count !== null ? { ...found[0], count } : null;
  } catch {
    return null; // what the program itself does will say what is wrong
  } finally {
    context.tape = outer;
  }
}

/** Whether windows begin where those of an instruction do, or these move. */
function startsAt(seen: readonly Seen[], views: readonly View[]): boolean {
  for (let i = 0; i < seen.length; i++) if (seen[i].moving === null && seen[i].offset !== views[i].offset) return false;
  return true;
}

const realOf = (buffer: Buffer): Buffer => (buffer instanceof Slot && buffer.real !== null ? buffer.real : buffer);

/** A backend as `lower/` sees it while a tape is open. */
class Machine implements Backend {
  readonly contract = 2;
  readonly kernels: Kernels;
  readonly readSync?: NonNullable<Backend["readSync"]>;
  private readonly backend: Backend;
  private readonly tape: Recorder;

  constructor(backend: Backend, tape: Recorder) {
    this.backend = backend;
    this.tape = tape;
    const b = backend;
    this.kernels = {
      map: (program, inputs, params, out, flat) =>
        tape.take("map", b, program, "", flat ? 1 : 0, noDims, inputs, [out], params, true),
      reduce: (kind, program, inputs, params, out, dims) =>
        tape.take("reduce", b, program, kind, 0, dims, inputs, [out], params, true),
      argReduce: (kind, input, out, dim) =>
        tape.take("argReduce", b, null, kind, dim, noDims, [input], [out], nothing, false),
      scan: (kind, input, out, dim, indices) =>
        tape.take("scan", b, null, kind, dim, noDims, [input], indices ? [out, indices] : [out], nothing, false),
      matmul: (x, y, out) => tape.take("matmul", b, null, "", 0, noDims, [x, y], [out], nothing, false),
      gather: (input, index, out, dim) =>
        tape.take("gather", b, null, "", dim, noDims, [input, index], [out], nothing, false),
      scatter: (mode, target, index, source, dim) =>
        tape.take("scatter", b, null, mode, dim, noDims, [index, source], [target], nothing, false),
      sort: (input, values, indices, descending) =>
        tape.take("sort", b, null, "", descending ? 1 : 0, noDims, [input], [values, indices], nothing, false),
      random: (out, seed, offset) =>
        tape.take("random", b, null, "", 0, noDims, noViews, [out], { seed, offset }, true),
    };
    const { readSync } = backend;
    if (readSync !== undefined)
      this.readSync = (buffer, offset, byteLength) => {
        tape.flush("a read");
        return readSync.call(backend, realOf(buffer), offset, byteLength);
      };
  }
  get name(): string {
    return this.backend.name;
  }
  get dtypes(): Backend["dtypes"] {
    return this.backend.dtypes;
  }
  get info(): string {
    return this.backend.info;
  }
  alloc(byteLength: number): Buffer {
    return this.backend.alloc(byteLength);
  }
  free(buffer: Buffer): void {
    this.backend.free(realOf(buffer));
  }
  write(buffer: Buffer, bytes: Uint8Array, offset = 0, options?: { readonly owned?: boolean }): void {
    this.tape.write(this.backend, buffer, bytes, offset, options?.owned === true);
  }
  read(buffer: Buffer, offset: number, byteLength: number): Promise<Uint8Array> {
    this.tape.flush("a read");
    return this.backend.read(realOf(buffer), offset, byteLength);
  }
  checkIndices(index: View, size: number, fail: (value: number) => Error): void {
    this.tape.check(this.backend, index, size, fail);
  }
  memory(): ReturnType<Backend["memory"]> {
    this.tape.flush("memory()");
    return this.backend.memory();
  }
  dispose(): void | Promise<void> {
    this.tape.flush("dispose()");
    return this.backend.dispose();
  }
}

/** The view on memory that is there. */
const shown = ({ buffer, dtype, offset, shape, strides }: View): View => ({
  buffer: realOf(buffer),
  dtype,
  offset,
  shape,
  strides,
});
