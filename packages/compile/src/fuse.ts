import type { Program } from "@flambeau/tensor/plugin";
import { bytesOf } from "@flambeau/tensor/plugin";
import {
  compatible,
  composePrograms,
  heavyOf,
  isExact,
  operationsOf,
  type Source,
  usesIndex,
} from "./compose-programs.ts";
import { composeWindows, splitFor, splitWindow } from "./compose-windows.ts";
import { eachWritten, type Instruction, type Ref, type Seen } from "./instruction.ts";
import { type Node, sameNumbers } from "./tree.ts";

// Which calls of a tape become one: what a map computes for others alone, these compute themselves.

/** A call that a plan will make. */
export interface Work {
  readonly node: Node;
  /** Its place on the tape. */
  readonly at: number;
  instruction: Instruction;
  /** Of programs: where each of their numbers comes from, as a call with data and a position there. */
  params: readonly Param[];
  /** How many calls of the tape it stands for. */
  calls: number;
}
export interface Param {
  readonly data: number;
  readonly index: number;
}

/** Windows that a kernel reads: with its output and its arguments they are what a WebGPU shader can bind by default. */
const mostReads = 6;
/** Beyond that, shader compilers take their time and registers run out. */
const mostOperations = 48;
const mostHeavy = 8;
/** An operation that may be done more than once, so that its result need not lie in memory. */
const lightOperations = 2;

const programOf = (work: Work): Program => work.instruction.what as Program; // a map's or a reduction's
const elements = ({ shape }: Seen): number => shape.reduce((n, s) => n * s, 1);
/** Steps along dimensions of a single element mean nothing. */
const sameWindow = (a: Seen, b: Seen): boolean =>
  a.ref === b.ref &&
  a.offset === b.offset &&
  sameNumbers(a.shape, b.shape) &&
  a.shape.every((size, d) => size === 1 || a.strides[d] === b.strides[d]);
const isRowMajor = ({ shape, strides }: Seen): boolean => {
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== step) return false;
    step *= shape[d];
  }
  return true;
};

/** Who reads and who writes the memory of a tape. */
class Uses {
  readonly readers = new Map<Ref, Set<Work>>();
  /** Places on the tape, rising. */
  readonly writes = new Map<Ref, number[]>();

  constructor(works: readonly Work[]) {
    for (const work of works) {
      this.read(work);
      eachWritten(work.instruction, (ref) => {
        const list = this.writes.get(ref);
        if (list === undefined) this.writes.set(ref, [work.at]);
        else if (list[list.length - 1] !== work.at) list.push(work.at);
      });
    }
  }
  private readersOf(ref: Ref): Set<Work> {
    let readers = this.readers.get(ref);
    if (readers === undefined) this.readers.set(ref, (readers = new Set()));
    return readers;
  }
  read(work: Work): void {
    for (const { ref } of work.instruction.reads) this.readersOf(ref).add(work);
  }
  forget(work: Work): void {
    for (const { ref } of work.instruction.reads) this.readers.get(ref)?.delete(work);
  }
}

/**
 * Joins the calls of a tape: what is left of `works`, in order. `bytes` is the size of the memory that the tape itself made and gave back,
 * by number: what nobody will see.
 */
export function fuse(works: readonly Work[], bytes: ReadonlyMap<Ref, number>): Work[] {
  const uses = new Uses(works);
  let left = works;
  // two readers of a result may have become one, which reads it once
  for (let count = -1; count !== left.length; ) {
    count = left.length;
    left = left.filter((work) => !joins(work, uses, bytes));
  }
  return withoutDead(left, bytes);
}

/** Hands a call over to those that read its result, if that can be. */
function joins(work: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): boolean {
  const joined = joinInto(work, uses, bytes);
  if (joined === null) return false;
  uses.forget(work);
  for (const [reader, { instruction, params }] of joined) {
    uses.forget(reader);
    reader.instruction = instruction;
    reader.params = params;
    reader.calls += work.calls;
    uses.read(reader);
  }
  return true;
}

type Joined = Map<Work, Pick<Work, "instruction" | "params">>;

/** What becomes of the readers of a map's result when they compute it themselves; null when that cannot be, or is not worth it. */
function joinInto(work: Work, uses: Uses, bytes: ReadonlyMap<Ref, number>): Joined | null {
  const { instruction, at } = work;
  if (instruction.kind !== "map") return null;
  const [out] = instruction.writes;
  // all of the memory, written once and seen by nobody outside
  if (out.offset !== 0 || bytes.get(out.ref) !== elements(out) * bytesOf(out.dtype)) return null;
  if (!isRowMajor(out) || !isExact(out.dtype) || uses.writes.get(out.ref)?.length !== 1) return null;
  const readers = uses.readers.get(out.ref);
  if (readers === undefined || readers.size === 0) return null;
  const program = programOf(work);
  let computed = 0;
  for (const reader of readers) {
    if (reader.at < at) return null; // it sees what lay there before
    const { kind, backend, reads } = reader.instruction;
    if ((kind !== "map" && kind !== "reduce") || backend !== instruction.backend) return null;
    if (!compatible(program, programOf(reader))) return null;
    for (const read of reads) if (read.ref === out.ref) computed += elements(read);
    for (const { ref } of instruction.reads) if (!isQuiet(uses, ref, at, reader)) return null;
  }
  const isCheap = heavyOf(program) === 0 && operationsOf(program) <= lightOperations && instruction.reads.length <= 2;
  if (computed > elements(out) && !isCheap) return null;
  const joined: Joined = new Map();
  for (const reader of readers) {
    const one = join(work, reader);
    if (one === null) return null;
    joined.set(reader, one);
  }
  return joined;
}

/** Whether nothing writes memory between a call at `at` and a later one, which may itself write to it. */
function isQuiet(uses: Uses, ref: Ref, at: number, reader: Work): boolean {
  for (const written of uses.writes.get(ref) ?? []) if (written > at && written < reader.at) return false;
  return true;
}

/** The call with the dimensions of its windows divided as another kernel's loops ask for; as it is where nothing is to be divided. */
function divided({ instruction: made }: Work, instruction: Instruction): Instruction {
  if (instruction.kind !== "map") return instruction;
  const [out] = made.writes;
  for (const view of instruction.reads) {
    const split = view.ref === out.ref ? splitFor(out, made.reads, view) : null;
    if (split === null) continue;
    const all = (list: readonly Seen[]) => list.map((seen) => splitWindow(seen, split));
    return { ...instruction, reads: all(instruction.reads), writes: all(instruction.writes) };
  }
  return instruction;
}

/** The call `reader` with the computation of `work` in it; null when it cannot be. */
function join(work: Work, reader: Work): Pick<Work, "instruction" | "params"> | null {
  const { writes, reads } = work.instruction;
  const into = divided(work, reader.instruction);
  const [out] = writes;
  const inner = programOf(work);
  const outer = programOf(reader);
  const windows: Seen[] = [];
  const place = (seen: Seen): number => {
    const known = windows.findIndex((w) => w.dtype === seen.dtype && sameWindow(w, seen));
    return known >= 0 ? known : windows.push(seen) - 1;
  };
  const firstParam = reader.params.length;
  const sources: Source[] = [];
  for (const view of into.reads) {
    if (view.ref !== out.ref) {
      sources.push({ input: place(view) });
      continue;
    }
    if (view.dtype !== out.dtype) return null;
    if (usesIndex(inner) && !(sameNumbers(view.shape, out.shape) && sameNumbers(view.strides, out.strides)))
      return null;
    const composed = composeWindows(out, reads, view);
    if (composed === null) return null;
    sources.push({ program: inner, inputs: composed.map(place), firstParam });
  }
  // a kernel may write what it reads, if it is the very window
  const [target] = into.writes;
  if (windows.some((w) => w.ref === target.ref && !sameWindow(w, target))) return null;
  if (windows.length > mostReads) return null;
  const params = [...reader.params, ...work.params];
  const what = composePrograms(
    outer,
    sources,
    windows.map(({ dtype }) => dtype),
    params.length,
  );
  if (heavyOf(what) > mostHeavy || operationsOf(what) > mostOperations) return null;
  const isFlat =
    into.kind === "map" && [...windows, target].every((w) => sameNumbers(w.shape, target.shape) && isRowMajor(w));
  return {
    instruction: { ...into, what, reads: windows, detail: isFlat ? 1 : 0 },
    params,
  };
}

const mayVanish: ReadonlySet<Instruction["kind"]> = new Set([
  "map",
  "reduce",
  "argReduce",
  "scan",
  "matmul",
  "gather",
  "scatter",
  "sort",
  "random",
  "write",
]);
/** The calls whose results somebody sees. */
function withoutDead(works: readonly Work[], bytes: ReadonlyMap<Ref, number>): Work[] {
  const needed = new Set<Ref>();
  const left: Work[] = [];
  for (let i = works.length - 1; i >= 0; i--) {
    const { instruction } = works[i];
    let isSeen = !mayVanish.has(instruction.kind);
    eachWritten(instruction, (ref) => {
      if (needed.has(ref) || !bytes.has(ref)) isSeen = true;
    });
    if (!isSeen) continue;
    left.push(works[i]);
    for (const { ref } of instruction.reads) needed.add(ref);
    // what it does not overwrite is still there
    eachWritten(instruction, (ref) => needed.add(ref));
  }
  return left.reverse();
}
