import { ArgumentError, div, expand, mul, type Operand, sum, type Tensor } from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  choose,
  constant,
  type Expr,
  type Kinds,
  option,
  type PointwiseRule,
  pointwise,
  pointwiseCall,
  sameShape,
  scalar,
  scoped,
  showShape,
  unscoped,
  warnOnce,
  weighed,
} from "@flambeau/tensor/plugin";
import { checkPair, type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";

export const squaredOp = pointwise("squaredError", (x, y) => x.sub(y).square());
export const absoluteOp = pointwise("absoluteError", (x, y) => scalar.abs(x.sub(y)));
/** A parabola between lines, whose slope is `inside(difference)` up to `bound` and `outside` from there. */
const slopes =
  (inside: (d: Expr, bound: Expr) => Expr, outside: (bound: Expr) => Expr): PointwiseRule["grad"] =>
  (g, [x, y, bound]) => {
    const d = x.sub(y);
    const line = outside(bound);
    // PyTorch's curvature is 0 but inside, so at NaN, too
    const within = weighed(scalar.isnan(d), Number.NaN, inside(d, bound));
    const slope = g.mul(weighed(d.ge(bound), line, weighed(d.le(bound.neg()), line.neg(), within)));
    return [slope, slope.neg()];
  };
export const smoothOp = pointwise(
  "smoothL1",
  (x, y, beta) => {
    const d = scalar.abs(x.sub(y));
    return choose(d.lt(beta), d.square().mul(0.5).div(beta), d.sub(beta.mul(0.5)));
  },
  {
    grad: slopes(
      (d, beta) => d.div(beta),
      () => constant(1),
    ),
  },
);
export const huberOp = pointwise(
  "huber",
  (x, y, delta) => {
    const d = scalar.abs(x.sub(y));
    return choose(d.lt(delta), d.square().mul(0.5), delta.mul(d.sub(delta.mul(0.5))));
  },
  {
    grad: slopes(
      (d) => d,
      (delta) => delta,
    ),
  },
);

const pairwise = (
  op: typeof squaredOp,
  name: string,
  operands: readonly [Tensor, Tensor, ...Operand[]],
  { weight, reduction }: WeightedOptions,
): Tensor => {
  const [input, target] = operands;
  checkPair(name, input, target);
  if (!sameShape(input.shape, target.shape)) warnOfBroadcast(name, input, target);
  const loss = pointwiseCall(op, operands);
  if (!weight) return reduceLoss(loss, reduction);
  const weighted = mul(loss, weight);
  // as in PyTorch, the mean of huber counts elements
  if ((reduction ?? "mean") !== "mean" || op === huberOp) return reduceLoss(weighted, reduction);
  return div(sum(weighted), sum(expand(weight, weighted.shape)));
};
function warnOfBroadcast(op: string, input: Tensor, target: Tensor): void {
  warnOnce(
    `${op}: sizes`,
    `Flambeau: ${op}: the target's size ${showShape(target.shape)} is not the input's, ${showShape(input.shape)}: they are broadcast, ` +
      "which is seldom meant. reshape one of them.",
  );
}

export interface WeightedOptions extends ReductionOptions {
  /** Factor of each element's loss; broadcast to the losses. The mean of mse and l1 divides by its sum. Default null: none. */
  readonly weight?: Tensor | null | undefined;
}
export const weightedKinds: Kinds<WeightedOptions> = { ...reductionKinds, weight: option.orNull(option.tensor) };

/**
 * Mean squared error: `loss = (input - target)^2`, reduced.
 *
 * Shapes: `input` and `target` broadcast against each other, with a warning, since that is seldom meant. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, DTypeError for the mean
 * of integers, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
 * @example
 * import { losses, tensor } from "flambeau";
 * console.log(losses.mse(tensor([1, 2]), tensor([1, 4])).item()); // 2
 * losses.mse(tensor([1, 2]), tensor([1, 4]), { reduction: "none" }).tolist(); // [0, 4]
 */
export function mse(input: Tensor, target: Tensor, options: WeightedOptions = {}): Tensor {
  if (unscoped()) return scoped(mse, input, target, options);
  checkOptions("mse", weightedKinds, options);
  checkTensor("mse", "input", input);
  checkTensor("mse", "target", target);
  return pairwise(squaredOp, "mse", [input, target], options);
}
/**
 * Mean absolute error: `loss = |input - target|`, reduced.
 *
 * Shapes: `input` and `target` broadcast against each other, with a warning, since that is seldom meant. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, DTypeError for the mean
 * of integers, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
 * @example
 * losses.l1(tensor([1, 2]), tensor([2, -1])).item(); // 2
 * losses.l1(tensor([1, 2]), tensor(4), { reduction: "sum" }).item(); // 5
 */
export function l1(input: Tensor, target: Tensor, options: WeightedOptions = {}): Tensor {
  if (unscoped()) return scoped(l1, input, target, options);
  checkOptions("l1", weightedKinds, options);
  checkTensor("l1", "input", input);
  checkTensor("l1", "target", target);
  return pairwise(absoluteOp, "l1", [input, target], options);
}
export interface SmoothL1Options extends ReductionOptions {
  /** Where the square ends, at least 0; 0 makes it {@link l1}. Default 1. */
  readonly beta?: number | undefined;
}
export const smoothL1Kinds: Kinds<SmoothL1Options> = { ...reductionKinds, beta: option.number };
/**
 * A square near 0 and a line of slope 1 beyond (Girshick 2015): `loss = d < beta ? d^2 / (2 beta) : d - beta / 2` for
 * `d = |input - target|`, reduced.
 *
 * {@link huber} is `beta` times as large for `delta = beta`.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted.
 *
 * @throws ArgumentError for a negative `beta` or an unknown `reduction`, ShapeError when the shapes do not broadcast, DeviceError when
 * the tensors live on different devices, DTypeError for the mean of integers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
 * @example
 * losses.smoothL1(tensor([0, 3]), tensor([0.5, 0]), { reduction: "none" }).tolist(); // [0.125, 2.5]
 * losses.smoothL1(tensor([0, 3]), tensor([0.5, 0]), { beta: 2, reduction: "none" }).tolist(); // [0.0625, 2]
 */
export function smoothL1(input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  if (unscoped()) return scoped(smoothL1, input, target, options);
  checkOptions("smoothL1", smoothL1Kinds, options);
  checkTensor("smoothL1", "input", input);
  checkTensor("smoothL1", "target", target);
  const { reduction, beta = 1 } = options;
  if (beta < 0) throw new ArgumentError("smoothL1", `beta must not be negative, got ${beta}`);
  if (beta === 0) return pairwise(absoluteOp, "smoothL1", [input, target], { reduction });
  return pairwise(smoothOp, "smoothL1", [input, target, beta], { reduction });
}
export interface HuberOptions extends WeightedOptions {
  /** Where the square ends and the line's slope, above 0. Default 1. */
  readonly delta?: number | undefined;
}
export const huberKinds: Kinds<HuberOptions> = {
  ...reductionKinds,
  delta: option.number,
  weight: option.orNull(option.tensor),
};
/**
 * A square near 0 and a line beyond, which outliers pull at less (Huber 1964): `loss = d < delta ? d^2 / 2 : delta (d - delta / 2)`
 * for `d = |input - target|`, reduced.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted.
 *
 * @throws ArgumentError unless `delta` is positive, or for an unknown `reduction`, ShapeError when the shapes do not broadcast,
 * DeviceError when the tensors live on different devices, DTypeError for the mean of integers.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
 * @example
 * losses.huber(tensor([0, 3]), tensor([0.5, 0]), { reduction: "none" }).tolist(); // [0.125, 2.5]
 * losses.huber(tensor([0, 3]), tensor([0.5, 0]), { delta: 2, reduction: "none" }).tolist(); // [0.125, 4]
 */
export function huber(input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  if (unscoped()) return scoped(huber, input, target, options);
  checkOptions("huber", huberKinds, options);
  checkTensor("huber", "input", input);
  checkTensor("huber", "target", target);
  const { delta = 1 } = options;
  if (delta <= 0) throw new ArgumentError("huber", `delta must be positive, got ${delta}`);
  return pairwise(huberOp, "huber", [input, target, delta], options);
}
