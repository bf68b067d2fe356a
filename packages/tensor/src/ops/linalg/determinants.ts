import type { LinearAlgebra } from "../../contract/linear-algebra.ts";
import { type Pair, pair } from "../../core/named.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { luDeterminant } from "../../linalg/lu.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { log } from "../pointwise/exponential.ts";
import { mT } from "../shape/transposes.ts";
import { unsqueeze } from "../shape/view.ts";
import { checkSquare, type Matrices, matrixAt, onDevice, readMatrices } from "./matrix-host.ts";
import { inv } from "./solving.ts";

const matrix = (g: Tensor): Tensor => unsqueeze(unsqueeze(g, -1), -1);
function determinants(all: Matrices): ReturnType<typeof luDeterminant>[] {
  return Array.from({ length: all.count }, (_, i) => {
    const a = matrixAt(all, i);
    return luDeterminant(a, all.by.luFactor(a, all.n, all.n), all.n);
  });
}

export const detOp: Op = {
  name: "det",
  rounds: 1,
  forward([x]) {
    const all = readMatrices("det", x);
    return onDevice(
      "det",
      determinants(all).map(({ det }) => det),
      all.batch,
      x,
    );
  },
  save: ([x], [d]) => [x, d],
  vjp: ({ saved: [x, d] }, [g]) => [g && applyOne(detBackwardOp, [g, x, d], {})],
};
/** Inputs: g, the matrices and their determinants. */
export const detBackwardOp: Op = {
  name: "detBackward",
  forward: ([g, x]) => mul(matrix(g), cofactorsOf(x)),
  // singular matrices have cofactors as well; only a second derivative needs them in terms of the inverse
  decompose: ([g, x, d]) => mul(matrix(mul(g, d)), mT(inv(x))),
};
/**
 * d det(A) / dA, the matrix of cofactors det(A) A^-T. A pivot of 0 is nudged, as A's cofactors are continuous where its inverse is
 * not.
 */
function cofactors(a: Float64Array, n: number, by: LinearAlgebra): Float64Array {
  const factored = by.luFactor(a, n, n);
  let size = 0;
  for (let i = 0; i < n; i++) size = Math.max(size, Math.abs(a[i * n + i]));
  for (let i = 0; i < n; i++) if (a[i * n + i] === 0) a[i * n + i] = 1e-30 * (size || 1);
  const { det } = luDeterminant(a, factored, n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  by.luSolve(a, factored, n, inverse, n);
  return Float64Array.from({ length: n * n }, (_, i) => det * inverse[(i % n) * n + Math.floor(i / n)]);
}
function cofactorsOf(x: Tensor): Tensor {
  const all = readMatrices("det", x);
  const out = new Float64Array(all.values.length);
  for (let i = 0; i < all.count; i++) out.set(cofactors(matrixAt(all, i), all.n, all.by), i * all.n * all.n);
  return onDevice("det", out, x.shape, x);
}
/**
 * The determinant of each square matrix: of two rows `x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]`; in general the product of the pivots of an LU
 * factorization, with the sign of its row swaps.
 * Shapes: `x` [..., N, N], the result [...]. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.det.html
 * @example
 * tensor([[1, 2], [3, 4]]).det().item(); // -2
 */
export function det(x: Tensor): Tensor {
  checkTensor("det", "x", x);
  checkSquare("det", x);
  return applyOne(detOp, [x], {});
}

export const slogdetOp: Op = {
  name: "slogdet",
  rounds: 2,
  forward([x]) {
    const all = readMatrices("slogdet", x);
    const found = determinants(all);
    const part = (values: number[]) => onDevice("slogdet", values, all.batch, x);
    return [part(found.map(({ sign }) => sign)), part(found.map(({ logAbs }) => logAbs))];
  },
  save: ([x]) => [x],
  // the sign is constant where it is differentiable
  vjp: ({ saved: [x] }, [, g]) => [g && mul(matrix(g), mT(inv(x)))],
};
/**
 * Sign and logarithm of the size of each determinant, which itself may be out of range: `det(x) = sign * exp(logabsdet)`. Of a singular
 * matrix they are 0 and -Infinity.
 * Shapes: `x` [..., N, N], both results [...]. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
 * @example
 * const { sign, logabsdet } = tensor([[1, 2], [3, 4]]).slogdet();
 * sign.item(); // -1
 * logabsdet.item(); // 0.6931
 */
export function slogdet(x: Tensor): Pair & { sign: Tensor; logabsdet: Tensor } {
  checkTensor("slogdet", "x", x);
  checkSquare("slogdet", x);
  const [sign, logabsdet] = applyMany(slogdetOp, [x], {});
  return pair({ sign, logabsdet });
}
/**
 * Logarithm of each determinant: `log(det(x))`, NaN where that is negative, -Infinity where it is 0.
 * Shapes: `x` [..., N, N], the result [...]. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.logdet.html
 * @example
 * tensor([[2, 0], [0, 3]]).logdet().item(); // 1.7918
 * tensor([[1, 2], [3, 4]]).logdet().item(); // NaN
 */
export function logdet(x: Tensor): Tensor {
  if (unscoped()) return scoped(logdet, x);
  checkTensor("logdet", "x", x);
  checkSquare("logdet", x);
  const { sign, logabsdet } = slogdet(x);
  return add(log(sign), logabsdet);
}
