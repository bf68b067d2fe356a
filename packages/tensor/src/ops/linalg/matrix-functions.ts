import { ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { checkInteger, checkIntegers } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { matrixExponential } from "../../linalg/expm.ts";
import { local } from "../../memory/tidy.ts";
import { clone, inFloat32, toDType } from "../create/copy.ts";
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
/** The exponential of each square matrix. */
export function matrixExp(x: Tensor): Tensor {
  checkSquare("matrixExp", x);
  return x.size === 0 ? clone(x) : applyOne(matrixExpOp, [x], {});
}

/**
 * Each square matrix multiplied n times with itself; a negative n takes the inverse, 0 gives the identity.
 *
 * @throws ArgumentError when an inverse is needed and does not exist.
 */
export function matrixPower(x: Tensor, n: number): Tensor {
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

/** The inverse of `x` as a map between tensors: tensordot(tensorinv(x, ind), x, ind) is the identity. The first `ind` sizes must multiply to as much as the others. */
export function tensorinv(x: Tensor, options: { readonly ind?: number } = {}): Tensor {
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
/** The x with tensordot(a, x, x.ndim) = b; `dims` of a are moved to the end first. */
export function tensorsolve(a: Tensor, b: Tensor, options: { readonly dims?: readonly number[] | null } = {}): Tensor {
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
