import type { ScatterMode, View } from "@flambeau/tensor/plugin";
import { sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { load, type Slot, store } from "../wgsl/elements.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { bytesIn, type GpuDType, gpuDType, gpuDTypes } from "../wgsl/types.ts";
import { combined, scatterModes } from "./combine.ts";
import { Nest, unfold } from "./nest.ts";
import { ScatterEntries } from "./scatter-entries.ts";
import { Window } from "./window.ts";

/** A line so short that one invocation may walk it, and a number of lines that keeps a GPU busy however long they are. */
const shortLine = 64;
const manyLines = 8192;

/** Parameter words: the fold's width, invocations, a line's length, the target's size and stride along the dim, offsets, loops. */
const words = {
  n: 1,
  length: 2,
  size: 3,
  stride: 4,
  indexStep: 5,
  sourceStep: 6,
  target: 7,
  index: 8,
  source: 9,
  loops: 10,
} as const;

/** Which of index and source lie in the target's buffer, as bits. They are then read through its binding. */
const INDEX_SHARED = 1;
const SOURCE_SHARED = 2;

/**
 * The `scatter` primitive, without a race in any mode. Elements that meet lie on one line along `dim`: an invocation a line
 * combines them in order. Where that would leave few invocations long walks, integers are combined by atomics, whose result
 * knows no order, and the rest goes by its entries (see {@link ScatterEntries}).
 */
export class ScatterKernel {
  readonly #engine: Engine;
  readonly #entries: ScatterEntries;
  readonly #nest = new Nest();
  readonly #target = new Window();
  readonly #views: View[] = [];
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#entries = new ScatterEntries(engine);
  }

  run(mode: ScatterMode, target: View, index: View, source: View, dim: number): void {
    const n = sizeOf(index.shape);
    if (n === 0) return;
    const length = index.shape[dim] ?? 1;
    const dtype = gpuDType(target.dtype);
    this.#engine.indexSize = target.shape[dim] ?? 1;
    try {
      if (length <= shortLine || n / length >= manyLines)
        this.#walk(mode, dtype, target, index, source, dim, n / length);
      else if (dtype === "int32" && mode !== "set" && mode !== "mul")
        this.#walk(mode, dtype, target, index, source, -1, n, dim);
      else this.#entries.run(mode, dtype, target, index, source, dim);
    } finally {
      this.#engine.indexSize = -1;
    }
  }

  /** One invocation for each coordinate outside of `along`, which walks along it; -1 stands for none, with atomics. */
  #walk(
    mode: ScatterMode,
    dtype: GpuDType,
    target: View,
    index: View,
    source: View,
    along: number,
    n: number,
    dim = along,
  ): void {
    const engine = this.#engine;
    const nest = this.#nest;
    const views = this.#views;
    views[0] = index;
    views[1] = this.#target.still(target, index, dim);
    views[2] = source;
    nest.collapse(views, 3, along);

    const at = engine.begin(512);
    const { u32, i32 } = engine;
    const shared = bind(engine, target, index, source);
    const atomic = along < 0;
    const key =
      (((nest.rank * 2 + Number(atomic)) * 4 + shared) * 8 + gpuDTypes.indexOf(dtype)) * 8 + scatterModes.indexOf(mode);
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const source = atomic ? atomicShader(mode, nest.rank, shared) : lineShader(mode, dtype, nest.rank, shared);
      this.#kernels.set(key, (kernel = engine.kernel(source)));
    }
    u32[at + words.n] = n;
    u32[at + words.length] = atomic ? 1 : (index.shape[dim] ?? 1);
    u32[at + words.size] = target.shape[dim] ?? 1;
    i32[at + words.stride] = target.strides[dim] ?? 0;
    i32[at + words.indexStep] = index.strides[dim] ?? 0;
    i32[at + words.sourceStep] = source.strides[dim] ?? 0;
    u32[at + words.target] = target.offset;
    u32[at + words.index] = index.offset;
    u32[at + words.source] = source.offset;
    nest.write(u32, at + words.loops);
    engine.dispatchLine(kernel, at, words.loops + nest.words, Math.ceil(n / workgroup));
  }
}

/** Binds the target, and index and source where they are not in its buffer. Gives the bits of those that are. */
function bind({ blocks }: Engine, target: View, index: View, source: View): number {
  const [home, indices, values] = [blockOf(target.buffer), blockOf(index.buffer), blockOf(source.buffer)];
  let bound = 0;
  blocks[bound++] = home;
  if (indices !== home) blocks[bound++] = indices;
  if (values !== home) blocks[bound++] = values;
  return (indices === home ? INDEX_SHARED : 0) | (values === home ? SOURCE_SHARED : 0);
}

/** The slots of index and source, and how many are bound apart from the target. */
function slotsOf(shared: number, target: Slot): { index: Slot; source: Slot; reads: string[] } {
  const reads: string[] = [];
  const slot = (bit: number): Slot => {
    if (shared & bit) return target;
    reads.push("u32");
    return { name: `r${reads.length - 1}`, atomic: false };
  };
  return { index: slot(INDEX_SHARED), source: slot(SOURCE_SHARED), reads };
}

const wordOf = ({ name, atomic }: Slot, at: string): string =>
  atomic ? `atomicLoad(&${name}[${at}])` : `${name}[${at}]`;

const start = (rank: number): string => `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.n)}) { return; }
  var at = ${word(words.index)};
  var line = ${word(words.target)};
  var origin = ${word(words.source)};
  ${unfold(rank, ["at", "line", "origin"], "i", words.loops, word)}
  let last = ${word(words.size)} - 1u;
  let stride = ${word(words.stride)};`;

function lineShader(mode: ScatterMode, dtype: GpuDType, rank: number, shared: number) {
  const uses = new Set<string>();
  const target: Slot = { name: "w0", atomic: bytesIn[dtype] < 4 };
  const { index, source, reads } = slotsOf(shared, target);
  const value = load(source, dtype, "origin", uses);
  const next = mode === "set" ? value : combined(mode, dtype, load(target, dtype, "to", uses), value, uses);
  return shader({
    label: `scatter ${mode}`,
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads,
    uses,
    body: `${start(rank)}
  for (var k = 0u; k < ${word(words.length)}; k++) {
    let to = line + min(${wordOf(index, "at")}, last) * stride;
    let next = ${next};
    ${store(target, dtype, "to", "next", uses)}
    at += ${word(words.indexStep)};
    origin += ${word(words.sourceStep)};
  }`,
  });
}

const atomics: { readonly [mode: string]: string } = { add: "atomicAdd", max: "atomicMax", min: "atomicMin" };

/** int32 alone: sums that wrap, maxima and minima are the same in any order. */
function atomicShader(mode: ScatterMode, rank: number, shared: number) {
  const target: Slot = { name: "w0", atomic: true };
  const { index, source, reads } = slotsOf(shared, target);
  const position = wordOf(index, "at");
  return shader({
    label: `scatter ${mode}`,
    writes: ["atomic<i32>"],
    reads,
    body: `${start(rank)}
  let to = line + min(bitcast<u32>(${position}), last) * stride;
  ${atomics[mode]}(&w0[to], bitcast<i32>(${wordOf(source, "origin")}));`,
  });
}
