import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { broadcastShapes } from "../../layout/shapes.ts";
import { luFactor, luSolve as solveFactored, triangularSolve as solveTriangle } from "../../linalg/lu.ts";
import { neg } from "../pointwise/arithmetic.ts";
import { mT } from "../shape/transposes.ts";
import { tril, triu } from "../shape/triangular.ts";
import { broadcastTo, squeeze, unsqueeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, checkSquare, matrixAt, onDevice, readMatrices, which } from "./matrix-host.ts";

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
  // a [..., n, n] and b [..., n, r] of one batch shape
  forward([a, b], { op, strict }) {
    const [left, right] = [readMatrices("solve", a), readMatrices("solve", b)];
    for (let i = 0; i < left.count; i++) {
      const matrix = matrixAt(left, i);
      const lu = luFactor(matrix, left.n, left.n);
      if (lu.info > 0 && strict) throw singular(op, left.batch, i);
      solveFactored(matrix, lu, left.n, matrixAt(right, i), right.n);
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
  forward([a], { op, strict }) {
    const left = readMatrices("inv", a);
    const { n, count } = left;
    const out = new Float64Array(count * n * n);
    for (let i = 0; i < count; i++) {
      const matrix = matrixAt(left, i);
      const inverse = out.subarray(i * n * n, (i + 1) * n * n);
      for (let d = 0; d < n; d++) inverse[d * n + d] = 1;
      const lu = luFactor(matrix, n, n);
      if (lu.info > 0 && strict) throw singular(op, left.batch, i);
      solveFactored(matrix, lu, n, inverse, n);
    }
    return onDevice(op, out, a.shape, a);
  },
  save: (_, [y]) => [y],
  vjp: ({ saved: [y] }, [g]) => [g && neg(matmul(matmul(mT(y), g), mT(y)))],
};

/**
 * The inverse of each square matrix.
 *
 * @throws ArgumentError when one is singular.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.inv.html
 * @example
 * import { inv, tensor } from "@flambeau/tensor";
 * console.log(inv(tensor([[2, 0], [0, 4]])).tolist()); // [[0.5, 0], [0, 0.25]]
 */
export function inv(x: Tensor): Tensor {
  checkSquare("inv", x);
  return applyOne(inverseOp, [x], { op: "inv", strict: true });
}
/** PyTorch's older name of {@link inv}. */
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
  /** Solve a x = b (default) or x a = b. */
  readonly left?: boolean;
}
/**
 * The x with a x = b (or x a = b) for square matrices a [..., n, n]; b is [..., n, r], or vectors: [n], or one dimension less than a.
 *
 * @throws ArgumentError when a matrix is singular.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.solve.html
 */
export const solve = (a: Tensor, b: Tensor, options: SolveOptions = {}): Tensor => solved("solve", a, b, options);

function solved(op: "solve" | "solveEx", a: Tensor, b: Tensor, options: SolveOptions): Tensor {
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
  forward([a, b], attrs) {
    const [left, right] = [readMatrices("solveTriangular", a), readMatrices("solveTriangular", b)];
    for (let i = 0; i < left.count; i++) solveTriangle(matrixAt(left, i), left.n, matrixAt(right, i), right.n, attrs);
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
  /** Take the diagonal as ones. */
  readonly unitriangular?: boolean;
}
/** The x with a x = b (or x a = b), a being triangular; the other triangle is not read. */
export function solveTriangular(a: Tensor, b: Tensor, options: SolveTriangularOptions): Tensor {
  const { upper, left = true, unitriangular = false } = options;
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

/** {@link inv} that gives infinities instead of throwing, with `info`: the number of the first pivot that is 0, or 0. */
export function invEx(x: Tensor): { inverse: Tensor; info: Tensor } {
  checkSquare("invEx", x);
  return { inverse: applyOne(inverseOp, [x], { op: "invEx", strict: false }), info: pivotInfo(x) };
}
/** {@link solve} that gives infinities instead of throwing, with `info` as {@link invEx}. */
export function solveEx(a: Tensor, b: Tensor, options: SolveOptions = {}): { result: Tensor; info: Tensor } {
  checkSquare("solveEx", a);
  return { result: solved("solveEx", a, b, options), info: pivotInfo(a) };
}
/** The number of the first pivot that is 0, or 0. */
export const pivotInfoOp: Op = {
  name: "pivotInfo",
  forward([x]) {
    const all = readMatrices("solveEx", x);
    const infos = Int32Array.from({ length: all.count }, (_, i) => luFactor(matrixAt(all, i), all.n, all.n).info);
    return onDevice("info", infos, all.batch, x, "int32");
  },
};
const pivotInfo = (x: Tensor): Tensor => applyOne(pivotInfoOp, [x], {});
