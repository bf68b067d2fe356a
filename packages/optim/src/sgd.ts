import { ArgumentError, add, add_, copy_, mul_, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast } from "./check.ts";
import { descent, FirstOrderOptimizer, slot } from "./first-order.ts";
import { FusedSteps } from "./fused.ts";
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

/**
 * Stochastic gradient descent: v = momentum * v + (1 - dampening) * g, p -= lr * v, with Nesterov's form g + momentum * v
 * (Sutskever et al. 2013).
 */
export class SGD extends FirstOrderOptimizer<SGDOptions> {
  readonly #fused = new FusedSteps("sgdStep", "first");

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
      this.#fused.run();
    }
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>, state: ParamState): void {
    const { lr, momentum, dampening, nesterov } = group;
    const first = momentum !== 0 && state.momentumBuffer === undefined;
    const written = momentum === 0 ? [p] : [p, slot(state, "momentumBuffer", p)];
    if (this.#fused.take(grad, written, group, Number(first))) return;
    tidy(() => {
      let d = descent(p, grad, group);
      if (momentum !== 0) {
        const v = written[1];
        if (first) copy_(v, d);
        else add_(mul_(v, momentum), d, { alpha: 1 - dampening });
        d = nesterov ? add(d, v, { alpha: momentum }) : v;
      }
      add_(p, d, { alpha: -lr });
    });
  }
}
