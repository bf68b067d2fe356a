import {
  ArgumentError,
  add,
  add_,
  clamp,
  div,
  frexp,
  ldexp,
  lerp,
  lerp_,
  matmul,
  mul,
  mul_,
  norm,
  round as roundToEven,
  type Tensor,
  tidy,
  transpose,
} from "@flambeau/tensor/functional";
import { type Given, type Kinds, option, showShape, toDType } from "@flambeau/tensor/plugin";
import { atLeast } from "./check.ts";
import { FirstOrderOptimizer, slot } from "./first-order.ts";
import type { ParamGroup, Params } from "./optimizer.ts";
import type { ParamState } from "./state-dict.ts";

export interface MuonOptions {
  /** Learning rate, the factor of the orthogonal update. Default 0.001. */
  lr: number;
  /** Parameters shrink by `lr * weightDecay` of themselves before each step. Default 0.1. */
  weightDecay: number;
  /** Decay rate of the gradient's running average. Default 0.95. */
  momentum: number;
  /** Orthogonalize the gradient moved towards its average, instead of the average. Default true. */
  nesterov: boolean;
  /** Coefficients of the Newton-Schulz polynomial a x + b x^3 + c x^5. Default [3.4445, -4.775, 2.0315]. */
  nsCoefficients: readonly [a: number, b: number, c: number];
  /** Least norm that an update is divided by. Default 1e-7. */
  eps: number;
  /** Newton-Schulz iterations, fewer than 100. Default 5. */
  nsSteps: number;
  /**
   * How the rate depends on a matrix of A rows and B columns: "original" (null too) times sqrt(max(1, A / B)), or "matchRmsAdamw"
   * times 0.2 sqrt(max(A, B)), so that rates tuned for AdamW serve. Default null.
   */
  adjustLrFn: "original" | "matchRmsAdamw" | null;
}
const muonKinds: Kinds<MuonOptions> = {
  lr: option.number,
  weightDecay: option.number,
  momentum: option.number,
  nesterov: option.boolean,
  nsCoefficients: option.listOf(option.number, 3),
  eps: option.number,
  nsSteps: option.number,
  adjustLrFn: option.orNull(option.oneOf("original", "matchRmsAdamw")),
};

/**
 * Muon (Jordan et al. 2024), momentum whose update is orthogonalized, for matrices: `p = (1 - lr * weightDecay) p - lr * adjust * o` with
 * `m += (1 - momentum)(g - m)` and `o = orthogonal(g + momentum (m - g))`.
 *
 * `orthogonal` approaches the nearest orthogonal matrix by Newton-Schulz iterations in bfloat16. Give it hidden layers' weights, and
 * embeddings, biases and the head to AdamW.
 *
 * Shapes: parameters [A, B]. The state holds `momentumBuffer` (m) of the parameter's shape and dtype.
 *
 * @throws ArgumentError when a parameter is not a matrix, and for options out of range; what {@link Optimizer} throws for parameters.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html
 * @example
 * import { nn, optim } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 4));
 * const parameters = [...model.parameters()];
 * const muon = new optim.Muon(parameters.filter((p) => p.ndim === 2), { lr: 0.02 });
 * const adamw = new optim.AdamW(parameters.filter((p) => p.ndim !== 2));
 * muon.paramGroups[0].params.length; // 2
 */
export class Muon extends FirstOrderOptimizer<MuonOptions> {
  protected override readonly repeats = true;
  protected override readonly elementwise = false;

  constructor(params: Params<MuonOptions>, options: Given<MuonOptions> = {}) {
    super(
      params,
      {
        lr: 1e-3,
        weightDecay: 0.1,
        momentum: 0.95,
        nesterov: true,
        nsCoefficients: [3.4445, -4.775, 2.0315],
        eps: 1e-7,
        nsSteps: 5,
        adjustLrFn: null,
      },
      muonKinds,
      options,
    );
  }
  protected override checkParams(params: readonly Tensor[]): void {
    for (const p of params)
      if (p.ndim !== 2)
        throw new ArgumentError(
          "Muon",
          `only matrices can be optimized, got a parameter of shape ${showShape(p.shape)}`,
          "give the other parameters to AdamW",
        );
  }
  protected check({ lr, weightDecay, momentum, nsSteps }: MuonOptions): void {
    atLeast("Muon", "lr", lr);
    atLeast("Muon", "momentum", momentum);
    atLeast("Muon", "weightDecay", weightDecay);
    if (!(nsSteps < 100)) throw new ArgumentError("Muon", `nsSteps must be less than 100, got ${nsSteps}`);
  }
  protected update(p: Tensor, grad: Tensor, group: ParamGroup<MuonOptions>, state: ParamState): void {
    const { lr, weightDecay, momentum, nesterov, adjustLrFn } = group;
    const buffer = slot(state, "momentumBuffer", p);
    const [rows, columns] = p.shape;
    const adjust =
      adjustLrFn === "matchRmsAdamw"
        ? 0.2 * Math.sqrt(Math.max(rows, columns))
        : Math.sqrt(Math.max(1, rows / columns));
    tidy(() => {
      lerp_(buffer, grad, 1 - momentum);
      const update = orthogonal(nesterov ? lerp(grad, buffer, momentum) : buffer, group);
      add_(mul_(p, 1 - lr * weightDecay), update, { alpha: -lr * adjust });
    });
  }
}

/** The nearest numbers of eight significant bits, for devices without bfloat16. */
function toEightBits(x: Tensor): Tensor {
  const { mantissa, exponent } = frexp(x);
  return ldexp(div(roundToEven(mul(mantissa, 256)), 256), exponent);
}
/** Newton-Schulz iterations towards the nearest orthogonal matrix, rounded to bfloat16 as PyTorch does. */
function orthogonal(g: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: MuonOptions): Tensor {
  const narrow = g.backend.dtypes.has("bfloat16");
  // products of bfloat16 numbers are exact in float32: only results are rounded
  const round = (x: Tensor): Tensor => (narrow ? toDType(toDType(x, "bfloat16"), "float32") : toEightBits(x));
  const tall = g.shape[0] > g.shape[1];
  let x = round(tall ? transpose(g, 0, 1) : g);
  x = round(div(x, clamp(round(norm(x)), eps)));
  for (let i = 0; i < nsSteps; i++) {
    const gram = round(matmul(x, transpose(x, 0, 1)));
    const polynomial = round(add(mul(gram, b), mul(matmul(gram, gram), c)));
    x = round(add(mul(x, a), matmul(polynomial, x)));
  }
  return tall ? transpose(x, 0, 1) : x;
}
