import { AutogradError } from "../../core/errors.ts";
import { type Pair, pair } from "../../core/named.ts";
import { checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { zerosLike } from "../create/creation.ts";
import { add, sub } from "../pointwise/arithmetic.ts";
import { cat } from "../shape/joining.ts";
import { mT } from "../shape/transposes.ts";
import { tril } from "../shape/triangular.ts";
import { narrow } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkMatrices, matrixAt, onDevice, readMatrices } from "./matrix-host.ts";
import { solveTriangular } from "./solving.ts";

export interface Attrs {
  readonly mode: "reduced" | "complete" | "r";
}
export const qrOp: Op<Attrs> = {
  name: "qr",
  rounds: 2,
  forward([x], { mode }) {
    const all = readMatrices("qr", x);
    const { m, n, count, batch } = all;
    const k = mode === "complete" ? m : Math.min(m, n);
    const [qs, rs] = [new Float64Array(mode === "r" ? 0 : count * m * k), new Float64Array(count * k * n)];
    for (let b = 0; b < count; b++) {
      const a = matrixAt(all, b);
      const taus = all.by.householder(a, m, n);
      if (mode !== "r") qs.set(all.by.reflected(a, taus, m, n, k), b * m * k);
      for (let i = 0; i < Math.min(k, n); i++) for (let j = i; j < n; j++) rs[b * k * n + i * n + j] = a[i * n + j];
    }
    return [onDevice("qr", qs, mode === "r" ? [0] : [...batch, m, k], x), onDevice("qr", rs, [...batch, k, n], x)];
  },
  save: ([x], [q, r]) => [x, q, r],
  vjp({ saved: [x, q, r], attrs: { mode } }, [gq, gr]) {
    const [m, n] = x.shape.slice(-2);
    if (mode === "r")
      throw new AutogradError('qr: mode "r" has no gradient, as Q is not computed', 'use mode "reduced"');
    if (mode === "complete" && m > n)
      throw new AutogradError('qr: mode "complete" has no gradient for tall matrices', 'use mode "reduced"');
    const [dq, dr] = [gq ?? zerosLike(q), gr ?? zerosLike(r)];
    if (m >= n) return [tall(q, r, dq, dr)];
    // a wide matrix is [X | Y] with X = Q U and Y = Q V for R = [U | V]
    const part = (t: Tensor) => [narrow(t, -1, 0, m), narrow(t, -1, m, n - m)];
    const [u] = part(r);
    const [du, dv] = part(dr);
    const [, y] = part(x);
    return [cat([tall(q, u, add(dq, matmul(y, mT(dv))), du), matmul(q, dv)], -1)];
  },
};
/** (gQ + Q sym(R gR^T - gQ^T Q)) R^-T, sym copying the lower triangle up (Walter & Lehmann 2010). */
function tall(q: Tensor, r: Tensor, gq: Tensor, gr: Tensor): Tensor {
  const m = sub(matmul(r, mT(gr)), matmul(mT(gq), q));
  const symmetric = add(tril(m), mT(tril(m, -1)));
  return solveTriangular(mT(r), add(gq, matmul(q, symmetric)), { upper: false, left: false });
}

export interface QrOptions {
  /** Q [M, K] and R [K, N] with K = min(M, N) ("reduced", the default), a square Q ("complete"), or R alone, with an empty Q ("r"). */
  readonly mode?: "reduced" | "complete" | "r" | undefined;
}
const qrKinds: Kinds<QrOptions> = { mode: oneOf("reduced", "complete", "r") };
/**
 * QR factorization by Householder reflections: `x = Q @ R` with orthonormal columns in Q and an upper triangle R. It has gradients in the
 * mode "reduced", and in "complete" where M <= N.
 * Shapes: `x` [..., M, N]; with K = min(M, N) Q [..., M, K] and R [..., K, N]; in the mode "complete" Q [..., M, M] and R [..., M, N]; in
 * "r" Q is empty. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions; DTypeError when it is not floating-point.
 * @throws ArgumentError when `mode` is none of these.
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.qr.html
 * @example
 * const { Q, R } = tensor([[3, 1], [4, 2]]).qr();
 * R.tolist(); // [[-5, -2.2000], [0, 0.4000]]
 * Q.matmul(R).tolist(); // [[3.0000, 1.0000], [4.0000, 2.0000]]
 */
export function qr(x: Tensor, options: QrOptions = none): Pair & { Q: Tensor; R: Tensor } {
  checkOptions("qr", qrKinds, options);
  checkTensor("qr", "x", x);
  const { mode = "reduced" } = options;
  checkMatrices("qr", x);
  const [Q, R] = applyMany(qrOp, [x], { mode });
  return pair({ Q, R });
}
