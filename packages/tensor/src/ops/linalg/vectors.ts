import { ShapeError, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { checkInteger } from "../../layout/integers.ts";
import { sumType } from "../../layout/promotion.ts";
import { broadcastShapes, normalizeDim } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { arange } from "../create/creation.ts";
import { mul, pow, sub } from "../pointwise/arithmetic.ts";
import { roll } from "../shape/flipping.ts";
import { broadcastTo, unsqueeze } from "../shape/view.ts";

export interface VectorOptions {
  /** The dimension of the vectors (default -1). */
  readonly dim?: number | undefined;
}
export const vectorKinds: Kinds<VectorOptions> = { dim: number };

/**
 * Cross product of vectors of three elements along `dim` (default -1): `z[0] = x[1] * y[2] - x[2] * y[1]`, and so on in turn.
 * Shapes: `x` and `y` broadcast, with size 3 at `dim`; so is the result. Dtype: what they promote to.
 *
 * @throws ShapeError when they do not broadcast, or `dim` has another size.
 * @throws IndexError when `dim` is out of range.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.linalg.cross.html
 * @example
 * tensor([1, 0, 0]).cross(tensor([[0, 1, 0], [0, 0, 1]])).tolist(); // [[0, 0, 1], [0, -1, 0]]
 */
export function cross(x: Tensor, y: Tensor, options: VectorOptions = none): Tensor {
  if (unscoped()) return scoped(cross, x, y, options);
  checkOptions("cross", vectorKinds, options);
  checkTensor("cross", "x", x);
  checkTensor("cross", "y", y);
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
  readonly N?: number | null | undefined;
  /** From power 0 up instead of down to it (default false). */
  readonly increasing?: boolean | undefined;
}
const vanderKinds: Kinds<VanderOptions> = { N: orNull(number), increasing: boolean };
/**
 * Vandermonde matrix, whose rows are the powers of the elements: `y[i, j] = x[i]^(N - 1 - j)`, or with `increasing` `x[i]^j`.
 * Shapes: `x` [..., M], the result [..., M, N]. Dtype: that of `x`.
 *
 * @throws ArgumentError when `N` is no non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.vander.html
 * @example
 * vander(tensor([1, 2, 4])).tolist(); // [[1, 1, 1], [4, 2, 1], [16, 4, 1]]
 * vander(tensor([2, 4]), { N: 4, increasing: true }).tolist(); // [[1, 2, 4, 8], [1, 4, 16, 64]]
 */
export function vander(x: Tensor, options: VanderOptions = none): Tensor {
  if (unscoped()) return scoped(vander, x, options);
  checkOptions("vander", vanderKinds, options);
  checkTensor("vander", "x", x);
  const wide = toDType(x, sumType(x.dtype));
  const column = wide.ndim === 0 ? unsqueeze(wide, 0) : wide;
  const n = checkInteger("vander", "N", options.N ?? column.shape[column.ndim - 1], 0);
  const at = { dtype: wide.dtype, device: x.device };
  const powers = options.increasing ? arange(0, n, 1, at) : arange(n - 1, -1, -1, at);
  return pow(unsqueeze(column, -1), powers);
}
