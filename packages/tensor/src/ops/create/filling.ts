import { ShapeError, showShape } from "../../core/errors.ts";
import { empty, Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { copyInto } from "../../lower/move.ts";
import { slopeless } from "../pointwise/slopeless.ts";
import { filledLike } from "./allocation.ts";

export const filledOp: Op = {
  name: "fill",
  forward: ([x, value]) => copyInto(empty(x.backend, x.dtype, x.shape), value),
  vjp: ({ needs }, [g]) => [g && needs[0] ? filledLike(g, g.shape, 0) : null, g],
};
/**
 * A tensor like `x` with every element `value`, a number or a 0-d tensor: `y[i] = value`. The gradient goes to a tensor `value`, and zeros
 * to `x`.
 *
 * Shape: that of `x`; `value` is 0-d. Dtype: that of `x`.
 *
 * @throws ShapeError when a tensor `value` has dimensions.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
 * @example
 * tensor([1, 2]).fill(5).tolist(); // [5, 5]
 * const value = tensor(2, { requiresGrad: true });
 * fill(zeros([3]), value).sum().backward();
 * value.grad!.item(); // 3
 */
export function fill(x: Tensor, value: Tensor | number): Tensor {
  if (!(value instanceof Tensor)) return slopeless("fill", [x], () => filledLike(x, x.shape, value));
  if (value.ndim > 0)
    throw new ShapeError("fill", `a tensor value must be 0-d, got shape ${showShape(value.shape)}`, [value.shape]);
  return applyOne(filledOp, [x, value], {});
}
