import { ShapeError, showShape } from "../../core/errors.ts";
import { checkOptions, type Kinds, listOf, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger, checkIntegers } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { matrixExponential } from "../../linalg/expm.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { clone } from "../create/copy.ts";
import { eye, zerosLike } from "../create/creation.ts";
import { slopeless } from "../pointwise/slopeless.ts";
import { cat } from "../shape/joining.ts";
import { mT } from "../shape/transposes.ts";
import { expand, movedim, narrow, reshape } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkSquare, matrixAt, onDevice, readMatrices } from "./matrix-host.ts";
import { inv, solve } from "./solving.ts";

export const matrixExpOp: Op = {
  name: "matrixExp",
  rounds: 1,
  forward([x]) {
    const all = readMatrices("matrixExp", x);
    const out = new Float64Array(all.values.length);
    for (let b = 0; b < all.count; b++) out.set(matrixExponential(matrixAt(all, b), all.n), b * all.n * all.n);
    return onDevice("matrixExp", out, x.shape, x);
  },
  save: ([x]) => [x],
  // the upper right block of exp([[X^T, g], [0, X^T]]) (R. Mathias, SIAM J. Matrix Anal. 17, 1996)
  vjp({ saved: [x] }, [g]) {
    if (!g) return [null];
    const n = x.shape[x.ndim - 1];
    const block = cat([cat([mT(x), g], -1), cat([zerosLike(g), mT(x)], -1)], -2);
    return [narrow(narrow(matrixExp(block), -2, 0, n), -1, n, n)];
  },
};
/**
 * The exponential of each square matrix: `I + x + x @ x / 2 + x @ x @ x / 6 + ...`.
 * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
 * @example
 * tensor([[0, 1], [0, 0]]).matrixExp().tolist(); // [[1, 1], [0, 1]]
 * tensor([[1, 0], [0, 2]]).matrixExp().tolist(); // [[2.7183, 0], [0, 7.3891]]
 */
export function matrixExp(x: Tensor): Tensor {
  checkTensor("matrixExp", "x", x);
  checkSquare("matrixExp", x);
  return x.size === 0 ? clone(x) : applyOne(matrixExpOp, [x], {});
}

/**
 * Each square matrix multiplied `n` times with itself: `x^n = x @ x @ ... @ x`. A negative n takes the inverse, 0 gives the identity.
 * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square.
 * @throws ArgumentError when `n` is no integer, or an inverse is needed and does not exist.
 * @throws DTypeError when `n` is negative and the matrices are not floating-point.
 * @throws UnavailableError when `n` is negative and the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
 * @example
 * tensor([[1, 1], [0, 1]]).matrixPower(5).tolist(); // [[1, 5], [0, 1]]
 * tensor([[1, 1], [0, 1]]).matrixPower(-1).tolist(); // [[1, -1], [0, 1]]
 */
export function matrixPower(x: Tensor, n: number): Tensor {
  const whole = wholeBy("matrixPower", x);
  if (whole !== null) return whole(matrixPower, [x, n]);
  if (unscoped()) return scoped(matrixPower, x, n);
  checkTensor("matrixPower", "x", x);
  const stand = inFloat32(x);
  if (stand) return toDType(matrixPower(...stand, n), x.dtype);
  if (x.ndim < 2 || x.shape[x.ndim - 1] !== x.shape[x.ndim - 2])
    throw new ShapeError("matrixPower", `needs square matrices, got ${showShape(x.shape)}`, [x.shape]);
  checkInteger("matrixPower", "n", n);
  if (n < 0) return matrixPower(inv(x), -n);
  if (n === 0) {
    const size = x.shape[x.ndim - 1];
    return slopeless("matrixPower", [x], () =>
      local(() => clone(expand(eye(size, size, { dtype: x.dtype, device: x.device }), x.shape))),
    );
  }
  let result: Tensor | null = null;
  let square = x;
  for (let k = n; ; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = result === null ? square : matmul(result, square);
    if (k <= 1) break;
    square = matmul(square, square);
  }
  return result === x || result === null ? clone(x) : result;
}

export interface TensorinvOptions {
  /** How many of the first dimensions are the rows (default 2). */
  readonly ind?: number | undefined;
}
const tensorinvKinds: Kinds<TensorinvOptions> = { ind: number };

/**
 * The inverse of `x` as a map between tensors: the y for which `tensordot(y, x, ind)` is the identity.
 * Shapes: `x` [front..., back...], where the first `ind` sizes (default 2) multiply to as much as the others; the result [back...,
 * front...]. Dtype: that of `x`.
 *
 * @throws ShapeError when the sizes do not multiply to as much.
 * @throws ArgumentError when `ind` is no positive integer, or the map has no inverse.
 * @throws DTypeError when `x` is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.tensorinv.html
 * @example
 * tensorinv(eye(6).reshape(2, 3, 6)).shape; // [6, 2, 3]
 * tensorinv(tensor([[2, 0], [0, 4]]), { ind: 1 }).tolist(); // [[0.5, 0], [0, 0.25]]
 */
export function tensorinv(x: Tensor, options: TensorinvOptions = none): Tensor {
  checkOptions("tensorinv", tensorinvKinds, options);
  checkTensor("tensorinv", "x", x);
  const { ind = 2 } = options;
  checkInteger("tensorinv", "ind", ind, 1);
  const [front, back] = [x.shape.slice(0, ind), x.shape.slice(ind)];
  if (sizeOf(front) !== sizeOf(back))
    throw new ShapeError(
      "tensorinv",
      `the first ${ind} sizes of ${showShape(x.shape)} multiply to ${sizeOf(front)}, the others to ${sizeOf(back)}`,
      [x.shape],
    );
  return reshape(inv(reshape(x, [sizeOf(front), sizeOf(back)])), [...back, ...front]);
}

export interface TensorsolveOptions {
  /** Dimensions of `a` that are moved to its end first. Default: none. */
  readonly dims?: readonly number[] | null | undefined;
}
const tensorsolveKinds: Kinds<TensorsolveOptions> = { dims: orNull(listOf(number)) };
/**
 * The x with `tensordot(a, x, x.ndim) = b`, where `dims` of `a` are moved to the end first.
 * Shapes: `a` [b's sizes..., x's sizes...] with as many unknowns as equations; the result has x's sizes. Dtype: one for both.
 *
 * @throws ShapeError when the sizes do not fit.
 * @throws ArgumentError when there is no single solution, or `dims` is no list of integers.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.tensorsolve.html
 * @example
 * const a = tensor([2, 4, 5, 10]).diagEmbed().reshape(4, 2, 2);
 * tensorsolve(a, tensor([2, 8, 5, 30])).tolist(); // [[1, 2], [1, 3]]
 */
export function tensorsolve(a: Tensor, b: Tensor, options: TensorsolveOptions = none): Tensor {
  checkOptions("tensorsolve", tensorsolveKinds, options);
  checkTensor("tensorsolve", "a", a);
  checkTensor("tensorsolve", "b", b);
  const dims = checkIntegers("tensorsolve", "dims", options.dims ?? []);
  const moved =
    dims.length === 0
      ? a
      : movedim(
          a,
          dims,
          dims.map((_, i) => a.ndim - dims.length + i),
        );
  const shape = moved.shape.slice(b.ndim);
  if (sizeOf(shape) !== b.size)
    throw new ShapeError(
      "tensorsolve",
      `a ${showShape(a.shape)} and b ${showShape(b.shape)} do not fit: ${sizeOf(shape)} unknowns for ${b.size} equations`,
      [a.shape, b.shape],
    );
  return reshape(solve(reshape(moved, [b.size, b.size]), reshape(b, [b.size])), shape);
}
