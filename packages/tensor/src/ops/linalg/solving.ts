import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { type Pair, pair } from "../../core/named.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { broadcastShapes } from "../../layout/shapes.ts";
import { neg } from "../pointwise/arithmetic.ts";
import { mT } from "../shape/transposes.ts";
import { tril, triu } from "../shape/triangular.ts";
import { broadcastTo, squeeze, unsqueeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, checkSquare, finite, matrixAt, onDevice, readMatrices, which } from "./matrix-host.ts";

const singular = (op: string, batch: readonly number[], i: number): ArgumentError =>
  new ArgumentError(
    op,
    `the matrix is singular: it has no inverse${which(batch, i)}`,
    "pinv() gives the least-squares solution",
  );

export interface Strictness {
  readonly op: string;
  /** Whether a singular matrix is an error; otherwise it gives infinities or NaN. */
  readonly strict: boolean;
}
export const solveOp: Op<Strictness> = {
  name: "solve",
  rounds: 1,
  // a [..., n, n] and b [..., n, r] of one batch shape
  forward([a, b], { op, strict }) {
    const [left, right] = [readMatrices("solve", a), readMatrices("solve", b)];
    for (let i = 0; i < left.count; i++) {
      const matrix = matrixAt(left, i);
      const lu = left.by.luFactor(matrix, left.n, left.n);
      if (lu.info > 0 && strict) throw singular(op, left.batch, i);
      finite(left, right).luSolve(matrix, lu, left.n, matrixAt(right, i), right.n);
    }
    return onDevice(op, right.values, b.shape, b);
  },
  save: ([a], [x]) => [a, x],
  vjp({ saved: [a, x], attrs, needs }, [g]) {
    if (!g) return [null, null];
    const gb = applyOne(solveOp, [mT(a), g], attrs);
    return [needs[0] ? neg(matmul(gb, mT(x))) : null, gb];
  },
};
export const inverseOp: Op<Strictness> = {
  name: "inv",
  rounds: 1,
  forward([a], { op, strict }) {
    const left = readMatrices("inv", a);
    const { n, count } = left;
    const out = new Float64Array(count * n * n);
    for (let i = 0; i < count; i++) {
      const matrix = matrixAt(left, i);
      const inverse = out.subarray(i * n * n, (i + 1) * n * n);
      for (let d = 0; d < n; d++) inverse[d * n + d] = 1;
      const lu = left.by.luFactor(matrix, n, n);
      if (lu.info > 0 && strict) throw singular(op, left.batch, i);
      left.by.luSolve(matrix, lu, n, inverse, n);
    }
    return onDevice(op, out, a.shape, a);
  },
  save: (_, [y]) => [y],
  vjp: ({ saved: [y] }, [g]) => [g && neg(matmul(matmul(mT(y), g), mT(y)))],
};

/**
 * The inverse of each square matrix: the y with `x @ y = I`.
 * Shape: `x` [..., N, N], the result as well. Dtype: that of `x`.
 *
 * @throws ArgumentError when a matrix is singular.
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.inv.html
 * @example
 * tensor([[1, 2], [3, 4]]).inv().tolist(); // [[-2, 1], [1.5000, -0.5000]]
 */
export function inv(x: Tensor): Tensor {
  checkTensor("inv", "x", x);
  checkSquare("inv", x);
  return applyOne(inverseOp, [x], { op: "inv", strict: true });
}
/** {@link inv} under PyTorch's older name. */
export const inverse = inv;

/** Whether `b` holds vectors for the matrices of `a`: one dimension less, or only one. */
const holdsVectors = (a: Tensor, b: Tensor): boolean =>
  b.ndim === 1 || (b.ndim === a.ndim - 1 && b.shape.every((s, i) => s === a.shape[i]));

function same(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) throw new DTypeError(op, `operands have different dtypes: ${a.dtype} and ${b.dtype}`);
}
/** Both with the batch shape that they broadcast to. */
function batched(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(op, a.shape.slice(0, -2), b.shape.slice(0, -2));
  const wide = (x: Tensor) => broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  return [wide(a), wide(b)];
}

export interface SolveOptions {
  /** Solve a x = b (true, the default) or x a = b. */
  readonly left?: boolean | undefined;
}
const solveKinds: Kinds<SolveOptions> = { left: boolean };
/**
 * The solution of linear systems with square matrices: the x with `a @ x = b`, or with `left: false` `x @ a = b`.
 * Shapes: `a` [..., N, N]; `b` [..., N, K] (`left: false`: [..., K, N]), or vectors: [N], or one dimension less than `a` with the same
 * sizes; batches broadcast; the result is as `b`. Dtype: one for both.
 *
 * @throws ArgumentError when a matrix is singular.
 * @throws ShapeError when the matrices are not square, or `b` does not fit them.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve.html
 * @example
 * import { solve, tensor } from "flambeau";
 * const a = tensor([[2, 1], [1, 3]]);
 * solve(a, tensor([4, 7])).tolist(); // [1, 2]
 * solve(a, tensor([[4, 2], [7, 1]])).tolist(); // [[1, 1], [2, 0]]
 */
export const solve = (a: Tensor, b: Tensor, options: SolveOptions = none): Tensor => solved("solve", a, b, options);

function solved(op: "solve" | "solveEx", a: Tensor, b: Tensor, options: SolveOptions): Tensor {
  checkOptions(op, solveKinds, options);
  checkTensor(op, "b", b);
  checkTensor(op, "a", a);
  checkSquare(op, a);
  same(op, a, b);
  const column = options.left === false ? -2 : -1;
  if (holdsVectors(a, b)) return squeeze(solved(op, a, unsqueeze(b, column), options), column);
  if (options.left === false) return mT(solved(op, mT(a), mT(b), {}));
  if (b.ndim < 2 || b.shape[b.ndim - 2] !== a.shape[a.ndim - 1])
    throw new ShapeError(op, `b ${showShape(b.shape)} does not fit a ${showShape(a.shape)}`, [a.shape, b.shape]);
  return applyOne(solveOp, batched(op, a, b), { op, strict: op === "solve" });
}

export interface Triangle {
  readonly upper: boolean;
  readonly unit: boolean;
}
export const triangularOp: Op<Triangle> = {
  name: "solveTriangular",
  rounds: 1,
  forward([a, b], attrs) {
    const [left, right] = [readMatrices("solveTriangular", a), readMatrices("solveTriangular", b)];
    const by = finite(left, right);
    for (let i = 0; i < left.count; i++)
      by.triangularSolve(matrixAt(left, i), left.n, matrixAt(right, i), right.n, attrs);
    return onDevice("solveTriangular", right.values, b.shape, b);
  },
  save: ([a], [x]) => [a, x],
  vjp({ saved: [a, x], attrs: { upper, unit }, needs }, [g]) {
    if (!g) return [null, null];
    const gb = applyOne(triangularOp, [mT(a), g], { upper: !upper, unit });
    if (!needs[0]) return [null, gb];
    const full = neg(matmul(gb, mT(x)));
    return [upper ? triu(full, unit ? 1 : 0) : tril(full, unit ? -1 : 0), gb];
  },
};
export interface SolveTriangularOptions extends SolveOptions {
  /** Which triangle of a is read: it has no default, as in PyTorch. */
  readonly upper: boolean;
  /** Take the diagonal as ones (default false). */
  readonly unitriangular?: boolean | undefined;
}
const triangularKinds: Kinds<SolveTriangularOptions> = { upper: boolean, left: boolean, unitriangular: boolean };
/**
 * The solution of linear systems with triangular matrices: the x with `a @ x = b`, or with `left: false` `x @ a = b`. The other triangle of
 * `a` is not read.
 * Shapes: `a` [..., N, N], `b` [..., N, K] (`left: false`: [..., K, N]), batches broadcast; the result is as `b`. Dtype: one for both. A 0
 * on the diagonal gives infinities or NaN.
 *
 * @throws ShapeError when the matrices are not square, or `b` does not fit them.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html
 * @example
 * const a = tensor([[2, 99], [1, 4]]);
 * solveTriangular(a, tensor([[2], [9]]), { upper: false }).tolist(); // [[1], [2]]
 */
export function solveTriangular(a: Tensor, b: Tensor, options: SolveTriangularOptions): Tensor {
  checkOptions("solveTriangular", triangularKinds, options);
  checkTensor("solveTriangular", "a", a);
  checkTensor("solveTriangular", "b", b);
  const { upper, left = true, unitriangular = false } = options;
  if (upper === undefined) throw new ArgumentError("solveTriangular", "needs { upper }: which triangle of a is read");
  checkSquare("solveTriangular", a);
  checkMatrices("solveTriangular", b);
  same("solveTriangular", a, b);
  if (!left) return mT(solveTriangular(mT(a), mT(b), { upper: !upper, unitriangular }));
  if (b.shape[b.ndim - 2] !== a.shape[a.ndim - 1])
    throw new ShapeError("solveTriangular", `b ${showShape(b.shape)} does not fit a ${showShape(a.shape)}`, [
      a.shape,
      b.shape,
    ]);
  return applyOne(triangularOp, batched("solveTriangular", a, b), { upper, unit: unitriangular });
}

/**
 * {@link inv} that gives infinities or NaN for a singular matrix instead of throwing, with `info`: the number of the first pivot that is 0,
 * or 0 where `x @ inverse = I`.
 * Shapes: `x` [..., N, N]; `inverse` as `x`, `info` [...] (int32). Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.inv_ex.html
 * @example
 * invEx(tensor([[2, 0], [0, 4]])).inverse.tolist(); // [[0.5, 0], [0, 0.25]]
 * invEx(tensor([[1, 2], [2, 4]])).info.item(); // 2
 */
export function invEx(x: Tensor): Pair & { inverse: Tensor; info: Tensor } {
  checkTensor("invEx", "x", x);
  checkSquare("invEx", x);
  return pair({ inverse: applyOne(inverseOp, [x], { op: "invEx", strict: false }), info: pivotInfo(x) });
}
/**
 * {@link solve} that gives infinities or NaN for a singular matrix instead of throwing, with `info`: the number of the first pivot that is
 * 0, or 0 where `a @ result = b`.
 * Shapes: as of {@link solve}; `info` [...] (int32), one for each matrix.
 *
 * @throws ShapeError when the matrices are not square, or `b` does not fit them; DTypeError when the dtypes differ or are not
 * floating-point.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve_ex.html
 * @example
 * const { result, info } = solveEx(tensor([[2, 1], [1, 3]]), tensor([4, 7]));
 * result.tolist(); // [1, 2]
 * info.item(); // 0
 */
export function solveEx(a: Tensor, b: Tensor, options: SolveOptions = none): Pair & { result: Tensor; info: Tensor } {
  checkOptions("solveEx", solveKinds, options);
  checkTensor("solveEx", "a", a);
  checkTensor("solveEx", "b", b);
  checkSquare("solveEx", a);
  return pair({ result: solved("solveEx", a, b, options), info: pivotInfo(a) });
}
/** The number of the first pivot that is 0, or 0. */
export const pivotInfoOp: Op = {
  name: "pivotInfo",
  forward([x]) {
    const all = readMatrices("solveEx", x);
    const infos = Int32Array.from(
      { length: all.count },
      (_, i) => all.by.luFactor(matrixAt(all, i), all.n, all.n).info,
    );
    return onDevice("info", infos, all.batch, x, "int32");
  },
};
const pivotInfo = (x: Tensor): Tensor => applyOne(pivotInfoOp, [x], {});
