import {
  ArgumentError,
  addcmul_,
  clamp,
  eq,
  gt,
  lt,
  mul,
  neg,
  sign,
  type Tensor,
  where,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { FirstOrderOptimizer, nextStep, passing, put, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface RpropOptions {
  /** The first step size of every element. Default 0.01. */
  lr: number;
  /** Factors of the step size where the gradient's sign changed, and where it stayed. Default [0.5, 1.2]. */
  etas: readonly [minus: number, plus: number];
  /** Bounds of the step sizes. Default [1e-6, 50]. */
  stepSizes: readonly [min: number, max: number];
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const rpropKinds: Kinds<RpropOptions> = {
  lr: option.number,
  etas: option.listOf(option.number, 2),
  stepSizes: option.listOf(option.number, 2),
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * Rprop (Riedmiller & Braun 1993), for full batches, where only the gradient's sign counts: `p -= stepSize * sign(g)`.
 *
 * Each element's step size grows by etas[1] while the sign stays and shrinks by etas[0] when it changes (no step is made then).
 *
 * Shapes: parameters of any shape. The state holds `step`, `prev` (the last gradient, 0 where no step was made) and `stepSize` of the parameter's
 * shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, or unless `0 < etas[0] < 1 < etas[1]`; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.Rprop([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step(); // by 0.1, then by 0.12
 * }
 * w.tolist(); // [0.7800, -1.7800]
 */
export class Rprop extends FirstOrderOptimizer<RpropOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<RpropOptions>, options: Given<RpropOptions> = {}) {
    super(
      params,
      { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false, differentiable: false },
      rpropKinds,
      options,
    );
  }
  protected check({ lr, etas }: RpropOptions): void {
    atLeast("Rprop", "lr", lr);
    if (!(etas[0] > 0 && etas[0] < 1 && etas[1] > 1))
      throw new ArgumentError("Rprop", `etas must satisfy 0 < etas[0] < 1 < etas[1], got [${etas.join(", ")}]`);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<RpropOptions>, state: ParamState): void {
    const { lr, etas, stepSizes, maximize } = group;
    nextStep(state); // PyTorch's state has it
    const prev = slot(state, "prev", p);
    const stepSize = slot(state, "stepSize", p, lr);
    passing(() => {
      const g = maximize ? neg(grad) : grad;
      const turn = sign(mul(g, prev));
      const turned = lt(turn, 0);
      const factor = where(eq(turn, 0), 1, where(turned, etas[0], where(gt(turn, 0), etas[1], turn))); // NaN stays NaN
      const size = put(state, "stepSize", clamp(mul(stepSize, factor), ...stepSizes));
      const kept = put(state, "prev", where(turned, 0, g));
      addcmul_(p, sign(kept), size, { value: -1 });
    });
  }
}
