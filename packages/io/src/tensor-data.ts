import { type DType, data, fromBytes, type Tensor, type TypedArray } from "@flambeau/tensor/functional";
import { bytesOf, context, typedArray } from "@flambeau/tensor/plugin";

/** A tensor as files hold it: dtype, shape, and the elements in C order, little-endian. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Tensors by name, as a plain object or a map. */
export type NamedTensors = { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>;

export const namesAndTensors = (tensors: NamedTensors): [name: string, t: Tensor][] =>
  tensors instanceof Map ? [...tensors] : Object.entries(tensors);

/** Bytes of a dense array, or undefined when the product is beyond what a file can hold. */
export function byteLength(dtype: DType, shape: readonly number[]): number | undefined {
  let bytes = bytesOf(dtype);
  for (const size of shape) bytes *= size;
  // an empty dimension makes 0 of the largest others, and NaN of infinite ones
  if (shape.includes(0)) return 0;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
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
