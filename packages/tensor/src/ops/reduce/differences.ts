import { isFloat } from "../../core/dtype.ts";
import { ShapeError } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { tensor as aTensor, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { clone } from "../create/copy.ts";
import { add, div, mul, sub } from "../pointwise/arithmetic.ts";
import { logicalXor } from "../pointwise/comparison.ts";
import { cat } from "../shape/joining.ts";
import { narrow, reshape, select } from "../shape/view.ts";
import { cumsum } from "./cumulative.ts";
import { sum } from "./reduction.ts";

const later = (x: Tensor, dim: number): Tensor =>
  narrow(x, dim, Math.min(1, x.shape[dim]), Math.max(0, x.shape[dim] - 1));
const earlier = (x: Tensor, dim: number): Tensor => narrow(x, dim, 0, Math.max(0, x.shape[dim] - 1));

export interface DiffOptions {
  /** Joined to the front before differences are taken. */
  readonly prepend?: Tensor | null | undefined;
  /** Joined to the end. */
  readonly append?: Tensor | null | undefined;
}
const diffKinds: Kinds<DiffOptions> = { prepend: orNull(aTensor), append: orNull(aTensor) };
/**
 * Differences of neighbours along `dim`, taken `n` times over: `y[i] = x[i + 1] - x[i]`. Of bools: whether the two differ.
 * Shape: that of `x`, with the sizes of `prepend` and `append` added and `n` taken away at `dim`. Dtype: that of `x`, promoted with those
 * two.
 *
 * @throws ShapeError when `x` is 0-d, or when `prepend` or `append` has other sizes than `x` beside `dim`.
 * @throws IndexError when `dim` is out of range.
 * @throws ArgumentError when `n` is not a non-negative integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diff.html
 * @example
 * const x = tensor([1, 4, 9, 16]);
 * x.diff().tolist(); // [3, 5, 7]
 * x.diff(2).tolist(); // [2, 2]
 * x.diff(1, -1, { prepend: tensor([0]) }).tolist(); // [1, 3, 5, 7]
 */
export function diff(x: Tensor, n = 1, dim = -1, options: DiffOptions = none): Tensor {
  if (unscoped()) return scoped(diff, x, n, dim, options);
  checkOptions("diff", diffKinds, options);
  checkTensor("diff", "x", x);
  const { prepend = null, append = null } = options;
  const stand = inFloat32(x, prepend, append);
  if (stand) return toDType(diff(stand[0], n, dim, { prepend: stand[1], append: stand[2] }), x.dtype);
  if (x.ndim === 0) throw new ShapeError("diff", "a 0-d tensor has no neighbours", [x.shape]);
  checkInteger("diff", "n", n, 0);
  const d = normalizeDim("diff", dim, x.ndim);
  if (n === 0) return clone(x);
  const parts = [prepend, x, append].filter((t) => t !== null);
  let out = parts.length > 1 ? cat(parts, d) : x;
  for (let i = 0; i < n && out.shape[d] > 0; i++)
    out = out.dtype === "bool" ? logicalXor(later(out, d), earlier(out, d)) : sub(later(out, d), earlier(out, d));
  return out;
}

export interface TrapezoidOptions {
  /** Distance of neighbours, when there is no `x` (default 1). */
  readonly dx?: number | undefined;
  /** The dimension to integrate along (default -1). */
  readonly dim?: number | undefined;
}
const trapezoidKinds: Kinds<TrapezoidOptions> = { dx: number, dim: number };
/** Along which dimension, and `x` as it lies along it. */
function alongLines(op: string, y: Tensor, x: Tensor | null, dim: number): { d: number; places: Tensor | null } {
  if (y.ndim === 0) throw new ShapeError(op, "a 0-d tensor has no neighbours", [y.shape]);
  const d = normalizeDim(op, dim, y.ndim);
  if (x === null) return { d, places: null };
  const lead = y.ndim - x.ndim;
  const at =
    x.ndim === 1
      ? y.shape.map((_, i) => (i === d ? x.size : 1))
      : [...new Array<number>(Math.max(lead, 0)).fill(1), ...x.shape];
  if (at[d] !== y.shape[d] && at[d] !== 1)
    throw new ShapeError(op, `x has ${at[d]} points along dimension ${d}, y has ${y.shape[d]}`, [x.shape, y.shape]);
  return { d, places: reshape(x, at) };
}
const sums = (y: Tensor, d: number): Tensor => add(later(y, d), earlier(y, d));
const distances = (places: Tensor, d: number): Tensor => sub(later(places, d), earlier(places, d));

/**
 * Integral of `y` along `dim` by the trapezoidal rule: `sum((y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i]))`, with `dx` for the differences
 * where no places `x` are given.
 * Shapes: `y` [..., N, ...]; `x` [N], or a shape that broadcasts to that of `y`; the result is `y` without `dim`. Integers give the default
 * floating dtype.
 *
 * @throws ShapeError when `y` is 0-d, or when `x` has another number of points along `dim`.
 * @throws IndexError when `dim` is out of range.
 * @throws DeviceError when `x` and `y` live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.trapezoid.html
 * @example
 * const y = tensor([1, 5, 10]);
 * y.trapezoid().item(); // 10.5
 * y.trapezoid(null, { dx: 2 }).item(); // 21
 * y.trapezoid(tensor([1, 3, 6])).item(); // 28.5
 */
export function trapezoid(y: Tensor, x: Tensor | null = null, options: TrapezoidOptions = none): Tensor {
  if (unscoped()) return scoped(trapezoid, y, x, options);
  checkOptions("trapezoid", trapezoidKinds, options);
  checkTensor("trapezoid", "y", y);
  if (x !== null) checkTensor("trapezoid", "x", x);
  const wide = inFloat32(y, x);
  if (wide) return toDType(trapezoid(...wide, options), y.dtype);
  const { dx = 1, dim = -1 } = options;
  const { d, places } = alongLines("trapezoid", y, x, dim);
  if (places !== null) return div(sum(mul(sums(y, d), distances(places, d)), d), 2);
  const n = y.shape[d];
  if (n === 0) return noGrad(() => toDType(sum(y, d), y.dtype)); // a constant, as in PyTorch
  const ends = add(select(y, d, 0), select(y, d, n - 1));
  return mul(sub(sum(y, d), mul(ends, 0.5)), dx);
}
/**
 * Running integral of `y` along `dim` by the trapezoidal rule: `z[j]` is the sum of `(y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i])` for i from
 * 0 to j, with `dx` for the differences where no places `x` are given.
 * Shapes: as of {@link trapezoid}, but the result has N - 1 elements along `dim`.
 *
 * @throws ShapeError when `y` is 0-d, or when `x` has another number of points along `dim`.
 * @throws IndexError when `dim` is out of range.
 * @throws DeviceError when `x` and `y` live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html
 * @example
 * tensor([1, 5, 10]).cumulativeTrapezoid().tolist(); // [3, 10.5]
 * tensor([1, 5, 10]).cumulativeTrapezoid(tensor([1, 3, 6])).tolist(); // [6, 28.5]
 */
export function cumulativeTrapezoid(y: Tensor, x: Tensor | null = null, options: TrapezoidOptions = none): Tensor {
  if (unscoped()) return scoped(cumulativeTrapezoid, y, x, options);
  checkOptions("cumulativeTrapezoid", trapezoidKinds, options);
  checkTensor("cumulativeTrapezoid", "y", y);
  if (x !== null) checkTensor("cumulativeTrapezoid", "x", x);
  const wide = inFloat32(y, x);
  if (wide) return toDType(cumulativeTrapezoid(...wide, options), y.dtype);
  const { dx = 1, dim = -1 } = options;
  const { d, places } = alongLines("cumulativeTrapezoid", y, x, dim);
  if (places !== null) return div(cumsum(mul(sums(y, d), distances(places, d)), d), 2);
  const doubled = cumsum(sums(y, d), d);
  return isFloat(y.dtype) ? mul(doubled, dx / 2) : div(mul(doubled, dx), 2);
}
