import { ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { broadcastShapes, normalizeDim } from "../../layout/shapes.ts";
import { inFloat32, toDType } from "../create/copy.ts";
import { arange } from "../create/creation.ts";
import { mul, pow, sub } from "../pointwise/arithmetic.ts";
import { roll } from "../shape/flipping.ts";
import { broadcastTo, unsqueeze } from "../shape/view.ts";

/** Cross product of vectors of three elements along `dim` (default -1); the two broadcast. */
export function cross(x: Tensor, y: Tensor, options: { readonly dim?: number } = {}): Tensor {
  const stand = inFloat32(x, y);
  if (stand) return toDType(cross(...stand, options), x.dtype);
  const { dim = -1 } = options;
  const shape = broadcastShapes("cross", x.shape, y.shape);
  const d = normalizeDim("cross", dim, shape.length);
  if (shape[d] !== 3)
    throw new ShapeError("cross", `dimension ${d} of ${showShape(shape)} must have size 3`, [x.shape, y.shape]);
  const [a, b] = [broadcastTo(x, shape), broadcastTo(y, shape)];
  return sub(mul(roll(a, -1, d), roll(b, -2, d)), mul(roll(a, -2, d), roll(b, -1, d)));
}

export interface VanderOptions {
  /** Number of powers (default: as many as elements). */
  readonly N?: number | null;
  /** From power 0 up instead of down to it. */
  readonly increasing?: boolean;
}
/** Powers of each element of the last dimension as rows (a Vandermonde matrix): N - 1 down to 0, or (increasing) 0 to N - 1. */
export function vander(x: Tensor, options: VanderOptions = {}): Tensor {
  const column = x.ndim === 0 ? unsqueeze(x, 0) : x;
  const n = checkInteger("vander", "N", options.N ?? column.shape[column.ndim - 1], 0);
  const at = { dtype: x.dtype, device: x.device };
  const powers = options.increasing ? arange(0, n, 1, at) : arange(n - 1, -1, -1, at);
  return pow(unsqueeze(column, -1), powers);
}
