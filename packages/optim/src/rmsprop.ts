import {
  add,
  add_,
  addcdiv_,
  addcmul,
  addcmul_,
  lerp_,
  mul_,
  sqrt,
  sqrt_,
  type Tensor,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface RMSpropOptions {
  /** Learning rate, the factor of the update. Default 0.01. */
  lr: number;
  /** Decay rate of the running averages. Default 0.99. */
  alpha: number;
  /** Added to the denominator, so that it is not 0. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** Share of the last update that is kept. Default 0. */
  momentum: number;
  /** Divide by the estimated standard deviation of the gradient instead of its root mean square. Default false. */
  centered: boolean;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const rmspropKinds: Kinds<RMSpropOptions> = {
  lr: option.number,
  alpha: option.number,
  eps: option.number,
  weightDecay: option.number,
  momentum: option.number,
  centered: option.boolean,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * RMSprop (Hinton's lecture notes, 2012), the gradient over its own recent size: `p -= lr * g / (sqrt(v) + eps)` with
 * `v = alpha v + (1 - alpha) g^2`.
 *
 * Centered, `v - a^2` stands for v, with a the running average of g (Graves 2013, arXiv:1308.0850). With momentum,
 * `b = momentum * b + g / (sqrt(v) + eps)` and `p -= lr * b`.
 *
 * Shapes: parameters of any shape. The state holds `step`, `squareAvg` (v), when centered `gradAvg` (a) and with momentum `momentumBuffer` (b) of
 * the parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, `alpha`, `eps`, `momentum` or `weightDecay`; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.RMSprop([w], { lr: 0.01 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.8329, -1.8309]
 */
export class RMSprop extends FirstOrderOptimizer<RMSpropOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<RMSpropOptions>, options: Given<RMSpropOptions> = {}) {
    super(
      params,
      {
        lr: 1e-2,
        alpha: 0.99,
        eps: 1e-8,
        weightDecay: 0,
        momentum: 0,
        centered: false,
        maximize: false,
        differentiable: false,
      },
      rmspropKinds,
      options,
    );
  }
  protected check({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    atLeast("RMSprop", "lr", lr);
    atLeast("RMSprop", "eps", eps);
    atLeast("RMSprop", "momentum", momentum);
    atLeast("RMSprop", "weightDecay", weightDecay);
    atLeast("RMSprop", "alpha", alpha);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<RMSpropOptions>, state: ParamState): void {
    const { lr, alpha, eps, momentum, centered } = group;
    nextStep(state); // PyTorch's state has it
    const squareAvg = slot(state, "squareAvg", p);
    const gradAvg = centered ? slot(state, "gradAvg", p) : null;
    const buffer = momentum > 0 ? slot(state, "momentumBuffer", p) : null;
    passing(() => {
      const g = descent(p, grad, group);
      addcmul_(mul_(squareAvg, alpha), g, g, { value: 1 - alpha });
      if (gradAvg) lerp_(gradAvg, g, 1 - alpha);
      const root = gradAvg ? sqrt_(addcmul(squareAvg, gradAvg, gradAvg, { value: -1 })) : sqrt(squareAvg);
      const denominator = add(root, eps);
      if (buffer) add_(p, addcdiv_(mul_(buffer, momentum), g, denominator), { alpha: -lr });
      else addcdiv_(p, g, denominator, { value: -lr });
    });
  }
}
