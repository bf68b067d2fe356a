import { allocate, type Buffer } from "@flambeau/tensor/plugin";
import { type Constant, constantAt, constantIn, type Loose } from "./constants.ts";
import { fuse } from "./fuse.ts";
import {
  type Data,
  type Ending,
  type EndingData,
  eachWritten,
  type Instruction,
  type Moves,
  offsetIn,
  perform,
  type Ref,
  type Seen,
} from "./instruction.ts";
import { type Frame, frame, give, late, runInOrder, type Segment, takeBack } from "./run.ts";
import { ENDS, type Node } from "./tree.ts";
import { sameWindow, type Work } from "./uses.ts";

/** A call of a plan, ready to be made: its windows get their memory, and it its numbers, from the run. */
export class Step {
  readonly work: Work;
  private readonly reads: Frame[];
  private readonly writes: Frame[];
  private readonly readPlaces: readonly number[];
  private readonly writePlaces: readonly number[];
  /** Of a call with data of its own: which. Of a program of several calls -1: its numbers are put together. */
  private readonly data: number;
  private readonly params: number[];
  private readonly ending: EndingData | null;
  private readonly moves: boolean;

  constructor(work: Work, placeOf: (ref: Ref) => number) {
    const { instruction, node, params } = work;
    const framed = (seen: readonly Seen[]) => seen.map((s) => frame(s, nowhere, s.offset));
    const places = (seen: readonly Seen[]) => seen.map(({ ref }) => placeOf(ref));
    this.work = work;
    this.reads = framed(instruction.reads);
    this.writes = framed(instruction.writes);
    this.readPlaces = places(instruction.reads);
    this.writePlaces = places(instruction.writes);
    const isJoined = instruction !== node.instruction && (params.length > 0 || instruction.kind === "epilogue");
    const hasData = node.dataCount > (node.parent?.dataCount ?? 0);
    this.data = hasData && !isJoined ? node.dataCount - 1 : -1;
    this.params = params.map(() => 0);
    this.moves = [...instruction.reads, ...instruction.writes].some(({ moving }) => moving !== null);
    this.ending = instruction.kind === "epilogue" ? { attrs: noAttrs, params: this.params } : null;
  }

  run(places: readonly Buffer[], data: readonly Data[], moves: Moves): void {
    const { reads, writes, readPlaces, writePlaces, params } = this;
    if (this.moves) this.move(moves);
    for (let i = 0; i < reads.length; i++) reads[i].buffer = places[readPlaces[i]];
    for (let i = 0; i < writes.length; i++) writes[i].buffer = places[writePlaces[i]];
    if (this.data >= 0) {
      perform(this.work.instruction, reads, writes, data[this.data]);
      return;
    }
    const from = this.work.params;
    for (let i = 0; i < params.length; i++) params[i] = (data[from[i].data] as readonly number[])[from[i].index];
    if (this.ending !== null && this.work.attrs >= 0) this.ending.attrs = data[this.work.attrs] as object;
    perform(this.work.instruction, reads, writes, this.ending ?? params);
  }

  private move(moves: Moves): void {
    const { reads, writes } = this.work.instruction;
    for (let i = 0; i < reads.length; i++) this.reads[i].offset = offsetIn(reads[i], moves);
    for (let i = 0; i < writes.length; i++) this.writes[i].offset = offsetIn(writes[i], moves);
  }
}
const nowhere: Buffer = {};
const noAttrs = {};

/** Memory that a plan asks for at once. */
interface Place {
  readonly backend: Instruction["backend"];
  readonly bytes: number;
  /** The promised memory that becomes this; {@link OWN} for what the plan gives back itself, {@link SHARED} for what it only looks at. */
  readonly slot: number;
}
const OWN = -1;
const SHARED = -2;

/** What a tape does, with fewer kernels and in less memory: made once for all runs of that tape. */
export class Plan {
  readonly path: readonly Node[];
  readonly steps: readonly Step[];
  /** Behind the memory from before, in places by number. */
  readonly places: readonly Place[];
  readonly kernels: number;
  /** What it holds at once. */
  readonly bytes: number;
  /** Memory from before that the tape gives back: what no step uses goes first. */
  private readonly freedFirst: readonly number[] = [];
  private readonly freedLast: readonly number[] = [];
  private readonly before: number;
  private readonly constants: readonly Constant[];

  constructor(path: readonly Node[], { slots, buffers: { length: before } }: Pick<Segment, "slots" | "buffers">) {
    this.path = path;
    this.before = before;
    const sizes = new Map<Ref, number>();
    const dead = new Map<Ref, number>();
    const freed: number[] = [];
    const backends = new Map<Ref, Instruction["backend"]>();
    const works: Work[] = [];
    path.forEach((node, at) => {
      const { memory } = node;
      for (let i = 0; i < memory.length; i += 3) {
        const [ref, bytes] = [memory[i], memory[i + 1]];
        if (bytes !== ENDS) {
          sizes.set(ref, bytes);
          backends.set(ref, slots[ref].backend);
        } else if (ref < 0) freed.push(-1 - ref);
        else dead.set(ref, sizes.get(ref) as number); // it was made on this tape
      }
      const instruction = node.instruction as Instruction; // all but the root's
      const { kind, what } = instruction;
      if (kind === "memory") return;
      const count = kind === "map" || kind === "reduce" ? (what as { readonly params: number }).params : 0;
      const params = Array.from({ length: count }, (_, index) => ({ data: node.dataCount - 1, index }));
      works.push({ node, at, instruction, params, attrs: -1, calls: 1 });
    });
    const { left: planned, constants } = fuse(works, dead);
    this.kernels = planned.filter(({ instruction: { kind } }) => kind !== "check" && kind !== "write").length;

    const { places, placeOf } = layOut(planned, constants, sizes, dead, backends, before);
    this.constants = constants.map((work) => constantAt(work, placeOf(work.instruction.writes[0].ref)));
    this.places = places;
    this.bytes = places.reduce((total, { bytes }) => total + bytes, 0);
    this.steps = planned.map((work) => new Step(work, placeOf));
    const used = new Set<Ref>();
    for (const { instruction } of planned)
      for (const { ref } of [...instruction.reads, ...instruction.writes]) used.add(ref);
    this.freedFirst = freed.filter((i) => !used.has(-1 - i));
    this.freedLast = freed.filter((i) => used.has(-1 - i));
  }

  run(segment: Segment): void {
    const { slots, storages, buffers, data, moves } = segment;
    const places = buffers.slice();
    const loose: Loose[] = [];
    if (!this.reserve(places, segment, loose)) {
      runInOrder(this.path, segment);
      return;
    }
    for (const i of this.freedFirst) storages[i].backend.free(buffers[i]);
    const { steps } = this;
    let i = 0;
    try {
      for (; i < steps.length; i++) steps[i].run(places, data, moves);
    } catch (error) {
      const written = new Set<Ref>();
      for (let k = 0; k < i; k++) eachWritten(steps[k].work.instruction, (ref) => written.add(ref));
      takeBack(slots, written);
      throw late(error, steps[i].work.node);
    } finally {
      for (let p = 0; p < this.places.length; p++)
        if (this.places[p].slot === OWN) this.places[p].backend.free(places[this.before + p]);
      for (const f of this.freedLast) storages[f].backend.free(buffers[f]);
      for (const { backend, buffer } of loose) backend.free(buffer);
    }
  }

  /** Has all memory before anything runs. False when that cannot be had: nothing is held then. */
  private reserve(places: Buffer[], { slots, data }: Segment, loose: Loose[]): boolean {
    const { before } = this;
    try {
      for (const { backend, bytes, slot } of this.places)
        places.push(slot === SHARED ? nowhere : allocate(backend, bytes));
      for (const constant of this.constants) places[constant.place] = constantIn(data, constant, loose);
    } catch {
      // whatever it is, it comes again where the call stands that asks for it
      for (let p = before; p < places.length; p++)
        if (this.places[p - before].slot !== SHARED) this.places[p - before].backend.free(places[p]);
      for (const { backend, buffer } of loose) backend.free(buffer);
      places.length = before;
      return false;
    }
    for (let p = 0; p < this.places.length; p++)
      if (this.places[p].slot >= 0) give(slots[this.places[p].slot], places[before + p]);
    return true;
  }
}

/** What the program behind a kernel reads for the last time, in the very window of its result: the result may lie there. */
function overwritten({ instruction }: Work, isLast: (ref: Ref) => boolean): Ref | null {
  const { kind, what, reads, writes } = instruction;
  if (kind !== "epilogue") return null;
  const { inputs } = what as Ending;
  const [out] = writes;
  for (let i = inputs; i < reads.length; i++) {
    const { ref } = reads[i];
    if (reads[i].dtype !== out.dtype || !isLast(ref) || !sameWindow({ ...reads[i], ref: out.ref }, out)) continue;
    if (reads.every((read, k) => k === i || read.ref !== ref) && writes.every((write) => write.ref !== ref)) return ref;
  }
  return null;
}

/** Memory for what is still made: what nobody sees afterwards shares some, one after the other. */
function layOut(
  works: readonly Work[],
  constants: readonly Work[],
  sizes: ReadonlyMap<Ref, number>,
  dead: ReadonlyMap<Ref, number>,
  backends: ReadonlyMap<Ref, Instruction["backend"]>,
  before: number,
): { places: Place[]; placeOf: (ref: Ref) => number } {
  const places: { backend: Instruction["backend"]; bytes: number; slot: number }[] = [];
  const placeAt = new Map<Ref, number>();
  for (const [ref, bytes] of sizes)
    if (!dead.has(ref))
      placeAt.set(ref, places.push({ backend: backends.get(ref) as Instruction["backend"], bytes, slot: ref }) - 1);
  for (const { instruction } of constants)
    placeAt.set(instruction.writes[0].ref, places.push({ backend: instruction.backend, bytes: 0, slot: SHARED }) - 1);
  const lastUse = new Map<Ref, number>();
  const touched = ({ instruction: { reads, writes } }: Work): Ref[] => [...reads, ...writes].map(({ ref }) => ref);
  works.forEach((work, i) => {
    for (const ref of touched(work)) lastUse.set(ref, i);
  });
  const spare: number[] = [];
  const isLast = (ref: Ref, i: number): boolean => {
    const place = placeAt.get(ref);
    return place !== undefined && dead.has(ref) && lastUse.get(ref) === i && places[place].slot === OWN;
  };
  works.forEach((work, i) => {
    const refs = new Set(touched(work));
    const over = overwritten(work, (ref) => isLast(ref, i));
    const [result] = work.instruction.writes;
    if (over !== null && !placeAt.has(result.ref) && dead.has(result.ref)) {
      const place = placeAt.get(over) as number; // isLast has seen it
      places[place].bytes = Math.max(places[place].bytes, dead.get(result.ref) as number);
      placeAt.set(result.ref, place);
      refs.delete(over); // the place is taken on
    }
    for (const ref of refs) {
      if (ref < 0 || placeAt.has(ref)) continue;
      const bytes = dead.get(ref) as number; // else it has a place of its own
      const backend = backends.get(ref) as Instruction["backend"];
      // the closest fit; a larger need makes a smaller place grow
      let best = -1;
      for (const p of spare) {
        if (places[p].backend !== backend) continue;
        if (best < 0 || Math.abs(places[p].bytes - bytes) < Math.abs(places[best].bytes - bytes)) best = p;
      }
      if (best >= 0) {
        spare.splice(spare.indexOf(best), 1);
        places[best].bytes = Math.max(places[best].bytes, bytes);
      } else best = places.push({ backend, bytes, slot: OWN }) - 1;
      placeAt.set(ref, best);
    }
    for (const ref of refs) if (isLast(ref, i)) spare.push(placeAt.get(ref) as number);
  });
  return { places, placeOf: (ref) => (ref < 0 ? -1 - ref : before + (placeAt.get(ref) as number)) };
}
