import {
  add,
  add_,
  addcmul_,
  div,
  lerp_,
  mul,
  mul_,
  reciprocal_,
  sqrt,
  type Tensor,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast, checkBetas } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface RAdamOptions {
  /** Learning rate: about how far an element moves in a step. Default 0.001. */
  lr: number;
  /** Decay rates of the running averages of the gradient and of its square, in [0, 1). Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator, so that it is not 0. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), unless it is decoupled. Default 0. */
  weightDecay: number;
  /** Shrink parameters by `lr * weightDecay` instead of adding to the gradient: AdamW's way. Default false. */
  decoupledWeightDecay: boolean;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const radamKinds: Kinds<RAdamOptions> = {
  lr: option.number,
  betas: option.listOf(option.number, 2),
  eps: option.number,
  weightDecay: option.number,
  decoupledWeightDecay: option.boolean,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * RAdam (Liu et al. 2020, arXiv:1908.03265), Adam that warms itself up: `p -= lr * m / (1 - b1^t)` while `r <= 5`, and then that times
 * `sqrt(1 - b2^t) / (sqrt(v) + eps) * sqrt((r - 4)(r - 2) r_inf / ((r_inf - 4)(r_inf - 2) r))`.
 *
 * m and v are as in {@link Adam}, `r_inf = 2 / (1 - b2) - 1` and `r = r_inf - 2 t b2^t / (1 - b2^t)`.
 *
 * Shapes: parameters of any shape. The state holds `step` (t), `expAvg` (m) and `expAvgSq` (v) of the parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, `eps` or `weightDecay`, and `betas` outside [0, 1); what {@link Optimizer} throws for
 * parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.RAdam([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.6211, -1.2421]
 */
export class RAdam extends FirstOrderOptimizer<RAdamOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<RAdamOptions>, options: Given<RAdamOptions> = {}) {
    super(
      params,
      {
        lr: 1e-3,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        decoupledWeightDecay: false,
        maximize: false,
        differentiable: false,
      },
      radamKinds,
      options,
    );
  }
  protected check({ lr, betas, eps, weightDecay }: RAdamOptions): void {
    atLeast("RAdam", "lr", lr);
    atLeast("RAdam", "eps", eps);
    checkBetas("RAdam", betas);
    atLeast("RAdam", "weightDecay", weightDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<RAdamOptions>, state: ParamState): void {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = group;
    const step = nextStep(state);
    const expAvg = slot(state, "expAvg", p);
    const expAvgSq = slot(state, "expAvgSq", p);
    const correction2 = 1 - betas[1] ** step;
    const limit = 2 / (1 - betas[1]) - 1;
    const rho = limit - (2 * step * betas[1] ** step) / correction2;
    passing(() => {
      if (decoupledWeightDecay && weightDecay !== 0) mul_(p, 1 - lr * weightDecay);
      const g = descent(p, grad, { maximize, weightDecay: decoupledWeightDecay ? 0 : weightDecay });
      lerp_(expAvg, g, 1 - betas[0]);
      addcmul_(mul_(expAvgSq, betas[1]), g, g, { value: 1 - betas[1] });
      let update = mul_(div(expAvg, 1 - betas[0] ** step), lr);
      if (rho > 5) {
        const rate = Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
        update = mul_(mul(update, mul(reciprocal_(add(sqrt(expAvgSq), eps)), Math.sqrt(correction2))), rate);
      }
      add_(p, update, { alpha: -1 });
    });
  }
}
