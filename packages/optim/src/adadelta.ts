import { add, add_, addcmul_, div_, mul_, sqrt_, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast, share } from "./check.ts";
import { descent, FirstOrderOptimizer, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface AdadeltaOptions {
  lr: number;
  /** Decay rate of the running averages. */
  rho: number;
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

/**
 * Adadelta (Zeiler 2012, arXiv:1212.5701): v = rho v + (1 - rho) g^2, d = sqrt(u + eps) / sqrt(v + eps) * g,
 * u = rho u + (1 - rho) d^2, p -= lr * d.
 */
export class Adadelta extends FirstOrderOptimizer<AdadeltaOptions> {
  constructor(params: Params<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, ...options });
  }
  protected check({ lr, rho, eps, weightDecay }: AdadeltaOptions): void {
    atLeast("Adadelta", "lr", lr);
    share("Adadelta", "rho", rho);
    atLeast("Adadelta", "eps", eps);
    atLeast("Adadelta", "weightDecay", weightDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdadeltaOptions>, state: ParamState): void {
    const { lr, rho, eps } = group;
    const squareAvg = slot(state, "squareAvg", p);
    const accDelta = slot(state, "accDelta", p);
    tidy(() => {
      const g = descent(p, grad, group);
      addcmul_(mul_(squareAvg, rho), g, g, { value: 1 - rho });
      const std = sqrt_(add(squareAvg, eps));
      const delta = mul_(div_(sqrt_(add(accDelta, eps)), std), g);
      addcmul_(mul_(accDelta, rho), delta, delta, { value: 1 - rho });
      add_(p, delta, { alpha: -lr });
    });
  }
}
