import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import { alikeInWidth } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkSameDevice, windowOn } from "../../layout/windows.ts";
import { runFused } from "../../lower/fused.ts";
import { runMatmul } from "../../lower/machine.ts";
import { dense, fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { matmul } from "../linalg/matmul.ts";
import { add_ } from "../pointwise/arithmetic.ts";
import { sum } from "../reduce/reduction.ts";
import { expand, reshape, t } from "../shape/view.ts";

/** `x`'s rows as one matrix. */
const rowsOf = (x: Tensor): Tensor =>
  x.ndim === 2 ? x : reshape(x, [x.size === 0 ? sizeOfLead(x) : -1, x.shape[x.ndim - 1]]);
const sizeOfLead = (x: Tensor): number => x.shape.slice(0, -1).reduce((n, s) => n * s, 1);

export const linearOp: Op = {
  name: "linear",
  rounds: 1,
  forward(inputs) {
    const [given, w, b] = inputs;
    const x = dense(given);
    const [n, k] = w.shape;
    const m = sizeOfLead(x);
    const shape = [...x.shape.slice(0, -1), n];
    const fast = runFused("linear", inputs, () => [empty(x.backend, x.dtype, shape)], {});
    if (fast !== null) return fast[0];
    const out = empty(x.backend, x.dtype, shape);
    if (out.size > 0) {
      if (k === 0) fillInto(out, 0);
      else {
        const rows = windowOn(x, [1, m, k], [m * k, k, 1]);
        const columns = windowOn(w, [1, k, n], [0, w.strides[1], w.strides[0]]);
        const result = windowOn(out, [1, m, n], [m * n, n, 1]);
        runMatmul(x, rows, columns, result);
      }
      if (b !== undefined) add_(out, b);
    }
    if (x !== given) x.dispose();
    return out;
  },
  save: ([x, w], _, __, needs) => [...(needs[0] ? [w] : []), ...(needs[1] ? [x] : [])],
  vjp({ saved, shapes, needs }, [g]) {
    if (!g) return shapes.map(() => null);
    const rows = rowsOf(g);
    return [
      needs[0] ? reshape(matmul(rows, saved[0]), shapes[0]) : null,
      needs[1] ? matmul(t(rows), rowsOf(saved[saved.length - 1])) : null,
      needs[2] ? sum(rows, 0) : null,
    ];
  },
};

/**
 * Affine map of the last dimension: `y = x @ weight^T + bias`, which is `y[..., o] = sum over i of x[..., i] * weight[o, i] + bias[o]`.
 *
 * Shapes: `x` [..., in], `weight` [out, in] (or [in], which gives results without the last dimension), `bias` [out] (or []); result [...,
 * out]. Dtype: all have the same one, which the result has, too.
 *
 * @throws ShapeError when the last size of `x` is not that of `weight`, or `bias` does not fit the outputs.
 * @throws DTypeError when `x`, `weight` and `bias` have different dtypes.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 * @example
 * import { linear, tensor } from "@flambeau/tensor";
 * linear(tensor([[1, 2]]), tensor([[1, 0], [1, 1]]), tensor([10, 20])).tolist(); // [[11, 23]]
 * linear(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist(); // [3, 7]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  checkSameDevice("linear", x, weight);
  if (bias) checkSameDevice("linear", x, bias);
  const inner = x.shape[x.ndim - 1];
  if (weight.ndim === 1 && x.ndim > 0) {
    const out = linear(x, reshape(weight, [1, weight.size]), bias ? reshape(bias, [1]) : null);
    return reshape(out, x.shape.slice(0, -1));
  }
  if (x.ndim === 0 || weight.ndim !== 2 || weight.shape[1] !== inner)
    throw new ShapeError(
      "linear",
      `input ${showShape(x.shape)} does not fit weight ${showShape(weight.shape)}: the input's last size must be the weight's ${weight.shape[1]}`,
      [x.shape, weight.shape],
      "a weight is [out, in]; flatten(1) turns images into rows",
    );
  if (bias && (bias.ndim > 1 || (bias.ndim === 1 && bias.shape[0] !== weight.shape[0] && bias.shape[0] !== 1)))
    throw new ShapeError(
      "linear",
      `bias ${showShape(bias.shape)} does not fit the ${weight.shape[0]} outputs of weight ${showShape(weight.shape)}`,
      [weight.shape, bias.shape],
    );
  if (x.dtype !== weight.dtype || (bias && bias.dtype !== x.dtype)) {
    if (unscoped()) return scoped(linear, x, weight, bias);
    const whole = wholeBy("linear", x);
    if (whole !== null) return whole(linear, [x, weight, bias]);
    if (bias) [x, weight, bias] = alikeInWidth(x, weight, bias);
    else [x, weight] = alikeInWidth(x, weight);
  }
  if (x.dtype !== weight.dtype || (bias && bias.dtype !== x.dtype))
    throw new DTypeError(
      "linear",
      `input, weight and bias have different dtypes: ${x.dtype}, ${weight.dtype}${bias ? `, ${bias.dtype}` : ""}`,
    );
  if (!bias) return applyOne(linearOp, [x, weight], {});
  return applyOne(
    linearOp,
    [x, weight, bias.ndim === 1 && bias.shape[0] === weight.shape[0] ? bias : expand(bias, [weight.shape[0]])],
    {},
  );
}
