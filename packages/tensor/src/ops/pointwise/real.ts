import { DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { unary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose, constant, scalar } from "../../expr/expr.ts";
import { fullLike } from "../create/creation.ts";

// What the functions of complex numbers are for real ones: no dtype here is complex.

/** x itself. @throws DTypeError for bools. */
export function positive(x: Tensor): Tensor {
  if (x.dtype === "bool") throw new DTypeError("positive", "is not defined for bool tensors");
  return x;
}
/** True everywhere. */
export const isreal = (x: Tensor): Tensor => fullLike(x, 1, { dtype: "bool" });
/** The real part: x itself. */
export const real = (x: Tensor): Tensor => x;
/** The complex conjugate: x itself. */
export const conj = (x: Tensor): Tensor => x;
/** The complex conjugate, computed: x itself. */
export const conjPhysical = (x: Tensor): Tensor => x;
/** x itself: nothing here is conjugated lazily. */
export const resolveConj = (x: Tensor): Tensor => x;
/** x itself: nothing here is negated lazily. */
export const resolveNeg = (x: Tensor): Tensor => x;

export const angleOp = pointwise("angle", (x) => choose(scalar.isnan(x), x, choose(x.lt(0), Math.PI, 0)), {
  category: "float",
  grad: () => [constant(0)],
});
/** π below 0, else 0. */
export const angle = (x: Tensor): Tensor => unary(angleOp, x);
