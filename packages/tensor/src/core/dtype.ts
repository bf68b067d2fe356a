import type { ScalarType } from "../expr/expr.ts";
import { DTypeError, show } from "./errors.ts";
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from "./half.ts";

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

/** What values of a dtype are: the order in which kinds win over each other. */
export type Kind = "bool" | "int" | "float";

/** All that the package knows of a dtype. A new one is a line here; the compiler and the tests name every place that it is missing from. */
interface DTypeInfo {
  /** Position in {@link dtypes}: a small integer for look-up tables on the per-op path. */
  readonly code: number;
  readonly kind: Kind;
  readonly bytes: number;
  /** The type in which elements are computed. */
  readonly scalar: ScalarType;
  /** The dtype in which a composite's intermediate values are kept before it rounds once: float32 for halves. */
  readonly accumulation: DType;
  readonly array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray;
  /** How 16 bits stand for a number, where JavaScript has no array of the type. */
  readonly half?: { readonly decode: (bits: number) => number; readonly encode: (value: number) => number };
  /** Of floats: the distance from 1 to the next number, the largest finite number. */
  readonly epsilon?: number;
  readonly largest?: number;
}

const whole = (code: number, bytes: number, array: DTypeInfo["array"], dtype: DType): DTypeInfo => ({
  code,
  kind: "int",
  bytes,
  scalar: dtype === "int64" ? "int64" : "int32",
  accumulation: dtype,
  array,
});
const info: { readonly [D in DType]: DTypeInfo } = {
  bool: { code: 0, kind: "bool", bytes: 1, scalar: "bool", accumulation: "bool", array: Uint8Array },
  uint8: whole(1, 1, Uint8Array, "uint8"),
  int8: whole(2, 1, Int8Array, "int8"),
  int16: whole(3, 2, Int16Array, "int16"),
  int32: whole(4, 4, Int32Array, "int32"),
  int64: whole(5, 8, BigInt64Array, "int64"),
  float16: {
    code: 6,
    kind: "float",
    bytes: 2,
    scalar: "float32",
    accumulation: "float32",
    array: Uint16Array,
    half: { decode: halfToFloat, encode: floatToHalf },
    epsilon: 2 ** -10,
    largest: 65504,
  },
  bfloat16: {
    code: 7,
    kind: "float",
    bytes: 2,
    scalar: "float32",
    accumulation: "float32",
    array: Uint16Array,
    half: { decode: bfloatToFloat, encode: floatToBfloat },
    epsilon: 2 ** -7,
    largest: 3.3895313892515355e38,
  },
  float32: {
    code: 8,
    kind: "float",
    bytes: 4,
    scalar: "float32",
    accumulation: "float32",
    array: Float32Array,
    epsilon: 2 ** -23,
    largest: 3.4028234663852886e38,
  },
  float64: {
    code: 9,
    kind: "float",
    bytes: 8,
    scalar: "float64",
    accumulation: "float64",
    array: Float64Array,
    epsilon: Number.EPSILON,
    largest: Number.MAX_VALUE,
  },
};

const { float32 } = info;
/** A dtype's row in the table. Each op asks for several, nearly always for float32's, which is at hand: names are looked up slowly. */
const row = (dtype: DType): DTypeInfo => (dtype === "float32" ? float32 : info[dtype]);

export const dtypeCode = (dtype: DType): number => row(dtype).code;
/** A number that tells lists of dtypes apart: `key` of those before, and one more. Ten dtypes fit a safe integer. */
export const dtypeKey = (key: number, dtype: DType): number => key * 32 + row(dtype).code + 1;
/** Bytes an element of `dtype` takes. */
export const bytesOf = (dtype: DType): number => row(dtype).bytes;
export const kindOf = (dtype: DType): Kind => row(dtype).kind;
export const isFloat = (dtype: DType): boolean => known(dtype).kind === "float";
/** True for the integer types; `bool` is not one of them. */
export const isInt = (dtype: DType): boolean => info[dtype].kind === "int";
/** The type in which elements of `dtype` are computed. */
export const scalarType = (dtype: DType): ScalarType => row(dtype).scalar;
/** The dtype in which intermediate values are kept before a result of `dtype` is rounded: float32 for halves, else itself. */
export const accumulationType = (dtype: DType): DType => row(dtype).accumulation;
/** True for dtypes that are only stored: what computes with them does so in {@link accumulationType}. */
export const isHalf = (dtype: DType): boolean => dtype === "float16" || dtype === "bfloat16"; // spelled out: each op asks
/** How its 16 bits stand for numbers; undefined for dtypes that JavaScript has arrays of. */
export const halfCodec = (dtype: DType): DTypeInfo["half"] => info[dtype].half;
/** The distance from 1 to the next number of a floating dtype. */
export const epsilonOf = (dtype: DType): number => info[dtype].epsilon ?? 1;
/** The largest finite number of a floating dtype. */
export const largestOf = (dtype: DType): number => info[dtype].largest ?? Number.POSITIVE_INFINITY;
/** The least and the largest value of an integer dtype. */
export function rangeOf(dtype: DType): readonly [low: bigint, high: bigint] {
  const count = 1n << BigInt(8 * info[dtype].bytes);
  return dtype === "uint8" ? [0n, count - 1n] : [-count / 2n, count / 2n - 1n];
}
const rank: { readonly [K in Kind]: number } = { bool: 0, int: 1, float: 2 };
/** Where the kind of `dtype` stands in promotion. */
export const kindRank = (dtype: DType): number => rank[info[dtype].kind];

export function checkDType(op: string, dtype: unknown): DType {
  if (typeof dtype === "string" && Object.hasOwn(info, dtype)) return dtype as DType; // as the condition proves
  throw new DTypeError(op, `unknown dtype ${show(dtype)}`, `dtypes are ${dtypes.join(", ")}`);
}
const known = (dtype: DType): DTypeInfo => row(dtype) ?? info[checkDType("dtype", dtype)];

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
export const promoteTypes = (a: DType, b: DType): DType => (a === b ? a : promotion[known(a).code][known(b).code]);
