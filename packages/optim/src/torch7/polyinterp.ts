import { ArgumentError } from "@flambeau/tensor/functional";
import { show } from "@flambeau/tensor/plugin";
import { cubicMinimum } from "../strong-wolfe.ts";

/** A position, the value and the slope there. */
export type PolyPoint = readonly [x: number, f: number, slope: number];

/**
 * Where the polynomial through points with their slopes has its least value: of two points the cubic, of n points degree `2n - 1`.
 *
 * Looked for between `min` and `max`, among them, the points and where the slope is 0. Of two points without bounds it is the cubic's minimum
 * between them (Nocedal & Wright, Numerical Optimization, equation 3.59), or the middle where there is none.
 *
 * Shapes: none; numbers.
 *
 * @throws ArgumentError for what is no list of triples of numbers, and two points at one place.
 * @see https://github.com/torch/optim/blob/master/polyinterp.lua
 * @example
 * import { polyinterp } from "@flambeau/optim/torch7";
 * polyinterp([[0, 4, -4], [3, 1, 2]]); // 2
 */
export function polyinterp(points: readonly PolyPoint[], min?: number, max?: number): number {
  const fits = (p: unknown) => Array.isArray(p) && p.length === 3 && p.every((v) => typeof v === "number");
  if (!Array.isArray(points) || points.length === 0 || !points.every(fits))
    throw new ArgumentError("polyinterp", `points are a list of [x, f, slope], got ${show(points)}`);
  for (const [name, bound] of [["min", min] as const, ["max", max] as const])
    if (bound !== undefined && typeof bound !== "number")
      throw new ArgumentError("polyinterp", `${name} must be a number, got ${show(bound)}`);
  const at = points.map(([x]) => x);
  if (new Set(at).size < at.length)
    throw new ArgumentError("polyinterp", `two points are at one place: ${at.join(", ")}`);
  if (points.length === 2 && min === undefined && max === undefined) {
    const [a, b] = points.map(([t, loss, slope]) => ({ t, loss, slope }));
    return cubicMinimum(a, b);
  }
  const [low, high] = [min ?? Math.min(...at), max ?? Math.max(...at)];
  const middle = (low + high) / 2;
  // about the middle, so that powers stay small
  const polynomial = hermite(points.map(([x, f, slope]) => [x - middle, f, slope]));
  if (!polynomial.every(Number.isFinite)) return middle;
  const critical = roots(derivative(polynomial), low - middle, high - middle).map((x) => x + middle);
  let [best, least] = [middle, Number.POSITIVE_INFINITY];
  for (const x of [low, high, ...at, ...critical]) {
    const value = evaluate(polynomial, x - middle);
    if (x >= low && x <= high && value < least) [best, least] = [x, value];
  }
  return best;
}

/** Coefficients from the constant on, through values and slopes: Newton's divided differences, each point twice. */
function hermite(points: readonly PolyPoint[]): number[] {
  const x = points.flatMap(([p]) => [p, p]);
  let column = points.flatMap(([, f]) => [f, f]);
  const newton = [column[0]];
  for (let order = 1; order < x.length; order++) {
    column = column.slice(1).map((v, i) => {
      if (order === 1 && i % 2 === 0) return points[i / 2][2]; // the same point twice
      return (v - column[i]) / (x[i + order] - x[i]);
    });
    newton.push(column[0]);
  }
  let coefficients: number[] = [];
  for (let i = newton.length - 1; i >= 0; i--) {
    // times (t - x[i]), plus newton[i]
    const shifted = [0, ...coefficients];
    coefficients = shifted.map((c, k) => c - x[i] * (coefficients[k] ?? 0));
    coefficients[0] += newton[i];
  }
  return coefficients;
}
const evaluate = (p: readonly number[], x: number): number => p.reduceRight((sum, c) => sum * x + c, 0);
const derivative = (p: readonly number[]): number[] => p.slice(1).map((c, i) => c * (i + 1));

/** The real roots between two bounds: between roots of the derivative a polynomial is monotone, and has one at most. */
function roots(p: readonly number[], low: number, high: number): number[] {
  if (p.length <= 1) return [];
  const ends = [low, ...roots(derivative(p), low, high), high];
  const found: number[] = [];
  for (let i = 0; i + 1 < ends.length; i++) {
    let [a, b] = [ends[i], ends[i + 1]];
    const sign = Math.sign(evaluate(p, a));
    if (sign === 0) found.push(a);
    else if (sign * Math.sign(evaluate(p, b)) < 0) {
      for (let m = (a + b) / 2; m > a && m < b; m = (a + b) / 2) {
        if (Math.sign(evaluate(p, m)) === sign) a = m;
        else b = m;
      }
      found.push(b);
    }
  }
  return found;
}
