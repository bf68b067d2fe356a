import {
  type AdamStepAttrs,
  add,
  add_,
  addcdiv_,
  addcmul_,
  copy_,
  div_,
  lerp_,
  maximum,
  mul_,
  neg,
  sqrt,
  type Tensor,
} from "@flambeau/tensor/functional";
import { atLeast, checkBetas } from "./check.ts";
import { FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import { FusedSteps, stepOp } from "./fused.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";

export interface AdamOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  /** Divide by the largest second moment so far (Reddi et al. 2018). */
  amsgrad: boolean;
  maximize: boolean;
  /** Shrink parameters directly instead of adding to the gradient: AdamW's way. */
  decoupledWeightDecay: boolean;
}

/** {@link Adam}'s step. Written are p, m, v and, with amsgrad, the maximum of v. */
export const adamStepOp = stepOp(
  "adamStep",
  ({ amsgrad }) => (amsgrad ? 4 : 3),
  (grad, [p, expAvg, expAvgSq, maxExpAvgSq], { step, lr, betas, eps, weightDecay, ...a }) => {
    let g = a.maximize ? neg(grad) : grad;
    if (weightDecay !== 0) {
      if (a.decoupledWeightDecay) mul_(p, 1 - lr * weightDecay);
      else g = add(g, p, { alpha: weightDecay });
    }
    lerp_(expAvg, g, 1 - betas[0]);
    addcmul_(mul_(expAvgSq, betas[1]), g, g, { value: 1 - betas[1] });
    if (a.amsgrad) copy_(maxExpAvgSq, maximum(maxExpAvgSq, expAvgSq));
    const denominator = add_(div_(sqrt(a.amsgrad ? maxExpAvgSq : expAvgSq), Math.sqrt(1 - betas[1] ** step)), eps);
    addcdiv_(p, expAvg, denominator, { value: -lr / (1 - betas[0] ** step) });
  },
);
const adamAttrs = (group: AdamOptions, step: number): AdamStepAttrs => ({
  step,
  lr: group.lr,
  betas: [group.betas[0], group.betas[1]],
  eps: group.eps,
  weightDecay: group.weightDecay,
  amsgrad: group.amsgrad,
  maximize: group.maximize,
  decoupledWeightDecay: group.decoupledWeightDecay,
});

/**
 * Adam (Kingma & Ba 2015): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * p -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps).
 */
export class Adam extends FirstOrderOptimizer<AdamOptions> {
  readonly #steps = new FusedSteps(adamStepOp, adamAttrs);

  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      decoupledWeightDecay: false,
      ...options,
    });
  }
  protected check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    const name = this.constructor.name;
    atLeast(name, "lr", lr);
    atLeast(name, "eps", eps);
    atLeast(name, "weightDecay", weightDecay);
    checkBetas(name, betas);
  }
  protected override updateGroup(group: ParamGroup<AdamOptions>): void {
    try {
      super.updateGroup(group);
    } finally {
      this.#steps.run();
    }
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>, state: ParamState): void {
    const step = nextStep(state);
    const written = [p, slot(state, "expAvg", p), slot(state, "expAvgSq", p)];
    if (group.amsgrad) written.push(slot(state, "maxExpAvgSq", p));
    this.#steps.take(grad, written, group, step);
  }
}

/**
 * AdamW (Loshchilov & Hutter 2019): Adam whose weight decay (0.01 by default) shrinks parameters directly.
 *
 * @example
 * import { optim, tensor } from "flambeau";
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.AdamW([w], { lr: 0.1, weightDecay: 0 });
 * optimizer.zeroGrad();
 * w.square().sum().backward();
 * optimizer.step(); // each element moves by lr against the sign of its gradient
 * [...w.dataSync()].map((v) => Number(Number(v).toFixed(4))); // [0.9, -1.9]
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamOptions>, options: Partial<Omit<AdamOptions, "decoupledWeightDecay">> = {}) {
    super(params, { weightDecay: 0.01, ...options, decoupledWeightDecay: true });
  }
}
