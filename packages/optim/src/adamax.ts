import { abs, add_, addcdiv_, lerp_, maximum, mul_, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast, checkBetas } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, put, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface AdamaxOptions {
  /** Learning rate: about how far an element moves in a step. Default 0.002. */
  lr: number;
  /** Decay rates of the gradient's running average and of its largest size, in [0, 1). Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the gradient's size, so that the denominator is not 0. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const adamaxKinds: Kinds<AdamaxOptions> = {
  lr: option.number,
  betas: option.listOf(option.number, 2),
  eps: option.number,
  weightDecay: option.number,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * Adamax (Kingma & Ba 2015, arXiv:1412.6980), Adam with the infinity norm: `p -= lr / (1 - b1^t) * m / u` with `m = b1 m + (1 - b1) g` and
 * `u = max(b2 u, |g| + eps)`.
 *
 * Shapes: parameters of any shape. The state holds `step` (t), `expAvg` (m) and `expInf` (u) of the parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, `eps` or `weightDecay`, and `betas` outside [0, 1); what {@link Optimizer} throws for
 * parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.Adamax([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.8052, -1.8025]
 */
export class Adamax extends FirstOrderOptimizer<AdamaxOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<AdamaxOptions>, options: Given<AdamaxOptions> = {}) {
    super(
      params,
      { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, differentiable: false },
      adamaxKinds,
      options,
    );
  }
  protected check({ lr, betas, eps, weightDecay }: AdamaxOptions): void {
    atLeast("Adamax", "lr", lr);
    atLeast("Adamax", "eps", eps);
    checkBetas("Adamax", betas);
    atLeast("Adamax", "weightDecay", weightDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdamaxOptions>, state: ParamState): void {
    const { lr, betas, eps } = group;
    const step = nextStep(state);
    const expAvg = slot(state, "expAvg", p);
    const expInf = slot(state, "expInf", p);
    passing(() => {
      const g = descent(p, grad, group);
      lerp_(expAvg, g, 1 - betas[0]);
      const size = put(state, "expInf", maximum(mul_(expInf, betas[1]), add_(abs(g), eps)));
      addcdiv_(p, expAvg, size, { value: -lr / (1 - betas[0] ** step) });
    });
  }
}
