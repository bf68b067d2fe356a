import type { Backend, DType } from "@flambeau/tensor";
import {
  type Buffer,
  bytesOf,
  compileProgram,
  type Expr,
  scalarType,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import { expect } from "vitest";
import type { Draw } from "./draw.ts";
import { fromBytes, type Scalar, toBytes } from "./numbers.ts";

/** Where a view's element lies, for each of its positions in row-major order. */
export function places(shape: readonly number[], strides: readonly number[], offset = 0): number[] {
  let out = [offset];
  shape.forEach((size, d) => {
    out = out.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[d]));
  });
  return out;
}

/** Row-major coordinates of position `i` in a shape. */
export function coordinates(i: number, shape: readonly number[]): number[] {
  const out = new Array<number>(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    out[d] = i % shape[d];
    i = Math.floor(i / shape[d]);
  }
  return out;
}
/** The inverse of {@link coordinates}. */
export const position = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((n, c, d) => n * shape[d] + c, 0);

const rowMajor = (shape: readonly number[]): number[] => shape.map((_, d) => sizeOf(shape.slice(d + 1)));

/** A view together with its elements in row-major order. */
export interface Sample extends View {
  readonly values: readonly Scalar[];
}

/** How a view's memory is laid out. "broadcast" repeats along one dimension. */
export type Layout = "contiguous" | "transposed" | "gaps" | "broadcast";
export const layouts: readonly Layout[] = ["contiguous", "transposed", "gaps", "broadcast"];

/** What is written into an output beforehand, so that an element that is not written shows. */
const pattern = (dtype: DType): number => (dtype === "bool" ? 1 : 0x5b);
/** Where an output's guard starts: kernels may write whole words and vectors of it. */
const guardOf = (view: View): number => Math.ceil((sizeOf(view.shape) * bytesOf(view.dtype)) / 16) * 16;
const guardLength = 16;

/** Puts views on a backend and reads them back, through nothing but the contract. */
export class Lab {
  readonly backend: Backend;
  private readonly made: Buffer[] = [];
  /** Outputs, behind whose elements nothing may be written. */
  private readonly guarded = new Set<View>();
  constructor(backend: Backend) {
    this.backend = backend;
  }

  private buffer(bytes: Uint8Array): Buffer {
    const buffer = this.backend.alloc(bytes.byteLength);
    this.made.push(buffer);
    if (bytes.byteLength > 0) this.backend.write(buffer, bytes);
    return buffer;
  }

  /** A view of given elements, row-major from the start of a buffer. */
  contiguous(dtype: DType, shape: readonly number[], values: readonly Scalar[]): Sample {
    return { buffer: this.buffer(toBytes(values, dtype)), dtype, offset: 0, shape, strides: rowMajor(shape), values };
  }

  /** A view of the given elements in a layout, in the middle of a buffer. With "broadcast" the elements along one dimension repeat. */
  place(dtype: DType, shape: readonly number[], values: readonly Scalar[], layout: Layout, draw: Draw): Sample {
    if (layout === "contiguous" || shape.length === 0) return this.contiguous(dtype, shape, values);
    const order = shape.map((_, d) => d);
    if (layout === "transposed") order.reverse();
    const repeated = layout === "broadcast" ? draw.below(shape.length) : -1;
    const gap = layout === "gaps" ? 2 : 1;
    const strides = new Array<number>(shape.length);
    let step = gap;
    for (const d of order.reverse()) {
      strides[d] = d === repeated ? 0 : step;
      if (d !== repeated) step *= shape[d] + (layout === "gaps" ? 1 : 0);
    }
    const offset = 1 + draw.below(4);
    const at = places(shape, strides, offset);
    const memory: Scalar[] = new Array<Scalar>(Math.max(offset, ...at) + 1).fill(dtype === "int64" ? 0n : 0);
    at.forEach((p, i) => {
      memory[p] = values[i];
    });
    return {
      buffer: this.buffer(toBytes(memory, dtype)),
      dtype,
      offset,
      shape,
      strides,
      values: at.map((p) => memory[p]),
    };
  }

  /** A contiguous view on bytes. */
  raw(dtype: DType, shape: readonly number[], bytes: Uint8Array): View {
    return { buffer: this.buffer(bytes), dtype, offset: 0, shape, strides: rowMajor(shape) };
  }

  /** A contiguous view for a result, filled with a pattern; {@link read} looks at what lies behind it, too. */
  output(dtype: DType, shape: readonly number[]): View {
    const made = { dtype, offset: 0, shape, strides: rowMajor(shape) };
    const bytes = new Uint8Array(guardOf({ ...made, buffer: made }) + guardLength).fill(pattern(dtype));
    const view = { ...made, buffer: this.buffer(bytes) };
    this.guarded.add(view);
    return view;
  }

  /** An expression over samples of one shape, computed in the type of `compute`, as the elements of a fresh contiguous view. */
  async map(
    expr: Expr,
    inputs: readonly Sample[],
    compute: DType,
    output: DType,
    params: readonly number[] = [],
  ): Promise<Scalar[]> {
    const dtypes = inputs.map((v) => v.dtype);
    const program = compileProgram(expr, dtypes, params.length, scalarType(compute), output);
    const out = this.output(output, inputs[0]?.shape ?? [1]);
    const flat = inputs.every((v) => v.strides.every((s, d) => s === out.strides[d]));
    this.backend.kernels.map(program, inputs, params, out, flat);
    return this.read(out);
  }

  /** All elements of a view's buffer. */
  async memory(view: View): Promise<Scalar[]> {
    const all = places(view.shape, view.strides, view.offset);
    const length = all.length === 0 ? 0 : Math.max(...all) + 1;
    return fromBytes(await this.backend.read(view.buffer, 0, length * bytesOf(view.dtype)), view.dtype);
  }

  /** The elements of a view in row-major order. */
  async read(view: View): Promise<Scalar[]> {
    const memory = await this.memory(view);
    if (this.guarded.has(view)) {
      const guard = await this.backend.read(view.buffer, guardOf(view), guardLength);
      const kept = guard.every((byte) => byte === pattern(view.dtype));
      expect(kept, `what lies behind an output ${view.dtype} [${view.shape}] is not written`).toBe(true);
    }
    return places(view.shape, view.strides, view.offset).map((p) => memory[p]);
  }

  /** Frees all that was made here. */
  clear(): void {
    this.guarded.clear();
    for (const buffer of this.made.splice(0)) this.backend.free(buffer);
  }
}
