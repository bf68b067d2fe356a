import type { DType } from "@flambeau/tensor/functional";
import { bytesOf } from "@flambeau/tensor/plugin";
import type { Unsigned } from "../widen.ts";

/** Our dtypes, which PyTorch calls the same, with its classes of storages. */
const classOf: { readonly [D in DType]: string } = {
  bool: "BoolStorage",
  uint8: "ByteStorage",
  int8: "CharStorage",
  int16: "ShortStorage",
  int32: "IntStorage",
  int64: "LongStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  float32: "FloatStorage",
  float64: "DoubleStorage",
};

/** A dtype of PyTorch's: the bytes of an element, and those that a machine of the other byte order turns around together. */
interface TorchDType {
  readonly bytes: number;
  readonly unit: number;
  /** Our dtype, or the width of an unsigned integer that is to be widened; absent for what Flambeau does not hold. */
  readonly holds?: DType | Unsigned;
}
const ours = (dtype: DType): TorchDType => ({ bytes: bytesOf(dtype), unit: bytesOf(dtype), holds: dtype });
const wide = (bytes: Unsigned): TorchDType => ({ bytes, unit: bytes, holds: bytes });
const lacking = (bytes: number, unit = bytes): TorchDType => ({ bytes, unit });

/** Those that Flambeau does not hold come first, so that one that it learns takes its place. */
export const torchDTypes: ReadonlyMap<string, TorchDType> = new Map([
  ["uint16", wide(2)],
  ["uint32", wide(4)],
  ["uint64", wide(8)],
  ["complex32", lacking(4, 2)],
  ["complex64", lacking(8, 4)],
  ["complex128", lacking(16, 8)],
  ["float8_e4m3fn", lacking(1)],
  ["float8_e5m2", lacking(1)],
  ["float8_e4m3fnuz", lacking(1)],
  ["float8_e5m2fnuz", lacking(1)],
  ["float8_e8m0fnu", lacking(1)],
  ["float4_e2m1fn_x2", lacking(1)],
  ["qint8", lacking(1)],
  ["quint8", lacking(1)],
  ["qint32", lacking(4)],
  ["quint4x2", lacking(1)],
  ["quint2x4", lacking(1)],
  // Object.keys forgets the keys' type
  ...(Object.keys(classOf) as DType[]).map((dtype) => [dtype, ours(dtype)] as const),
]);

/** What stands for the dtype of a storage whose tensors say theirs themselves. */
export const untyped = "bytes";

/** The dtype of each class of storages, by the module and the name that a pickle gives. */
export const storageClasses: ReadonlyMap<string, string> = new Map([
  ["torch ComplexFloatStorage", "complex64"],
  ["torch ComplexDoubleStorage", "complex128"],
  ["torch QInt8Storage", "qint8"],
  ["torch QUInt8Storage", "quint8"],
  ["torch QInt32Storage", "qint32"],
  ["torch QUInt4x2Storage", "quint4x2"],
  ["torch QUInt2x4Storage", "quint2x4"],
  ["torch UntypedStorage", untyped],
  ["torch.storage UntypedStorage", untyped],
  ["torch.storage _UntypedStorage", untyped],
  ...Object.entries(classOf).map(([dtype, name]) => [`torch ${name}`, dtype] as const),
]);

/** Bytes of an element of a storage. */
export const elementBytes = (dtype: string): number => torchDTypes.get(dtype)?.bytes ?? 1;
