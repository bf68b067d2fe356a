import { add_, addcdiv_, addcmul_, sqrt, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface AdagradOptions {
  lr: number;
  /** The rate of step t is lr / (1 + (t - 1) * lrDecay). */
  lrDecay: number;
  weightDecay: number;
  /** What the sums of squares start from. */
  initialAccumulatorValue: number;
  eps: number;
  maximize: boolean;
}

/**
 * Adagrad (Duchi, Hazan & Singer 2011): s += g^2, p -= lr / (1 + (t - 1) lrDecay) * g / (sqrt(s) + eps). Elements that rarely
 * have a gradient keep a large rate.
 */
export class Adagrad extends FirstOrderOptimizer<AdagradOptions> {
  constructor(params: Params<AdagradOptions>, options: Partial<AdagradOptions> = {}) {
    super(params, {
      lr: 1e-2,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
      maximize: false,
      ...options,
    });
  }
  protected check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdagradOptions): void {
    atLeast("Adagrad", "lr", lr);
    atLeast("Adagrad", "lrDecay", lrDecay);
    atLeast("Adagrad", "weightDecay", weightDecay);
    atLeast("Adagrad", "initialAccumulatorValue", initialAccumulatorValue);
    atLeast("Adagrad", "eps", eps);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdagradOptions>, state: ParamState): void {
    const { lr, lrDecay, initialAccumulatorValue, eps } = group;
    const step = nextStep(state);
    const sum = slot(state, "sum", p, initialAccumulatorValue);
    tidy(() => {
      const g = descent(p, grad, group);
      addcmul_(sum, g, g);
      addcdiv_(p, g, add_(sqrt(sum), eps), { value: -lr / (1 + (step - 1) * lrDecay) });
    });
  }
}
