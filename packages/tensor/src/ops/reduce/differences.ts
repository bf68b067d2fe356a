import { isFloat } from "../../core/dtype.ts";
import { ShapeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { checkInteger } from "../../layout/integers.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { clone, inFloat32, toDType } from "../create/copy.ts";
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
  readonly prepend?: Tensor | null;
  /** Joined to the end. */
  readonly append?: Tensor | null;
}
/** Differences of neighbours along `dim`, `n` times over; of bools: whether they differ. */
export function diff(x: Tensor, n = 1, dim = -1, { prepend = null, append = null }: DiffOptions = {}): Tensor {
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
  /** Distance of neighbours, when there is no `x`. */
  readonly dx?: number;
  readonly dim?: number;
}
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

/** Integral of `y` along `dim` by the trapezoidal rule, at the places `x` or at a distance `dx`. */
export function trapezoid(y: Tensor, x: Tensor | null = null, { dx = 1, dim = -1 }: TrapezoidOptions = {}): Tensor {
  const { d, places } = alongLines("trapezoid", y, x, dim);
  if (places !== null) return div(sum(mul(sums(y, d), distances(places, d)), d), 2);
  const n = y.shape[d];
  if (n === 0) return sum(y, d);
  const ends = add(select(y, d, 0), select(y, d, n - 1));
  return mul(sub(sum(y, d), mul(ends, 0.5)), dx);
}
/** Running integral of `y` along `dim` by the trapezoidal rule: one element less along `dim`. */
export function cumulativeTrapezoid(
  y: Tensor,
  x: Tensor | null = null,
  { dx = 1, dim = -1 }: TrapezoidOptions = {},
): Tensor {
  const { d, places } = alongLines("cumulativeTrapezoid", y, x, dim);
  if (places !== null) return div(cumsum(mul(sums(y, d), distances(places, d)), d), 2);
  const doubled = cumsum(sums(y, d), d);
  return isFloat(y.dtype) ? mul(doubled, dx / 2) : div(mul(doubled, dx), 2);
}
