import { bytesOf, type DType, type TypedArray, typedArray } from "./dtype.ts";
import { MemoryError } from "./errors.ts";
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from "./half.ts";
import { dense } from "./raw.ts";
import type { Tensor } from "./tensor.ts";

const own = (bytes: Uint8Array, dtype: DType, size: number): TypedArray =>
  bytes.byteOffset % bytesOf(dtype) === 0
    ? typedArray(dtype, bytes.buffer, bytes.byteOffset, size)
    : typedArray(dtype, bytes.slice().buffer, 0, size);

/** The elements, in row-major order, as a typed array of the dtype (float16 and bfloat16 as their bits). A copy. */
export function dataSync(x: Tensor): TypedArray {
  const read = x.backend.readSync;
  if (!read)
    throw new MemoryError(
      `device "${x.device}" cannot be read synchronously: the platform cannot block on it`,
      "write: await x.data(), or await x.itemAsync()",
    );
  const source = dense(x);
  const width = bytesOf(x.dtype);
  const bytes = read.call(x.backend, source.buffer, source.offset * width, source.size * width);
  if (source !== x) source.dispose();
  return own(bytes, x.dtype, x.size);
}

/** {@link dataSync} that waits for the device; works on every backend. */
export async function data(x: Tensor): Promise<TypedArray> {
  const source = dense(x);
  const width = bytesOf(x.dtype);
  const bytes = await x.backend.read(source.buffer, source.offset * width, source.size * width);
  if (source !== x) source.dispose();
  return own(bytes, x.dtype, x.size);
}

/** Element values as numbers (booleans for bool, bigints for int64 beyond 2^53). */
export function decode(raw: TypedArray, dtype: DType): (number | boolean | bigint)[] {
  const out = new Array<number | boolean | bigint>(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const v = raw[i];
    if (typeof v === "bigint") out[i] = Number.isSafeInteger(Number(v)) ? Number(v) : v;
    else if (dtype === "bool") out[i] = v !== 0;
    else if (dtype === "float16") out[i] = halfToFloat(v);
    else if (dtype === "bfloat16") out[i] = bfloatToFloat(v);
    else out[i] = v;
  }
  return out;
}

/** Numbers as the memory of `dtype`. */
export function encode(values: ArrayLike<number | boolean | bigint>, dtype: DType): Uint8Array {
  const out = typedArray(dtype, new ArrayBuffer(values.length * bytesOf(dtype)), 0, values.length);
  if (out instanceof BigInt64Array) for (let i = 0; i < values.length; i++) out[i] = toBigInt(values[i]);
  else
    for (let i = 0; i < values.length; i++) {
      const v = Number(values[i]);
      out[i] =
        dtype === "bool"
          ? Number(v !== 0)
          : dtype === "float16"
            ? floatToHalf(v)
            : dtype === "bfloat16"
              ? floatToBfloat(v)
              : v;
    }
  return new Uint8Array(out.buffer);
}
const toBigInt = (v: number | boolean | bigint): bigint => (typeof v === "bigint" ? v : BigInt(Math.trunc(Number(v))));
