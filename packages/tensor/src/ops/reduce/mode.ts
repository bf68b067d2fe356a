import { IndexError, showShape } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose } from "../../expr/expr.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { fillInto } from "../../lower/move.ts";
import { keptShape } from "../../lower/reduce.ts";
import { local } from "../../memory/tidy.ts";
import { fromValues } from "../create/allocation.ts";
import { type PickAttrs, type Picked, pick, picking } from "../index/picking.ts";
import { takeAt } from "../index/scattering.ts";
import { cat } from "../shape/joining.ts";
import { expand, narrow, reshape } from "../shape/view.ts";
import { cummax } from "./cumulative.ts";
import { argmax } from "./extreme.ts";
import { type KeepdimOptions, keepdimKinds } from "./reduction.ts";
import { sorted } from "./sorting.ts";

export const modeStartOp = pointwise("modeStart", (x, before, at) => choose(x.ne(before), at, 0), {
  title: "mode",
  differentiable: false,
});
export const modeLengthOp = pointwise("modeLength", (at, start) => at.sub(start), {
  title: "mode",
  differentiable: false,
});

export const modeOp: Op<PickAttrs> = picking("mode", (x, { dim }) =>
  local(() => {
    const [values, order] = sorted(x, dim, false);
    if (x.ndim === 0) return order;
    const n = x.shape[dim];
    const line = fromValues(
      "mode",
      Int32Array.from({ length: n }, (_, i) => i),
      [n],
      { dtype: "int32", device: x.device },
    );
    const at = expand(
      reshape(
        line,
        x.shape.map((_, i) => (i === dim ? n : 1)),
      ),
      x.shape,
    );
    // equal values are neighbours: where a run starts, its position is carried along
    const first = fillInto(empty(x.backend, "int32", keptShape(x.shape, [dim])), 0);
    const later = (t: Tensor): Tensor => narrow(t, dim, 1, n - 1);
    const starts = cat(
      [first, pointwiseCall(modeStartOp, [later(values), narrow(values, dim, 0, n - 1), later(at)])],
      dim,
    );
    // the first place where a run reaches the greatest length is the last element of the smallest such value
    const longest = argmax(pointwiseCall(modeLengthOp, [at, cummax(starts, dim).values]), dim, { keepdim: true });
    return takeAt(order, dim, longest);
  }),
);
/**
 * The most frequent value along `dim`, the smallest of several, and the position of its last occurrence: the `v` with the greatest
 * `count(x == v)`.
 * Shapes: values and indices are `x` without `dim` (`keepdim`: size 1 there). Dtype: that of `x`; indices are int32 (PyTorch: int64).
 *
 * @throws IndexError when `dim` is out of range or has size 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.mode.html
 * @example
 * const { values, indices } = tensor([[3, 1, 3], [2, 1, 0]]).mode(1);
 * values.tolist(); // [3, 0]
 * indices.tolist(); // [2, 2]
 */
export function mode(x: Tensor, dim = -1, options: KeepdimOptions = none): Picked {
  checkOptions("mode", keepdimKinds, options);
  checkTensor("mode", "x", x);
  const d = normalizeDim("mode", dim, x.ndim);
  if (x.ndim > 0 && x.shape[d] === 0)
    throw new IndexError("mode", `dimension ${d} of shape ${showShape(x.shape)} is empty`);
  return pick(modeOp, x, { dim: d, keepdim: options.keepdim ?? false });
}
