import type { View } from "./contract.ts";
import type { DType } from "./dtype.ts";
import { DeviceError } from "./errors.ts";
import { broadcastStrides, sameShape } from "./layout.ts";
import type { Tensor } from "./tensor.ts";

class Window implements View {
  readonly buffer: object;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(t: Tensor, shape: readonly number[]) {
    this.buffer = t.buffer;
    this.dtype = t.dtype;
    this.offset = t.offset;
    this.shape = shape;
    this.strides = broadcastStrides(t.shape, t.strides, shape);
  }
}
/** `t` read as if it had `shape`, without a new handle. */
export const broadcastView = (t: Tensor, shape: readonly number[]): View =>
  sameShape(t.shape, shape) ? t : new Window(t, shape);

export function checkSameDevice(op: string, a: Tensor, b: Tensor): void {
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
