import {
  ArgumentError,
  abs,
  add_,
  clone,
  copy_,
  dot,
  flatten,
  item,
  max,
  type Tensor,
} from "@flambeau/tensor/functional";
import {
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  sameShape,
  showShape,
} from "@flambeau/tensor/plugin";
import { wholeNumber } from "../check.ts";
import { type LinePoint, strongWolfe } from "../strong-wolfe.ts";
import { checkStart, evaluate, type OpFunc, unrecorded } from "./opfunc.ts";

export interface WolfeOptions {
  /** Sufficient decrease: `f <= f(0) + c1 * t * slope`. Default 1e-4. */
  readonly c1?: number | undefined;
  /** Curvature: a slope of at most `c2` times the first. Default 0.9. */
  readonly c2?: number | undefined;
  /** A bracket that moves x by less is not made smaller. Default 1e-9. */
  readonly tolX?: number | undefined;
  /** Evaluations of the function at most. Default 20. */
  readonly maxIter?: number | undefined;
}
const kinds: Kinds<WolfeOptions> = {
  c1: option.number,
  c2: option.number,
  tolX: option.number,
  maxIter: option.number,
};

/**
 * A step along a descent direction that meets the strong Wolfe conditions: `f(x + t d) <= f + c1 t gtd` and
 * `abs(g(x + t d) . d) <= c2 abs(gtd)`.
 *
 * `t` is the step to try first; `f`, `g` and `gtd = g . d` are value, gradient and slope at x. `x` is changed in place, to `x + t d`. Gives
 * value and gradient there, x, the step, and the number of evaluations.
 *
 * Shapes: `x`, `d` and `g` of one shape.
 *
 * @throws ArgumentError for tensors of other shapes, what is no function, and a slope that is not negative; UnavailableError on a device that
 * cannot be read synchronously.
 * @see https://github.com/torch/optim/blob/master/lswolfe.lua
 * @see Nocedal & Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6
 * @example
 * import { lswolfe } from "@flambeau/optim/torch7";
 * const bowl = (x: Tensor) => [x.square().sum().item(), x.mul(2)] as const;
 * const [x, d] = [tensor([3, 4]), tensor([-6, -8])];
 * const [f, , , t] = lswolfe(bowl, x, 1, d, 25, tensor([6, 8]), -100);
 * [f < 25, t < 1, x.tolist()]; // [true, true, [0, 0]]
 */
export function lswolfe(
  opfunc: OpFunc,
  x: Tensor,
  t: number,
  d: Tensor,
  f: number,
  g: Tensor,
  gtd: number,
  options: WolfeOptions = option.none,
): [f: number, g: Tensor, x: Tensor, t: number, evaluations: number] {
  checkOptions("lswolfe", kinds, options);
  const { c1 = 1e-4, c2 = 0.9, tolX = 1e-9, maxIter = 20 } = options;
  checkStart("lswolfe", opfunc, x);
  checkNumber("lswolfe", "t", t);
  checkNumber("lswolfe", "f", f);
  wholeNumber("lswolfe", "maxIter", maxIter);
  for (const [name, other] of [["d", d] as const, ["g", g] as const]) {
    checkTensor("lswolfe", name, other);
    if (!sameShape(other.shape, x.shape))
      throw new ArgumentError("lswolfe", `${name} has shape ${showShape(other.shape)}, x ${showShape(x.shape)}`);
  }
  if (!(checkNumber("lswolfe", "gtd", gtd) < 0))
    throw new ArgumentError("lswolfe", `gtd must be negative, or d leads up; got ${gtd}`);
  return unrecorded(() => {
    const start = clone(x);
    const move = (step: number) => add_(copy_(x, start), d, { alpha: step });
    const at = (step: number): LinePoint => {
      move(step);
      const { loss, gradient } = evaluate("lswolfe", opfunc, x);
      return { t: step, loss, gradient: clone(gradient), slope: item(dot(flatten(gradient), flatten(d))) };
    };
    const found = strongWolfe(at, { t: 0, loss: f, gradient: g, slope: gtd }, t, item(max(abs(d))), {
      c1,
      c2,
      toleranceChange: tolX,
      maxEvaluations: maxIter,
    });
    const { point } = found;
    move(point.t);
    return [point.loss, point.gradient, x, point.t, found.evaluations];
  });
}
