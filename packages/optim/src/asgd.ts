import { add_, copy_, mul_, sub, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface ASGDOptions {
  /** Learning rate of the first step. Default 0.01. */
  lr: number;
  /** Decay term: parameters shrink by it, and the rate falls with it. Default 1e-4. */
  lambd: number;
  /** Power with which the rate falls. Default 0.75. */
  alpha: number;
  /** The step at which averaging starts. Default 1e6. */
  t0: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const asgdKinds: Kinds<ASGDOptions> = {
  lr: option.number,
  lambd: option.number,
  alpha: option.number,
  t0: option.number,
  weightDecay: option.number,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * Averaged stochastic gradient descent (Polyak & Juditsky 1992): `p = (1 - lambd * eta) p - eta * g` and `a += mu * (p - a)`, with
 * `eta = lr / (1 + lambd * lr * t)^alpha` and `mu = 1 / max(1, t - t0)`.
 *
 * The average a is the state tensor "ax"; the parameters themselves are not averaged.
 *
 * Shapes: parameters of any shape. The state holds the numbers `step` (t), `eta` and `mu`, and `ax` of the parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr` or `weightDecay`; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.ASGD([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.tolist(); // [0.79999, -1.59998]
 */
export class ASGD extends FirstOrderOptimizer<ASGDOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<ASGDOptions>, options: Given<ASGDOptions> = {}) {
    super(
      params,
      { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false, differentiable: false },
      asgdKinds,
      options,
    );
  }
  protected check({ lr, weightDecay }: ASGDOptions): void {
    atLeast("ASGD", "lr", lr);
    atLeast("ASGD", "weightDecay", weightDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<ASGDOptions>, state: ParamState): void {
    const { lr, lambd, alpha, t0 } = group;
    const step = nextStep(state);
    const ax = slot(state, "ax", p);
    // PyTorch keeps both in float32 tensors, whatever the parameter's dtype
    const eta = (state.eta as number | undefined) ?? Math.fround(lr); // set below, as mu is
    const mu = (state.mu as number | undefined) ?? 1;
    passing(() => {
      const g = descent(p, grad, group);
      add_(mul_(p, 1 - lambd * eta), g, { alpha: -eta });
      if (mu === 1) copy_(ax, p);
      else add_(ax, mul_(sub(p, ax), mu));
    });
    state.eta = Math.fround(lr / (1 + lambd * lr * step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, step - t0));
  }
}
