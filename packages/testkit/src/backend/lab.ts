import type { Backend, DType } from "@flambeau/tensor";
import { type Buffer, bytesOf, sizeOf, type View } from "@flambeau/tensor/plugin";
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

/** Puts views on a backend and reads them back, through nothing but the contract. */
export class Lab {
  readonly backend: Backend;
  private readonly made: Buffer[] = [];
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

  /** A contiguous view for a result. It is filled with a pattern, so that an element that is not written shows. */
  output(dtype: DType, shape: readonly number[]): View {
    const bytes = new Uint8Array(sizeOf(shape) * bytesOf(dtype)).fill(dtype === "bool" ? 1 : 0x5b);
    return { buffer: this.buffer(bytes), dtype, offset: 0, shape, strides: rowMajor(shape) };
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
    return places(view.shape, view.strides, view.offset).map((p) => memory[p]);
  }

  /** Frees all that was made here. */
  clear(): void {
    for (const buffer of this.made.splice(0)) this.backend.free(buffer);
  }
}
