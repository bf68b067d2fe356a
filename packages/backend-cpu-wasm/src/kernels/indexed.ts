import { bytesOf, dtypeKey, type ScatterMode, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import { compileGather, compileScatter, type IndexedVariant } from "../emit/indexed.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { accessOf, LoopNest, paramsAfter } from "./loop-nest.ts";

const views = 3;
const threadingElements = 16384;
const modes: readonly ScatterMode[] = ["set", "add", "mul", "max", "min"];

/** The `gather` and `scatter` primitives, for any layout. */
export class IndexedKernels {
  private readonly engine: Engine;
  private readonly nest = new LoopNest();
  private readonly variants = new Map<number, KernelId>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** output[i][j][k] = input[i][index[i][j][k]][k] for dim 1, and so on. */
  gather(input: View, index: View, output: View, dim: number): void {
    this.collect(input, index, output, dim);
    const { nest, engine } = this;
    const n = nest.total;
    if (n === 0) return;
    const id = this.prepare(-1, input, index, output, dim);
    if (n <= threadingElements) engine.fn(id)(engine.desc, 0, n);
    else engine.run(id, engine.desc, n, 4096);
  }

  /**
   * target[i][index[i][j][k]][k] (mode)= source[i][j][k] for dim 1, and so on, in index order. Threads share the other
   * dimensions, among which no two elements meet.
   */
  scatter(mode: ScatterMode, target: View, index: View, source: View, dim: number): void {
    this.collect(target, index, source, dim);
    const { nest, engine } = this;
    const n = nest.total;
    if (n === 0) return;
    const inside = n <= threadingElements ? n : this.independent(index, dim);
    const id = this.prepare(modes.indexOf(mode), target, index, source, dim);
    if (inside >= n) engine.fn(id)(engine.desc, 0, n);
    else engine.run(id, engine.desc, n, inside * Math.ceil(8192 / inside));
  }

  /** Loops over the index's shape; along `dim` the indexed view stands still, the index moves it. */
  private collect(indexed: View, index: View, other: View, dim: number): void {
    const { nest } = this;
    const { shape } = index;
    const bytes = bytesOf(indexed.dtype);
    const indexBytes = bytesOf(index.dtype);
    nest.clear();
    for (let d = shape.length - 1; d >= 0; d--) {
      const at = nest.loops * views;
      nest.steps[at] = d === dim ? 0 : indexed.strides[d] * bytes;
      nest.steps[at + 1] = index.strides[d] * indexBytes;
      nest.steps[at + 2] = other.strides[d] * bytes;
      nest.push(shape[d], views);
    }
    nest.close(views, (v) => (v === 1 ? indexBytes : bytes));
  }

  /**
   * How many consecutive positions make a unit of work such that different units never write the same element: all under one
   * coordinate of the dimensions before `dim`. Where there are none, the innermost loop is cut into blocks, and these become
   * the outermost loop; the order in which an element is written stays that of the index.
   */
  private independent(index: View, dim: number): number {
    const { sizes, steps, loops, total } = this.nest;
    let inside = 1;
    for (let d = dim; d < index.shape.length; d++) inside *= index.shape[d];
    if (inside < total) return inside;
    const block = [256, 128, 64, 32, 16].find((size) => sizes[0] % size === 0 && sizes[0] > size);
    // a loop along which the indexed view stands still is `dim`'s own
    if (block === undefined || loops === 1 || steps[0] === 0) return total;
    for (let v = 0; v < views; v++) steps[loops * views + v] = steps[v] * block;
    sizes[loops] = sizes[0] / block;
    sizes[0] = block;
    this.nest.loops++;
    return total / sizes[loops];
  }

  /** The kernel for the loops at hand, with its arguments written. */
  private prepare(mode: number, indexed: View, index: View, other: View, dim: number): KernelId {
    const { nest, engine } = this;
    const { steps, loops } = nest;
    const bytes = bytesOf(indexed.dtype);
    const indexBytes = bytesOf(index.dtype);
    const a0 = accessOf(steps[0], bytes);
    const a1 = accessOf(steps[1], indexBytes);
    const a2 = accessOf(steps[2], bytes);
    const key = (dtypeKey(loops * 6 + mode + 1, indexed.dtype) * 2 + (indexBytes >> 3)) * 27 + a0 * 9 + a1 * 3 + a2;
    let id = this.variants.get(key);
    if (id === undefined) {
      const variant: IndexedVariant = {
        dtype: indexed.dtype,
        index: index.dtype === "int64" ? "int64" : "int32",
        loops,
        access: [a0, a1, a2],
      };
      const code = mode < 0 ? compileGather(engine, variant) : compileScatter(engine, modes[mode], variant);
      this.variants.set(key, (id = engine.addKernel(code)));
    }
    const { desc, i32 } = engine;
    const at = desc >>> 2;
    i32[at] = addressOf(indexed, bytes);
    i32[at + 1] = addressOf(index, indexBytes);
    i32[at + 2] = addressOf(other, bytes);
    const end = nest.write(i32, at + views, views);
    i32[paramsAfter(end)] = (indexed.strides[dim] ?? 0) * bytes;
    return id;
  }
}
