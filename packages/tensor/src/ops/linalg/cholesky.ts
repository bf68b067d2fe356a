import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { cholesky as factor } from "../../linalg/cholesky.ts";
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
  forward([x], { strict }) {
    const all = readMatrices("cholesky", x);
    const infos = Array.from({ length: all.count }, (_, i) => {
      const info = factor(matrixAt(all, i), all.n);
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
  /** Give L^T instead of L. */
  readonly upper?: boolean;
}
/**
 * The lower triangular L with L L^T = x for symmetric positive definite matrices.
 *
 * @throws ArgumentError when one is not positive definite.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 * @example
 * import { cholesky, tensor } from "@flambeau/tensor";
 * console.log(cholesky(tensor([[4, 2], [2, 10]])).tolist()); // [[2, 0], [1, 3]]
 */
export function cholesky(x: Tensor, options: CholeskyOptions = {}): Tensor {
  checkSquare("cholesky", x);
  const [l] = applyMany(choleskyOp, [options.upper ? mT(x) : x], { strict: true });
  return options.upper ? mT(l) : l;
}
/** {@link cholesky} that reports failure in `info` (the order of the first minor that is not positive, or 0) instead of throwing. */
export function choleskyEx(x: Tensor, options: CholeskyOptions = {}): { L: Tensor; info: Tensor } {
  checkSquare("choleskyEx", x);
  const [l, info] = applyMany(choleskyOp, [options.upper ? mT(x) : x], { strict: false });
  return { L: options.upper ? mT(l) : l, info };
}
export const choleskySolveOp: Op = {
  name: "choleskySolve",
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
/** The x with L L^T x = b (upper: L^T L), given the factor. */
export function choleskySolve(b: Tensor, factor: Tensor, options: CholeskyOptions = {}): Tensor {
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
/** (L L^T)^-1 (upper: (L^T L)^-1), given the factor. */
export function choleskyInverse(factor: Tensor, options: CholeskyOptions = {}): Tensor {
  checkSquare("choleskyInverse", factor);
  const n = factor.shape[factor.ndim - 1];
  const identity = eye(n, n, { dtype: factor.dtype, device: factor.device });
  return choleskySolve(identity, factor, options);
}
