import { add_, clone, copy_, dot, flatten, item, mul_, neg, type Tensor, tidy } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { checkStart, evaluate, type OpFunc, unrecorded } from "./opfunc.ts";

export interface CgOptions {
  /** Evaluations of the function in all. Default: 1.25 maxIter. */
  readonly maxEval?: number | undefined;
  /** Evaluations of the function in one line search. Default 20. */
  readonly maxIter?: number | undefined;
  /** Sufficient decrease: `f <= f(0) + rho * t * slope`. Default 0.01. */
  readonly rho?: number | undefined;
  /** Curvature: a slope of at most `sig` times the first. Default 0.5. */
  readonly sig?: number | undefined;
  /** A new point stays this share of the bracket away from its ends. Default 0.1. */
  readonly int?: number | undefined;
  /** How many times the step may grow at once. Default 3. */
  readonly ext?: number | undefined;
  /** How many times a line search's first step may be the last one's. Default 100. */
  readonly ratio?: number | undefined;
}
const kinds: Kinds<CgOptions> = {
  maxEval: option.number,
  maxIter: option.number,
  rho: option.number,
  sig: option.number,
  int: option.number,
  ext: option.number,
  ratio: option.number,
};

/** The value and slope at a step of a line. */
interface Point {
  readonly t: number;
  readonly loss: number;
  readonly slope: number;
  readonly gradient: Tensor;
}
const finite = (t: number, otherwise: number): number => (Number.isFinite(t) ? t : otherwise);
const product = (a: Tensor, b: Tensor): number => item(dot(flatten(a), flatten(b)));

/**
 * Nonlinear conjugate gradients (Polak & Ribiere 1969) with Rasmussen's line search by cubic and quadratic interpolation:
 * `s = beta * s - g` with `beta = (g . g - g . g_last) / (g_last . g_last)`.
 *
 * `x` is changed in place, to the best point. Gives it, the losses (the first, and that after each line search) and the number of evaluations.
 * Where a line search fails, the next one goes along the gradient; where that fails, too, it ends.
 *
 * Shapes: `x` of any shape, floating-point; gradients have its shape.
 *
 * @throws ArgumentError for what is no function, no floating-point tensor, or gives no loss and gradient; UnavailableError on a device that
 * cannot be read synchronously.
 * @see https://github.com/torch/optim/blob/master/doc/algos.md#optim.cg
 * @see Rasmussen, "minimize.m", https://learning.eng.cam.ac.uk/carl/code/minimize/
 * @example
 * import { cg } from "@flambeau/optim/torch7";
 * const bowl = (x: Tensor) => [x.square().sum(), x.mul(2)] as const;
 * const [x, losses] = cg(bowl, tensor([3, 4], { dtype: "float64" }));
 * [x.abs().max().item() < 1e-6, losses[0]]; // [true, 25]
 */
export function cg(
  opfunc: OpFunc,
  x: Tensor,
  options: CgOptions = option.none,
): [x: Tensor, losses: number[], evaluations: number] {
  checkOptions("cg", kinds, options);
  const { rho = 0.01, sig = 0.5, int = 0.1, ext = 3, ratio = 100, maxIter = 20 } = options;
  const { maxEval = Math.floor(maxIter * 1.25) } = options;
  checkStart("cg", opfunc, x);
  wholeNumber("cg", "maxIter", maxIter);
  wholeNumber("cg", "maxEval", maxEval);
  let evaluations = 0;
  const losses: number[] = [];
  unrecorded(() => {
    const start = clone(x);
    let direction: Tensor;
    const at = (t: number): Point => {
      copy_(x, start);
      if (t !== 0) add_(x, direction, { alpha: t });
      evaluations++;
      return tidy(() => {
        const { loss, gradient } = evaluate("cg", opfunc, x);
        return { t, loss, slope: direction ? product(gradient, direction) : 0, gradient: clone(gradient) };
      });
    };
    let here = at(0);
    losses.push(here.loss);
    direction = neg(here.gradient);
    let slope = -product(direction, direction);
    let t = 1 / (1 - slope);
    let failed = false;
    while (evaluations < maxEval && slope !== 0) {
      copy_(start, x);
      here = { ...here, t: 0, slope };
      const found = search(at, here, t, Math.min(maxIter, maxEval - evaluations - 1), { rho, sig, int, ext });
      if (found.success) {
        const { point } = found;
        copy_(x, start);
        add_(x, direction, { alpha: point.t });
        losses.push(point.loss);
        const [g, last] = [point.gradient, here.gradient];
        const beta = (product(g, g) - product(g, last)) / product(last, last);
        add_(mul_(direction, beta), g, { alpha: -1 });
        let next = product(g, direction);
        if (next > 0) {
          direction = neg(g);
          next = -product(direction, direction);
        }
        // the slope is 0 only where the gradient is
        t = point.t * Math.min(ratio, next === 0 ? ratio : slope / next);
        slope = next;
        here = point;
        failed = false;
      } else {
        copy_(x, start);
        if (failed || evaluations >= maxEval) break;
        direction = neg(here.gradient);
        slope = -product(direction, direction);
        t = 1 / (1 - slope);
        failed = true;
      }
      if (!Number.isFinite(t)) break;
    }
  });
  return [x, losses, evaluations];
}

/** A point along the line that meets both conditions: first the bracket is made smaller, then the step longer. */
function search(
  at: (t: number) => Point,
  start: Point,
  first: number,
  most: number,
  { rho, sig, int, ext }: { readonly rho: number; readonly sig: number; readonly int: number; readonly ext: number },
): { readonly success: boolean; readonly point: Point } {
  const tooFar = (p: Point) => p.loss > start.loss + p.t * rho * start.slope || p.slope > -sig * start.slope;
  let left = most;
  let behind = start; // the point that the interpolation goes through besides the present one
  let point = at(first);
  let limit = Number.POSITIVE_INFINITY;
  const interpolated = (z: number) => ({
    a: (6 * (point.loss - behind.loss)) / z + 3 * (point.slope + behind.slope),
    b: 3 * (behind.loss - point.loss) - z * (behind.slope + 2 * point.slope),
  });
  for (;;) {
    while (tooFar(point) && left > 0) {
      limit = point.t;
      const z = behind.t - point.t; // negative
      let by: number;
      if (point.loss > start.loss) {
        // the parabola through one slope and both values
        by = z - (0.5 * behind.slope * z * z) / (behind.slope * z + point.loss - behind.loss);
      } else {
        const { a, b } = interpolated(z);
        by = (Math.sqrt(b * b - a * point.slope * z * z) - b) / a;
      }
      by = Math.max(Math.min(finite(by, z / 2), int * z), (1 - int) * z);
      point = at(point.t + by);
      left--;
    }
    if (tooFar(point)) return { success: false, point };
    if (point.slope > sig * start.slope) return { success: true, point };
    if (left === 0) return { success: false, point };
    const z = behind.t - point.t;
    const { a, b } = interpolated(z);
    let by = (-point.slope * z * z) / (b + Math.sqrt(b * b - a * point.slope * z * z));
    const bounded = limit < Number.POSITIVE_INFINITY;
    if (!Number.isFinite(by) || by < 0) by = bounded ? (limit - point.t) / 2 : point.t * (ext - 1);
    else if (bounded && point.t + by > limit) by = (limit - point.t) / 2;
    else if (!bounded && point.t + by > point.t * ext) by = point.t * (ext - 1);
    else if (by < -z * int) by = -z * int;
    else if (bounded && by < (limit - point.t) * (1 - int)) by = (limit - point.t) * (1 - int);
    behind = point;
    point = at(point.t + by);
    left--;
  }
}
