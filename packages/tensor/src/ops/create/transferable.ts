import type { DType, TypedArray } from "../../core/dtype.ts";
import { ArgumentError, show } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, string } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { valuesFor } from "../../lower/host.ts";
import type { TensorOptions } from "./allocation.ts";
import { fromBytes } from "./creation.ts";

/** A tensor as plain data, which workers and stores take as it is: structured clone keeps it, and `bytes.buffer` can be transferred. */
export interface TransferableTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The elements, little-endian, row by row, alone in their buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * A copy of `x` as plain data, exact in every dtype: `x[i]` lies in `bytes[i * width]` to `bytes[(i + 1) * width - 1]`. Send it with
 * `worker.postMessage(data, [data.bytes.buffer])`; {@link fromTransferable} makes the tensor again. Graphs stay where they are.
 *
 * Shape: any. Dtype: any.
 *
 * @throws UnavailableError where the device cannot be read synchronously (WebGPU): write `(await x.toAsync("cpu")).toTransferable()`.
 * @see https://docs.pytorch.org/docs/stable/multiprocessing.html
 * @example
 * const data = tensor([[1, 2]]).toTransferable();
 * fromTransferable(structuredClone(data)).tolist(); // [[1, 2]]
 */
export function toTransferable(x: Tensor): TransferableTensor {
  checkTensor("toTransferable", "x", x);
  const values = valuesFor("toTransferable", x, "it gives the values at once", 'move it first: await x.toAsync("cpu")');
  return { dtype: x.dtype, shape: [...x.shape], bytes: alone(values) };
}

/** The bytes of what was read, which nobody else has, alone in their buffer. */
function alone({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array<ArrayBuffer> {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return new Uint8Array(buffer);
  const bytes = new Uint8Array(byteLength);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
  return bytes;
}

const kinds: Kinds<Omit<TensorOptions, "dtype">> = { device: string, requiresGrad: boolean };
/**
 * The tensor of what {@link toTransferable} gave, here or in another thread: `y[i]` is the element in `bytes[i * width]` to
 * `bytes[(i + 1) * width - 1]`.
 *
 * Shape: `data.shape`. Dtype: `data.dtype`.
 *
 * @throws ArgumentError when `data` is nothing that toTransferable gives; ShapeError when the bytes are not those of the shape.
 * @throws DTypeError when the device does not have the dtype.
 * @see https://docs.pytorch.org/docs/stable/multiprocessing.html
 * @example
 * fromTransferable(tensor([5], { dtype: "int64" }).toTransferable()).dtype; // "int64"
 */
export function fromTransferable(data: TransferableTensor, options: Omit<TensorOptions, "dtype"> = none): Tensor {
  checkOptions("fromTransferable", kinds, options);
  if (typeof data !== "object" || data === null || !("bytes" in data))
    throw new ArgumentError("fromTransferable", `data must be what toTransferable gives, got ${show(data)}`);
  return fromBytes(data.bytes, data.dtype, data.shape, options);
}
