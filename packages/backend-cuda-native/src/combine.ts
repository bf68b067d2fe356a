import type { DType } from "@flambeau/tensor";
import { type ReduceKind, type ScalarType, type ScanKind, type ScatterMode, scalarType } from "@flambeau/tensor/plugin";

/** How values are combined, by the numbers of native/kernels/combine.cuh. */
const kinds: { readonly [K in ReduceKind | ScanKind | "set"]: number } = {
  sum: 0,
  prod: 1,
  max: 2,
  min: 3,
  any: 4,
  all: 5,
  logsumexp: 6,
  set: 7,
};
export const kindOf = (kind: ReduceKind | ScanKind): number => kinds[kind];
/** For bools adding is "or", multiplying is "and". */
export function modeOf(mode: ScatterMode, dtype: DType): number {
  if (dtype === "bool" && mode === "add") return kinds.any;
  if (dtype === "bool" && mode === "mul") return kinds.all;
  return mode === "add" ? kinds.sum : mode === "mul" ? kinds.prod : kinds[mode];
}

const suffixes: { readonly [T in ScalarType]: string } = {
  bool: "int32",
  int32: "int32",
  int64: "int64",
  float32: "float32",
  float64: "float64",
};
/** The kernel that computes in the scalar type of a dtype. */
export const typed = (kernel: string, dtype: DType): string => `${kernel}_${suffixes[scalarType(dtype)]}`;

/** What holds the scalars of a dtype as they are computed. */
export function heldIn(dtype: DType): DType {
  const type = scalarType(dtype);
  return type === "bool" ? "int32" : type;
}
