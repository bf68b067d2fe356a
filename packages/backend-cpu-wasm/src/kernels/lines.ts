import { dtypes, type ScanKind, type View } from "@flambeau/tensor/functional";
import { addressOf } from "../buffer.ts";
import { compileLaneArgReduce, fillsArgLanes } from "../emit/arg-reduce.ts";
import { elementBytes } from "../emit/elements.ts";
import { compileArgReduce, compileScan, lineLayout } from "../emit/lines.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { accessOf, LoopNest } from "./loop-nest.ts";

const views = 3;
const threadingElements = 16384;
const ops = ["max", "min", "sum", "prod", "logsumexp"] as const;

/** The `argReduce` and `scan` primitives, for any layout. */
export class LineKernels {
  private readonly engine: Engine;
  private readonly nest = new LoopNest();
  private readonly variants = new Map<number, KernelId>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Position along `dim` of the first maximum or minimum; a NaN counts as the extreme. */
  argReduce(kind: "max" | "min", input: View, output: View, dim: number): void {
    const nest = this.collect(input, output, undefined, dim);
    const { loops } = nest;
    const bytes = elementBytes[input.dtype];
    const size = input.shape[dim] ?? 1;
    if (fillsArgLanes(input.dtype) && output.dtype === "int32" && nest.steps[0] === 4) {
      const contiguous = input.strides[dim] === 1;
      const access = accessOf(nest.steps[1], bytes);
      // short lines are better taken four at a time, even where their elements have to be picked up one by one
      const form = contiguous && (size > 48 || nest.total < 4) ? "row" : "column";
      const key = this.key(loops, ops.indexOf(kind), input, output, form === "row" ? 4 : 5 + access);
      let id = this.variants.get(key);
      if (id === undefined) {
        const code = compileLaneArgReduce(this.engine, { kind, input: input.dtype, loops, form, access });
        this.variants.set(key, (id = this.engine.addKernel(code)));
      }
      return this.run(id, input, output, undefined, dim);
    }
    const key = this.key(loops, ops.indexOf(kind), input, output, 0);
    let id = this.variants.get(key);
    if (id === undefined)
      this.variants.set(
        key,
        (id = this.engine.addKernel(
          compileArgReduce(this.engine, kind, { input: input.dtype, output: output.dtype, loops }),
        )),
      );
    this.run(id, input, output, undefined, dim);
  }

  /** Running sum, product, maximum, minimum or log-sum-exp along `dim`. */
  scan(kind: ScanKind, input: View, output: View, dim: number, indices?: View): void {
    const { loops } = this.collect(input, output, indices, dim);
    const extra = 1 + (indices ? (indices.dtype === "int64" ? 2 : 1) : 0);
    const key = this.key(loops, ops.indexOf(kind), input, output, extra);
    let id = this.variants.get(key);
    if (id === undefined) {
      const variant = { input: input.dtype, output: output.dtype, loops };
      this.variants.set(key, (id = this.engine.addKernel(compileScan(this.engine, kind, variant, indices?.dtype))));
    }
    this.run(id, input, output, indices, dim);
  }

  private key(loops: number, op: number, input: View, output: View, extra: number): number {
    return (((loops * 5 + op) * 8 + extra) * 16 + dtypes.indexOf(input.dtype)) * 16 + dtypes.indexOf(output.dtype);
  }

  private collect(input: View, output: View, indices: View | undefined, dim: number): LoopNest {
    const { nest } = this;
    const { shape } = input;
    const outBytes = elementBytes[output.dtype];
    const inBytes = elementBytes[input.dtype];
    const indexBytes = indices ? elementBytes[indices.dtype] : 0;
    nest.clear();
    for (let d = shape.length - 1; d >= 0; d--) {
      if (d === dim) continue;
      const at = nest.loops * views;
      nest.steps[at] = output.strides[d] * outBytes;
      nest.steps[at + 1] = input.strides[d] * inBytes;
      nest.steps[at + 2] = indices ? indices.strides[d] * indexBytes : 0;
      nest.push(shape[d], views);
    }
    nest.close(views, (v) => (v === 0 ? outBytes : 0));
    return nest;
  }

  private run(id: KernelId, input: View, output: View, indices: View | undefined, dim: number): void {
    const { nest, engine } = this;
    const { sizes, steps, loops, total } = nest;
    const size = input.shape[dim] ?? 1;
    if (total === 0 || size === 0) return;
    const { desc, i32 } = engine;
    const outBytes = elementBytes[output.dtype];
    const inBytes = elementBytes[input.dtype];
    let at = desc >>> 2;
    i32[at++] = addressOf(output, outBytes);
    i32[at++] = addressOf(input, inBytes);
    i32[at++] = indices ? addressOf(indices, elementBytes[indices.dtype]) : 0;
    for (let s = 0; s < loops * views; s++) i32[at++] = steps[s];
    for (let d = 0; d < loops; d++) i32[at++] = sizes[d];
    at = (desc + lineLayout(loops).params) >>> 2;
    i32[at] = size;
    i32[at + 1] = (output.strides[dim] ?? 0) * outBytes;
    i32[at + 2] = (input.strides[dim] ?? 0) * inBytes;
    i32[at + 3] = indices ? (indices.strides[dim] ?? 0) * elementBytes[indices.dtype] : 0;
    if (total * size <= threadingElements) engine.fn(id)(desc, 0, total);
    else engine.run(id, desc, total, Math.max(1, Math.ceil(8192 / size / 16)) * 16);
  }
}
