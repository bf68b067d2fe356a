import { bytesOf, dtypeKey, type ScanKind, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import { compileLaneArgReduce, fillsArgLanes } from "../emit/arg-reduce.ts";
import { compileArgReduce, compileScan } from "../emit/lines.ts";
import { grainOf } from "../engine/blocks.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { accessOf, LoopNest, paramsAfter } from "./loop-nest.ts";

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
    const bytes = bytesOf(input.dtype);
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
    return dtypeKey(dtypeKey((loops * 5 + op) * 8 + extra, input.dtype), output.dtype);
  }

  private collect(input: View, output: View, indices: View | undefined, dim: number): LoopNest {
    const { nest } = this;
    const { shape } = input;
    const outBytes = bytesOf(output.dtype);
    const inBytes = bytesOf(input.dtype);
    const indexBytes = indices ? bytesOf(indices.dtype) : 0;
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
    const { total } = nest;
    const size = input.shape[dim] ?? 1;
    if (total === 0 || size === 0) return;
    const { desc, i32 } = engine;
    const outBytes = bytesOf(output.dtype);
    const inBytes = bytesOf(input.dtype);
    const at = desc >>> 2;
    i32[at] = addressOf(output, outBytes);
    i32[at + 1] = addressOf(input, inBytes);
    i32[at + 2] = indices ? addressOf(indices, bytesOf(indices.dtype)) : 0;
    const line = paramsAfter(nest.write(i32, at + views, views));
    i32[line] = size;
    i32[line + 1] = (output.strides[dim] ?? 0) * outBytes;
    i32[line + 2] = (input.strides[dim] ?? 0) * inBytes;
    i32[line + 3] = indices ? (indices.strides[dim] ?? 0) * bytesOf(indices.dtype) : 0;
    if (total * size <= threadingElements) engine.fn(id)(desc, 0, total);
    else engine.run(id, desc, total, 16 * grainOf(8192, 16 * size));
  }
}
