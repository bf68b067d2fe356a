import {
  ArgumentError,
  addcmul_,
  clamp_,
  copy_,
  eq,
  gt,
  lt,
  mul,
  mul_,
  neg,
  sign,
  type Tensor,
  tidy,
  where,
} from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { FirstOrderOptimizer, slot } from "./first-order.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface RpropOptions {
  /** The first step size of every element. */
  lr: number;
  /** Factors of the step size where the gradient's sign changed, and where it stayed. */
  etas: readonly [minus: number, plus: number];
  /** Bounds of the step sizes. */
  stepSizes: readonly [min: number, max: number];
  maximize: boolean;
}

/**
 * Rprop (Riedmiller & Braun 1993), for full batches: only the gradient's sign counts. Each element's step size grows by
 * etas[1] while the sign stays and shrinks by etas[0] when it changes (no step is made then); p -= stepSize * sign(g).
 */
export class Rprop extends FirstOrderOptimizer<RpropOptions> {
  constructor(params: Params<RpropOptions>, options: Partial<RpropOptions> = {}) {
    super(params, { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false, ...options });
  }
  protected check({ lr, etas }: RpropOptions): void {
    atLeast("Rprop", "lr", lr);
    if (!(etas[0] > 0 && etas[0] < 1 && etas[1] > 1))
      throw new ArgumentError("Rprop", `etas must satisfy 0 < etas[0] < 1 < etas[1], got [${etas.join(", ")}]`);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<RpropOptions>, state: ParamState): void {
    const { lr, etas, stepSizes, maximize } = group;
    const prev = slot(state, "prev", p);
    const stepSize = slot(state, "stepSize", p, lr);
    tidy(() => {
      const g = maximize ? neg(grad) : grad;
      const turn = sign(mul(g, prev));
      const turned = lt(turn, 0);
      const factor = where(eq(turn, 0), 1, where(turned, etas[0], where(gt(turn, 0), etas[1], turn))); // NaN stays NaN
      clamp_(mul_(stepSize, factor), ...stepSizes);
      copy_(prev, where(turned, 0, g));
      addcmul_(p, sign(prev), stepSize, { value: -1 });
    });
  }
}
