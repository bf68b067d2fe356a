import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { type Pair, pair } from "../../core/named.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { eye } from "../create/creation.ts";
import { add, mul, neg } from "../pointwise/arithmetic.ts";
import { unbroadcast } from "../reduce/unbroadcast.ts";
import { mT } from "../shape/transposes.ts";
import { tril } from "../shape/triangular.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, checkSquare, matrixAt, onDevice, readMatrices, which } from "./matrix-host.ts";
import { solveTriangular } from "./solving.ts";

export interface Attrs {
  /** Whether a matrix that is not positive definite is an error. */
  readonly strict: boolean;
}
export const choleskyOp: Op<Attrs> = {
  name: "cholesky",
  rounds: 1,
  forward([x], { strict }) {
    const all = readMatrices("cholesky", x);
    const infos = Array.from({ length: all.count }, (_, i) => {
      const info = all.by.cholesky(matrixAt(all, i), all.n);
      if (info > 0 && strict)
        throw new ArgumentError(
          "cholesky",
          `the matrix is not positive definite: its leading minor of order ${info} is not positive${which(all.batch, i)}`,
        );
      return info;
    });
    return [onDevice("cholesky", all.values, x.shape, x), onDevice("cholesky", infos, all.batch, x, "int32")];
  },
  save: (_, [l]) => [l],
  // L^-T sym(tril(L^T g)) L^-1, with half of the diagonal (Murray, "Differentiation of the Cholesky decomposition", 2016)
  vjp({ saved: [l] }, [g]) {
    if (!g) return [null];
    const lower = tril(matmul(mT(l), g));
    const phi = mul(add(lower, mT(tril(lower, -1))), 0.5);
    const left = solveTriangular(mT(l), phi, { upper: true });
    return [solveTriangular(l, left, { upper: false, left: false })];
  },
};

export interface CholeskyOptions {
  /** Give (or take) the upper factor L^T instead of L (default false). */
  readonly upper?: boolean | undefined;
}
const choleskyKinds: Kinds<CholeskyOptions> = { upper: boolean };
/**
 * The lower triangular factor of symmetric positive definite matrices: the L with `L @ L^T = x`, or with `upper` the U with `U^T @ U = x`.
 * Only the lower triangle of `x` is read (`upper`: the upper one).
 * Shapes: `x` [..., N, N], the result as well. Dtype: that of `x`.
 *
 * @throws ArgumentError when a matrix is not positive definite.
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 * @example
 * import { tensor } from "flambeau";
 * const x = tensor([[4, 2], [2, 10]]);
 * const L = x.cholesky();
 * L.tolist(); // [[2, 0], [1, 3]]
 * L.matmul(L.mT()).tolist(); // [[4, 2], [2, 10]]
 */
export function cholesky(x: Tensor, options: CholeskyOptions = none): Tensor {
  if (unscoped()) return scoped(cholesky, x, options);
  checkOptions("cholesky", choleskyKinds, options);
  checkTensor("cholesky", "x", x);
  checkSquare("cholesky", x);
  const [l] = applyMany(choleskyOp, [options.upper ? mT(x) : x], { strict: true });
  return options.upper ? mT(l) : l;
}
/**
 * {@link cholesky} that reports failure in `info` instead of throwing: the order of the first leading minor that is not positive, or 0,
 * with `L @ L^T = x` only where it is 0.
 * Shapes: `x` [..., N, N], L as well, `info` [...] (int32). Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky_ex.html
 * @example
 * choleskyEx(tensor([[4, 2], [2, 10]])).info.item(); // 0
 * choleskyEx(tensor([[1, 2], [2, 1]])).info.item(); // 2
 */
export function choleskyEx(x: Tensor, options: CholeskyOptions = none): Pair & { L: Tensor; info: Tensor } {
  checkOptions("choleskyEx", choleskyKinds, options);
  checkTensor("choleskyEx", "x", x);
  checkSquare("choleskyEx", x);
  const [l, info] = applyMany(choleskyOp, [options.upper ? mT(x) : x], { strict: false });
  return pair({ L: options.upper ? mT(l) : l, info });
}
export const choleskySolveOp: Op = {
  name: "choleskySolve",
  rounds: 1,
  forward: ([b, l]) => solveTriangular(mT(l), solveTriangular(l, b, { upper: false }), { upper: true }),
  save: ([, l], [x]) => [l, x],
  // the gradient of L as a full matrix, as PyTorch has it: cholesky's own rule looks at the lower triangle only
  vjp({ saved: [l, x], shapes, needs }, [g]) {
    if (!g) return [null, null];
    const gb = applyOne(choleskySolveOp, [g, l], {});
    const product = matmul(gb, mT(x));
    const gl = needs[1] ? neg(matmul(add(product, mT(product)), l)) : null;
    return [unbroadcast(gb, shapes[0]), gl && unbroadcast(gl, shapes[1])];
  },
};
/**
 * The solution of a system whose matrix is given by its Cholesky factor: the x with `L @ L^T @ x = b`, or with `upper` `U^T @ U @ x = b`.
 * Shapes: `b` [..., N, K], `factor` [..., N, N], batches broadcast; the result [..., N, K]. Dtype: one for both.
 *
 * @throws ShapeError when the factor is not square, or `b` does not fit it.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cholesky_solve.html
 * @example
 * const L = tensor([[4, 2], [2, 10]]).cholesky();
 * choleskySolve(tensor([[6], [12]]), L).tolist(); // [[1], [1]]
 */
export function choleskySolve(b: Tensor, factor: Tensor, options: CholeskyOptions = none): Tensor {
  checkOptions("choleskySolve", choleskyKinds, options);
  checkTensor("choleskySolve", "b", b);
  checkTensor("choleskySolve", "factor", factor);
  checkSquare("choleskySolve", factor);
  checkMatrices("choleskySolve", b);
  if (b.dtype !== factor.dtype)
    throw new DTypeError("choleskySolve", `operands have different dtypes: ${b.dtype} and ${factor.dtype}`);
  if (b.shape[b.ndim - 2] !== factor.shape[factor.ndim - 1])
    throw new ShapeError(
      "choleskySolve",
      `b ${showShape(b.shape)} does not fit the factor ${showShape(factor.shape)}`,
      [b.shape, factor.shape],
    );
  return applyOne(choleskySolveOp, [b, options.upper ? mT(factor) : factor], {});
}
/**
 * The inverse of matrices given by their Cholesky factor: `(L @ L^T)^-1`, or with `upper` `(U^T @ U)^-1`.
 * Shapes: `factor` [..., N, N], the result as well. Dtype: that of `factor`.
 *
 * @throws ShapeError when the factor is not square; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cholesky_inverse.html
 * @example
 * choleskyInverse(tensor([[2, 0], [0, 4]])).tolist(); // [[0.2500, 0], [0, 0.0625]]
 */
export function choleskyInverse(factor: Tensor, options: CholeskyOptions = none): Tensor {
  if (unscoped()) return scoped(choleskyInverse, factor, options);
  checkOptions("choleskyInverse", choleskyKinds, options);
  checkTensor("choleskyInverse", "factor", factor);
  checkSquare("choleskyInverse", factor);
  const n = factor.shape[factor.ndim - 1];
  const identity = eye(n, n, { dtype: factor.dtype, device: factor.device });
  return choleskySolve(identity, factor, options);
}
