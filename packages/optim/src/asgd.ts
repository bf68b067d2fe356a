import { add_, copy_, mul_, sub, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface ASGDOptions {
  lr: number;
  /** Decay term: parameters shrink by it, and the rate falls with it. */
  lambd: number;
  /** Power with which the rate falls. */
  alpha: number;
  /** The step at which averaging starts. */
  t0: number;
  weightDecay: number;
  maximize: boolean;
}

/**
 * Averaged stochastic gradient descent (Polyak & Juditsky 1992): p = (1 - lambd * eta) p - eta * g, a += mu * (p - a), with
 * eta = lr / (1 + lambd * lr * t)^alpha and mu = 1 / max(1, t - t0). The average a is the state tensor "ax".
 */
export class ASGD extends FirstOrderOptimizer<ASGDOptions> {
  constructor(params: Params<ASGDOptions>, options: Partial<ASGDOptions> = {}) {
    super(params, { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false, ...options });
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
    tidy(() => {
      const g = descent(p, grad, group);
      add_(mul_(p, 1 - lambd * eta), g, { alpha: -eta });
      if (mu === 1) copy_(ax, p);
      else add_(ax, mul_(sub(p, ax), mu));
    });
    state.eta = Math.fround(lr / (1 + lambd * lr * step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, step - t0));
  }
}
