import { abs, add_, addcdiv_, copy_, lerp_, maximum, mul_, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast, checkBetas } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface AdamaxOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

/**
 * Adamax (Kingma & Ba 2015), Adam with the infinity norm: m = b1 m + (1 - b1) g, u = max(b2 u, |g| + eps),
 * p -= lr / (1 - b1^t) * m / u.
 */
export class Adamax extends FirstOrderOptimizer<AdamaxOptions> {
  constructor(params: Params<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, ...options });
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
    tidy(() => {
      const g = descent(p, grad, group);
      lerp_(expAvg, g, 1 - betas[0]);
      copy_(expInf, maximum(mul_(expInf, betas[1]), add_(abs(g), eps)));
      addcdiv_(p, expAvg, expInf, { value: -lr / (1 - betas[0] ** step) });
    });
  }
}
