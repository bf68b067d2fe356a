import type { DType } from "@flambeau/tensor";

/**
 * What the names of static kernels that come in several types end in. Bools are the bytes 0 and 1; halves have no kernels of their
 * own, they come as float32.
 */
export const suffixes: { readonly [D in Exclude<DType, "float16" | "bfloat16">]: string } = {
  bool: "u8",
  uint8: "u8",
  int8: "i8",
  int16: "i16",
  int32: "i32",
  int64: "i64",
  float32: "f32",
  float64: "f64",
};
