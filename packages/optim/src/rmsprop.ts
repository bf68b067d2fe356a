import {
  add_,
  addcdiv_,
  addcmul,
  addcmul_,
  lerp_,
  mul_,
  sqrt,
  sqrt_,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface RMSpropOptions {
  lr: number;
  /** Decay rate of the running averages. */
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  /** Divide by the estimated standard deviation of the gradient instead of its root mean square. */
  centered: boolean;
  maximize: boolean;
}

/**
 * RMSprop (Hinton's lecture notes, 2012): v = alpha v + (1 - alpha) g^2, p -= lr * g / (sqrt(v) + eps); centered, v - a^2
 * stands for v, with a the running average of g (Graves 2013); with momentum, b = momentum * b + g / (sqrt(v) + eps), p -= lr * b.
 */
export class RMSprop extends FirstOrderOptimizer<RMSpropOptions> {
  constructor(params: Params<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    super(params, {
      lr: 1e-2,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
      ...options,
    });
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
    const squareAvg = slot(state, "squareAvg", p);
    const gradAvg = centered ? slot(state, "gradAvg", p) : null;
    const buffer = momentum > 0 ? slot(state, "momentumBuffer", p) : null;
    tidy(() => {
      const g = descent(p, grad, group);
      addcmul_(mul_(squareAvg, alpha), g, g, { value: 1 - alpha });
      if (gradAvg) lerp_(gradAvg, g, 1 - alpha);
      const root = gradAvg ? sqrt_(addcmul(squareAvg, gradAvg, gradAvg, { value: -1 })) : sqrt(squareAvg);
      const denominator = add_(root, eps);
      if (buffer) add_(p, addcdiv_(mul_(buffer, momentum), g, denominator), { alpha: -lr });
      else addcdiv_(p, g, denominator, { value: -lr });
    });
  }
}
