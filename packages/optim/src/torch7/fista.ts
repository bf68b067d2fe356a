import {
  ArgumentError,
  add,
  clone,
  copy_,
  dot,
  enableGrad,
  flatten,
  isTensor,
  item,
  sub,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, epsilonOf, type Kinds, option, sameShape, show } from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { checkStart, evaluate, type LossFunc, lossOf, type OpFunc, unrecorded } from "./opfunc.ts";

export interface FistaOptions {
  /** The inverse of the first step size. Default 0.1. */
  readonly L?: number | undefined;
  /** What L grows by where the step was too long. Default 1.5. */
  readonly Lstep?: number | undefined;
  /** Iterations at most. Default 50. */
  readonly maxIter?: number | undefined;
  /** Growths of L in one iteration at most. Default 20. */
  readonly maxLine?: number | undefined;
  /** Ends where the sum of both functions changes by no more. Default 1e-4. */
  readonly errThres?: number | undefined;
  /** FISTA's momentum; else it is ISTA. Default true. */
  readonly doFistaUpdate?: boolean | undefined;
}
const kinds: Kinds<FistaOptions> = {
  L: option.number,
  Lstep: option.number,
  maxIter: option.number,
  maxLine: option.number,
  errThres: option.number,
  doFistaUpdate: option.boolean,
};
/** One iteration: growths of L, L, and the values of both functions, f alone and g alone there. */
export interface FistaStep {
  readonly nline: number;
  readonly L: number;
  readonly F: number;
  readonly f: number;
  readonly g: number;
}

/**
 * The minimum of `F(x) = f(x) + g(x)` for a smooth f and a g whose proximal map is known, by FISTA with backtracking (Beck & Teboulle
 * 2009): `x = prox(y - grad f(y) / L)`, then `y = x + (t_last - 1) / t * (x - x_last)` with `t = (1 + sqrt(1 + 4 t_last^2)) / 2`.
 *
 * `prox(z, L)` gives the x with the least `g(x) + L / 2 |x - z|^2`: for `g = a |x|_1` it is `softshrink(z, a / L)`. `x` is where it starts,
 * and is changed in place. Gives it and the iterations.
 *
 * Shapes: `x` of any shape, floating-point; the gradient of f and what `prox` gives have it.
 *
 * @throws ArgumentError for what are no functions, give something else, and options out of range; UnavailableError on a device that cannot be
 * read synchronously.
 * @see https://github.com/torch/optim/blob/master/doc/algos.md#optim.FistaLS
 * @see https://epubs.siam.org/doi/abs/10.1137/080716542
 * @example
 * import { fistaLs } from "@flambeau/optim/torch7";
 * // |x - b|^2 + |x|_1 is least where b is shrunk by 1/2
 * const b = tensor([2, -0.25, 1]);
 * const smooth = (x: Tensor) => [x.sub(b).square().sum(), x.sub(b).mul(2)] as const;
 * const [x] = fistaLs(smooth, (x) => x.abs().sum(), (z, L) => softshrink(z, 1 / L), zeros([3]), { errThres: 1e-9 });
 * x.tolist(); // [1.5000, 0, 0.5000]
 */
export function fistaLs(
  f: OpFunc,
  g: LossFunc,
  prox: (z: Tensor, L: number) => Tensor,
  x: Tensor,
  options: FistaOptions = option.none,
): [x: Tensor, history: FistaStep[]] {
  checkOptions("fistaLs", kinds, options);
  const { Lstep = 1.5, maxIter = 50, maxLine = 20, errThres = 1e-4, doFistaUpdate = true } = options;
  let { L = 0.1 } = options;
  checkStart("fistaLs", f, x);
  checkFunction("fistaLs", "g", g);
  checkFunction("fistaLs", "prox", prox);
  wholeNumber("fistaLs", "maxIter", maxIter);
  wholeNumber("fistaLs", "maxLine", maxLine, 0);
  if (!(L > 0)) throw new ArgumentError("fistaLs", `L must be above 0, got ${L}`);
  if (!(Lstep > 1)) throw new ArgumentError("fistaLs", `Lstep must be above 1, got ${Lstep}`);
  const other = (loss: LossFunc, at: Tensor) =>
    lossOf(
      "fistaLs",
      enableGrad(() => loss(at)),
    );
  const product = (a: Tensor, b: Tensor) => item(dot(flatten(a), flatten(b)));
  const slack = 8 * epsilonOf(x.dtype);
  const history: FistaStep[] = [];
  unrecorded(() => {
    let y = clone(x);
    let last = clone(x);
    let t = 1;
    for (let k = 0; k < maxIter; k++) {
      const at = evaluate("fistaLs", f, y);
      const gradient = clone(at.gradient);
      let nline = 0;
      let found: Tensor;
      for (; ; nline++) {
        const moved = prox(add(y, gradient, { alpha: -1 / L }), L);
        if (!isTensor(moved) || !sameShape(moved.shape, x.shape))
          throw new ArgumentError("fistaLs", `prox must give a tensor of x's shape, got ${show(moved)}`);
        const way = sub(moved, y);
        const bound = at.loss + product(gradient, way) + (L / 2) * product(way, way);
        found = moved;
        // values that differ by rounding alone are no reason to go on
        if (other(f, moved) <= bound + slack * Math.abs(bound)) break;
        if (nline >= maxLine) {
          found = last; // no better point: stay
          break;
        }
        L *= Lstep;
      }
      const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
      y = doFistaUpdate ? add(found, sub(found, last), { alpha: (t - 1) / next }) : clone(found);
      last = clone(found);
      t = next;
      const [fx, gx] = [other(f, last), other(g, last)];
      history.push({ nline, L, F: fx + gx, f: fx, g: gx });
      if (k > 0 && Math.abs(history[k].F - history[k - 1].F) <= errThres) break;
    }
    copy_(x, last);
  });
  return [x, history];
}
