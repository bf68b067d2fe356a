import type { Backend, DType } from "@flambeau/tensor/functional";
import type { Epilogue, FusedKernel, Program, ReduceKind, ScanKind, ScatterMode, View } from "@flambeau/tensor/plugin";

// What a tape takes down: a call of a backend, with the memory that it touches by number. What may differ from one run of the same
// program to the next (the numbers of a program, attributes, bytes) is no part of it: it is the run's data.

/** Memory by number: that which the tape promised counts up from 0, what was there before counts down from -1. */
export type Ref = number;

/** A window as it is told from others. */
export interface Seen {
  readonly ref: Ref;
  readonly dtype: DType;
  /** Of a window that moves: from where the run says. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly moving: Moving | null;
}
/** Of a window that begins elsewhere from call to call: which call of the tape it is of, and its place among that one's. */
export interface Moving {
  readonly call: object;
  readonly index: number;
}
/** Where the windows of calls with moving ones begin in a run. */
export type Moves = ReadonlyMap<object, readonly number[]>;

/** Where a window begins in a run. */
export const offsetIn = ({ offset, moving }: Seen, moves: Moves): number =>
  moving === null ? offset : offset + (moves.get(moving.call) as readonly number[])[moving.index]; // the tape noted it

/** Whether windows that begin at the same number do so in each run. */
export const sameMoving = (a: Seen, b: Seen): boolean =>
  a.moving === b.moving || (a.moving?.call === b.moving?.call && a.moving?.index === b.moving?.index);
/** The window always begins with its memory. */
export const isAtStart = ({ offset, moving }: Seen): boolean => offset === 0 && moving === null;

export type Kind =
  | "map"
  | "reduce"
  | "argReduce"
  | "scan"
  | "matmul"
  | "gather"
  | "scatter"
  | "sort"
  | "random"
  | "fused"
  | "epilogue"
  | "write"
  | "check"
  // no call: what memory began and ended at the end of a tape
  | "memory";

/** What a call of a kernel with a program behind it brings. */
export interface EndingData {
  attrs: object;
  params: readonly number[];
}
/** A kernel and the program behind it: what an "epilogue" calls. */
export interface Ending {
  readonly kernel: Epilogue;
  readonly program: Program;
  /** How many of what is read are the kernel's; the others are the program's. */
  readonly inputs: number;
}

export interface Instruction {
  readonly kind: Kind;
  readonly backend: Backend;
  /** The program, the op's fast path, or an {@link Ending}. */
  readonly what: object | null;
  /** Which reduction, scan, scatter or op. */
  readonly how: string;
  /** A dimension, a number of bytes, a flag. */
  readonly detail: number;
  /** The reduced dimensions; of a fast path, the inputs that it writes. */
  readonly dims: readonly number[];
  readonly reads: readonly Seen[];
  readonly writes: readonly Seen[];
}

/** The numbers of a random draw. */
export interface Draw {
  readonly seed: bigint;
  readonly offset: bigint;
}
/** What a run brings to a call: the numbers of a program, attributes, bytes, what a check throws. */
export type Data = readonly number[] | Draw | Uint8Array | ((value: number) => Error) | object;

/** The numbers of the inputs, besides its outputs, that a call writes. */
export const noDims: readonly number[] = [];
const owned = { owned: true } as const;

/** Makes the call. `reads` and `writes` are its windows on memory that is there. */
export function perform(
  { kind, backend, what, how, detail, dims }: Instruction,
  reads: readonly View[],
  writes: readonly View[],
  data: Data,
): void {
  const { kernels } = backend;
  const out = writes[0];
  switch (kind) {
    case "map":
      return kernels.map(what as Program, reads, data as readonly number[], out, detail === 1);
    case "reduce":
      return kernels.reduce(how as ReduceKind, what as Program, reads, data as readonly number[], out, dims);
    case "argReduce":
      return kernels.argReduce(how as "max" | "min", reads[0], out, detail);
    case "scan":
      return kernels.scan(how as ScanKind, reads[0], out, detail, writes[1]);
    case "matmul":
      return kernels.matmul(reads[0], reads[1], out);
    case "gather":
      return kernels.gather(reads[0], reads[1], out, detail);
    case "scatter":
      return kernels.scatter(how as ScatterMode, out, reads[0], reads[1], detail);
    case "sort":
      return kernels.sort(reads[0], out, writes[1], detail === 1);
    case "random":
      return kernels.random(out, (data as Draw).seed, (data as Draw).offset);
    case "fused":
      return (what as FusedKernel).run(reads, writes, data);
    case "epilogue": {
      const { kernel, program, inputs } = what as Ending;
      const { attrs, params } = data as EndingData;
      return kernel.run(reads.slice(0, inputs), writes, attrs, program, reads.slice(inputs), params);
    }
    case "write":
      return backend.write(out.buffer, data as Uint8Array, detail, owned);
    case "check":
      return backend.checkIndices(reads[0], detail, data as (value: number) => Error);
    case "memory":
      return; // the run's own business
  }
}

/** Memory that a call writes, besides what its outputs show; what a check has looked at counts as written. */
export function eachWritten({ kind, dims, reads, writes }: Instruction, visit: (ref: Ref) => void): void {
  for (const w of writes) visit(w.ref);
  if (kind === "fused") for (const i of dims) visit(reads[i].ref);
  if (kind === "check") visit(reads[0].ref);
}

/** Whether a call brings the same to its kernels as the one before. What a check throws may be made anew. */
export function sameData(a: unknown, b: unknown): boolean {
  if (typeof a === "function") return typeof b === "function";
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b);
  if (ArrayBuffer.isView(a)) {
    const [x, y] = [a as Uint8Array, b as Uint8Array]; // tapes hold no others
    return x.length === y.length && x.every((byte, i) => byte === y[i]);
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => sameData((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
