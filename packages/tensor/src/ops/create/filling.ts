import { element, type Scalar } from "../../core/element.ts";
import { empty, Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne, create } from "../../door/run.ts";
import { copyInto } from "../../lower/move.ts";
import { slopeless } from "../pointwise/slopeless.ts";
import { checkNoDims, filledLike, fullOp } from "./allocation.ts";

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
 * @throws ArgumentError when a number does not fit the dtype.
 * @throws DTypeError when `value` is no number, boolean, bigint or tensor.
 * @throws ShapeError when a tensor `value` has dimensions.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.fill_.html
 * @example
 * tensor([1, 2]).fill(5).tolist(); // [5, 5]
 * const value = tensor(2, { requiresGrad: true });
 * fill(zeros([3]), value).sum().backward();
 * value.grad!.item(); // 3
 */
export function fill(x: Tensor, value: Tensor | Scalar): Tensor {
  if (!(value instanceof Tensor))
    return slopeless("fill", [x], () => {
      const { shape, dtype, device } = x;
      return create(fullOp, { shape, dtype, device, value: element("fill", value, dtype) });
    });
  checkNoDims("fill", value);
  return applyOne(filledOp, [x, value], {});
}
