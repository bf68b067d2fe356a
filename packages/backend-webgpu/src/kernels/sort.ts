import type { View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { load, naturalType, perWord, store } from "../wgsl/elements.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { type GpuDType, gpuDType, gpuDTypes } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";
import { keyDeclaration, keyUses, reversedKey, sortKey } from "./order.ts";

/**
 * Elements that an invocation sorts by itself, and the most that a workgroup sorts: pairs of words in 16 KiB. Software devices
 * have no use for workgroup memory: there all merging is in passes.
 */
const own = 8;
const largestTile = 2048;
/** Elements that an invocation merges in a pass over long rows. */
const merged = 16;

/** Parameter words of the first pass: the fold's width, tiles, a row's elements, tiles a row, offsets, the step along a row, then the loops. */
const words = { tiles: 1, n: 2, rowTiles: 3, values: 4, indices: 5, input: 6, step: 7 } as const;
const firstLoop = 8;

/**
 * The `sort` primitive: a stable merge sort of (key, index) pairs. Invocations sort a few elements each, workgroups merge them
 * in their memory, and passes over temporaries merge the runs of rows that are longer than that.
 */
export class SortKernel {
  readonly #engine: Engine;
  /** Elements that the first pass sorts together. */
  readonly #tile: number;
  readonly #nest = new Nest();
  readonly #views: View[] = [];
  readonly #tiles = new Map<number, Kernel>();
  readonly #picks = new Map<number, Kernel>();
  #merge: Kernel | null = null;

  constructor(engine: Engine, software: boolean = isSoftware(engine.device)) {
    this.#engine = engine;
    this.#tile = software ? own : largestTile;
  }

  run(input: View, values: View, indices: View, descending: boolean): void {
    const engine = this.#engine;
    const views = this.#views;
    views[0] = input;
    const dim = input.shape.length - 1;
    const nest = this.#nest.collapse(views, 1, dim);
    const n = dim < 0 ? 1 : input.shape[dim];
    let rows = 1;
    for (let d = 0; d < nest.rank; d++) rows *= nest.sizes[d];
    if (rows === 0 || n === 0) return;
    if (n <= this.#tile) {
      this.#first(input, values, indices, descending, rows, n, null);
      return;
    }
    const bytes = rows * n * 8;
    let from = engine.alloc(bytes);
    let to = engine.alloc(bytes);
    this.#first(input, values, indices, descending, rows, n, blockOf(from));
    for (let width = this.#tile; width < n; width *= 2) {
      this.#mergeRuns(blockOf(from), blockOf(to), rows, n, width);
      [from, to] = [to, from];
    }
    this.#pick(input, blockOf(from), values, indices, rows, n);
    engine.free(from);
    engine.free(to);
  }

  /** Sorts rows, or the tiles of rows: into the outputs, or into pairs. */
  #first(
    input: View,
    values: View,
    indices: View,
    descending: boolean,
    rows: number,
    n: number,
    pairs: Block | null,
  ): void {
    const engine = this.#engine;
    const nest = this.#nest;
    const dtype = gpuDType(input.dtype);
    const threads = 2 ** Math.ceil(Math.log2(Math.ceil(Math.min(n, this.#tile) / own)));
    const flags = (descending ? 1 : 0) + (pairs ? 2 : 0);
    const key = ((nest.rank * 16 + gpuDTypes.indexOf(dtype)) * 512 + threads) * 4 + flags;
    let kernel = this.#tiles.get(key);
    if (kernel === undefined) {
      const source = tileShader(dtype, nest.rank, threads, descending, pairs !== null);
      this.#tiles.set(key, (kernel = engine.kernel(source)));
    }
    const rowTiles = Math.ceil(n / this.#tile);
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    let bound = 0;
    if (pairs) blocks[bound++] = pairs;
    else {
      blocks[bound++] = blockOf(values.buffer);
      blocks[bound++] = blockOf(indices.buffer);
    }
    blocks[bound] = blockOf(input.buffer);
    u32[at + words.tiles] = rows * rowTiles;
    u32[at + words.n] = n;
    u32[at + words.rowTiles] = rowTiles;
    u32[at + words.values] = values.offset;
    u32[at + words.indices] = indices.offset;
    u32[at + words.input] = input.offset;
    u32[at + words.step] = input.strides[input.shape.length - 1] ?? 0;
    nest.write(u32, at + firstLoop);
    const together = Math.max(workgroup, threads) / threads;
    engine.dispatchLine(kernel, at, firstLoop + nest.words, Math.ceil((rows * rowTiles) / together));
  }

  /** Merges neighbouring runs of `width` elements in every row. */
  #mergeRuns(from: Block, to: Block, rows: number, n: number, width: number): void {
    const engine = this.#engine;
    this.#merge ??= engine.kernel(mergeShader());
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    blocks[0] = to;
    blocks[1] = from;
    const slices = Math.ceil(n / merged);
    u32[at + 1] = rows * slices;
    u32[at + 2] = n;
    u32[at + 3] = slices;
    u32[at + 4] = width;
    engine.dispatchLine(this.#merge, at, 5, Math.ceil((rows * slices) / workgroup));
  }

  /** Writes the outputs from sorted pairs. */
  #pick(input: View, pairs: Block, values: View, indices: View, rows: number, n: number): void {
    const engine = this.#engine;
    const nest = this.#nest;
    const dtype = gpuDType(input.dtype);
    const key = nest.rank * 16 + gpuDTypes.indexOf(dtype);
    let kernel = this.#picks.get(key);
    if (kernel === undefined) this.#picks.set(key, (kernel = engine.kernel(pickShader(dtype, nest.rank))));
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    blocks[0] = blockOf(values.buffer);
    blocks[1] = blockOf(indices.buffer);
    blocks[2] = blockOf(input.buffer);
    blocks[3] = pairs;
    u32[at + words.tiles] = rows * n;
    u32[at + words.n] = n;
    u32[at + words.values] = values.offset;
    u32[at + words.indices] = indices.offset;
    u32[at + words.input] = input.offset;
    u32[at + words.step] = input.strides[input.shape.length - 1] ?? 0;
    nest.write(u32, at + firstLoop);
    engine.dispatchLine(kernel, at, firstLoop + nest.words, Math.ceil((rows * n) / workgroup));
  }
}

/** Statements that write element `place` of the outputs: the input's element `index` of the row that starts at `start`. */
function writeElement(dtype: GpuDType, place: string, index: string, uses: Set<string>): string {
  const value = load({ name: "r0", atomic: false }, dtype, `(start + ${index} * ${word(words.step)})`, uses);
  const target = { name: "w0", atomic: perWord(dtype) > 1 };
  return `${store(target, dtype, `(${word(words.values)} + ${place})`, value, uses)}
    w1[${word(words.indices)} + ${place}] = ${index};`;
}
const written = (dtype: GpuDType): readonly string[] => [perWord(dtype) > 1 ? "atomic<u32>" : "u32", "u32"];

/**
 * Sorts tiles of up to `threads` * 8 elements. An invocation sorts 8 in its registers by exchanging neighbours, which is stable;
 * then pairs of runs are merged in workgroup memory, each invocation finding by bisection where its 8 results come from.
 */
function tileShader(dtype: GpuDType, loops: number, threads: number, descending: boolean, toPairs: boolean) {
  const uses = new Set(keyUses);
  const size = Math.max(workgroup, threads);
  const span = threads * own;
  const plain = sortKey(
    load({ name: "r0", atomic: false }, dtype, `(start + index * ${word(words.step)})`, uses),
    naturalType[dtype],
  );
  const key = descending ? reversedKey(plain) : plain;
  const each = (line: (k: number) => string) => Array.from({ length: own }, (_, k) => line(k)).join("\n  ");
  const exchanges: string[] = [];
  for (let round = 0; round < own; round++)
    for (let k = round % 2; k + 1 < own; k += 2)
      exchanges.push(
        `swap = key${k + 1} < key${k};
  held = vec4<i32>(key${k}, key${k + 1}, item${k}, item${k + 1});
  key${k} = select(held.x, held.y, swap); key${k + 1} = select(held.y, held.x, swap);
  item${k} = select(held.z, held.w, swap); item${k + 1} = select(held.w, held.z, swap);`,
      );
  const put = each((k) => `keys[mine + ${k}u] = key${k}; items[mine + ${k}u] = item${k};`);
  // behind the last element there is nothing smaller than what comes
  const rounds =
    threads === 1
      ? ""
      : `
  for (var width = ${own}u; width < ${span}u; width *= 2u) {
    ${put}
    workgroupBarrier();
    let inTile = mine % ${span}u;
    let base = mine - inTile % (2u * width);
    let diagonal = mine - base;
    var low = select(0u, diagonal - width, diagonal > width);
    var high = min(diagonal, width);
    while (low < high) {
      let middle = (low + high) / 2u;
      if (keys[base + width + diagonal - 1u - middle] < keys[base + middle]) { high = middle; } else { low = middle + 1u; }
    }
    var a = base + low;
    var b = base + width + diagonal - low;
    let endA = base + width;
    let endB = base + 2u * width;
    var keyA = keys[min(a, endA - 1u)];
    var keyB = keys[min(b, endB - 1u)];
    var right = false;
    ${each(
      (k) => `right = (a >= endA) | ((b < endB) & (keyB < keyA));
    key${k} = select(keyA, keyB, right);
    item${k} = items[select(a, b, right)];
    if (right) { b++; keyB = keys[min(b, endB - 1u)]; } else { a++; keyA = keys[min(a, endA - 1u)]; }`,
    )}
    workgroupBarrier();
  }`;
  const out = toPairs
    ? (k: number) =>
        `if (first + ${k}u < n) { w0[row * n + first + ${k}u] = vec2<u32>(bitcast<u32>(key${k}), bitcast<u32>(item${k})); }`
    : (k: number) => `if (first + ${k}u < n) {
    let index = bitcast<u32>(item${k});
    ${writeElement(dtype, `row * n + first + ${k}u`, "index", uses)}
  }`;
  return shader({
    label: "sort tiles",
    writes: toPairs ? ["vec2<u32>"] : written(dtype),
    reads: ["u32"],
    uses,
    workgroup: size,
    declarations: `${keyDeclaration}
${threads === 1 ? "" : `var<workgroup> keys: array<i32, ${size * own}>;\nvar<workgroup> items: array<i32, ${size * own}>;`}`,
    body: `
  let n = ${word(words.n)};
  let mine = local * ${own}u;
  let tile = group * ${size / threads}u + local / ${threads}u;
  let row = tile / ${word(words.rowTiles)};
  // elements of the row before mine; those of a tile too many are all behind the row
  let first = select((tile % ${word(words.rowTiles)}) * ${span}u + (local % ${threads}u) * ${own}u, n, tile >= ${word(words.tiles)});
  var start = ${word(words.input)};
  ${unfold(loops, ["start"], "row", firstLoop, word)}
  ${each(
    (k) => `var key${k} = 0x7fffffff;
  var item${k} = i32(first + ${k}u);
  if (first + ${k}u < n) {
    let index = first + ${k}u;
    key${k} = ${key};
  }`,
  )}
  var swap = false;
  var held = vec4<i32>();
  ${exchanges.join("\n  ")}
  ${rounds}
  ${each(out)}`,
  });
}

/** Merges runs in global memory: an invocation finds by bisection where its results come from, then takes them one by one. */
const mergeShader = () =>
  shader({
    label: "sort merge",
    writes: ["vec2<u32>"],
    reads: ["vec2<u32>"],
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  let n = ${word(2)};
  let width = ${word(4)};
  let row = (i / ${word(3)}) * n;
  let first = (i % ${word(3)}) * ${merged}u;
  let base = first / (2u * width) * (2u * width);
  let endA = min(base + width, n);
  let endB = min(base + 2u * width, n);
  let diagonal = first - base;
  let lengthA = endA - base;
  let lengthB = endB - endA;
  var low = select(0u, diagonal - lengthB, diagonal > lengthB);
  var high = min(diagonal, lengthA);
  while (low < high) {
    let middle = (low + high) / 2u;
    let left = bitcast<i32>(r0[row + base + middle].x);
    let right = bitcast<i32>(r0[row + endA + diagonal - 1u - middle].x);
    if (right < left) { high = middle; } else { low = middle + 1u; }
  }
  var a = base + low;
  var b = endA + diagonal - low;
  let last = min(first + ${merged}u, endB);
  var pairA = r0[row + min(a, n - 1u)];
  var pairB = r0[row + min(b, n - 1u)];
  for (var k = first; k < last; k++) {
    let right = (a >= endA) | ((b < endB) & (bitcast<i32>(pairB.x) < bitcast<i32>(pairA.x)));
    w0[row + k] = select(pairA, pairB, right);
    a += select(1u, 0u, right);
    b += select(0u, 1u, right);
    let next = r0[row + min(select(a, b, right), n - 1u)];
    pairA = select(next, pairA, right);
    pairB = select(pairB, next, right);
  }`,
  });

function pickShader(dtype: GpuDType, loops: number) {
  const uses = new Set<string>();
  return shader({
    label: "sort pick",
    writes: written(dtype),
    reads: ["u32", "vec2<u32>"],
    uses,
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.tiles)}) { return; }
  let row = i / ${word(words.n)};
  var start = ${word(words.input)};
  ${unfold(loops, ["start"], "row", firstLoop, word)}
  let index = r1[i].y;
  ${writeElement(dtype, "i", "index", uses)}`,
  });
}
