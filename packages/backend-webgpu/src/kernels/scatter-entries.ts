import type { ScatterMode, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel, KernelSource } from "../engine/kernel.ts";
import { blockOf, type DeviceBuffer } from "../engine/memory.ts";
import { load, type Slot, store } from "../wgsl/elements.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { bytesIn, type GpuDType, gpuDTypes } from "../wgsl/types.ts";
import { combined, rounded, scatterModes } from "./combine.ts";
import { Nest, unfold } from "./nest.ts";
import { RadixSort } from "./radix.ts";

/** Which of index and source lie in the target's buffer, as bits. They are then read through its binding. */
const INDEX_SHARED = 1;
const SOURCE_SHARED = 2;

/** Parameter words: the fold's width, invocations, columns, entries, the target's size and stride along the dim, offsets, loops. */
const words = { n: 1, columns: 2, entries: 3, size: 4, stride: 5, target: 6, index: 7, source: 8, loops: 9 } as const;
/** Views of the loops over entries: the index, the entry's key, the target standing still along the dim, the source. */
const entryViews = 4;

/** A part of a view's dimensions, as loops. */
const part = (shape: readonly number[], strides: readonly number[], dims: readonly number[]): View => ({
  buffer: {},
  dtype: "int32",
  offset: 0,
  shape: dims.map((d) => shape[d]),
  strides: dims.map((d) => strides[d]),
});

const KEYS = 0;
const CLEAR = 1;
const MARK = 2;
const PUT = 3;
const RUNS = 4;
type Kind = typeof KEYS | typeof CLEAR | typeof MARK | typeof PUT | typeof RUNS;

/**
 * Scattering along few long lines. The dimensions that the index is broadcast along are columns, the rest make its entries; an
 * entry's key is the place it points to: its line, and the position along `dim`. What has the same key meets in the target.
 * - set: the last entry of a key is found by an atomic maximum; it alone writes.
 * - add, mul, max, min: entries are sorted by key, stably; the first of each run combines the run, in order.
 */
export class ScatterEntries {
  readonly #engine: Engine;
  readonly #sort: RadixSort;
  readonly #loops = new Nest();
  readonly #columns = new Nest();
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#sort = new RadixSort(engine);
  }

  run(mode: ScatterMode, dtype: GpuDType, target: View, index: View, source: View, dim: number): void {
    const { shape } = index;
    const rows: number[] = [];
    const across: number[] = [];
    for (let d = 0; d < shape.length; d++) (d === dim || index.strides[d] !== 0 ? rows : across).push(d);
    const size = target.shape[dim];
    // keys number the lines, too
    let keys = size;
    const lines = shape.map(() => 0);
    for (const d of [...rows].reverse()) {
      if (d === dim) continue;
      lines[d] = keys;
      keys *= shape[d];
    }
    const still = target.strides.map((s, d) => (d === dim ? 0 : s));
    this.#loops.collapse(
      [index.strides, lines, still, source.strides].map((strides) => part(shape, strides, rows)),
      entryViews,
    );
    this.#columns.collapse([part(shape, target.strides, across), part(shape, source.strides, across)], 2);
    const entries = rows.reduce((n, d) => n * shape[d], 1);
    const columns = across.reduce((n, d) => n * shape[d], 1);

    const call = (kind: Kind, bound: number, n: number, own: DeviceBuffer | null) =>
      this.#dispatch(kind, mode, dtype, target, index, source, dim, bound, n, columns, entries, own);
    const engine = this.#engine;
    const { blocks } = engine;
    if (mode === "set") {
      const winners = engine.alloc(4 * keys);
      try {
        call(CLEAR, 1, entries, winners);
        call(MARK, 1, entries, winners);
        blocks[1] = blockOf(winners);
        call(PUT, 2, entries * columns, null);
      } finally {
        engine.free(winners);
      }
      return;
    }
    const unsorted = engine.alloc(4 * entries);
    try {
      call(KEYS, 1, entries, unsorted);
    } catch (error) {
      engine.free(unsorted);
      throw error;
    }
    const sorted = this.#sort.run(unsorted, entries, keys);
    try {
      blocks[1] = blockOf(sorted.keys);
      blocks[2] = blockOf(sorted.positions);
      call(RUNS, 3, entries * columns, null);
    } finally {
      engine.free(sorted.keys);
      engine.free(sorted.positions);
    }
  }

  /** Runs one kernel over `n`: on the table `own` and the index; or on the target, the blocks bound so far, index and source. */
  #dispatch(
    kind: Kind,
    mode: ScatterMode,
    dtype: GpuDType,
    target: View,
    index: View,
    source: View,
    dim: number,
    bound: number,
    n: number,
    columns: number,
    entries: number,
    own: DeviceBuffer | null,
  ): void {
    const engine = this.#engine;
    const loops = this.#loops;
    const at = engine.begin(512);
    const { blocks, u32, i32 } = engine;
    let shared = 0;
    if (own !== null) {
      blocks[0] = blockOf(own);
      blocks[1] = blockOf(index.buffer);
    } else {
      const home = blockOf(target.buffer);
      const [indices, values] = [blockOf(index.buffer), blockOf(source.buffer)];
      blocks[0] = home;
      if (kind === PUT && indices === home) shared |= INDEX_SHARED;
      else if (kind === PUT) blocks[bound++] = indices;
      if (values === home) shared |= SOURCE_SHARED;
      else blocks[bound++] = values;
    }
    const shape = (loops.rank * 8 + this.#columns.rank) * 8 + kind;
    const key = ((shape * 4 + shared) * 8 + gpuDTypes.indexOf(dtype)) * 8 + scatterModes.indexOf(mode);
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const made = own
        ? tableShader(kind, loops.rank)
        : kind === PUT
          ? putShader(dtype, loops.rank, this.#columns.rank, shared)
          : runsShader(mode, dtype, loops.rank, this.#columns.rank, shared);
      this.#kernels.set(key, (kernel = engine.kernel(made)));
    }
    u32[at + words.n] = n;
    u32[at + words.columns] = columns;
    u32[at + words.entries] = entries;
    u32[at + words.size] = target.shape[dim];
    i32[at + words.stride] = target.strides[dim];
    u32[at + words.target] = target.offset;
    u32[at + words.index] = index.offset;
    u32[at + words.source] = source.offset;
    loops.write(u32, at + words.loops);
    this.#columns.write(u32, at + words.loops + loops.words);
    const all = words.loops + loops.words + this.#columns.words;
    engine.dispatchLine(kernel, at, all, Math.ceil(n / workgroup));
  }
}

/** Sets the entry's places to their offsets, then moves them to entry `e`. */
const entry = (rank: number, e: string): string => `
    at = ${word(words.index)};
    line = 0u;
    home = ${word(words.target)};
    origin = ${word(words.source)};
    ${unfold(rank, ["at", "line", "home", "origin"], e, words.loops, word)}`;
const start = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.n)}) { return; }
  var at = 0u;
  var line = 0u;
  var home = 0u;
  var origin = 0u;`;
const acrossColumns = (rank: number, columnRank: number): string => `
  var to = home + along * ${word(words.stride)};
  var side = 0u;
  ${unfold(columnRank, ["to", "side"], `(i % ${word(words.columns)})`, words.loops + rank * (1 + entryViews), word, "column")}`;
const along = (position: string): string => `let along = min(${position}, ${word(words.size)} - 1u);`;

/** Kernels on the keys alone: their list, or the table of the last entry of each. */
function tableShader(kind: Kind, rank: number): KernelSource {
  const table = kind === KEYS ? "u32" : "atomic<u32>";
  const act =
    kind === KEYS
      ? "w0[i] = line + along;"
      : kind === CLEAR
        ? "atomicStore(&w0[line + along], 0u);"
        : "atomicMax(&w0[line + along], i + 1u);";
  return shader({
    label: "scatter keys",
    writes: [table],
    reads: ["u32"],
    body: `${start}
  ${entry(rank, "i")}
  ${along("r0[at]")}
  ${act}`,
  });
}

function putShader(dtype: GpuDType, rank: number, columnRank: number, shared: number): KernelSource {
  const uses = new Set<string>();
  const target: Slot = { name: "w0", atomic: bytesIn[dtype] < 4 };
  const reads = ["u32"]; // the table of the last entries
  const slot = (bit: number): Slot => {
    if (shared & bit) return target;
    reads.push("u32");
    return { name: `r${reads.length - 1}`, atomic: false };
  };
  const index = slot(INDEX_SHARED);
  const source = slot(SOURCE_SHARED);
  const position = index.atomic ? "atomicLoad(&w0[at])" : `${index.name}[at]`;
  return shader({
    label: "scatter set",
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads,
    uses,
    body: `${start}
  let e = i / ${word(words.columns)};
  ${entry(rank, "e")}
  ${along(position)}
  if (r0[line + along] != e + 1u) { return; }
  ${acrossColumns(rank, columnRank)}
  let value = ${load(source, dtype, "origin + side", uses)};
  ${store(target, dtype, "to", "value", uses)}`,
  });
}

function runsShader(
  mode: ScatterMode,
  dtype: GpuDType,
  rank: number,
  columnRank: number,
  shared: number,
): KernelSource {
  const uses = new Set<string>();
  const target: Slot = { name: "w0", atomic: bytesIn[dtype] < 4 };
  const reads = ["u32", "u32"]; // sorted keys, and the entries they belong to
  if (!(shared & SOURCE_SHARED)) reads.push("u32");
  const source: Slot = shared & SOURCE_SHARED ? target : { name: "r2", atomic: false };
  const before = load(target, dtype, "to", uses);
  const next = rounded(dtype, combined(mode, dtype, "all", load(source, dtype, "origin + side", uses), uses), uses);
  return shader({
    label: `scatter ${mode} of runs`,
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads,
    uses,
    body: `${start}
  let first = i / ${word(words.columns)};
  let key = r0[first];
  if (first > 0u) {
    if (r0[first - 1u] == key) { return; }
  }
  {
    ${entry(rank, "r1[first]")}
  }
  let along = key % ${word(words.size)};
  ${acrossColumns(rank, columnRank)}
  let entries = ${word(words.entries)};
  var all = ${before};
  for (var k = first; k < entries; k++) {
    if (r0[k] != key) { break; }
    ${entry(rank, "r1[k]")}
    all = ${next};
  }
  ${store(target, dtype, "to", "all", uses)}`,
  });
}
