import { ArgumentError, add, add_, clone, keep, mul, mul_, type Tensor, zerosLike } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { atLeast } from "../check.ts";
import { checkStart, evaluate, type OpFunc, unrecorded } from "./opfunc.ts";

export interface NagOptions {
  /** Learning rate, the factor of the gradient. Default 0.001. */
  readonly learningRate?: number | undefined;
  /** The rate at step k is learningRate / (1 + k * learningRateDecay). Default 0. */
  readonly learningRateDecay?: number | undefined;
  /** Factor of x that is added to its gradient (an L2 penalty). Default 0. */
  readonly weightDecay?: number | undefined;
  /** Share of the last update that is kept, above 0. Default 0.9. */
  readonly momentum?: number | undefined;
  /** Factors of the learning rate, one for each element of x. Default: 1. */
  readonly learningRates?: Tensor | undefined;
}
const kinds: Kinds<NagOptions> = {
  learningRate: option.number,
  learningRateDecay: option.number,
  weightDecay: option.number,
  momentum: option.number,
  learningRates: option.tensor,
};
/** What {@link nag} keeps from one call to the next; empty at first. */
export interface NagState {
  /** The last update. */
  dfdx?: Tensor;
  /** How many calls there were. */
  evalCounter?: number;
}

/**
 * One step of Nesterov's accelerated gradient in Sutskever's form: `v = momentum * v - lr * g(x + momentum * v)` and `x = x + v`.
 *
 * The function is evaluated ahead of x, where the momentum leads. `x` and `state` are changed in place; give the same state to each call.
 * Gives x and the loss ahead of it. {@link SGD} with `nesterov` evaluates at the point ahead itself.
 *
 * Shapes: `x` of any shape, floating-point; gradients and `learningRates` have its shape.
 *
 * @throws ArgumentError for a momentum that is not above 0, other options out of range, and what is no function; UnavailableError on a device
 * that cannot be read synchronously.
 * @see https://github.com/torch/optim/blob/master/doc/algos.md#optim.nag
 * @see Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013
 * @example
 * import { nag } from "@flambeau/optim/torch7";
 * const bowl = (x: Tensor) => [x.square().sum(), x.mul(2)] as const;
 * const [x, state] = [tensor([1, -1]), {}];
 * for (let i = 0; i < 2; i++) nag(bowl, x, { learningRate: 0.1, momentum: 0.5 }, state);
 * x.tolist(); // [0.5600, -0.5600]
 */
export function nag(
  opfunc: OpFunc,
  x: Tensor,
  options: NagOptions = option.none,
  state: NagState = {},
): [x: Tensor, losses: number[]] {
  checkOptions("nag", kinds, options);
  const { learningRate = 1e-3, learningRateDecay = 0, weightDecay = 0, momentum = 0.9, learningRates } = options;
  checkStart("nag", opfunc, x);
  if (!option.object.takes(state)) throw new ArgumentError("nag", `state must be an object, got ${show(state)}`);
  if (!(momentum > 0)) throw new ArgumentError("nag", `momentum must be above 0, got ${momentum}`);
  atLeast("nag", "learningRate", learningRate);
  atLeast("nag", "learningRateDecay", learningRateDecay);
  atLeast("nag", "weightDecay", weightDecay);
  return unrecorded(() => {
    const ahead = state.dfdx;
    if (ahead !== undefined) add_(x, ahead, { alpha: momentum });
    const { loss, gradient } = evaluate("nag", opfunc, x);
    const decayed = weightDecay === 0 ? gradient : add(gradient, x, { alpha: weightDecay });
    const scaled = learningRates === undefined ? decayed : mul(decayed, learningRates);
    const counter = state.evalCounter ?? 0;
    const rate = learningRate / (1 + counter * learningRateDecay);
    const v = ahead === undefined ? keep(zerosLike(x)) : mul_(ahead, momentum);
    const update = clone(scaled); // the gradient may share x's memory
    add_(x, update, { alpha: -rate });
    add_(v, update, { alpha: -rate });
    state.dfdx = v;
    state.evalCounter = counter + 1;
    return [x, [loss]];
  });
}
