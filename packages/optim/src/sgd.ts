import { ArgumentError, add, add_, copy_, mul_, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option, type SgdStepAttrs } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, slot } from "./first-order.ts";
import { FusedSteps, stepOp } from "./fused.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface SGDOptions {
  /** Learning rate, the factor of the update. Default 0.001. */
  lr: number;
  /** Share of the last update that is kept. Default 0. */
  momentum: number;
  /** Dampening of the gradient in the momentum buffer. Default 0. */
  dampening: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty). Default 0. */
  weightDecay: number;
  /** Step along g + momentum * v instead of v; needs a momentum and no dampening. Default false. */
  nesterov: boolean;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const sgdKinds: Kinds<SGDOptions> = {
  lr: option.number,
  momentum: option.number,
  dampening: option.number,
  weightDecay: option.number,
  nesterov: option.boolean,
  maximize: option.boolean,
  differentiable: option.boolean,
};

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
 * Stochastic gradient descent, with momentum or without: `p -= lr * v` with `v = momentum * v + (1 - dampening) * g`.
 *
 * At the first step `v = g`. Nesterov's form steps along `g + momentum * v` (Sutskever et al. 2013).
 *
 * Shapes: parameters of any shape. With momentum the state holds `momentumBuffer` (v) of the parameter's shape and dtype, else nothing.
 *
 * @throws ArgumentError for a negative `lr`, `momentum` or `weightDecay`, and for `nesterov` without momentum or with dampening; what
 * {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 * @example
 * import { optim, tensor } from "flambeau";
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.SGD([w], { lr: 0.1, momentum: 0.9 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.4600, -0.9200]
 */
export class SGD extends FirstOrderOptimizer<SGDOptions> {
  readonly #steps = new FusedSteps(sgdStepOp, sgdAttrs, false, (p, state) => this.isOwn(p, state));
  protected override readonly repeats = true;

  constructor(params: Params<SGDOptions>, options: Given<SGDOptions> = {}) {
    super(
      params,
      { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false, differentiable: false },
      sgdKinds,
      options,
    );
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
      this.updateEach(group);
    } finally {
      this.#steps.run();
    }
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>, state: ParamState): void {
    const buffered = group.momentum !== 0;
    const first = buffered && state.momentumBuffer === undefined;
    const written = buffered ? [p, slot(state, "momentumBuffer", p)] : [p];
    this.#steps.take(grad, written, group, Number(first), state);
  }
}
