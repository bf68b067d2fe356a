import {
  add,
  add_,
  addcdiv_,
  addcmul_,
  clone,
  copy_,
  div,
  lerp_,
  maximum,
  mul_,
  neg,
  sqrt,
  type Tensor,
} from "@flambeau/tensor/functional";
import { type AdamStepAttrs, checkOptions, context, type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast, checkBetas } from "./check.ts";
import { FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import { FusedSteps, stepOp } from "./fused.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface AdamOptions {
  /** Learning rate: about how far an element moves in a step. Default 0.001. */
  lr: number;
  /** Decay rates of the running averages of the gradient and of its square, in [0, 1). Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator, so that it is not 0. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), unless it is decoupled. Default 0; of AdamW 0.01. */
  weightDecay: number;
  /** Divide by the largest second moment so far (Reddi et al. 2018). Default false. */
  amsgrad: boolean;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Shrink parameters by `lr * weightDecay` instead of adding to the gradient: AdamW's way. Default false. */
  decoupledWeightDecay: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const adamKinds: Kinds<AdamOptions> = {
  lr: option.number,
  betas: option.listOf(option.number, 2),
  eps: option.number,
  weightDecay: option.number,
  amsgrad: option.boolean,
  maximize: option.boolean,
  decoupledWeightDecay: option.boolean,
  differentiable: option.boolean,
};
const adamWKinds = option.without(adamKinds, "decoupledWeightDecay");

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
    // the maximum's gradient reads what it compared
    if (a.amsgrad) copy_(maxExpAvgSq, maximum(context.gradEnabled ? clone(maxExpAvgSq) : maxExpAvgSq, expAvgSq));
    const denominator = add_(div(sqrt(a.amsgrad ? maxExpAvgSq : expAvgSq), Math.sqrt(1 - betas[1] ** step)), eps);
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
 * Adam (Kingma & Ba 2015, arXiv:1412.6980), momentum over the gradient's own size:
 * `p -= lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)` with `m = b1 m + (1 - b1) g` and `v = b2 v + (1 - b2) g^2`.
 *
 * Shapes: parameters of any shape. The state holds `step` (t), `expAvg` (m) and `expAvgSq` (v), with amsgrad also `maxExpAvgSq`, of the
 * parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, `eps` or `weightDecay`, and `betas` outside [0, 1); what {@link Optimizer} throws for
 * parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.Adam([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.8004, -1.8002]
 */
export class Adam extends FirstOrderOptimizer<AdamOptions> {
  readonly #steps = new FusedSteps(adamStepOp, adamAttrs, true, (p, state) => this.isOwn(p, state));
  protected override readonly repeats = true;

  constructor(params: Params<AdamOptions>, options: Given<AdamOptions> = {}) {
    super(
      params,
      {
        lr: 1e-3,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        amsgrad: false,
        maximize: false,
        decoupledWeightDecay: false,
        differentiable: false,
      },
      adamKinds,
      options,
    );
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
      this.updateEach(group);
    } finally {
      this.#steps.run();
    }
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>, state: ParamState): void {
    const step = nextStep(state);
    const written = [p, slot(state, "expAvg", p), slot(state, "expAvgSq", p)];
    if (group.amsgrad) written.push(slot(state, "maxExpAvgSq", p));
    this.#steps.take(grad, written, group, step, state);
  }
}

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101), {@link Adam} whose weight decay (0.01 by default) shrinks parameters directly:
 * `p *= 1 - lr * weightDecay` before each of Adam's steps.
 *
 * Shapes: parameters of any shape. The state is that of {@link Adam}.
 *
 * @throws ArgumentError for a negative `lr`, `eps` or `weightDecay`, and `betas` outside [0, 1); what {@link Optimizer} throws for
 * parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
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
  constructor(params: Params<AdamOptions>, options: Given<Omit<AdamOptions, "decoupledWeightDecay">> = {}) {
    checkOptions("AdamW", adamWKinds, options);
    super(params, { ...options, weightDecay: options.weightDecay ?? 0.01, decoupledWeightDecay: true });
  }
}
