import {
  ArgumentError,
  add_,
  clamp_,
  clone,
  div,
  div_,
  keep,
  lerp_,
  matmul,
  mean,
  mul,
  mul_,
  neg,
  norm,
  rsqrt_,
  square,
  type Tensor,
  tidy,
  zeros,
} from "@flambeau/tensor/functional";
import { epsilonOf, type Given, type Kinds, option } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { FirstOrderOptimizer, nextStep, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface AdafactorOptions {
  /** The weight decay's rate, and the largest relative step size. Default 0.01. */
  lr: number;
  /** The running averages' decay rate at step t is 1 - t^beta2Decay; at most 0. Default -0.8. */
  beta2Decay: number;
  /**
   * Bounds from below: of the root of the second moment (null: the dtype's machine epsilon), and of the parameter's scale.
   * Default [null, 0.001].
   */
  eps: readonly [number | null, number];
  /** Updates whose root mean square is above are scaled down to it; at least 1. Default 1. */
  d: number;
  /** Parameters shrink by `lr * weightDecay` of themselves before each step. Default 0. */
  weightDecay: number;
  /** Ascend along the gradient instead of descending. Default false. */
  maximize: boolean;
}
const adafactorKinds: Kinds<AdafactorOptions> = {
  lr: option.number,
  beta2Decay: option.number,
  eps: {
    means: "[a number or null, a number]",
    takes: (x): x is AdafactorOptions["eps"] =>
      Array.isArray(x) && x.length === 2 && (x[0] === null || typeof x[0] === "number") && typeof x[1] === "number",
  },
  d: option.number,
  weightDecay: option.number,
  maximize: option.boolean,
};

const rms = (x: Tensor): Tensor => div(norm(x), Math.sqrt(x.size));

/**
 * Adafactor (Shazeer & Stern 2018, arXiv:1804.04235), Adam with little state: `p -= max(eps[1], rms(p)) * min(lr, 1 / sqrt(t)) * U` with
 * `U = g / sqrt(V)`, scaled to a root mean square of at most d.
 *
 * Of a matrix's second moment only the means of rows R and columns C are kept, `V = R C / mean(R)`; vectors keep V whole. As in PyTorch,
 * lr bounds the relative step size and eps[0] the root of V.
 *
 * Shapes: parameters of any shape. The state of one of shape [..., n, m] holds `step`, `rowVar` [..., n, 1] and `colVar` [..., 1, m];
 * that of a vector `variance` of its shape.
 *
 * @throws ArgumentError for an `lr`, `beta2Decay`, `eps`, `d` or `weightDecay` out of range; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 * @example
 * const w = tensor([[1, -2], [3, 4]], { requiresGrad: true });
 * const optimizer = new optim.Adafactor([w], { lr: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * w.tolist(); // [[0.7879, -1.7], [2.7154, 3.7317]]
 */
export class Adafactor extends FirstOrderOptimizer<AdafactorOptions> {
  protected override readonly repeats = true;
  protected override readonly elementwise = false;

  constructor(params: Params<AdafactorOptions>, options: Given<AdafactorOptions> = {}) {
    super(
      params,
      { lr: 1e-2, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false },
      adafactorKinds,
      options,
    );
  }
  protected check({ lr, beta2Decay, eps, d, weightDecay }: AdafactorOptions): void {
    atLeast("Adafactor", "lr", lr);
    if (!(beta2Decay <= 0)) throw new ArgumentError("Adafactor", `beta2Decay must be at most 0, got ${beta2Decay}`);
    if (eps[0] !== null) atLeast("Adafactor", "eps[0]", eps[0]);
    atLeast("Adafactor", "eps[1]", eps[1]);
    atLeast("Adafactor", "d", d, 1);
    atLeast("Adafactor", "weightDecay", weightDecay);
  }
  protected override stateShape(name: string, p: Tensor): readonly number[] {
    const shape = [...p.shape];
    if (name === "rowVar") shape[shape.length - 1] = 1;
    if (name === "colVar") shape[shape.length - 2] = 1;
    return shape;
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<AdafactorOptions>, state: ParamState): void {
    const { lr, beta2Decay, d, weightDecay, maximize } = group;
    const eps1 = group.eps[0] ?? epsilonOf(p.dtype);
    const eps2 = group.eps[1];
    const step = nextStep(state);
    const share = step ** beta2Decay;
    tidy(() => {
      const g = maximize ? neg(grad) : grad;
      const rate = mul_(clamp_(rms(p), eps2), Math.min(lr, 1 / Math.sqrt(step)));
      if (weightDecay !== 0) mul_(p, 1 - lr * weightDecay);
      let variance: Tensor;
      if (g.ndim > 1) {
        const factor = (name: string, dim: number): Tensor => {
          const average = (state[name] ??= keep(
            zeros(this.stateShape(name, p), { dtype: p.dtype, device: p.device }),
          )) as Tensor; // no other entry has that name
          return lerp_(average, div_(square(norm(g, 2, dim, { keepdim: true })), g.shape[g.ndim + dim]), share);
        };
        const rows = factor("rowVar", -1);
        const columns = factor("colVar", -2);
        variance = div_(matmul(rows, columns), clamp_(mean(rows, -2, { keepdim: true }), eps1));
      } else variance = clone(lerp_(slot(state, "variance", p), square(g), share));
      const update = mul_(rsqrt_(clamp_(variance, eps1 * eps1)), g);
      const excess = clamp_(div(rms(update), d), 1);
      add_(p, mul(update, div(rate, excess)), { alpha: -1 });
    });
  }
}
