import { add_, addcdiv_, addcmul_, div, lerp_, mul_, sqrt_, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast, checkBetas } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface NAdamOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** How fast the momentum's schedule approaches beta1. */
  momentumDecay: number;
  /** Shrink parameters directly instead of adding to the gradient: AdamW's way. */
  decoupledWeightDecay: boolean;
  maximize: boolean;
}

/**
 * NAdam (Dozat 2016), Adam with Nesterov's momentum: with m and v as in Adam, mu_t = b1 (1 - 0.96^(t * momentumDecay) / 2) and
 * M_t the product of mu_1 ... mu_t, p -= lr * (mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)) / (sqrt(v / (1 - b2^t)) + eps).
 */
export class NAdam extends FirstOrderOptimizer<NAdamOptions> {
  constructor(params: Params<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    super(params, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false,
      ...options,
    });
  }
  protected check({ lr, betas, eps, weightDecay, momentumDecay }: NAdamOptions): void {
    atLeast("NAdam", "lr", lr);
    atLeast("NAdam", "eps", eps);
    checkBetas("NAdam", betas);
    atLeast("NAdam", "weightDecay", weightDecay);
    atLeast("NAdam", "momentumDecay", momentumDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<NAdamOptions>, state: ParamState): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = group;
    const step = nextStep(state);
    const expAvg = slot(state, "expAvg", p);
    const expAvgSq = slot(state, "expAvgSq", p);
    const momentum = (t: number) => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const mu = momentum(step);
    const muNext = momentum(step + 1);
    // PyTorch keeps the product in float32, whatever the parameter's dtype
    const muProduct = Math.fround(((state.muProduct as number | undefined) ?? 1) * mu); // only set here
    state.muProduct = muProduct;
    tidy(() => {
      if (decoupledWeightDecay && weightDecay !== 0) mul_(p, 1 - lr * weightDecay);
      const g = descent(p, grad, { maximize, weightDecay: decoupledWeightDecay ? 0 : weightDecay });
      lerp_(expAvg, g, 1 - betas[0]);
      addcmul_(mul_(expAvgSq, betas[1]), g, g, { value: 1 - betas[1] });
      const denominator = add_(sqrt_(div(expAvgSq, 1 - betas[1] ** step)), eps);
      addcdiv_(p, g, denominator, { value: (-lr * (1 - mu)) / (1 - muProduct) });
      addcdiv_(p, expAvg, denominator, { value: (-lr * muNext) / (1 - muProduct * muNext) });
    });
  }
}
