import { ArgumentError, type DType, data, fromBytes, type Tensor, type TypedArray } from "@flambeau/tensor/functional";
import { bytesOf, context, option, show, typedArray } from "@flambeau/tensor/plugin";
import { arrayBits } from "./limits.ts";

/** A tensor as files hold it: dtype, shape, and the elements in C order, little-endian. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Tensors by name, as a plain object or a map. */
export type NamedTensors = { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>;

/** @throws ArgumentError for what is no tensor. */
export function namesAndTensors(op: string, tensors: NamedTensors): [name: string, t: Tensor][] {
  if (typeof tensors !== "object" || tensors === null || isTensor(tensors))
    throw new ArgumentError(op, "the tensors are an object or a map of tensors by name", "write { weight: tensor }");
  const named: [string, Tensor][] = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  for (const [name, t] of named) {
    if (typeof name !== "string")
      throw new ArgumentError(op, `the names are strings, got the ${typeof name} ${String(name)}`);
    if (!isTensor(t))
      throw new ArgumentError(
        op,
        `"${name}" is a ${typeof t} and no tensor`,
        "saveCheckpoint() keeps other values, too",
      );
  }
  return named;
}

/** Not `instanceof`: a program may have two copies of the tensor package loaded. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "storage" in value && "strides" in value && "dtype" in value;

/** Bytes of a dense array, or undefined when the product is beyond what a file can hold. */
export function byteLength(dtype: DType, shape: readonly number[]): number | undefined {
  const bits = arrayBits(8 * bytesOf(dtype), shape);
  return bits === undefined ? undefined : bits / 8;
}

/** @throws ArgumentError for what is no bytes. */
export function bytesOnly(op: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  const buffer = bytes instanceof ArrayBuffer ? "write new Uint8Array(buffer)" : undefined;
  throw new ArgumentError(op, `the bytes are a Uint8Array, got ${buffer ? "an ArrayBuffer" : typeof bytes}`, buffer);
}

const sizes = option.listOf(option.number);
/** @throws ArgumentError for what is no array as files hold it. */
export function checkData(op: string, name: string, data: TensorData): void {
  if (!option.object.takes(data) || !option.dtype.takes(data.dtype) || !sizes.takes(data.shape))
    throw new ArgumentError(op, `${name} must be { dtype, shape, bytes }, got ${show(data)}`);
  bytesOnly(op, data.bytes);
}

/** What is given as an iterable of names and values, in pairs: a map, say. @throws ArgumentError for anything else. */
export function pairs<T>(op: string, name: string, given: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  const list = option.iterable.takes(given) ? [...given] : null;
  if (list?.every((pair) => Array.isArray(pair) && pair.length === 2)) return list;
  throw new ArgumentError(op, `${name} must be a map, or a list of names and values in pairs, got ${show(given)}`);
}

/** The elements as a typed array of their own, aligned as typed arrays want it. */
export function elements({ dtype, bytes }: TensorData): TypedArray {
  const copy = bytes.slice();
  return typedArray(dtype, copy.buffer, 0, copy.length / bytesOf(dtype));
}

/** Read tensors off their devices. All reads start before the first is awaited: the values are those of the moment of the call. */
export function toData(
  tensors: readonly (readonly [name: string, t: Tensor])[],
): Promise<[name: string, data: TensorData][]> {
  return Promise.all(
    tensors.map(async ([name, t]): Promise<[string, TensorData]> => {
      const { buffer, byteOffset, byteLength } = await data(t);
      return [name, { dtype: t.dtype, shape: t.shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) }];
    }),
  );
}

/** A tensor on `device`. Without one: on the default device, or on the cpu when that does not have the dtype. */
export function toTensor({ dtype, shape, bytes }: TensorData, device?: string): Tensor {
  const { backends, defaultDevice } = context;
  const stays = device === undefined && backends.get(defaultDevice)?.dtypes.has(dtype) === false && backends.has("cpu");
  return fromBytes(bytes, dtype, shape, { device: stays ? "cpu" : device });
}
