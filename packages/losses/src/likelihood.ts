import {
  ArgumentError,
  any,
  div,
  item,
  lt,
  ShapeError,
  sum,
  type Tensor,
  unsqueeze,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  choose,
  type Expr,
  type Kinds,
  option,
  pointwise,
  pointwiseCall,
  readable,
  sameShape,
  scalar,
  scoped,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import { checkPair, type Reduction, type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";

// t log t is 0 at t = 0
export const divergenceOp = pointwise("klDiv", (x, t) => choose(t.eq(0), 0, t.mul(scalar.log(t))).sub(t.mul(x)), {
  category: "float",
  // as PyTorch's xlogy(t, t) has it: NaN at t = 0
  grad: (g, [x, t]) => [
    g.mul(t).neg(),
    choose(g.eq(0), 0, g.mul(scalar.log(t)))
      .add(g.mul(t).div(t))
      .sub(g.mul(x)),
  ],
});
export const logDivergenceOp = pointwise("klDivLogTarget", (x, t) => scalar.exp(t).mul(t.sub(x)), {
  category: "float",
  title: "klDiv",
});

export interface KlDivOptions {
  /** "batchmean" divides the sum by the first dimension's size: the divergence per example. Default "mean": by the number of elements. */
  readonly reduction?: Reduction | "batchmean" | undefined;
  /** The target holds log-probabilities, too. Default false. */
  readonly logTarget?: boolean | undefined;
}
export const klDivKinds: Kinds<KlDivOptions> = {
  reduction: option.oneOf("mean", "sum", "none", "batchmean"),
  logTarget: option.boolean,
};
/**
 * Kullback-Leibler divergence of log-probabilities from probabilities: `loss = target (log(target) - input)`, or
 * `exp(target) (target - input)` with `logTarget`, reduced.
 *
 * Where a probability of `target` is 0 the loss is 0. "batchmean" is the divergence's definition; "mean" divides by the classes, too.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, ArgumentError for an
 * unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
 * @example
 * const [input, target] = [tensor([[0.5, 0.5], [0.5, 0.5]]).log(), tensor([[1, 0], [0.5, 0.5]])];
 * losses.klDiv(input, target, { reduction: "batchmean" }).item(); // 0.3466
 * losses.klDiv(input, target).item(); // 0.1733
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  if (unscoped()) return scoped(klDiv, input, target, options);
  checkOptions("klDiv", klDivKinds, options);
  checkTensor("klDiv", "input", input);
  checkTensor("klDiv", "target", target);
  const { reduction = "mean", logTarget = false } = options;
  checkPair("klDiv", input, target);
  const loss = pointwiseCall(logTarget ? logDivergenceOp : divergenceOp, [input, target]);
  if (reduction !== "batchmean") return reduceLoss(loss, reduction);
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
  /** The input is the logarithm of the rate. Default true. */
  readonly logInput?: boolean | undefined;
  /** Add Stirling's approximation of log(target!) for targets above 1. Default false. */
  readonly full?: boolean | undefined;
  /** Added to the rate before its logarithm is taken, without logInput. Default 1e-8. */
  readonly eps?: number | undefined;
}
export const poissonNllKinds: Kinds<PoissonNllOptions> = {
  logInput: option.boolean,
  full: option.boolean,
  eps: option.number,
  ...reductionKinds,
};
/**
 * Negative log likelihood of counts under Poisson distributions: `loss = exp(input) - target input`, or `input - target log(input + eps)`
 * without `logInput`, reduced.
 *
 * The constant `log(target!)` is left out, unless `full` adds its approximation `t log(t) - t + log(2 pi t) / 2`.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, ArgumentError for an
 * unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 * @example
 * losses.poissonNll(tensor([0, 1]), tensor([2, 3]), { reduction: "none" }).tolist(); // [1, -0.2817]
 * losses.poissonNll(tensor([0, 1]), tensor([2, 3]), { full: true, reduction: "none" }).tolist(); // [1.6518, 1.4824]
 */
export function poissonNll(input: Tensor, target: Tensor, options: PoissonNllOptions = {}): Tensor {
  if (unscoped()) return scoped(poissonNll, input, target, options);
  checkOptions("poissonNll", poissonNllKinds, options);
  checkTensor("poissonNll", "input", input);
  checkTensor("poissonNll", "target", target);
  const { logInput = true, full = false, eps = 1e-8, reduction } = options;
  checkPair("poissonNll", input, target);
  const loss = logInput
    ? pointwiseCall(full ? poissonOps.logFull : poissonOps.log, [input, target])
    : pointwiseCall(full ? poissonOps.plainFull : poissonOps.plain, [input, target, eps]);
  return reduceLoss(loss, reduction);
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
  /** Add the constant log(2 pi) / 2. Default false. */
  readonly full?: boolean | undefined;
  /** Least variance: smaller ones count as this one. Default 1e-6. */
  readonly eps?: number | undefined;
}
export const gaussianNllKinds: Kinds<GaussianNllOptions> = {
  full: option.boolean,
  eps: option.number,
  ...reductionKinds,
};
/**
 * Negative log likelihood under normal distributions: `loss = (log(variance) + (input - target)^2 / variance) / 2` for the mean `input`,
 * reduced.
 *
 * Shapes: `input` and `target` broadcast against each other. `variance` has the shape of `input`, or size 1 in some dimensions, or no last
 * dimension (one for all values of a row), or it is a number. A scalar, or the common shape with `reduction: "none"`. Dtype: that to
 * which they are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError for other shapes, ArgumentError for negative variances (looked for where the device can be read at once) or an
 * unknown `reduction`, DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 * @example
 * losses.gaussianNll(tensor([0, 1]), tensor([1, 1]), tensor([1, 4]), { reduction: "none" }).tolist(); // [0.5, 0.6931]
 * losses.gaussianNll(tensor([0, 1]), tensor([1, 1]), 1, { full: true, reduction: "none" }).tolist(); // [1.4189, 0.9189]
 */
export function gaussianNll(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options: GaussianNllOptions = {},
): Tensor {
  if (unscoped()) return scoped(gaussianNll, input, target, variance, options);
  checkOptions("gaussianNll", gaussianNllKinds, options);
  checkTensor("gaussianNll", "input", input);
  checkTensor("gaussianNll", "target", target);
  if (typeof variance !== "number") checkTensor("gaussianNll", "variance", variance);
  const { full = false, eps = 1e-6, reduction } = options;
  checkPair("gaussianNll", input, target);
  const constant = full ? 0.5 * Math.log(2 * Math.PI) : 0;
  const negative = typeof variance === "number" ? variance < 0 : readable(variance) && item(any(lt(variance, 0))) !== 0;
  if (negative)
    throw new ArgumentError(
      "gaussianNll",
      "the variance must not be negative",
      "let the model give its logarithm and take exp, or use softplus",
    );
  if (typeof variance === "number")
    return reduceLoss(pointwiseCall(gaussianOp, [input, target, Math.max(variance, eps), constant]), reduction);
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
  return reduceLoss(pointwiseCall(gaussianOp, [input, target, safe, constant]), reduction);
}
