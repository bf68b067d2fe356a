import type { DType } from "../../core/dtype.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { type Pair, pair, type Triple, triple } from "../../core/named.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { permutationOf } from "../../linalg/lu.ts";
import { valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues } from "../create/allocation.ts";
import { eye } from "../create/creation.ts";
import { add, neg, sub } from "../pointwise/arithmetic.ts";
import { cat } from "../shape/joining.ts";
import { mT } from "../shape/transposes.ts";
import { tril, triu } from "../shape/triangular.ts";
import { narrow } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, checkSquare, matrixAt, onDevice, readMatrices, which } from "./matrix-host.ts";
import { solveTriangular } from "./solving.ts";

export interface Attrs {
  readonly strict: boolean;
}
export interface Permutation {
  /** Rows of the matrix. */
  readonly m: number;
  readonly dtype: DType;
  readonly device: string;
}
/** Permutations as matrices, from pivots counted from 1. */
export const permutationMatrixOp: Op<Permutation> = {
  name: "permutationMatrix",
  forward([pivots], { m, ...made }) {
    const k = pivots.shape[pivots.ndim - 1];
    const batch = pivots.shape.slice(0, -1);
    const all = Array.from(valuesFor("lu", pivots, "the permutation is built on the host"), Number);
    const out = new Float64Array(sizeOf(batch) * m * m);
    for (let b = 0; b < sizeOf(batch); b++) {
      const rows = permutationOf(
        all.slice(b * k, (b + 1) * k).map((p) => p - 1),
        m,
      );
      for (let i = 0; i < m; i++) out[b * m * m + rows[i] * m + i] = 1;
    }
    return fromValues("lu", out, [...batch, m, m], made);
  },
};
const permutationMatrix = (pivots: Tensor, { shape, dtype, device }: Tensor): Tensor =>
  applyOne(permutationMatrixOp, [pivots], { m: shape[shape.length - 2], dtype, device });

const lower = (lu: Tensor): Tensor => {
  const [m, n] = lu.shape.slice(-2);
  const k = Math.min(m, n);
  return add(tril(narrow(lu, -1, 0, k), -1), eye(m, k, { dtype: lu.dtype, device: lu.device }));
};
const upper = (lu: Tensor): Tensor => triu(narrow(lu, -2, 0, Math.min(lu.shape[lu.ndim - 2], lu.shape[lu.ndim - 1])));

export const luFactorOp: Op<Attrs> = {
  name: "luFactor",
  rounds: 1,
  forward([x], { strict }) {
    const all = readMatrices("luFactor", x);
    const k = Math.min(all.m, all.n);
    const pivots = new Int32Array(all.count * k);
    const infos = Array.from({ length: all.count }, (_, i) => {
      const found = all.by.luFactor(matrixAt(all, i), all.m, all.n);
      if (found.info > 0 && strict)
        throw new ArgumentError(
          "luFactor",
          `U is singular: its element ${found.info} on the diagonal is 0${which(all.batch, i)}`,
        );
      found.pivots.forEach((p, j) => {
        pivots[i * k + j] = p + 1;
      });
      return found.info;
    });
    return [
      onDevice("luFactor", all.values, x.shape, x),
      onDevice("luFactor", pivots, [...all.batch, k], x, "int32"),
      onDevice("luFactor", infos, all.batch, x, "int32"),
    ];
  },
  save: (_, [lu, pivots]) => [lu, pivots],
  vjp: ({ saved: [lu, pivots] }, [g]) => [g && throughFactors(lu, pivots, g)],
};
/**
 * A's gradient from that of its packed factors. A square block's is P L^-T (tril(L^T gL, -1) + triu(gU U^T)) U^-T; the columns right of
 * it are U2 = L^-1 P^T A2, the rows below it L2 = A2 U^-1.
 */
function throughFactors(lu: Tensor, pivots: Tensor, g: Tensor): Tensor {
  const [m, n] = lu.shape.slice(-2);
  const k = Math.min(m, n);
  const p = permutationMatrix(pivots, lu);
  const [l, u] = [narrow(lower(lu), -2, 0, k), narrow(upper(lu), -1, 0, k)];
  const block = narrow(narrow(g, -2, 0, k), -1, 0, k);
  let [gl, gu] = [tril(block, -1), triu(block)];
  const unit = { unitriangular: true } as const;
  let beside: Tensor | null = null;
  if (n > k) {
    beside = solveTriangular(mT(l), narrow(g, -1, k, n - k), { upper: true, ...unit });
    gl = sub(gl, tril(matmul(beside, mT(narrow(upper(lu), -1, k, n - k))), -1));
  }
  let below: Tensor | null = null;
  if (m > k) {
    const g2 = narrow(g, -2, k, m - k);
    below = solveTriangular(mT(u), g2, { upper: false, left: false });
    gu = add(gu, triu(neg(matmul(mT(narrow(lower(lu), -2, k, m - k)), below))));
  }
  const inside = add(tril(matmul(mT(l), gl), -1), triu(matmul(gu, mT(u))));
  const right = solveTriangular(mT(u), inside, { upper: false, left: false });
  const square = solveTriangular(mT(l), right, { upper: true, ...unit });
  const rows = beside !== null ? cat([square, beside], -1) : below !== null ? cat([square, below], -2) : square;
  return matmul(p, rows);
}

/**
 * LU factorization with partial pivoting, packed: `P @ L @ U = x` with U and L (its unit diagonal left out) in one matrix, and the row
 * swaps, counted from 1 as LAPACK does.
 * Shapes: `x` [..., M, N]; `LU` as `x`, `pivots` [..., min(M, N)] (int32). Dtype: that of `x`.
 *
 * @throws ArgumentError when U has a 0 on its diagonal; {@link luFactorEx} reports it in `info`.
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu_factor.html
 * @example
 * const { LU, pivots } = luFactor(tensor([[1, 2], [4, 4]]));
 * LU.tolist(); // [[4, 4], [0.25, 1]]
 * pivots.tolist(); // [2, 2]
 */
export function luFactor(x: Tensor): Pair & { LU: Tensor; pivots: Tensor } {
  if (unscoped()) return scoped(luFactor, x);
  checkTensor("luFactor", "x", x);
  checkMatrices("luFactor", x);
  const [LU, pivots] = applyMany(luFactorOp, [x], { strict: true });
  return pair({ LU, pivots });
}
/**
 * {@link luFactor} that reports the first 0 on U's diagonal in `info`, counted from 1 (0 for none), instead of throwing: `P @ L @ U = x`
 * all the same.
 * Shapes: `x` [..., M, N]; `LU` as `x`, `pivots` [..., min(M, N)] and `info` [...] (int32). Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu_factor_ex.html
 * @example
 * luFactorEx(tensor([[1, 2], [2, 4]])).info.item(); // 2
 */
export function luFactorEx(x: Tensor): Triple & { LU: Tensor; pivots: Tensor; info: Tensor } {
  checkTensor("luFactorEx", "x", x);
  checkMatrices("luFactorEx", x);
  const [LU, pivots, info] = applyMany(luFactorOp, [x], { strict: false });
  return triple({ LU, pivots, info });
}
/**
 * The factors of `P @ L @ U = x` from the result of {@link luFactor}: a permutation, a unit lower and an upper triangle.
 * Shapes: `lu` [..., M, N] and `pivots` [..., K] with K = min(M, N); P [..., M, M], L [..., M, K], U [..., K, N]. Dtype: that of `lu`.
 *
 * @throws ShapeError when `lu` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.lu_unpack.html
 * @example
 * const { LU, pivots } = luFactor(tensor([[1, 2], [4, 4]]));
 * const { P, L, U } = luUnpack(LU, pivots);
 * P.tolist(); // [[0, 1], [1, 0]]
 * L.tolist(); // [[1, 0], [0.25, 1]]
 * U.tolist(); // [[4, 4], [0, 1]]
 */
export function luUnpack(lu: Tensor, pivots: Tensor): Triple & { P: Tensor; L: Tensor; U: Tensor } {
  if (unscoped()) return scoped(luUnpack, lu, pivots);
  checkTensor("luUnpack", "lu", lu);
  checkMatrices("luUnpack", lu);
  return triple({ P: permutationMatrix(pivots, lu), L: lower(lu), U: upper(lu) });
}
/**
 * The factors of `x = P @ L @ U`: a permutation, a unit lower and an upper triangle. A singular matrix has them too.
 * Shapes: `x` [..., M, N]; with K = min(M, N) P [..., M, M], L [..., M, K], U [..., K, N]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu.html
 * @example
 * const { P, L, U } = tensor([[1, 2], [4, 4]]).lu();
 * L.tolist(); // [[1, 0], [0.25, 1]]
 * U.tolist(); // [[4, 4], [0, 1]]
 * P.matmul(L).matmul(U).tolist(); // [[1, 2], [4, 4]]
 */
export function lu(x: Tensor): Triple & { P: Tensor; L: Tensor; U: Tensor };
export function lu(x: Tensor, pivot?: unknown): Triple & { P: Tensor; L: Tensor; U: Tensor } {
  if (pivot === false)
    throw new ArgumentError("lu", "rows are always exchanged: there is no factorization without pivots");
  if (unscoped()) return scoped(lu, x);
  const { LU, pivots } = luFactorEx(x);
  return luUnpack(LU, pivots);
}

export interface LuSolveOptions {
  /** Solve a x = b (true, the default) or x a = b. */
  readonly left?: boolean | undefined;
  /** Take the transpose of a (default false). */
  readonly adjoint?: boolean | undefined;
}
const luSolveKinds: Kinds<LuSolveOptions> = { left: boolean, adjoint: boolean };
/**
 * The solution of a system whose matrix a is given by {@link luFactor}: the x with `a @ x = b`, or with `left: false` `x @ a = b`; with
 * `adjoint` the transpose of a takes its place.
 * Shapes: `factors` [..., N, N], `pivots` [..., N], `b` [..., N, K] (`left: false`: [..., K, N]), batches broadcast; the result is as `b`.
 * Dtype: one for factors and `b`.
 *
 * @throws ShapeError when the factors are not square, or `b` does not fit them.
 * @throws DTypeError when the dtypes differ or are not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html
 * @example
 * const { LU, pivots } = luFactor(tensor([[1, 2], [4, 4]]));
 * luSolve(LU, pivots, tensor([[5], [12]])).tolist(); // [[1], [2]]
 */
export function luSolve(factors: Tensor, pivots: Tensor, b: Tensor, options: LuSolveOptions = none): Tensor {
  const whole = wholeBy("luSolve", factors);
  if (whole !== null) return whole(luSolve, [factors, pivots, b, options]);
  if (unscoped()) return scoped(luSolve, factors, pivots, b, options);
  checkOptions("luSolve", luSolveKinds, options);
  checkTensor("luSolve", "factors", factors);
  checkTensor("luSolve", "b", b);
  const stand = inFloat32(factors, b);
  if (stand) return toDType(luSolve(stand[0], pivots, stand[1], options), b.dtype);
  const { left = true, adjoint = false } = options;
  checkSquare("luSolve", factors);
  if (!left) return mT(luSolve(factors, pivots, mT(b), { adjoint: !adjoint }));
  if (b.ndim < 2 || b.shape[b.ndim - 2] !== factors.shape[factors.ndim - 1])
    throw new ShapeError("luSolve", `b ${showShape(b.shape)} does not fit the factors ${showShape(factors.shape)}`, [
      factors.shape,
      b.shape,
    ]);
  const p = permutationMatrix(pivots, factors);
  const unit = { unitriangular: true } as const;
  if (adjoint) {
    const y = solveTriangular(mT(factors), b, { upper: false });
    return matmul(p, solveTriangular(mT(factors), y, { upper: true, ...unit }));
  }
  const y = solveTriangular(factors, matmul(mT(p), b), { upper: false, ...unit });
  return solveTriangular(factors, y, { upper: true });
}
