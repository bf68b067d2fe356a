import { DTypeError } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, scalar } from "../../expr/expr.ts";
import { fullLike } from "../create/creation.ts";

// What the functions of complex numbers are for real ones: no dtype here is complex.

function itself(op: string, x: Tensor): Tensor {
  checkTensor(op, "x", x);
  return x;
}
/**
 * `+x`, which is `x` itself.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws DTypeError for bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.positive.html
 * @example
 * const x = tensor([1, -2]);
 * positive(x) === x; // true
 * x.positive().tolist(); // [1, -2]
 */
export function positive(x: Tensor): Tensor {
  checkTensor("positive", "x", x);
  if (x.dtype === "bool") throw new DTypeError("positive", "is not defined for bool tensors");
  return x;
}
/**
 * True everywhere, `y[i] = true`: no dtype here is complex.
 *
 * Shape: that of `x`. Dtype: bool.
 *
 * @throws MemoryError when there is no memory for the result.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isreal.html
 * @example
 * tensor([1, NaN]).isreal().tolist(); // [true, true]
 */
export const isreal = (x: Tensor): Tensor => fullLike(x, 1, { dtype: "bool" });
/**
 * The real part, `re(x) = x`: no dtype here is complex, so it is `x` itself.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws nothing: `x` is handed back as it is, even a disposed one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.real.html
 * @example
 * const x = tensor([1, -2]);
 * real(x) === x; // true
 */
export const real = (x: Tensor): Tensor => itself("real", x);
/**
 * The complex conjugate, `conj(x) = x`: no dtype here is complex, so it is `x` itself.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws nothing: `x` is handed back as it is, even a disposed one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.conj.html
 * @example
 * const x = tensor([1, -2]);
 * conj(x) === x; // true
 */
export const conj = (x: Tensor): Tensor => itself("conj", x);
/**
 * The complex conjugate, computed, `conj(x) = x`: no dtype here is complex, so it is `x` itself.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws nothing: `x` is handed back as it is, even a disposed one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.conj_physical.html
 * @example
 * const x = tensor([1, -2]);
 * conjPhysical(x) === x; // true
 */
export const conjPhysical = (x: Tensor): Tensor => itself("conjPhysical", x);
/**
 * `x` with a pending {@link conj} carried out, `y = x`: nothing here is conjugated lazily.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws nothing: `x` is handed back as it is, even a disposed one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.resolve_conj.html
 * @example
 * const x = tensor([1, -2]);
 * resolveConj(x) === x; // true
 */
export const resolveConj = (x: Tensor): Tensor => itself("resolveConj", x);
/**
 * `x` with a pending negation carried out, `y = x`: nothing here is negated lazily.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws nothing: `x` is handed back as it is, even a disposed one.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.resolve_neg.html
 * @example
 * const x = tensor([1, -2]);
 * resolveNeg(x) === x; // true
 */
export const resolveNeg = (x: Tensor): Tensor => itself("resolveNeg", x);

export const angleOp = pointwise("angle", (x) => choose(scalar.isnan(x), x, choose(x.lt(0), Math.PI, 0)), {
  category: "float",
  grad: () => [constant(0)],
});
/**
 * The angle of a real number in the complex plane, `y = x < 0 ? pi : 0`, in radians; NaN stays.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.angle.html
 * @example
 * tensor([-2, 0, 3, NaN]).angle().tolist(); // [3.1416, 0, 0, NaN]
 */
export const angle = (x: Tensor): Tensor => unary(angleOp, x);
