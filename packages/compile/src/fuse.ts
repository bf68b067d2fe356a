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
import { isConstant } from "./constants.ts";
import { endsIn } from "./epilogues.ts";
import { eachWritten, type Instruction, isAtStart, type Ref, type Seen } from "./instruction.ts";
import { liesThere } from "./lying.ts";
import { isPlaced } from "./placing.ts";
import { sameNumbers } from "./tree.ts";
import { elements, isQuiet, isRowMajor, programOf, sameWindow, Uses, type Work } from "./uses.ts";

// Which calls of a tape become one: what a map computes for others alone, these compute themselves.

/** Windows that a kernel reads: with its output and its arguments they are what a WebGPU shader can bind by default. */
const mostReads = 6;
/** Beyond that, shader compilers take their time and registers run out. */
const mostOperations = 48;
const mostHeavy = 8;
/** An operation that may be done more than once, so that its result need not lie in memory. */
const lightOperations = 2;

/**
 * Joins the calls of a tape: what is `left` of `works`, in order, and which of them only say what memory holds all the time. `bytes` is the size of the memory that the tape itself made and gave back,
 * by number: what nobody will see.
 */
export function fuse(
  works: readonly Work[],
  bytes: ReadonlyMap<Ref, number>,
): { readonly left: Work[]; readonly constants: Work[] } {
  const uses = new Uses(works);
  let left = works;
  // two readers of a result may have become one, which reads it once
  for (let count = -1; count !== left.length; ) {
    count = left.length;
    left = left.filter((work) => !joins(work, uses, bytes));
  }
  left = left.filter((work) => !liesThere(work, uses, bytes));
  left = left.filter((work) => !endsIn(work, uses, bytes) && !isPlaced(work, uses, bytes));
  const needed = withoutDead(left, bytes);
  const constants = needed.filter((work) => isConstant(work, uses, bytes));
  return { left: needed.filter((work) => !constants.includes(work)), constants };
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
    uses.add(reader);
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
  if (!isAtStart(out) || bytes.get(out.ref) !== elements(out) * bytesOf(out.dtype)) return null;
  if (!isRowMajor(out) || !isExact(out.dtype) || uses.writers.get(out.ref)?.size !== 1) return null;
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
  if (into.kind === "reduce" && windows.length === 0) return null; // how much it goes over, what it reads says
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
  "epilogue",
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
