import type { Program } from "@flambeau/tensor/plugin";
import { eachWritten, type Instruction, type Ref, type Seen, sameMoving } from "./instruction.ts";
import { type Node, sameNumbers } from "./tree.ts";

// The calls of a tape while they are joined, and who uses which memory.

/** A call that a plan will make. */
export interface Work {
  readonly node: Node;
  /** Its place on the tape. */
  readonly at: number;
  instruction: Instruction;
  /** Of programs: where each of their numbers comes from, as a call with data and a position there. */
  params: readonly Param[];
  /** Of a kernel with a program behind it: the call with data that has the kernel's attributes; -1 where there are none. */
  attrs: number;
  /** How many calls of the tape it stands for. */
  calls: number;
}
export interface Param {
  readonly data: number;
  readonly index: number;
}

export const programOf = (work: Work): Program => work.instruction.what as Program; // a map's or a reduction's
export const elements = ({ shape }: Seen): number => shape.reduce((n, s) => n * s, 1);
/** Steps along dimensions of a single element mean nothing. */
export const sameWindow = (a: Seen, b: Seen): boolean =>
  a.ref === b.ref &&
  a.offset === b.offset &&
  sameMoving(a, b) &&
  sameNumbers(a.shape, b.shape) &&
  a.shape.every((size, d) => size === 1 || a.strides[d] === b.strides[d]);
export const isRowMajor = ({ shape, strides }: Seen): boolean => {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d];
  }
  return true;
};

/** The strides of a tensor that lies row by row. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

/** Who reads and who writes the memory of a tape. */
export class Uses {
  readonly readers = new Map<Ref, Set<Work>>();
  readonly writers = new Map<Ref, Set<Work>>();

  constructor(works: readonly Work[]) {
    for (const work of works) this.add(work);
  }
  add(work: Work): void {
    for (const { ref } of work.instruction.reads) setOf(this.readers, ref).add(work);
    eachWritten(work.instruction, (ref) => setOf(this.writers, ref).add(work));
  }
  forget(work: Work): void {
    for (const { ref } of work.instruction.reads) this.readers.get(ref)?.delete(work);
    eachWritten(work.instruction, (ref) => this.writers.get(ref)?.delete(work));
  }
}

function setOf(map: Map<Ref, Set<Work>>, ref: Ref): Set<Work> {
  let set = map.get(ref);
  if (set === undefined) map.set(ref, (set = new Set()));
  return set;
}

/** Whether nothing writes memory between a call at `at` and a later one, which may itself write to it. */
export function isQuiet(uses: Uses, ref: Ref, at: number, reader: Work): boolean {
  for (const writer of uses.writers.get(ref) ?? []) if (writer.at > at && writer.at < reader.at) return false;
  return true;
}

/** Whether nothing else reads or writes memory from a kernel's call to that of a later one, and the first one does not read it. */
export function isUntouched(uses: Uses, ref: Ref, first: Work, last: Work): boolean {
  for (const work of uses.readers.get(ref) ?? []) if (work.at >= first.at && work.at <= last.at) return false;
  for (const work of uses.writers.get(ref) ?? [])
    if (work !== last && work !== first && work.at >= first.at && work.at <= last.at) return false;
  return true;
}
