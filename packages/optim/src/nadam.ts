import { add, addcdiv_, addcmul_, div, lerp_, mul_, sqrt_, type Tensor } from "@flambeau/tensor/functional";
import { type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast, checkBetas } from "./check.ts";
import { descent, FirstOrderOptimizer, nextStep, passing, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface NAdamOptions {
  /** Learning rate: about how far an element moves in a step. Default 0.002. */
  lr: number;
  /** Decay rates of the running averages of the gradient and of its square, in [0, 1). Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator, so that it is not 0. Default 1e-8. */
  eps: number;
  /** Factor of the parameter that is added to its gradient (an L2 penalty), unless it is decoupled. Default 0. */
  weightDecay: number;
  /** How fast the momentum's schedule approaches beta1. Default 0.004. */
  momentumDecay: number;
  /** Shrink parameters by `lr * weightDecay` instead of adding to the gradient: AdamW's way. Default false. */
  decoupledWeightDecay: boolean;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
  /** Record the step for autograd, so that gradients flow through it; the parameters may be results of operations. Default false. */
  differentiable: boolean;
}
const nadamKinds: Kinds<NAdamOptions> = {
  lr: option.number,
  betas: option.listOf(option.number, 2),
  eps: option.number,
  weightDecay: option.number,
  momentumDecay: option.number,
  decoupledWeightDecay: option.boolean,
  maximize: option.boolean,
  differentiable: option.boolean,
};

/**
 * NAdam (Dozat 2016), Adam with Nesterov's momentum: `p -= lr * n / (sqrt(v / (1 - b2^t)) + eps)` with
 * `n = mu_(t+1) m / (1 - M_(t+1)) + (1 - mu_t) g / (1 - M_t)`.
 *
 * m and v are as in {@link Adam}, `mu_t = b1 (1 - 0.96^(t * momentumDecay) / 2)`, and M_t is the product of mu_1 ... mu_t.
 *
 * Shapes: parameters of any shape. The state holds the numbers `step` (t) and `muProduct` (M), and `expAvg` (m) and `expAvgSq` (v) of the
 * parameter's shape and dtype.
 *
 * @throws ArgumentError for a negative `lr`, `eps`, `weightDecay` or `momentumDecay`, and `betas` outside [0, 1); what {@link Optimizer}
 * throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 * @example
 * const w = tensor([1, -2], { requiresGrad: true });
 * const optimizer = new optim.NAdam([w], { lr: 0.1 });
 * for (let i = 0; i < 2; i++) {
 *   optimizer.zeroGrad();
 *   w.square().sum().backward();
 *   optimizer.step();
 * }
 * w.tolist(); // [0.8200, -1.8179]
 */
export class NAdam extends FirstOrderOptimizer<NAdamOptions> {
  protected override readonly repeats = true;

  constructor(params: Params<NAdamOptions>, options: Given<NAdamOptions> = {}) {
    super(
      params,
      {
        lr: 2e-3,
        betas: [0.9, 0.999],
        eps: 1e-8,
        weightDecay: 0,
        momentumDecay: 4e-3,
        decoupledWeightDecay: false,
        maximize: false,
        differentiable: false,
      },
      nadamKinds,
      options,
    );
  }
  protected check({ lr, betas, eps, weightDecay, momentumDecay }: NAdamOptions): void {
    atLeast("NAdam", "lr", lr);
    atLeast("NAdam", "eps", eps);
    checkBetas("NAdam", betas);
    atLeast("NAdam", "weightDecay", weightDecay);
    atLeast("NAdam", "momentumDecay", momentumDecay);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<NAdamOptions>, state: ParamState): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = group;
    const step = nextStep(state);
    const expAvg = slot(state, "expAvg", p);
    const expAvgSq = slot(state, "expAvgSq", p);
    const momentum = (t: number) => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const mu = momentum(step);
    const muNext = momentum(step + 1);
    // PyTorch keeps the product in float32, whatever the parameter's dtype
    const muProduct = Math.fround(((state.muProduct as number | undefined) ?? 1) * mu); // only set here
    state.muProduct = muProduct;
    passing(() => {
      if (decoupledWeightDecay && weightDecay !== 0) mul_(p, 1 - lr * weightDecay);
      const g = descent(p, grad, { maximize, weightDecay: decoupledWeightDecay ? 0 : weightDecay });
      lerp_(expAvg, g, 1 - betas[0]);
      addcmul_(mul_(expAvgSq, betas[1]), g, g, { value: 1 - betas[1] });
      const denominator = add(sqrt_(div(expAvgSq, 1 - betas[1] ** step)), eps);
      addcdiv_(p, g, denominator, { value: (-lr * (1 - mu)) / (1 - muProduct) });
      addcdiv_(p, expAvg, denominator, { value: (-lr * muNext) / (1 - muProduct * muNext) });
    });
  }
}
