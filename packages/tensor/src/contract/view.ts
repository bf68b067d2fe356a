import type { DType } from "../core/dtype.ts";

/** What a backend hands out for memory. Core keeps it and never looks inside. */
export type Buffer = object;

/** A strided window on a buffer; offset and strides count elements. A `Tensor` is one. */
export interface View {
  readonly buffer: Buffer;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}
