import { add, add_, addcmul_, div, mul, mul_, sqrt_, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast, share } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface AdadeltaOptions {
  /** Learning rate, the factor of the update. Default 1. */
  lr: number;
  /** Decay rate of the running averages, 0 to 1. Default 0.9. */
  rho: number;
  /** Added to the averages under the roots: it sets the size of the first steps. Default 1e-6. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const adadeltaKinds: Kinds<AdadeltaOptions> = {
  lr: option.number,
  rho: option.number,
  eps: option.number,
  weightDecay: option.number,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * Adadelta (Zeiler 2012, arXiv:1212.5701), steps whose size adapts by itself: `p -= lr * d` with `d = sqrt(u + eps) / sqrt(v + eps) * g`,
 * where `v = rho v + (1 - rho) g^2` and `u = rho u + (1 - rho) d^2`.
 *
 * Shapes: parameters of any shape. The state holds `step`, and `squareAvg` (v) and `accDelta` (u) of the parameter's shape and dtype.
 *
 * @throws ArgumentError for an `lr`, `rho`, `eps` or `weightDecay` out of range; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.Adadelta([w]);
 * w.square().sum().backward();
 * optimizer.step();
 * w.tolist(); // [0.9968, -1.9968]
 */
export class Adadelta extends FirstOrderOptimizer<AdadeltaOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<AdadeltaOptions>, options: Given<AdadeltaOptions> = {}) {
    super(
      params,
      { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, differentiable: false },
      adadeltaKinds,
      options,
    );
  }
  protected check({ lr, rho, eps, weightDecay }: AdadeltaOptions): void {
    atLeast("Adadelta", "lr", lr);
    share("Adadelta", "rho", rho);
    atLeast("Adadelta", "eps", eps);
    atLeast("Adadelta", "weightDecay", weightDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdadeltaOptions>, state: ParamState): void {
    const { lr, rho, eps } = group;
    nextStep(state); // PyTorch's state has it
    const squareAvg = slot(state, "squareAvg", p);
    const accDelta = slot(state, "accDelta", p);
    passing(() => {
      const g = descent(p, grad, group);
      addcmul_(mul_(squareAvg, rho), g, g, { value: 1 - rho });
      const std = sqrt_(add(squareAvg, eps));
      const delta = mul(div(sqrt_(add(accDelta, eps)), std), g);
      addcmul_(mul_(accDelta, rho), delta, delta, { value: 1 - rho });
      add_(p, delta, { alpha: -lr });
    });
  }
}
