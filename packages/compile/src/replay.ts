import { isTensor, type Tensor } from "@flambeau/tensor/functional";
import { type Buffer, context, type TapeStorage, tensorOn, tracer, warnOnce } from "@flambeau/tensor/plugin";
import { type Data, eachWritten, type Instruction, type Moves, noDims, sameData } from "./instruction.ts";
import { Described, leavesOf, sameLeaf, valueOf } from "./leaves.ts";
import type { Plan } from "./plan.ts";
import type { Segment } from "./run.ts";
import { Slot } from "./slot.ts";
import type { Rehearsal } from "./tape.ts";
import { ENDS, type Node, sameNumbers } from "./tree.ts";

// Running what a function did without running the function. It is done where several calls in succession did the same, with the same
// numbers, on memory of which it is known where it comes from; what is not understood stands in the way, with a reason.

/** A part of a recorded call. */
export interface Part {
  readonly end: Node;
  readonly plan: Plan | null;
  readonly segment: Segment;
}
/** A recorded call, with what it was given and what came of it. */
export interface Recording {
  readonly parts: readonly Part[];
  readonly args: readonly unknown[];
  readonly result: unknown;
  readonly rehearsals: readonly Rehearsal[];
  readonly obstacle: string | null;
}

type Memory = Tensor["storage"];

/** Where memory from before a part comes from. */
type Source =
  | { readonly from: "argument"; readonly index: number }
  // made by an earlier part of the call
  | { readonly from: "part"; readonly key: number }
  // made by the call before, and still held
  | { readonly from: "call"; readonly key: number }
  // the same at each call: a parameter
  | { readonly from: "program"; readonly storage: Memory };

/** Memory by the part that made it and its number there. */
const keyOf = (part: number, slot: number): number => part * 2 ** 20 + slot;

/** What a part of a call needs to be run again. */
interface Again {
  readonly end: Node;
  readonly plan: Plan;
  readonly sources: readonly Source[];
  readonly data: readonly Data[];
  readonly moves: Moves;
  /** Bytes of the memory that it makes, and whether it gives it back itself. */
  readonly slots: readonly {
    readonly backend: TapeStorage["backend"];
    readonly bytes: number;
    readonly freed: boolean;
  }[];
  /** Sources that are written: tensors count that. */
  readonly written: readonly number[];
  /** Sources that it gives back. */
  readonly ended: readonly number[];
}
interface Pattern {
  readonly parts: readonly Again[];
  readonly args: readonly unknown[];
  /** The result's leaves: an argument by number, memory that the call made with a layout, or a value. */
  readonly result: readonly unknown[];
  /** What outlives the call besides its result, and is given back by the next: gradients. */
  readonly held: ReadonlyMap<number, Memory>;
  readonly rehearsals: readonly Rehearsal[];
  /** What rehearsals give anew. */
  readonly rehearsed: ReadonlySet<Data>;
  readonly modes: readonly unknown[];
  readonly backends: readonly TapeStorage["backend"][];
}
class Argument {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}
class Made {
  readonly key: number;
  readonly layout: Described;
  constructor(key: number, t: Tensor) {
    this.key = key;
    this.layout = new Described(t);
  }
}

/** So many calls in succession must have done the same. */
const enough = 3;
/** After so many runs without the program it is run again, to see that it still does the same. */
const between = 64;

const modes = (): readonly unknown[] => [context.gradEnabled, context.inference, context.fused, context.stack];

/** Decides when a function need not be run, and does without. */
export class Replay {
  private pattern: Pattern | null = null;
  /** That of the call before the one that is being recorded. */
  private before: Pattern | null = null;
  private alike = 0;
  private since = 0;
  /** The call that is recorded is to do what was run in its place before. */
  private isTrial = false;
  /** Calls that were made without the program. */
  calls = 0;
  /** Why it is run; null where it need not be. */
  obstacle: string | null = "no call was recorded yet";
  /** In what it did something else than what was run in its place: then it always is. */
  failure: string | null = null;

  /** A call is recorded; if it throws, nothing is known of what it leaves behind. */
  begin(): void {
    this.before = this.pattern;
    this.pattern = null;
    this.obstacle = "the last call threw";
  }
  /** Looks at a recorded call. */
  observe(recording: Recording): void {
    const { before } = this;
    this.before = null;
    const found = patternOf(recording, before);
    this.since = 0;
    if (typeof found === "string") {
      this.pattern = null;
      this.alike = 0;
      this.obstacle = found;
    } else {
      const difference = before === null ? "its calls were not compared yet" : differenceOf(before, found);
      this.alike = difference === null ? this.alike + 1 : 1;
      this.pattern = found;
      this.obstacle = difference ?? (this.alike < enough ? "too few calls were alike" : null);
    }
    if (this.isTrial && this.obstacle !== null) this.fail(this.obstacle);
    this.isTrial = false;
  }

  private fail(why: string): void {
    this.failure = why;
    warnOnce(
      "compile: replay",
      `flambeau: a function compiled with { replay: true } does something else than it did (${why}), and is run at each call from now on. ` +
        "What such a function looks at, besides tensors and optimizers, must not change.",
    );
  }

  /** The result of a call without the program; null where the program has to be run. */
  run(args: readonly unknown[]): { readonly result: unknown } | null {
    const { pattern } = this;
    if (pattern === null || this.alike < enough || this.failure !== null) return null;
    const leaves = leavesOf(args);
    if (!fits(pattern, leaves)) return null;
    // what is counted beside the kernels would be counted, though none is run
    if (pattern.backends.some(({ warming }) => warming === true)) return null;
    if (this.since >= between) {
      this.isTrial = true;
      return null;
    }
    const numbers = rehearse(pattern);
    if (numbers === null) return null;
    this.since++;
    this.calls++;
    return { result: runAgain(pattern, leaves, numbers) };
  }
}

const tensorsOf = (leaves: readonly unknown[]): Tensor[] => leaves.filter(isTensor);

/** What a recorded call was, as far as it can be done again; else the reason. */
function patternOf(recording: Recording, before: Pattern | null): Pattern | string {
  const { parts, rehearsals, obstacle } = recording;
  if (obstacle !== null) return obstacle;
  const leaves = leavesOf(recording.args);
  const tensors = tensorsOf(leaves);
  const given = new Map(tensors.map(({ storage }, index) => [storage, index]));
  if (given.size < tensors.length) return "arguments share memory";
  if (tensors.some(({ disposed, storage }) => disposed || storage.data === null)) return "an argument is disposed of";
  const heldBefore = new Map<TapeStorage, number>();
  for (const [key, storage] of before?.held ?? []) heldBefore.set(storage, key);
  const made = new Map<TapeStorage, number>();
  const again: Again[] = [];
  for (const [p, { end, plan, segment }] of parts.entries()) {
    if (plan === null) return "a part has no plan yet";
    const sources = segment.storages.map((s): Source => {
      const storage = s as Memory; // a tensor's, all of them
      const index = given.get(storage);
      if (index !== undefined) return { from: "argument", index };
      const own = made.get(storage);
      if (own !== undefined) return { from: "part", key: own };
      const old = heldBefore.get(storage);
      return old === undefined ? { from: "program", storage } : { from: "call", key: old };
    });
    for (const { storage, id } of segment.slots) if (storage !== null) made.set(storage, keyOf(p, id));
    const written = new Set<number>();
    const ended: number[] = [];
    for (const { instruction, memory } of plan.path) {
      for (let i = 0; i < memory.length; i += 3)
        if (memory[i + 1] === ENDS && memory[i] < 0) ended.push(-1 - memory[i]);
      const { kind } = instruction as Instruction; // all but the root's
      if (kind !== "check")
        eachWritten(instruction as Instruction, (ref) => {
          if (ref < 0) written.add(-1 - ref);
        });
    }
    const slots = segment.slots.map(({ backend, bytes, freed }) => ({ backend, bytes, freed }));
    again.push({ end, plan, sources, data: segment.data, moves: segment.moves, slots, written: [...written], ended });
  }
  if (again.length === 0) return "the function asks nothing of a device";

  const returned = new Set<number>();
  const result: unknown[] = [];
  for (const leaf of leavesOf(recording.result)) {
    const index = tensors.indexOf(leaf as Tensor);
    if (!isTensor(leaf)) result.push(leaf);
    else if (index >= 0) result.push(new Argument(index));
    else {
      const key = made.get(leaf.storage);
      if (key === undefined) return "a result shows memory that the call did not make";
      if (leaf.requiresGrad && tracer()?.isSpent?.(leaf) !== true) return "a result has a graph";
      returned.add(key);
      result.push(new Made(key, leaf));
    }
  }
  const held = new Map<number, Memory>();
  for (const [storage, key] of made)
    if ((storage as Memory).data !== null && !returned.has(key)) held.set(key, storage as Memory);
  return {
    parts: again,
    args: leaves.map((leaf) => (isTensor(leaf) ? new Described(leaf) : leaf)),
    result,
    held,
    rehearsals,
    rehearsed: new Set(rehearsals.flatMap(({ spans }) => spans.flat())),
    modes: modes(),
    backends: [...new Set(again.flatMap(({ plan }) => plan.steps.map(({ work }) => work.instruction.backend)))],
  };
}

/** In what a call differs from the one before it; null when it did the same. */
function differenceOf(before: Pattern, now: Pattern): string | null {
  const { parts, args, held, result } = now;
  if (parts.length !== before.parts.length) return "calls consist of other parts";
  if (modes().some((mode, i) => mode !== before.modes[i])) return "modes differ";
  for (const [p, part] of parts.entries()) {
    const old = before.parts[p];
    if (part.end !== old.end) return "calls ask for other kernels";
    if (!sameMoves(part.moves, old.moves)) return "windows begin elsewhere from call to call";
    if (!part.sources.every((source, i) => sameSource(source, old.sources[i]))) return "calls use other memory";
    for (const [i, data] of part.data.entries())
      if (!now.rehearsed.has(data) && !sameData(data, old.data[i])) return "numbers differ from call to call";
  }
  if (!sameLeaves(before.args, args)) return "arguments differ";
  if (before.result.length !== result.length || !result.every((leaf, i) => sameResult(before.result[i], leaf)))
    return "results differ";
  for (const key of held.keys()) if (!before.held.has(key)) return "calls leave more and more behind";
  for (const storage of before.held.values()) if (storage.data !== null) return "what a call leaves behind stays";
  return null;
}
const sameMoves = (a: Moves, b: Moves): boolean =>
  a.size === b.size && [...a].every(([call, offsets]) => sameNumbers(offsets, b.get(call) ?? noDims));
const sameLeaves = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((leaf, i) => sameLeaf(leaf, b[i]));
function sameResult(a: unknown, b: unknown): boolean {
  if (a instanceof Argument) return b instanceof Argument && a.index === b.index;
  if (a instanceof Made) return b instanceof Made && a.key === b.key && a.layout.fits(b.layout);
  return sameLeaf(a, b);
}
function sameSource(a: Source, b: Source): boolean {
  if (a.from === "argument") return b.from === "argument" && a.index === b.index;
  if (a.from === "program") return b.from === "program" && a.storage === b.storage;
  return a.from === b.from && a.key === b.key;
}
/** Whether a call with these arguments, now, is what was recorded. */
function fits({ args, parts, held, modes: recorded }: Pattern, leaves: readonly unknown[]): boolean {
  if (!sameLeaves(args, leaves)) return false;
  if (modes().some((mode, i) => mode !== recorded[i])) return false;
  const storages = tensorsOf(leaves).map(({ storage }) => storage);
  if (new Set(storages).size !== storages.length) return false; // two arguments that share memory
  for (const storage of held.values()) if (storage.data === null || storages.includes(storage)) return false;
  for (const { sources } of parts)
    for (const source of sources)
      if (source.from === "program" && (source.storage.data === null || storages.includes(source.storage)))
        return false;
  return true;
}

/** In the place of a storage, for memory that the call itself gives back, or hands out as its result. */
class Holder implements TapeStorage {
  readonly backend: TapeStorage["backend"];
  readonly byteLength: number;
  buffer: Buffer | null = null;
  constructor(backend: TapeStorage["backend"], byteLength: number) {
    this.backend = backend;
    this.byteLength = byteLength;
  }
  fill(buffer: Buffer | null): void {
    this.buffer = buffer;
  }
  end(): void {
    if (this.buffer !== null) this.backend.free(this.buffer);
    this.buffer = null;
  }
}

/** Whether a part of the call gives back what the call before it left. */
const isEnded = ({ parts }: Pattern, key: number): boolean =>
  parts.some(({ sources, ended }) =>
    ended.some((i) => {
      const source = sources[i];
      return source.from === "call" && source.key === key;
    }),
  );

/** The numbers of what changes from step to step, which is counted; null, with nothing counted, where the step is another one. */
function rehearse({ rehearsals }: Pattern): ReadonlyMap<Data, Data> | null {
  const numbers = new Map<Data, Data>();
  const counts: (() => void)[] = [];
  for (const { spans, again } of rehearsals) {
    const next = again();
    if (next === null) return null;
    for (const span of spans) for (const [i, data] of span.entries()) numbers.set(data, next.data[i]);
    counts.push(next.count);
  }
  for (const count of counts) count();
  return numbers;
}

/** Makes a call without the program. */
function runAgain(pattern: Pattern, leaves: readonly unknown[], numbers: ReadonlyMap<Data, Data>): unknown {
  const given = tensorsOf(leaves);
  const old = new Map<number, Buffer>();
  for (const [key, storage] of pattern.held) old.set(key, storage.data as Buffer); // fits has looked
  const made = new Map<number, Slot>();
  const returned = new Set<number>();
  for (const leaf of pattern.result) if (leaf instanceof Made) returned.add(leaf.key);
  try {
    for (const [p, part] of pattern.parts.entries()) runPart(pattern, part, p, given, old, made, numbers);
    // what no kernel was using was given back at once, and so is on no tape
    for (const [key, buffer] of old) if (!isEnded(pattern, key)) (pattern.held.get(key) as Memory).backend.free(buffer);
    for (const [key, { storage }] of made)
      if (storage instanceof Holder && storage.buffer !== null && !returned.has(key)) storage.end();
  } catch (error) {
    // what later parts, or the program, would have given back
    for (const { storage, real } of made.values())
      if (storage instanceof Holder && storage.buffer !== null && real !== null) storage.end();
    for (const [key, buffer] of old) {
      const storage = pattern.held.get(key) as Memory; // of which `old` was made
      if (storage.data !== buffer && !isEnded(pattern, key)) storage.backend.free(buffer);
    }
    throw error;
  }
  const handles = new Map<number, Tensor>();
  return valueOf(pattern.result, (leaf) => {
    if (leaf instanceof Argument) return given[leaf.index];
    if (!(leaf instanceof Made)) return leaf;
    const { backend, byteLength, buffer } = (made.get(leaf.key) as Slot).storage as Holder; // as are all that are returned
    const t = tensorOn(handles.get(leaf.key) ?? { backend, byteLength, buffer: buffer as Buffer }, leaf.layout);
    handles.set(leaf.key, t);
    return t;
  });
}

function runPart(
  { held }: Pattern,
  { plan, sources, data, moves, slots, written, ended }: Again,
  p: number,
  given: readonly Tensor[],
  old: ReadonlyMap<number, Buffer>,
  made: Map<number, Slot>,
  numbers: ReadonlyMap<Data, Data>,
): void {
  const buffers: Buffer[] = [];
  const storages: TapeStorage[] = [];
  for (const source of sources) {
    if (source.from === "part") {
      const slot = made.get(source.key) as Slot; // an earlier part made it
      storages.push(slot.storage as TapeStorage); // of those that are made for later parts
      buffers.push(slot.real as Buffer);
    } else {
      const storage =
        source.from === "argument"
          ? given[source.index].storage
          : source.from === "call"
            ? (held.get(source.key) as Memory)
            : source.storage;
      storages.push(storage);
      buffers.push(source.from === "call" ? (old.get(source.key) as Buffer) : storage.buffer);
    }
  }
  const mine = slots.map(({ backend, bytes, freed }, id) => {
    const key = keyOf(p, id);
    if (freed) return new Slot(id, backend, bytes, null);
    const slot = new Slot(id, backend, bytes, held.get(key) ?? new Holder(backend, bytes));
    made.set(key, slot);
    return slot;
  });
  const now = data.map((d): Data => {
    const own = numbers.get(d);
    return own !== undefined ? own : ArrayBuffer.isView(d) ? (d as Uint8Array).slice() : d;
  });
  for (const i of written) if (sources[i].from !== "part") (storages[i] as Memory).version++;
  try {
    plan.run({ slots: mine, storages, buffers, data: now, moves });
  } finally {
    for (const slot of mine) if (slot.real === null) slot.storage?.fill(null);
    for (const i of ended) if (sources[i].from === "part") storages[i].fill(null);
  }
}
