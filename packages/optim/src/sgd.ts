import { add, add_, ArgumentError, clone, keep, mul_, neg, type Tensor, tidy } from "@flambeau/tensor/functional";
import { atLeast, Optimizer, type ParamGroup, type Params, type ParamState } from "./optimizer.ts";

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
export class SGD extends Optimizer<SGDOptions> {
  constructor(params: Params<SGDOptions>, options: Partial<SGDOptions> = {}) {
    super(params, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false, ...options });
  }
  protected check({ lr, momentum, weightDecay, nesterov, dampening }: SGDOptions): void {
    atLeast("SGD", "lr", lr);
    atLeast("SGD", "momentum", momentum);
    atLeast("SGD", "weightDecay", weightDecay);
    if (nesterov && (momentum <= 0 || dampening !== 0)) throw new ArgumentError("SGD", "nesterov needs a momentum and no dampening");
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>, state: ParamState): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    tidy(() => {
      let d = maximize ? neg(grad) : grad;
      if (weightDecay !== 0) d = add(d, p, { alpha: weightDecay });
      if (momentum !== 0) {
        const buffer = state.momentumBuffer as Tensor | undefined; // no other entry has that name
        if (buffer === undefined) state.momentumBuffer = keep(clone(d));
        else add_(mul_(buffer, momentum), d, { alpha: 1 - dampening });
        const v = state.momentumBuffer as Tensor; // set just above
        d = nesterov ? add(d, v, { alpha: momentum }) : v;
      }
      add_(p, d, { alpha: -lr });
    });
  }
}
