import { backendOf } from "../../core/context.ts";
import { bytesOf } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { Storage } from "../../core/storage.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { contiguousStrides, sizeOf } from "../../layout/shapes.ts";
import { catchUp } from "../../lower/machine.ts";
import { finish, made, type TensorOptions, tensorKinds } from "./allocation.ts";

/** A tensor's memory as the platform knows it. */
export interface NativeBuffer {
  /** A GPUBuffer; on the cpu a Uint8Array, until memory is made anew. */
  readonly buffer: unknown;
  /** Where the tensor's first element lies in it. */
  readonly byteOffset: number;
}

/**
 * The platform's memory behind `x`, for programs that work on it themselves (a shader of theirs, say): element `x[i, j]` lies at byte
 * `byteOffset + (i * x.strides[0] + j * x.strides[1]) * width`. What was asked of the device before has been sent to it. Nobody is told of
 * what is written there.
 *
 * Shape: any; strides count in elements of `width` bytes, those of the dtype.
 *
 * @throws UnavailableError on devices that do not give it.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.data_ptr.html
 * @example
 * nativeBuffer(tensor([1, 2, 3]).narrow(0, 1, 2)).byteOffset; // 4
 */
export function nativeBuffer(x: Tensor): NativeBuffer {
  checkTensor("nativeBuffer", "x", x);
  catchUp("nativeBuffer()");
  const buffer = x.backend.native?.(x.buffer);
  if (buffer === undefined)
    throw new UnavailableError(`nativeBuffer: device "${x.device}" does not give its memory out`);
  return { buffer, byteOffset: x.offset * bytesOf(x.dtype) };
}

/**
 * A tensor on memory that the program has on the device, without a copy: `y[i, j]` is element `i * shape[1] + j` of it. On WebGPU that is a
 * GPUBuffer with the usages STORAGE, COPY_SRC and COPY_DST. The memory stays the program's: it must live as long as the tensor, and is not
 * destroyed with it.
 *
 * Shape: `shape`, row-major from the memory's start. Dtype: the default floating one, unless the options say another.
 *
 * @throws UnavailableError on devices that take none (the cpu).
 * @throws ArgumentError for memory that does not fit.
 * @throws DTypeError when the device does not have the dtype.
 * @throws DeviceError when no such device is registered.
 * @see https://www.w3.org/TR/webgpu/#gpubuffer
 * @example
 * // doctest: skip, it needs a GPU
 * declare const buffer: unknown; // device.createBuffer({ size: 16, usage: STORAGE | COPY_SRC | COPY_DST })
 * fromNative(buffer, [2, 2], { device: "webgpu" }).shape; // [2, 2]
 */
export function fromNative(native: unknown, shape: readonly number[], options: TensorOptions = none): Tensor {
  checkOptions("fromNative", tensorKinds, options);
  const { dtype, device, shape: own } = made("fromNative", shape, options);
  const backend = backendOf(device);
  const size = sizeOf(own);
  const bytes = size * bytesOf(dtype);
  if (!backend.adopt) throw new UnavailableError(`fromNative: device "${device}" takes no memory of the program's`);
  const storage = new Storage(backend, bytes, backend.adopt(native, bytes));
  return finish(new Tensor(storage, dtype, own, contiguousStrides(own), 0, true, size), options);
}
