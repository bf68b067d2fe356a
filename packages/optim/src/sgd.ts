import { ArgumentError, add, add_, copy_, mul_, type SgdStepAttrs, type Tensor } from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, slot } from "./first-order.ts";
import { FusedSteps, stepOp } from "./fused.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface SGDOptions {
  lr: number;
  momentum: number;
  /** Dampening of the gradient in the momentum buffer. */
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

/** {@link SGD}'s step. Written are p and, with momentum, v. */
export const sgdStepOp = stepOp(
  "sgdStep",
  ({ momentum }) => (momentum === 0 ? 1 : 2),
  (grad, [p, v], a) => {
    let d = descent(p, grad, a);
    if (a.momentum !== 0) {
      if (a.first === 1) copy_(v, d);
      else add_(mul_(v, a.momentum), d, { alpha: 1 - a.dampening });
      d = a.nesterov ? add(d, v, { alpha: a.momentum }) : v;
    }
    add_(p, d, { alpha: -a.lr });
  },
);
const sgdAttrs = (group: SGDOptions, first: number): SgdStepAttrs => ({
  first,
  lr: group.lr,
  momentum: group.momentum,
  dampening: group.dampening,
  weightDecay: group.weightDecay,
  nesterov: group.nesterov,
  maximize: group.maximize,
});

/**
 * Stochastic gradient descent: v = momentum * v + (1 - dampening) * g, p -= lr * v, with Nesterov's form g + momentum * v
 * (Sutskever et al. 2013).
 */
export class SGD extends FirstOrderOptimizer<SGDOptions> {
  readonly #steps = new FusedSteps(sgdStepOp, sgdAttrs);

  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...options,
    });
  }
  protected check({ lr, momentum, weightDecay, nesterov, dampening }: SGDOptions): void {
    atLeast("SGD", "lr", lr);
    atLeast("SGD", "momentum", momentum);
    atLeast("SGD", "weightDecay", weightDecay);
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new ArgumentError("SGD", "nesterov needs a momentum and no dampening");
  }
  protected override updateGroup(group: ParamGroup<SGDOptions>): void {
    try {
      super.updateGroup(group);
    } finally {
      this.#steps.run();
    }
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>, state: ParamState): void {
    const buffered = group.momentum !== 0;
    const first = buffered && state.momentumBuffer === undefined;
    const written = buffered ? [p, slot(state, "momentumBuffer", p)] : [p];
    this.#steps.take(grad, written, group, Number(first));
  }
}
