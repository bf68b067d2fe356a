import {
  ArgumentError,
  any,
  choose,
  div,
  type Expr,
  item,
  lt,
  pointwise,
  pointwiseCall,
  ShapeError,
  sameShape,
  scalar,
  showShape,
  sum,
  type Tensor,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkPair, type Reduction, type ReductionOptions, reduceLoss } from "./reduce.ts";

// t log t is 0 at t = 0
export const divergenceOp = pointwise("klDiv", (x, t) => choose(t.eq(0), 0, t.mul(scalar.log(t))).sub(t.mul(x)), {
  category: "float",
  grad: (g, [x, t]) => [g.mul(t).neg(), g.mul(scalar.log(t).add(1).sub(x))],
});
export const logDivergenceOp = pointwise("klDivLogTarget", (x, t) => scalar.exp(t).mul(t.sub(x)), {
  category: "float",
  title: "klDiv",
});

export interface KlDivOptions {
  /** "batchmean" divides the sum by the first dimension's size: the divergence per example. */
  readonly reduction?: Reduction | "batchmean";
  /** The target holds log-probabilities, too. */
  readonly logTarget?: boolean;
}
/**
 * Kullback-Leibler divergence of log-probabilities `input` from probabilities `target`: target * (log target - input).
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export function klDiv(
  input: Tensor,
  target: Tensor,
  { reduction = "mean", logTarget = false }: KlDivOptions = {},
): Tensor {
  checkPair("klDiv", input, target);
  const loss = pointwiseCall(logTarget ? logDivergenceOp : divergenceOp, [input, target]);
  if (reduction !== "batchmean") return reduceLoss("klDiv", loss, reduction);
  return input.ndim === 0 ? sum(loss) : div(sum(loss), input.shape[0]);
}

// Stirling: log(t!) = t log t - t + log(2 pi t) / 2, for t above 1
const stirling = (t: Expr): Expr =>
  choose(
    t.gt(1),
    t
      .mul(scalar.log(t))
      .sub(t)
      .add(scalar.log(t.mul(2 * Math.PI)).mul(0.5)),
    0,
  );
const poisson = { category: "float", title: "poissonNll" } as const;
const logRateLoss = (x: Expr, t: Expr): Expr => scalar.exp(x).sub(t.mul(x));
const rateLoss = (x: Expr, t: Expr, eps: Expr): Expr => x.sub(t.mul(scalar.log(x.add(eps))));
/** Of the rate or its logarithm, without and with Stirling's approximation. */
export const poissonOps = {
  log: pointwise("poissonNllLog", logRateLoss, poisson),
  logFull: pointwise("poissonNllLogFull", (x, t) => logRateLoss(x, t).add(stirling(t)), poisson),
  plain: pointwise("poissonNll", rateLoss, poisson),
  plainFull: pointwise("poissonNllFull", (x, t, eps) => rateLoss(x, t, eps).add(stirling(t)), poisson),
};
export interface PoissonNllOptions extends ReductionOptions {
  /** The input is the logarithm of the rate. */
  readonly logInput?: boolean;
  /** Add Stirling's approximation of log(target!) for targets above 1. */
  readonly full?: boolean;
  /** Added to the rate before its logarithm is taken, without logInput. */
  readonly eps?: number;
}
/**
 * Negative log likelihood of counts under a Poisson distribution: exp(input) - target * input, or input - target * log(input + eps)
 * without `logInput`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export function poissonNll(
  input: Tensor,
  target: Tensor,
  { logInput = true, full = false, eps = 1e-8, reduction }: PoissonNllOptions = {},
): Tensor {
  checkPair("poissonNll", input, target);
  const loss = logInput
    ? pointwiseCall(full ? poissonOps.logFull : poissonOps.log, [input, target])
    : pointwiseCall(full ? poissonOps.plainFull : poissonOps.plain, [input, target, eps]);
  return reduceLoss("poissonNll", loss, reduction);
}

// the variance is kept above eps, its gradient taken as if it were not
export const varianceFloorOp = pointwise("gaussianNllFloor", (v, eps) => scalar.max(v, eps), {
  category: "float",
  title: "gaussianNll",
  grad: (g) => [g, null],
});
export const gaussianOp = pointwise(
  "gaussianNll",
  (x, t, v, constant) => scalar.log(v).add(x.sub(t).square().div(v)).mul(0.5).add(constant),
  { category: "float" },
);
export interface GaussianNllOptions extends ReductionOptions {
  /** Add the constant log(2 pi) / 2. */
  readonly full?: boolean;
  /** Least variance. */
  readonly eps?: number;
}
/**
 * Negative log likelihood of `target` under normal distributions of mean `input` and variance `variance`:
 * (log(variance) + (input - target)^2 / variance) / 2. The variance has the input's shape, or size 1 in some
 * dimensions, or no last dimension (one for all values of a row), or it is a number.
 *
 * @throws ShapeError for other shapes, ArgumentError for negative variances.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export function gaussianNll(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  { full = false, eps = 1e-6, reduction }: GaussianNllOptions = {},
): Tensor {
  checkPair("gaussianNll", input, target);
  const constant = full ? 0.5 * Math.log(2 * Math.PI) : 0;
  const negative =
    typeof variance === "number"
      ? variance < 0
      : variance.backend.readSync !== undefined && item(any(lt(variance, 0))) !== 0;
  if (negative)
    throw new ArgumentError(
      "gaussianNll",
      "the variance must not be negative",
      "let the model give its logarithm and take exp, or use softplus",
    );
  if (typeof variance === "number")
    return reduceLoss(
      "gaussianNll",
      pointwiseCall(gaussianOp, [input, target, Math.max(variance, eps), constant]),
      reduction,
    );
  let v = variance;
  if (!sameShape(v.shape, input.shape)) {
    if (sameShape(v.shape, input.shape.slice(0, -1))) v = unsqueeze(v, -1);
    else if (v.ndim !== input.ndim || v.shape.some((size, i) => size !== 1 && size !== input.shape[i]))
      throw new ShapeError(
        "gaussianNll",
        `variance ${showShape(v.shape)} does not fit input ${showShape(input.shape)}`,
        [v.shape, input.shape],
        "it has the input's shape, size 1 where values share it, or one value for each row",
      );
  }
  const safe = pointwiseCall(varianceFloorOp, [v, eps]);
  return reduceLoss("gaussianNll", pointwiseCall(gaussianOp, [input, target, safe, constant]), reduction);
}
