import type { DType } from "@flambeau/tensor/functional";
import type { Unsigned } from "../widen.ts";

/** The names of our dtypes in a safetensors file. */
export const nameOf: { readonly [D in DType]: string } = {
  bool: "BOOL",
  uint8: "U8",
  int8: "I8",
  int16: "I16",
  int32: "I32",
  int64: "I64",
  float16: "F16",
  bfloat16: "BF16",
  float32: "F32",
  float64: "F64",
};

export const dtypeOf: ReadonlyMap<string, DType> = new Map(
  // Object.entries forgets the keys' type
  Object.entries(nameOf).map(([dtype, name]) => [name, dtype as DType]),
);

/** The reference implementation's order of tensors in a file: wide elements first, so that each tensor is aligned. */
const order = ["int64", "float64", "float32", "int32", "bfloat16", "float16", "int16", "int8", "uint8", "bool"];
export const rankOf = (dtype: DType): number => order.indexOf(dtype);

/** The dtypes that are read as wider ones. */
export const unsigned: ReadonlyMap<string, Unsigned> = new Map([
  ["U16", 2],
  ["U32", 4],
  ["U64", 8],
]);

/** What else the format knows and Flambeau does not hold, with the bits of an element; of these, floats of 8 bits are read as float32. */
export const unsupported: ReadonlyMap<string, number> = new Map([
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["F8_E5M2", 8],
  ["F8_E4M3", 8],
  ["F8_E8M0", 8],
  ["F8_E5M2FNUZ", 8],
  ["F8_E4M3FNUZ", 8],
  ["C64", 64],
]);

export const isKnown = (name: string): boolean => dtypeOf.has(name) || unsigned.has(name) || unsupported.has(name);
