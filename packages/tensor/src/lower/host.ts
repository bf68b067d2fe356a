import type { Buffer } from "../contract/view.ts";
import { announceRead, context } from "../core/context.ts";
import { bytesOf, type DType, halfCodec, type TypedArray, typedArray } from "../core/dtype.ts";
import { putElement, type Scalar } from "../core/element.ts";
import { DataDependentError, UnavailableError } from "../core/errors.ts";
import { checkTensor, type Tensor } from "../core/tensor.ts";
import { nextStep } from "../memory/next-step.ts";
import { pressure } from "../memory/reclaim.ts";
import { hasValues, machine } from "./machine.ts";
import { dense } from "./move.ts";

const own = (bytes: Uint8Array, dtype: DType, size: number): TypedArray =>
  bytes.byteOffset % bytesOf(dtype) === 0
    ? typedArray(dtype, bytes.buffer, bytes.byteOffset, size)
    : typedArray(dtype, bytes.slice().buffer, 0, size);

/**
 * What an op says that has to know values of `x` at once, on a device that cannot be read synchronously. `why` ends the sentence
 * "..., and".
 */
export const unreadable = (op: string, x: Tensor, why: string, instead?: string): UnavailableError =>
  x.device === "meta"
    ? withoutValues(op)
    : new UnavailableError(
        `${op}: device "${x.device}" cannot be read synchronously, and ${why}`,
        instead ??
          `run it on what \`await x.toAsync("cpu")\` gives; to read values: await x.data(), await x.itemAsync()`,
      );

const withoutValues = (op: string): DataDependentError =>
  new DataDependentError(
    `${op}: a tensor on "meta" has no values, and what comes next depends on them`,
    'make it on another device, or module.toEmpty({ device: "cpu" })',
  );

/**
 * Whether the values of `x` can be read at once: for checks of values, which are left out where they cannot. A device may have to be waited
 * for, and an interpreter may refuse (inside vmap a tensor stands for many).
 */
export function readable(x: Tensor): boolean {
  if (x.backend.readSync === undefined) return false;
  if (context.stack === null) return true;
  try {
    announceRead("readable", x);
    return true;
  } catch {
    return false;
  }
}

/**
 * {@link dataSync} for the op `op`, which cannot do without the values because `why`. Every synchronous read of a tensor comes
 * through here.
 *
 * @throws UnavailableError where the device cannot be read synchronously.
 */
export function valuesFor(op: string, given: Tensor, why: string, instead?: string): TypedArray {
  const x = context.stack === null ? given : announceRead(op, given);
  const device = machine(x);
  const read = device.readSync;
  if (!read) throw unreadable(op, x, why, instead);
  const source = dense(x);
  try {
    return own(bytesBy(read.bind(device), source), x.dtype, x.size);
  } finally {
    if (source !== x) source.dispose();
  }
}
/** Calls `read` with the window of a row-major tensor. */
function bytesBy<T>(read: (buffer: Buffer, offset: number, byteLength: number) => T, x: Tensor): T {
  const width = bytesOf(x.dtype);
  return read(x.buffer, x.offset * width, x.size * width);
}

/**
 * The elements, in row-major order, as a typed array of the dtype (float16 and bfloat16 as their bits). A copy.
 *
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `await x.data()`.
 */
export const dataSync = (x: Tensor): TypedArray => {
  checkTensor("dataSync", "x", x);
  return valuesFor("dataSync", x, "it gives the values at once", "write: await x.data()");
};

/** {@link dataSync} that waits for the device; works on every backend. The values are those at the time of the call. */
export async function data(given: Tensor): Promise<TypedArray> {
  const x = context.stack === null ? given : announceRead("data", given);
  if (!hasValues(x)) throw withoutValues("data");
  const device = machine(x);
  const source = dense(x);
  try {
    const bytes = await bytesBy(device.read.bind(device), source);
    // reads that need not wait are links of a chain of promises, in which no dropped tensor comes free
    if (pressure.turn) await nextStep();
    return own(bytes, x.dtype, x.size);
  } finally {
    if (source !== x) source.dispose();
  }
}

/** {@link valuesFor} as numbers: half floats as float32 and not as their bits. */
export function numbersFor(op: string, x: Tensor, why: string, instead?: string): ArrayLike<number | bigint> {
  const raw = valuesFor(op, x, why, instead);
  const half = halfCodec(x.dtype);
  return half ? Float32Array.from(raw as ArrayLike<number>, half.decode) : raw; // 16 bits each
}

/** {@link valuesFor} of a floating-point tensor, as numbers in the dtype that random draws use: half floats as float32. */
export function floatsFor(op: string, x: Tensor, why: string): Float32Array | Float64Array {
  const raw = valuesFor(op, x, why);
  if (raw instanceof Float32Array || raw instanceof Float64Array) return raw;
  return Float32Array.from(decode(raw, x.dtype), Number);
}

/** Element values as numbers (booleans for bool, bigints for int64 beyond 2^53). */
export function decode(raw: TypedArray, dtype: DType): (number | boolean | bigint)[] {
  const out = new Array<number | boolean | bigint>(raw.length);
  const half = halfCodec(dtype);
  for (let i = 0; i < raw.length; i++) {
    const v = raw[i];
    if (typeof v === "bigint") out[i] = Number.isSafeInteger(Number(v)) ? Number(v) : v;
    else if (dtype === "bool") out[i] = v !== 0;
    else out[i] = half ? half.decode(v) : v;
  }
  return out;
}

/**
 * Numbers as the memory of `dtype`. Floats take any, as infinities where they are too large.
 *
 * @throws ArgumentError, DTypeError for what {@link putElement} refuses.
 */
export function encode(values: ArrayLike<Scalar>, dtype: DType, op = "tensor"): Uint8Array {
  if (values instanceof Float64Array || values instanceof Float32Array) {
    // arrays of numbers go into floats as they are, without a look at each
    if (dtype === "float32") return new Uint8Array(new Float32Array(values).buffer);
    if (dtype === "float64") return new Uint8Array(new Float64Array(values).buffer);
  }
  if (values instanceof Int32Array && dtype === "int32") return new Uint8Array(new Int32Array(values).buffer);
  const out = typedArray(dtype, new ArrayBuffer(values.length * bytesOf(dtype)), 0, values.length);
  for (let i = 0; i < values.length; i++) putElement(op, out, i, values[i], dtype);
  return new Uint8Array(out.buffer);
}
