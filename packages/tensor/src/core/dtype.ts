import { DTypeError } from "./errors.ts";

/** The element types, in the order of their codes. `float16` and `bfloat16` are storage types: arithmetic on them runs in float32. */
export const dtypes = [
  "bool",
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
] as const;
export type DType = (typeof dtypes)[number];
export type FloatDType = "float16" | "bfloat16" | "float32" | "float64";
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface DTypeInfo {
  /** Position in {@link dtypes}: a small integer for look-up tables on the per-op path. */
  readonly code: number;
  readonly bytes: number;
  readonly kind: "bool" | "int" | "float";
  readonly array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray;
}

const info: { readonly [D in DType]: DTypeInfo } = {
  bool: { code: 0, bytes: 1, kind: "bool", array: Uint8Array },
  uint8: { code: 1, bytes: 1, kind: "int", array: Uint8Array },
  int8: { code: 2, bytes: 1, kind: "int", array: Int8Array },
  int16: { code: 3, bytes: 2, kind: "int", array: Int16Array },
  int32: { code: 4, bytes: 4, kind: "int", array: Int32Array },
  int64: { code: 5, bytes: 8, kind: "int", array: BigInt64Array },
  float16: { code: 6, bytes: 2, kind: "float", array: Uint16Array },
  bfloat16: { code: 7, bytes: 2, kind: "float", array: Uint16Array },
  float32: { code: 8, bytes: 4, kind: "float", array: Float32Array },
  float64: { code: 9, bytes: 8, kind: "float", array: Float64Array },
};

export const dtypeCode = (dtype: DType): number => info[dtype].code;
/** Bytes an element of `dtype` takes. */
export const bytesOf = (dtype: DType): number => info[dtype].bytes;
export const isFloat = (dtype: DType): boolean => info[dtype].kind === "float";
/** True for the integer types; `bool` is not one of them. */
export const isInt = (dtype: DType): boolean => info[dtype].kind === "int";

export function checkDType(op: string, dtype: unknown): DType {
  if (typeof dtype === "string" && dtype in info) return dtype as DType; // the line above is the proof
  throw new DTypeError(op, `unknown dtype ${JSON.stringify(dtype)}`, `dtypes are ${dtypes.join(", ")}`);
}

/** A typed array over `length` elements of `dtype` (float16 and bfloat16 as their 16 bits). */
export function typedArray(dtype: DType, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray {
  return new info[dtype].array(buffer, byteOffset, length);
}

const promoteOf = (a: DType, b: DType): DType => {
  if (a === b) return a;
  const [low, high] = info[a].code < info[b].code ? [a, b] : [b, a];
  if (low === "uint8" && high === "int8") return "int16";
  if (low === "float16" && high === "bfloat16") return "float32";
  return high;
};
const promotion: readonly (readonly DType[])[] = dtypes.map((a) => dtypes.map((b) => promoteOf(a, b)));

/** The dtype to which PyTorch promotes a pair of tensors' dtypes (bool < integers < floating point). */
export const promoteTypes = (a: DType, b: DType): DType => (a === b ? a : promotion[info[a].code][info[b].code]);
