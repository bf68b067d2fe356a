import { noGrad } from "../core/modes.ts";
import type { Tensor } from "../core/tensor.ts";
import { checkSameDevice } from "../layout/windows.ts";
import { toDevice } from "./convert.ts";
import { records } from "./interpreter.ts";

/** `t` on the device of `other`: 0-d tensors on the cpu go with those of any device, as numbers do. */
export function beside(op: string, t: Tensor, other: Tensor): Tensor {
  if (t.backend === other.backend) return t;
  // the gradient of one that wants it would have to come back, which not every device can do at once
  if (t.ndim > 0 || t.device !== "cpu" || records([t])) checkSameDevice(op, other, t);
  return noGrad(() => toDevice(t, other.device));
}
/** Operands of different devices on one of them. @throws DeviceError for others than 0-d tensors on the cpu. */
export function together(op: string, tensors: readonly Tensor[]): readonly Tensor[] {
  const main = tensors.find((t) => t.ndim > 0) ?? tensors.find((t) => t.device !== "cpu") ?? tensors[0];
  const out = tensors.map((t) => beside(op, t, main));
  for (const t of out) checkSameDevice(op, main, t);
  return out;
}
