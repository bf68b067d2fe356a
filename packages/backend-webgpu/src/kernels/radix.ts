import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf, type DeviceBuffer } from "../engine/memory.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";

/** Bits of a digit, and its values. */
const digitBits = 4;
const radix = 1 << digitBits;
/** Chunks that an input is cut into at most, and elements in one at least. */
const mostChunks = 8192;
const smallestChunk = 16;
/** Invocations that add up the counts. */
const scanners = 256;

/** Keys with the positions they came from, in pooled memory. */
export interface Sorted {
  readonly keys: DeviceBuffer;
  readonly positions: DeviceBuffer;
}

/** Parameter words: the fold's width, elements, elements in a chunk, chunks, the digit's first bit. */
const words = { n: 1, chunk: 2, chunks: 3, shift: 4, all: 5 } as const;

/**
 * A stable radix sort of u32 keys, with the position each came from. An invocation counts the digits of a chunk of consecutive
 * elements, the counts are summed digit by digit, and the invocation that counted a chunk places it, in order. Nothing depends on
 * which invocation is first, and no step needs atomics.
 */
export class RadixSort {
  readonly #engine: Engine;
  readonly #count: Kernel;
  readonly #scan: Kernel;
  readonly #place: Kernel;
  readonly #placeFirst: Kernel;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#count = engine.kernel(countShader());
    this.#scan = engine.kernel(scanShader());
    this.#place = engine.kernel(placeShader(false));
    this.#placeFirst = engine.kernel(placeShader(true));
  }

  /** Sorts `n` keys below `bound`. Takes `keys` over: it is freed, or part of what is returned. */
  run(keys: DeviceBuffer, n: number, bound: number): Sorted {
    const engine = this.#engine;
    const held: DeviceBuffer[] = [keys];
    const temporary = (): DeviceBuffer => {
      const made = engine.alloc(4 * n);
      held.push(made);
      return made;
    };
    try {
      const chunk = Math.max(smallestChunk, Math.ceil(n / mostChunks));
      const chunks = Math.ceil(n / chunk);
      const counts = engine.alloc(4 * radix * chunks);
      held.push(counts);
      // the first pass reads no positions: they are the elements' own
      let from: Sorted = { keys, positions: bound > radix ? temporary() : keys };
      let to: Sorted = { keys: temporary(), positions: temporary() };
      for (let shift = 0; shift === 0 || 2 ** shift < bound; shift += digitBits) {
        this.#pass(from, to, counts, n, chunk, chunks, shift);
        [from, to] = [to, from];
      }
      for (const buffer of held) if (buffer !== from.keys && buffer !== from.positions) engine.free(buffer);
      return from;
    } catch (error) {
      for (const buffer of held) engine.free(buffer);
      throw error;
    }
  }

  #pass(from: Sorted, to: Sorted, counts: DeviceBuffer, n: number, chunk: number, chunks: number, shift: number): void {
    const engine = this.#engine;
    const { blocks } = engine;
    const groups = Math.ceil(chunks / workgroup);
    let at = this.#parameters(n, chunk, chunks, shift);
    blocks[0] = blockOf(counts);
    blocks[1] = blockOf(from.keys);
    engine.dispatchLine(this.#count, at, words.all, groups);

    at = this.#parameters(n, chunk, chunks, shift);
    blocks[0] = blockOf(counts);
    engine.dispatchLine(this.#scan, at, words.all, 1);

    at = this.#parameters(n, chunk, chunks, shift);
    blocks[0] = blockOf(to.keys);
    blocks[1] = blockOf(to.positions);
    blocks[2] = blockOf(from.keys);
    blocks[3] = blockOf(counts);
    if (shift > 0) blocks[4] = blockOf(from.positions);
    engine.dispatchLine(shift === 0 ? this.#placeFirst : this.#place, at, words.all, groups);
  }

  #parameters(n: number, chunk: number, chunks: number, shift: number): number {
    const engine = this.#engine;
    const at = engine.begin(words.all);
    const { u32 } = engine;
    u32[at + words.n] = n;
    u32[at + words.chunk] = chunk;
    u32[at + words.chunks] = chunks;
    u32[at + words.shift] = shift;
    return at;
  }
}

/** What both walks over a chunk begin with. */
const walk = `
  let chunk = group * ${workgroup}u + local;
  let chunks = ${word(words.chunks)};
  if (chunk >= chunks) { return; }
  let first = chunk * ${word(words.chunk)};
  let end = min(first + ${word(words.chunk)}, ${word(words.n)});
  let shift = ${word(words.shift)};
  var counts: array<u32, ${radix}>;`;

const countShader = () =>
  shader({
    label: "radix count",
    writes: ["u32"],
    reads: ["u32"],
    body: `${walk}
  for (var e = first; e < end; e++) { counts[(r0[e] >> shift) & ${radix - 1}u]++; }
  for (var d = 0u; d < ${radix}u; d++) { w0[d * chunks + chunk] = counts[d]; }`,
  });

/** Each count becomes the sum of those before it, by one workgroup: its invocations share the table in equal parts. */
const scanShader = () =>
  shader({
    label: "radix scan",
    writes: ["u32"],
    reads: [],
    workgroup: scanners,
    declarations: `var<workgroup> totals: array<u32, ${scanners}>;`,
    body: `
  let n = ${word(words.chunks)} * ${radix}u;
  let part = (n + ${scanners - 1}u) / ${scanners}u;
  let first = min(local * part, n);
  let end = min(first + part, n);
  var total = 0u;
  for (var i = first; i < end; i++) { total += w0[i]; }
  totals[local] = total;
  workgroupBarrier();
  if (local == 0u) {
    var sum = 0u;
    for (var k = 0u; k < ${scanners}u; k++) {
      let own = totals[k];
      totals[k] = sum;
      sum += own;
    }
  }
  workgroupBarrier();
  var sum = totals[local];
  for (var i = first; i < end; i++) {
    let own = w0[i];
    w0[i] = sum;
    sum += own;
  }`,
  });

const placeShader = (first: boolean) =>
  shader({
    label: "radix place",
    writes: ["u32", "u32"],
    reads: first ? ["u32", "u32"] : ["u32", "u32", "u32"],
    body: `${walk}
  for (var d = 0u; d < ${radix}u; d++) { counts[d] = r1[d * chunks + chunk]; }
  for (var e = first; e < end; e++) {
    let key = r0[e];
    let d = (key >> shift) & ${radix - 1}u;
    let to = counts[d];
    counts[d] = to + 1u;
    w0[to] = key;
    w1[to] = ${first ? "e" : "r2[e]"};
  }`,
  });
