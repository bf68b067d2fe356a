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
  showShape,
  type Tensor,
  tidy,
  toDType,
  transpose,
} from "@flambeau/tensor/functional";
import { atLeast, oneOf } from "./check.ts";
import { FirstOrderOptimizer, slot } from "./first-order.ts";
import type { ParamGroup, ParamGroupInit, ParamState, Params } from "./optimizer.ts";

export interface MuonOptions {
  lr: number;
  weightDecay: number;
  momentum: number;
  nesterov: boolean;
  /** Coefficients of the Newton-Schulz polynomial a x + b x^3 + c x^5. */
  nsCoefficients: readonly [a: number, b: number, c: number];
  eps: number;
  /** Newton-Schulz iterations. */
  nsSteps: number;
  /**
   * How the rate depends on a matrix of A rows and B columns: "original" (null too) times sqrt(max(1, A / B)), or "matchRmsAdamw"
   * times 0.2 sqrt(max(A, B)), so that rates tuned for AdamW serve.
   */
  adjustLrFn: "original" | "matchRmsAdamw" | null;
}

/**
 * Muon (Jordan et al. 2024), momentum whose update is orthogonalized, for matrices (hidden layers' weights; give embeddings, biases
 * and the head to AdamW): m += (1 - momentum)(g - m), o = orthogonal(g + momentum (m - g)) by Newton-Schulz iterations in
 * bfloat16, p = (1 - lr * weightDecay) p - lr * adjust * o.
 *
 * @throws ArgumentError when a parameter is not a matrix.
 *
 * @example
 * import { nn, optim } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 4));
 * const parameters = [...model.parameters()];
 * const muon = new optim.Muon(parameters.filter((p) => p.ndim === 2), { lr: 0.02 });
 * const adamw = new optim.AdamW(parameters.filter((p) => p.ndim !== 2));
 * muon.paramGroups[0].params.length; // 2
 */
export class Muon extends FirstOrderOptimizer<MuonOptions> {
  constructor(params: Params<MuonOptions>, options: Partial<MuonOptions> = {}) {
    super(params, {
      lr: 1e-3,
      weightDecay: 0.1,
      momentum: 0.95,
      nesterov: true,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      eps: 1e-7,
      nsSteps: 5,
      adjustLrFn: null,
      ...options,
    });
  }
  override addParamGroup(group: ParamGroupInit<MuonOptions>): void {
    const params = [...group.params];
    for (const p of params)
      if (p.ndim !== 2)
        throw new ArgumentError(
          "Muon",
          `only matrices can be optimized, got a parameter of shape ${showShape(p.shape)}`,
          "give the other parameters to AdamW",
        );
    super.addParamGroup({ ...group, params });
  }
  protected check({ lr, weightDecay, momentum, nsCoefficients, nsSteps, adjustLrFn }: MuonOptions): void {
    atLeast("Muon", "lr", lr);
    atLeast("Muon", "momentum", momentum);
    atLeast("Muon", "weightDecay", weightDecay);
    if (nsCoefficients.length !== 3)
      throw new ArgumentError("Muon", `nsCoefficients must be three numbers, got ${nsCoefficients.length}`);
    if (!(nsSteps < 100)) throw new ArgumentError("Muon", `nsSteps must be less than 100, got ${nsSteps}`);
    oneOf("Muon", "adjustLrFn", adjustLrFn, [null, "original", "matchRmsAdamw"]);
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
