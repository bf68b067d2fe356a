import type { LinearAlgebra } from "../../contract/linear-algebra.ts";
import { epsilonOf } from "../../core/dtype.ts";
import { ArgumentError } from "../../core/errors.ts";
import { type Triple, triple } from "../../core/named.ts";
import {
  tensor as aTensor,
  boolean,
  checkOptions,
  either,
  type Kinds,
  none,
  number,
  orNull,
} from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { addTo, transposed } from "../../linalg/rows.ts";
import { valuesFor } from "../../lower/host.ts";
import { hasValues } from "../../lower/machine.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { to } from "../create/copy.ts";
import { eye } from "../create/creation.ts";
import { add, div, mul, neg, square, sub } from "../pointwise/arithmetic.ts";
import { diagEmbed } from "../shape/diagonals.ts";
import { mT } from "../shape/transposes.ts";
import { broadcastTo, narrow, select, unsqueeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, checkSquare, matrixAt, onDevice, readMatrices } from "./matrix-host.ts";

interface Svd {
  /** m × (full ? m : k), row-major. */
  readonly u: Float64Array;
  readonly s: Float64Array;
  /** (full ? n : k) × n. */
  readonly vh: Float64Array;
}
/** Columns of u (m × n), and an orthonormal completion of them. */
function completed(u: Float64Array, m: number, n: number, by: LinearAlgebra): Float64Array {
  const basis = u.slice();
  const full = by.reflected(basis, by.householder(basis, m, n), m, n, m);
  for (let i = 0; i < m; i++) full.set(u.subarray(i * n, (i + 1) * n), i * m);
  return full;
}
function decompose(a: Float64Array, m: number, n: number, full: boolean, by: LinearAlgebra): Svd {
  if (m < n) {
    const { u, s, vh } = decompose(transposed(a, m, n), n, m, full, by);
    return { u: transposed(vh, m, m), s, vh: transposed(u, n, full ? n : m) };
  }
  const { u, s, vh } = by.tallSvd(a, m, n);
  return { u: full && m > n ? completed(u, m, n, by) : u, s, vh };
}

export interface Attrs {
  readonly full: boolean;
}
export const svdOp: Op<Attrs> = {
  name: "svd",
  rounds: 3,
  forward([x], { full }) {
    const all = readMatrices("svd", x);
    const { m, n, count, batch } = all;
    const k = Math.min(m, n);
    const [rows, columns] = full ? [m, n] : [k, k];
    const [us, ss, vs] = [m * rows, k, columns * n].map((size) => new Float64Array(count * size));
    for (let b = 0; b < count; b++) {
      const { u, s, vh } = decompose(matrixAt(all, b), m, n, full, all.by);
      us.set(u, b * m * rows);
      ss.set(s, b * k);
      vs.set(vh, b * columns * n);
    }
    return [
      onDevice("svd", us, [...batch, m, rows], x),
      onDevice("svd", ss, [...batch, k], x),
      onDevice("svd", vs, [...batch, columns, n], x),
    ];
  },
  save: (_, out) => out,
  vjp({ saved: [wideU, s, wideVh] }, [gWideU, gs, gWideVh]) {
    const k = s.shape[s.ndim - 1];
    const [u, gu] = [wideU, gWideU].map((t) => t && narrow(t, -1, 0, k));
    const [vh, gvh] = [wideVh, gWideVh].map((t) => t && narrow(t, -2, 0, k));
    return [throughSvd(u as Tensor, s, vh as Tensor, gu, gs, gvh)]; // the factors are never null
  },
};
/**
 * U [(skew(U^T gU) / E) S + S (skew(V^T gV) / E) + diag(gS)] V^T, with E[i][j] = s[j]^2 - s[i]^2, and what lies outside the span of U
 * and V.
 */
function throughSvd(
  u: Tensor,
  s: Tensor,
  vh: Tensor,
  gu: Tensor | null,
  gs: Tensor | null,
  gvh: Tensor | null,
): Tensor | null {
  const [m, k, n] = [u.shape[u.ndim - 2], s.shape[s.ndim - 1], vh.shape[vh.ndim - 1]];
  const identity = eye(k, k, { dtype: s.dtype, device: s.device });
  const squares = square(s);
  const gaps = add(sub(unsqueeze(squares, -2), unsqueeze(squares, -1)), identity);
  const skew = (x: Tensor) => div(sub(x, mT(x)), gaps);
  let inside: Tensor | null = gs ? diagEmbed(gs) : null;
  const join = (sum: Tensor | null, part: Tensor) => (sum === null ? part : add(sum, part));
  const turnU = gu && matmul(mT(u), gu);
  const turnV = gvh && matmul(vh, mT(gvh));
  if (turnU) inside = join(inside, mul(skew(turnU), unsqueeze(s, -2)));
  if (turnV) inside = join(inside, mul(unsqueeze(s, -1), skew(turnV)));
  if (inside === null) return null;
  let out = matmul(matmul(u, inside), vh);
  if (gu && turnU && m > k) out = add(out, matmul(div(sub(gu, matmul(u, turnU)), unsqueeze(s, -2)), vh));
  if (gvh && turnV && n > k) out = add(out, matmul(u, div(sub(gvh, matmul(mT(turnV), vh)), unsqueeze(s, -1))));
  return out;
}

export interface SvdOptions {
  /** Square U and V (default true, as in PyTorch), or only as many columns as there are singular values. */
  readonly fullMatrices?: boolean | undefined;
}
const svdKinds: Kinds<SvdOptions> = { fullMatrices: boolean };
/**
 * Singular value decomposition: `x = U @ diag(S) @ Vh` with S falling and orthonormal columns in U and rows in Vh. The signs of the vectors
 * are arbitrary; gradients through them have no meaning where singular values are equal.
 * Shapes: `x` [..., M, N]; with K = min(M, N) S [..., K], U [..., M, M] and Vh [..., N, N], or with `fullMatrices: false` U [..., M, K] and
 * Vh [..., K, N]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.svd.html
 * @example
 * const { U, S, Vh } = tensor([[3, 0], [4, 5]]).svd();
 * S.tolist(); // [6.7082, 2.2361]
 * U.mul(S).matmul(Vh).tolist(); // [[3.0000, 0.0000], [4.0000, 5.0000]]
 */
export function svd(x: Tensor, options: SvdOptions = none): Triple & { U: Tensor; S: Tensor; Vh: Tensor } {
  checkOptions("svd", svdKinds, options);
  checkTensor("svd", "x", x);
  checkMatrices("svd", x);
  const [U, S, Vh] = applyMany(svdOp, [x], { full: options.fullMatrices ?? true });
  return triple({ U, S, Vh });
}
/**
 * The singular values of each matrix, falling: the S of `x = U @ diag(S) @ Vh`, as {@link svd} has it.
 * Shapes: `x` [..., M, N], the result [..., min(M, N)]. Dtype: that of `x`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.svdvals.html
 * @example
 * svdvals(tensor([[3, 0], [4, 5]])).tolist(); // [6.7082, 2.2361]
 */
export function svdvals(x: Tensor): Tensor {
  if (unscoped()) return scoped(svdvals, x);
  checkTensor("svdvals", "x", x);
  checkMatrices("svdvals", x);
  return applyMany(svdOp, [x], { full: false })[1];
}

export interface RankOptions {
  /** Singular values up to this count as 0 (default 0); a tensor has one for each matrix of the batch. */
  readonly atol?: number | Tensor | null | undefined;
  /** The same, as a fraction of the largest one (default: max(M, N) times the dtype's precision, or 0 when atol is positive). */
  readonly rtol?: number | Tensor | null | undefined;
  /** The matrices are symmetric, and only their lower triangles are read (default false). */
  readonly hermitian?: boolean | undefined;
}
const threshold = orNull(either(number, aTensor));
const rankKinds: Kinds<RankOptions> = { atol: threshold, rtol: threshold, hermitian: boolean };
/** {@link RankOptions} as attributes of an op: `"#"` stands for a tensor, which is an input behind the matrices. */
export interface RankAttrs {
  readonly atol: number | "#" | null;
  readonly rtol: number | "#" | null;
  readonly hermitian: boolean;
}
/** Inputs and attributes of an op that tells singular values from rounding. */
function rankCall(x: Tensor, options: RankOptions): [inputs: Tensor[], attrs: RankAttrs] {
  const inputs = [x];
  const data = (value: number | Tensor | null): number | "#" | null => {
    if (value === null || typeof value === "number") return value;
    inputs.push(to(value, { device: x.device }));
    return "#";
  };
  const atol = data(options.atol ?? null);
  const rtol = data(options.rtol ?? null);
  return [inputs, { atol, rtol, hermitian: options.hermitian ?? false }];
}
/** For each matrix the size up to which a singular value is rounding, given the largest one. */
function thresholds(
  [x, ...tensors]: readonly Tensor[],
  count: number,
  { atol, rtol }: RankAttrs,
): (matrix: number, largest: number) => number {
  let next = 0;
  const each = (value: number | "#" | null): readonly number[] | null => {
    if (value === null) return null;
    if (typeof value === "number") return new Array<number>(count).fill(value);
    const wide = broadcastTo(tensors[next++], x.shape.slice(0, -2));
    if (!hasValues(wide)) return new Array<number>(count).fill(0);
    return Array.from(valuesFor("matrixRank", wide, "the thresholds are compared on the host", "pass numbers"), Number);
  };
  const [absolute, fraction] = [each(atol), each(rtol)];
  const rounding = Math.max(x.shape[x.ndim - 1], x.shape[x.ndim - 2]) * epsilonOf(x.dtype);
  return (i, largest) => {
    const least = absolute === null ? 0 : absolute[i];
    const part = fraction !== null ? fraction[i] : least > 0 ? 0 : rounding;
    return Math.max(least, part * largest);
  };
}

export const matrixRankOp: Op<RankAttrs> = {
  name: "matrixRank",
  forward(inputs, attrs) {
    const [x] = inputs;
    const all = readMatrices("matrixRank", x);
    const least = thresholds(inputs, all.count, attrs);
    const ranks = Int32Array.from({ length: all.count }, (_, i) => {
      const a = matrixAt(all, i);
      if (attrs.hermitian) mirror(a, all.n);
      const { s } = decompose(a, all.m, all.n, false, all.by);
      return s.filter((value) => value > least(i, s[0])).length;
    });
    return onDevice("matrixRank", ranks, all.batch, x, "int32");
  },
};
/**
 * How many singular values of each matrix are more than rounding: the count of `s > max(atol, rtol * s[0])`.
 * Shapes: `x` [..., M, N], the result [...]; tensors in the options broadcast to it. Dtype: int32 (PyTorch: int64).
 *
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
 * @example
 * matrixRank(tensor([[1, 2], [2, 4]])).item(); // 1
 * matrixRank(tensor([[1, 0], [0, 0.01]]), { atol: 0.1 }).item(); // 1
 */
export function matrixRank(x: Tensor, options: RankOptions = none): Tensor {
  checkOptions("matrixRank", rankKinds, options);
  checkTensor("matrixRank", "x", x);
  checkMatrices("matrixRank", x);
  return applyOne(matrixRankOp, ...rankCall(x, options));
}
/** Copies the lower triangle into the upper one. */
function mirror(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
}

export const pinvOp: Op<RankAttrs> = {
  name: "pinv",
  rounds: 1,
  forward(inputs, attrs) {
    const [x] = inputs;
    const all = readMatrices("pinv", x);
    const { m, n, count, batch } = all;
    const leastOf = thresholds(inputs, count, attrs);
    const k = Math.min(m, n);
    const out = new Float64Array(count * n * m);
    for (let b = 0; b < count; b++) {
      const a = matrixAt(all, b);
      if (attrs.hermitian) mirror(a, n);
      const { u, s, vh } = decompose(a, m, n, false, all.by);
      const least = leastOf(b, s[0] ?? 0);
      const columns = transposed(u, m, k);
      for (let r = 0; r < n; r++)
        for (let j = 0; j < k; j++)
          if (s[j] > least) addTo(out, (b * n + r) * m, vh[j * n + r] / s[j], columns, j * m, m);
    }
    return onDevice("pinv", out, [...batch, n, m], x);
  },
  save: ([x], [y]) => [x, y],
  // G. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", 1973
  vjp({ saved: [x, y] }, [g]) {
    if (!g) return [null];
    const [yt, gt_] = [mT(y), mT(g)];
    if (x.shape[x.ndim - 2] <= x.shape[x.ndim - 1]) {
      const k = matmul(gt_, y);
      const kyt = matmul(k, yt);
      const side = sub(kyt, matmul(matmul(x, y), kyt));
      return [add(add(neg(mT(matmul(y, k))), side), matmul(matmul(yt, y), sub(gt_, matmul(k, x))))];
    }
    const k = matmul(y, gt_);
    const ytk = matmul(yt, k);
    const side = matmul(matmul(sub(gt_, matmul(x, k)), y), yt);
    return [add(add(neg(mT(matmul(k, y))), side), sub(ytk, matmul(matmul(ytk, y), x)))];
  },
};
/**
 * The Moore-Penrose pseudo-inverse: `Vh^T @ diag(1 / S) @ U^T` for the singular values above `max(atol, rtol * S[0])`; the others are
 * dropped.
 * Shapes: `x` [..., M, N], the result [..., N, M]; tensors in the options broadcast to [...]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions, or with `hermitian` is not square; DTypeError when it is not floating-point.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.pinv.html
 * @example
 * tensor([[1], [2]]).pinv().tolist(); // [[0.2000, 0.4000]]
 * tensor([[2, 0], [0, 0]]).pinv().tolist(); // [[0.5000, 0], [0, 0]]
 */
export function pinv(x: Tensor, options: RankOptions = none): Tensor {
  checkOptions("pinv", rankKinds, options);
  checkTensor("pinv", "x", x);
  if (options.hermitian) checkSquare("pinv", x);
  else checkMatrices("pinv", x);
  return applyOne(pinvOp, ...rankCall(x, options));
}

/**
 * The condition number of each matrix: `S[0] / S[n - 1]`, the largest singular value over the smallest; Infinity where only that is 0.
 * Shapes: `x` [..., N, N], the result [...]. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws ArgumentError when a matrix is empty.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cond.html
 * @example
 * cond(tensor([[4, 0], [0, 2]])).item(); // 2
 */
export function cond(x: Tensor): Tensor {
  const whole = wholeBy("cond", x);
  if (whole !== null) return whole(cond, [x]);
  if (unscoped()) return scoped(cond, x);
  checkTensor("cond", "x", x);
  checkSquare("cond", x);
  const wide = inFloat32(x);
  if (wide) return toDType(cond(...wide), x.dtype);
  const s = svdvals(x);
  if (s.shape[s.ndim - 1] === 0) throw new ArgumentError("cond", "an empty matrix has no condition number");
  return div(select(s, -1, 0), select(s, -1, -1));
}
