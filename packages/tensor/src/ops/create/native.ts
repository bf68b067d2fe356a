import { backendOf } from "../../core/context.ts";
import { bytesOf } from "../../core/dtype.ts";
import { UnavailableError } from "../../core/errors.ts";
import { Storage } from "../../core/storage.ts";
import { Tensor } from "../../core/tensor.ts";
import { contiguousStrides, sizeOf } from "../../layout/shapes.ts";
import { finish, made, type TensorOptions } from "./allocation.ts";

/** A tensor's memory as the platform knows it. */
export interface NativeBuffer {
  /** A GPUBuffer; on the cpu a Uint8Array, until memory is made anew. */
  readonly buffer: unknown;
  /** Where the tensor's first element lies in it. */
  readonly byteOffset: number;
}

/**
 * The platform's memory behind `x`, for programs that work on it themselves (a shader of theirs, say); what was asked of the device
 * before has been sent to it. Elements lie by `x.strides`. Nobody is told of what is written there.
 *
 * @throws UnavailableError on devices that do not give it.
 */
export function nativeBuffer(x: Tensor): NativeBuffer {
  const buffer = x.backend.native?.(x.buffer);
  if (buffer === undefined)
    throw new UnavailableError(`nativeBuffer: device "${x.device}" does not give its memory out`);
  return { buffer, byteOffset: x.offset * bytesOf(x.dtype) };
}

/**
 * A tensor on memory that the program has on the device: on WebGPU a GPUBuffer with the usages STORAGE, COPY_SRC and COPY_DST. The
 * memory stays the program's: it must live as long as the tensor, and is not destroyed with it.
 *
 * @throws UnavailableError on devices that take none, ArgumentError for memory that does not fit.
 */
export function fromNative(native: unknown, shape: readonly number[], options: TensorOptions = {}): Tensor {
  const { dtype, device, shape: own } = made("fromNative", shape, options);
  const backend = backendOf(device);
  const size = sizeOf(own);
  const bytes = size * bytesOf(dtype);
  if (!backend.adopt) throw new UnavailableError(`fromNative: device "${device}" takes no memory of the program's`);
  const storage = new Storage(backend, bytes, backend.adopt(native, bytes));
  return finish(new Tensor(storage, dtype, own, contiguousStrides(own), 0, true, size), options);
}
