import { add, addcdiv_, addcmul_, sqrt, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface AdagradOptions {
  /** Learning rate, the factor of the update. Default 0.01. */
  lr: number;
  /** The rate of step t is lr / (1 + (t - 1) * lrDecay). Default 0. */
  lrDecay: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** What the sums of squares start from. Default 0. */
  initialAccumulatorValue: number;
  /** Added to the denominator, so that it is not 0. Default 1e-10. */
  eps: number;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const adagradKinds: Kinds<AdagradOptions> = {
  lr: option.number,
  lrDecay: option.number,
  weightDecay: option.number,
  initialAccumulatorValue: option.number,
  eps: option.number,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * Adagrad (Duchi, Hazan & Singer 2011), rates that fall with the gradients that there were:
 * `p -= lr / (1 + (t - 1) lrDecay) * g / (sqrt(s) + eps)` with `s += g^2`.
 *
 * Elements that rarely have a gradient keep a large rate.
 *
 * Shapes: parameters of any shape. The state holds `step` (t) and `sum` (s) of the parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative option; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.Adagrad([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.8331, -1.8311]
 */
export class Adagrad extends FirstOrderOptimizer<AdagradOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<AdagradOptions>, options: Given<AdagradOptions> = {}) {
    super(
      params,
      {
        lr: 1e-2,
        lrDecay: 0,
        weightDecay: 0,
        initialAccumulatorValue: 0,
        eps: 1e-10,
        maximize: false,
        differentiable: false,
      },
      adagradKinds,
      options,
    );
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
    passing(() => {
      const g = descent(p, grad, group);
      addcmul_(sum, g, g);
      addcdiv_(p, g, add(sqrt(sum), eps), { value: -lr / (1 + (step - 1) * lrDecay) });
    });
  }
}
