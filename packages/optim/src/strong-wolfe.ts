import type { Tensor } from "@flambeau/tensor/functional";

/** The loss at one point of the line, and how fast it changes along it. */
interface OnLine {
  readonly t: number;
  readonly loss: number;
  readonly slope: number;
}
/** With the gradient there; `slope` is the gradient along the direction. */
export interface LinePoint extends OnLine {
  readonly gradient: Tensor;
}

/** Where the cubic through two points with these losses and slopes has its minimum, within bounds (their interval by default). */
export function cubicMinimum(a: OnLine, b: OnLine, bounds?: readonly [low: number, high: number]): number {
  const [low, high] = bounds ?? (a.t <= b.t ? [a.t, b.t] : [b.t, a.t]);
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [l, r] = a.t <= b.t ? [a, b] : [b, a];
  const t = r.t - (r.t - l.t) * ((r.slope + d2 - d1) / (r.slope - l.slope + 2 * d2));
  return Math.min(Math.max(t, low), high);
}

interface LineSearch {
  /** Sufficient decrease: loss <= start + c1 * t * slope. */
  readonly c1?: number;
  /** Curvature: |slope| <= c2 * |slope at the start|. */
  readonly c2?: number;
  readonly toleranceChange?: number;
  readonly maxEvaluations: number;
}

/**
 * A step along a descent direction that meets the strong Wolfe conditions: first a bracket by growing steps, then cubic
 * interpolation inside it (Nocedal & Wright, Numerical Optimization, algorithms 3.5 and 3.6, with the safeguards of minFunc, as in
 * PyTorch).
 *
 * @param at the loss and gradient at step t
 * @param start the point t = 0
 * @param first the step to try first
 * @param length largest absolute element of the direction
 */
export function strongWolfe(
  at: (t: number) => LinePoint,
  start: LinePoint,
  first: number,
  length: number,
  { c1 = 1e-4, c2 = 0.9, toleranceChange = 1e-9, maxEvaluations }: LineSearch,
): { readonly point: LinePoint; readonly evaluations: number } {
  const tooHigh = (p: LinePoint) => p.loss > start.loss + c1 * p.t * start.slope;
  const flat = (p: LinePoint) => Math.abs(p.slope) <= -c2 * start.slope;

  let previous = start;
  let point = at(first);
  let evaluations = 1;
  let tries = 0;
  let bracket: [LinePoint, LinePoint] | null = null;
  while (tries < maxEvaluations) {
    if (!tooHigh(point) && !(tries > 1 && point.loss >= previous.loss)) {
      if (flat(point)) return { point, evaluations };
      if (point.slope < 0) {
        const next = cubicMinimum(previous, point, [point.t + 0.01 * (point.t - previous.t), point.t * 10]);
        previous = point;
        point = at(next);
        evaluations++;
        tries++;
        continue;
      }
    }
    bracket = [previous, point];
    break;
  }
  bracket ??= [start, point]; // out of evaluations

  let [low, high] = bracket[0].loss <= bracket[1].loss ? [0, 1] : [1, 0];
  let slow = false;
  while (tries < maxEvaluations) {
    if (Math.abs(bracket[1].t - bracket[0].t) * length < toleranceChange) break;
    let t = cubicMinimum(bracket[0], bracket[1]);
    // too close to an end of the bracket, twice in a row or beyond it: a tenth of the bracket away from that end
    const left = Math.min(bracket[0].t, bracket[1].t);
    const right = Math.max(bracket[0].t, bracket[1].t);
    const margin = 0.1 * (right - left);
    if (Math.min(right - t, t - left) < margin) {
      if (slow || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
        slow = false;
      } else slow = true;
    } else slow = false;

    point = at(t);
    evaluations++;
    tries++;
    if (tooHigh(point) || point.loss >= bracket[low].loss) {
      bracket[high] = point;
      [low, high] = bracket[0].loss <= bracket[1].loss ? [0, 1] : [1, 0];
    } else {
      const done = flat(point);
      if (!done && point.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
      bracket[low] = point;
      if (done) break;
    }
  }
  return { point: bracket[low], evaluations };
}
