import type { Buffer, View } from "../contract/view.ts";
import type { DType } from "../core/dtype.ts";
import { DeviceError } from "../core/errors.ts";
import type { Storage } from "../core/storage.ts";
import { checkTensor, hasStorage, type Tensor } from "../core/tensor.ts";
import { broadcastStrides, sameShape } from "./shapes.ts";

/**
 * A view that is no handle: for kernels' eyes. It holds on to the storage, so that no collection between its making and the
 * kernel's call frees what it shows, when the tensor that it was made of is not used any more.
 */
class Window implements View {
  readonly storage: Storage;
  readonly buffer: Buffer;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(t: Tensor, shape: readonly number[], strides: readonly number[], offset: number) {
    this.storage = t.storage;
    this.buffer = t.buffer;
    this.dtype = t.dtype;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}
/** `t`'s memory under another layout, without a new handle. The numbers are the caller's to get right. */
export const windowOn = (
  t: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset: number = t.offset,
): View => new Window(t, shape, strides, offset);
/** `t` read as if it had `shape`, without a new handle. */
export const broadcastView = (t: Tensor, shape: readonly number[]): View =>
  sameShape(t.shape, shape) ? t : new Window(t, shape, broadcastStrides(t.shape, t.strides, shape), t.offset);
/** A tensor with a dimension to index: a 0-d one as one of a single element. */
export const lifted = (t: Tensor): View => (t.shape.length > 0 ? t : new Window(t, [1], [1], t.offset));

/** @throws ArgumentError for what is no tensor, DeviceError for tensors on different devices. */
export function checkSameDevice(op: string, a: Tensor, b: Tensor): void {
  if (!hasStorage(a) || !hasStorage(b)) checkTensor(op, "each input", hasStorage(a) ? b : a);
  if (a.storage.backend === b.storage.backend) return;
  if (a.device === b.device)
    throw new DeviceError(
      `${op}: tensors are on two devices named "${a.device}"`,
      "the backend was registered anew in between (after a lost device, say): make or load the older tensors again",
    );
  throw new DeviceError(
    `${op}: tensors are on different devices: ${a.device} and ${b.device}`,
    `move one of them: ${a.backend.readSync && !b.backend.readSync ? move(a, b) : move(b, a)}`,
  );
}
const move = (t: Tensor, { device }: Tensor): string =>
  t.backend.readSync ? `t.to("${device}")` : `await t.toAsync("${device}")`;
