import { type Pair, pair } from "../../core/named.ts";
import { checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { eye } from "../create/creation.ts";
import { add, div, mul, sub } from "../pointwise/arithmetic.ts";
import { diagEmbed } from "../shape/diagonals.ts";
import { mT } from "../shape/transposes.ts";
import { unsqueeze } from "../shape/view.ts";
import { matmul } from "./matmul.ts";
import { checkSquare, matrixAt, onDevice, readMatrices } from "./matrix-host.ts";

export interface Attrs {
  readonly upper: boolean;
}
export const eighOp: Op<Attrs> = {
  name: "eigh",
  rounds: 2,
  forward([x], { upper }) {
    const all = readMatrices("eigh", x);
    const { n, count, batch } = all;
    const [values, vectors] = [new Float64Array(count * n), new Float64Array(count * n * n)];
    for (let b = 0; b < count; b++) {
      const a = matrixAt(all, b);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < i; j++) {
          if (upper) a[i * n + j] = a[j * n + i];
          else a[j * n + i] = a[i * n + j];
        }
      const found = all.by.symmetricEigen(a, n);
      values.set(found.values, b * n);
      vectors.set(found.vectors, b * n * n);
    }
    return [onDevice("eigh", values, [...batch, n], x), onDevice("eigh", vectors, x.shape, x)];
  },
  save: (_, [w, v]) => [w, v],
  // V (diag(gw) + K / E) V^T with E[i][j] = w[j] - w[i] and K the antisymmetric part of V^T gV: rotations are all that V can do
  vjp({ saved: [w, v] }, [gw, gv]) {
    let inside: Tensor | null = gw ? diagEmbed(gw) : null;
    if (gv) {
      const n = w.shape[w.ndim - 1];
      const identity = eye(n, n, { dtype: w.dtype, device: w.device });
      const gaps = add(sub(unsqueeze(w, -2), unsqueeze(w, -1)), identity);
      const along = matmul(mT(v), gv);
      const turned = div(mul(sub(along, mT(along)), 0.5), gaps);
      inside = inside === null ? turned : add(inside, turned);
    }
    return [inside && matmul(matmul(v, inside), mT(v))];
  },
};

export interface EighOptions {
  /** The triangle that is read: lower ("L", the default) or upper. */
  readonly UPLO?: "L" | "U" | undefined;
}
const eighKinds: Kinds<EighOptions> = { UPLO: oneOf("L", "U") };
function decompose(op: string, x: Tensor, options: EighOptions): readonly Tensor[] {
  checkOptions(op, eighKinds, options);
  checkTensor(op, "x", x);
  checkSquare(op, x);
  return applyMany(eighOp, [x], { upper: options.UPLO === "U" });
}
/**
 * Eigenvalues w, rising, and eigenvectors (the columns of V) of symmetric matrices: `x = V @ diag(w) @ V^T`. The signs of the vectors are
 * arbitrary, and so is their choice where eigenvalues are equal; gradients through them then have no meaning.
 * Shapes: `x` [..., N, N]; `eigenvalues` [..., N], `eigenvectors` [..., N, N]. Dtype: that of `x`.
 *
 * @throws ShapeError when the matrices are not square; DTypeError when they are not floating-point.
 * @throws ArgumentError when `UPLO` is neither "L" nor "U".
 * @throws UnavailableError when the device cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.eigh.html
 * @example
 * const { eigenvalues, eigenvectors } = eigh(tensor([[2, 1], [1, 2]]));
 * eigenvalues.tolist(); // [1, 3]
 * eigenvectors.abs().tolist(); // [[0.7071, 0.7071], [0.7071, 0.7071]]
 */
export function eigh(x: Tensor, options: EighOptions = none): Pair & { eigenvalues: Tensor; eigenvectors: Tensor } {
  const [eigenvalues, eigenvectors] = decompose("eigh", x, options);
  return pair({ eigenvalues, eigenvectors });
}
/**
 * The eigenvalues of symmetric matrices, rising: the w of `x = V @ diag(w) @ V^T`, as {@link eigh} has it.
 * Shapes: `x` [..., N, N], the result [..., N]. Dtype: that of `x`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.eigvalsh.html
 * @example
 * eigvalsh(tensor([[2, 1], [1, 2]])).tolist(); // [1, 3]
 */
export const eigvalsh = (x: Tensor, options: EighOptions = none): Tensor => {
  if (unscoped()) return scoped(eigvalsh, x, options);
  return decompose("eigvalsh", x, options)[0];
};
