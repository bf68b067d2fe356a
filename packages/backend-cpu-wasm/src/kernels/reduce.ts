import type { DType } from "@flambeau/tensor";
import {
  bytesOf,
  contiguousStrides,
  type Program,
  type ReduceKind,
  scalarType,
  type View,
} from "@flambeau/tensor/plugin";
import { addressOf, type CpuBuffer } from "../buffer.ts";
import { neutral } from "../emit/combine.ts";
import type { Target } from "../emit/kernel.ts";
import { compileReduce, type ReduceVariant, reduceLayout, reduceViews, roundOf } from "../emit/reduce.ts";
import { fillsLanes } from "../emit/vector.ts";
import { viewBytes } from "../emit/views.ts";
import { grainOf } from "../engine/blocks.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { withWorkspace } from "../engine/workspace.ts";
import { Conversions } from "./conversions.ts";
import { elementsOf } from "./elements.ts";
import { accessOf, checkArguments, LoopNest, variantKey, writeParams } from "./loop-nest.ts";

/** What is known of a program as a reduction's operand. */
interface CompiledReduce {
  readonly views: number;
  readonly bytes: readonly number[];
  readonly usesIndex: boolean;
  /** Whether it is computed in float32, and how many elements go at a time. */
  readonly float32: boolean;
  /** Whether the native kernel can sum it: it is an input of float32 as it is. */
  readonly native: boolean;
  readonly lanes: 1 | 4;
  readonly variants: Map<number | string, KernelId>;
}

const kinds: readonly ReduceKind[] = ["sum", "prod", "max", "min", "any", "all"];

/** How sums of float32 are cut into blocks, by `blocksOf`. */
const blockForms: readonly Pick<ReduceVariant, "blocks" | "wide">[] = [
  { blocks: "none", wide: false },
  { blocks: "within", wide: false },
  { blocks: "within", wide: true },
  { blocks: "across", wide: false },
  { blocks: "across", wide: true },
];
/** Additions to one float32 accumulator before its sum moves on. Of equal numbers, the worst case, 48 lose 7.5e-7 of the sum, 64 9.8e-7. */
const additions = 48;
/** So many of these sums, as a chunk has, can be added in float32 too: together they lose 9.2e-7. */
const few = 22;

/** Fixed, whatever the number of threads: elements of a row, and rows under a column, that one partial result covers. */
const rowChunk = 16384;
const columnChunk = 1024;
const threadingElements = 32768;

const isCopy = ({ nodes, inputs, output }: Program): boolean =>
  nodes.length === 1 && nodes[0].op === "input" && inputs[0] === "float32" && output === "float32";
/** Values in a row, and outputs side by side, from which on the native sum is worth its beginning. */
const nativeRow = 256;
const nativeColumns = 32;

/** The `reduce` primitive, in one stage or in two where the reduced ranges are long. */
export class ReduceKernels {
  readonly engine: Engine;
  private readonly target: Target;
  private readonly kept = new LoopNest();
  private readonly reduced = new LoopNest();
  private readonly order: number[] = [];
  private readonly conversions = new Conversions();
  private block = 0;

  /** `target` differs from the engine only where a test asks for kernels without fused multiply-add. */
  constructor(engine: Engine, target: Target = engine) {
    this.engine = engine;
    this.target = target;
  }

  run(
    kind: ReduceKind,
    program: Program,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    dims: readonly number[],
    partial = false,
  ): void {
    const { engine } = this;
    const known = program.compiled.get(this) as CompiledReduce | undefined; // only this class puts something under its own key
    const compiled = known ?? this.prepare(program);
    this.nest(compiled, inputs, output, dims);
    const { kept, reduced } = this;
    if (kept.total === 0) return;
    if (reduced.total === 0) return this.fill(kind, program, output);
    const form = this.chooseForm(compiled);
    const chunk = form === "row" ? rowChunk : columnChunk;
    const chunks = reduced.total >= 2 * chunk ? Math.ceil(reduced.total / chunk) : 1;
    if (chunks === 1)
      return this.stage(
        kind,
        program,
        compiled,
        form,
        inputs,
        params,
        addressOf(output, compiled.bytes[0]),
        output.dtype,
        1,
        reduced.total,
        partial,
      );
    const results = kept.total;
    const dtype: DType = scalarType(program.output); // partial results are kept as they are computed
    const byteLength = chunks * results * bytesOf(dtype);
    withWorkspace(engine, "reduce", byteLength, (address) => {
      this.stage(kind, program, compiled, form, inputs, params, address, dtype, chunks, chunk, partial);
      const parts: View = {
        buffer: { address, byteLength } satisfies CpuBuffer,
        dtype,
        offset: 0,
        shape: [chunks, results],
        strides: [results, 1],
      };
      const flat: View = {
        buffer: output.buffer,
        dtype: output.dtype,
        offset: output.offset,
        shape: [1, results],
        strides: [results, 1],
      };
      this.run(kind, this.conversions.program(dtype, program.output), [parts], [], flat, [0], true);
    });
  }

  private prepare(program: Program): CompiledReduce {
    const views = reduceViews(program);
    const compiled: CompiledReduce = {
      views,
      bytes: Array.from({ length: views }, (_, v) => viewBytes(program, v)),
      usesIndex: views > 2 + program.inputs.length,
      float32: scalarType(program.output) === "float32",
      native: this.target === this.engine && this.engine.operations.size > 0 && isCopy(program),
      lanes: fillsLanes(program) ? 4 : 1,
      variants: new Map(),
    };
    program.compiled.set(this, compiled);
    return compiled;
  }

  /** Splits the dimensions into kept and reduced loops. Reduced ones may run in any order: the widest steps go outside. */
  private nest(
    { bytes, views, usesIndex }: CompiledReduce,
    inputs: readonly View[],
    output: View,
    dims: readonly number[],
  ): void {
    const { kept, reduced, order } = this;
    const shape = inputs.length > 0 ? inputs[0].shape : output.shape;
    const positionStrides = usesIndex ? contiguousStrides(shape) : undefined;
    const write = (steps: number[], at: number, d: number) => {
      steps[at] = output.strides[d] * bytes[0];
      for (let v = 0; v < inputs.length; v++) steps[at + v + 1] = inputs[v].strides[d] * bytes[v + 1];
      if (positionStrides) steps[at + views - 2] = positionStrides[d];
      steps[at + views - 1] = 0;
    };
    kept.clear();
    for (let d = shape.length - 1; d >= 0; d--) {
      if (dims.includes(d)) continue;
      write(kept.steps, kept.loops * views, d);
      kept.push(shape[d], views);
    }
    order.length = 0;
    for (const d of dims) {
      if (shape[d] === 1) continue;
      let i = order.length;
      const step = Math.abs(inputs[0]?.strides[d] ?? 0);
      for (; i > 0 && Math.abs(inputs[0].strides[order[i - 1]]) > step; i--) order[i] = order[i - 1];
      order[i] = d;
    }
    reduced.clear();
    for (const d of order) {
      write(reduced.steps, reduced.loops * views, d);
      reduced.steps[reduced.loops * views] = 0;
      reduced.push(shape[d], views);
    }
    kept.close(views, (v) => bytes[v]);
    reduced.close(views, (v) => (v === 0 || v === views - 1 ? 0 : bytes[v]));
  }

  /** Runs along the loop in which more inputs are neighbours; along short reduced ranges only when the outputs are no better. */
  private chooseForm({ bytes, views }: CompiledReduce): "row" | "column" {
    const { kept, reduced } = this;
    if (kept.sizes[0] < 4 && reduced.sizes[0] >= 4 && reduced.steps[1] === bytes[1]) return "row";
    if (kept.total === 1) return "row";
    let along = 0;
    let across = 0;
    for (let v = 1; v < views - 1; v++) {
      if (reduced.steps[v] !== bytes[v] && reduced.steps[v] !== 0) along++;
      if (kept.steps[v] !== bytes[v] && kept.steps[v] !== 0) across++;
    }
    if (along === 0 && across === 0) return reduced.steps[1] === bytes[1] && reduced.sizes[0] >= 16 ? "row" : "column";
    if (along === 0) return reduced.total <= 8 ? "column" : "row";
    return along <= across && reduced.sizes[0] >= 4 ? "row" : "column";
  }

  /**
   * How the float32 sum of so many elements is cut into blocks, as a number in `blockForms`; `block` is their length. Partial results
   * have lost what may be lost: they are added in float64.
   */
  private blocksOf(form: "row" | "column", lanes: number, elements: number, partial: boolean): number {
    const round = roundOf(form, lanes);
    this.block = partial ? round : additions * round;
    if (partial) return 2;
    if (elements <= this.block) return 0;
    const size = this.reduced.sizes[0];
    if (size >= this.block) return Math.ceil(elements / size) * Math.ceil(size / this.block) > few ? 2 : 1;
    this.block = Math.floor(additions / Math.ceil(size / round)) * size;
    return elements > few * this.block ? 4 : 3;
  }

  /** One stage: `chunks` results for each output element, each over at most `chunk` elements. */
  private stage(
    kind: ReduceKind,
    program: Program,
    compiled: CompiledReduce,
    form: "row" | "column",
    inputs: readonly View[],
    params: readonly number[],
    to: number,
    dtype: DType,
    chunks: number,
    chunk: number,
    partial: boolean,
  ): void {
    const { engine, kept, reduced } = this;
    const { views, bytes } = compiled;
    const results = kept.total;
    const reducedTotal = reduced.total;
    if (chunks > 1) {
      // partial results are laid out as [chunks, results] in their own dtype
      const outBytes = bytesOf(dtype);
      for (let d = 0; d < kept.loops; d++) kept.steps[d * views] = (kept.steps[d * views] / bytes[0]) * outBytes;
      const at = kept.loops * views;
      kept.steps[at] = results * outBytes;
      for (let v = 1; v < views - 1; v++) kept.steps[at + v] = 0;
      kept.steps[at + views - 1] = chunk;
      kept.sizes[kept.loops++] = chunks;
    }
    const native = kind === "sum" && dtype === "float32" && !partial && this.fitsNative(compiled, form);
    const id = native
      ? engine.staticKernel("sum_f32")
      : this.kernel(kind, program, compiled, form, dtype, chunks, Math.min(chunk, reducedTotal), partial);
    const { desc, i32 } = engine;
    let at = desc >>> 2;
    if (native) {
      i32[at++] = form === "row" ? 0 : 1;
      i32[at++] = kept.loops;
    }
    i32[at++] = to;
    for (let v = 0; v < inputs.length; v++) i32[at++] = addressOf(inputs[v], bytes[v + 1]);
    if (compiled.usesIndex) i32[at++] = 0;
    i32[at++] = 0;
    at = kept.write(i32, at, views);
    for (let d = 0; d < reduced.loops; d++)
      for (let v = 1; v < views - 1; v++) i32[at++] = reduced.steps[d * views + v];
    for (let d = 0; d < reduced.loops; d++) i32[at++] = reduced.sizes[d];
    i32[at++] = chunk;
    i32[at++] = reducedTotal;
    i32[at++] = this.block;
    writeParams(engine, at, params);
    const n = chunks * results;
    if (results * reducedTotal <= threadingElements) engine.fn(id)(desc, 0, n);
    else {
      const grain = grainOf(8192, Math.min(chunk, reducedTotal));
      engine.run(id, desc, n, form === "row" ? grain : Math.max(16, (grain + 15) & ~15));
    }
  }

  /** Whether the native kernel can sum so: one loop, along neighbours or across them. */
  private fitsNative({ native, views }: CompiledReduce, form: "row" | "column"): boolean {
    const { kept, reduced } = this;
    if (!native || reduced.loops !== 1) return false;
    for (let s = 0; s < kept.loops * views; s++) if (kept.steps[s] < 0) return false;
    if (form === "row") return reduced.steps[1] === 4 && reduced.sizes[0] >= nativeRow;
    return reduced.steps[1] >= 0 && kept.steps[0] === 4 && kept.steps[1] === 4 && kept.sizes[0] >= nativeColumns;
  }

  /** Finds or compiles the kernel of a stage whose results are each over at most so many elements. */
  private kernel(
    kind: ReduceKind,
    program: Program,
    compiled: CompiledReduce,
    form: "row" | "column",
    dtype: DType,
    chunks: number,
    elements: number,
    partial: boolean,
  ): KernelId {
    const { engine, kept, reduced } = this;
    const { views, bytes } = compiled;
    const along = form === "row" ? reduced : kept;
    const blocks = kind === "sum" && compiled.float32 ? this.blocksOf(form, compiled.lanes, elements, partial) : 0;
    const shape = ((kept.loops * 16 + reduced.loops) * kinds.length + kinds.indexOf(kind)) * 20 + blocks * 4;
    const key = variantKey(shape + (form === "row" ? 2 : 0) + (chunks > 1 ? 1 : 0), along.steps, bytes, 1, views - 1);
    let id = compiled.variants.get(key);
    if (id === undefined) {
      const access = Array.from({ length: views - 2 }, (_, v) => accessOf(along.steps[v + 1], bytes[v + 1]));
      const variant: ReduceVariant = {
        kind,
        form,
        kept: kept.loops,
        reduced: reduced.loops,
        access,
        output: dtype,
        ...blockForms[blocks],
      };
      checkArguments("reduce", reduceLayout(views, kept.loops, reduced.loops).params + 8 * program.params);
      compiled.variants.set(key, (id = engine.addKernel(compileReduce(this.target, program, variant))));
    }
    return id;
  }

  /** The reduction of nothing. */
  private fill(kind: ReduceKind, program: Program, output: View): void {
    const to = elementsOf(this.engine, output);
    const value = neutral(kind, scalarType(program.output));
    for (let i = 0; i < this.kept.total; i++) to.set(i, output.dtype === "int64" ? BigInt(value) : Number(value));
  }
}
