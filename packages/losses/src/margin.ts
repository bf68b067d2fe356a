import {
  ArgumentError,
  add,
  getDefaultDType,
  isFloat,
  mul,
  neg,
  relu,
  ShapeError,
  sub,
  sum,
  type Tensor,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  choose,
  type Expr,
  inFloat32,
  type Kinds,
  option,
  pointwise,
  pointwiseCall,
  sameShape,
  scalar,
  scoped,
  showShape,
  toDType,
  unscoped,
  wholeBy,
} from "@flambeau/tensor/plugin";
import { checkPair, type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";

/** max(x, 0) as PyTorch's clamp has it: the gradient at 0 is 1; NaN stays, with a gradient of 0. */
export const positive = (x: Expr): Expr => choose(x.ge(0), x, choose(x.lt(0), 0, Number.NaN));

export interface MarginOptions extends ReductionOptions {
  /** How far apart is far enough for no loss. Default: each loss's own, 0 or 1. */
  readonly margin?: number | undefined;
}
export const marginKinds: Kinds<MarginOptions> = { margin: option.number, ...reductionKinds };

export const hingeOp = pointwise(
  "hingeEmbedding",
  (x, y, margin) => choose(y.ne(1), positive(margin.sub(x)), 0).add(choose(y.ne(-1), x, 0)),
  { category: "float" },
);
/**
 * Hinge loss of distances: `loss = input` for pairs that are similar (target 1), `loss = max(0, margin - input)` for those that are not
 * (target -1), reduced.
 *
 * `margin` is 1 by default.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, ArgumentError for an
 * unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 * @example
 * losses.hingeEmbedding(tensor([0.3, 0.3, 2]), tensor([1, -1, -1]), { reduction: "none" }).tolist(); // [0.3, 0.7, 0]
 */
export function hingeEmbedding(input: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  if (unscoped()) return scoped(hingeEmbedding, input, target, options);
  checkOptions("hingeEmbedding", marginKinds, options);
  checkTensor("hingeEmbedding", "input", input);
  checkTensor("hingeEmbedding", "target", target);
  const { margin = 1, reduction } = options;
  checkPair("hingeEmbedding", input, target);
  return reduceLoss(pointwiseCall(hingeOp, [input, target, margin]), reduction);
}

export const rankingOp = pointwise("marginRanking", (a, b, y, margin) => positive(y.neg().mul(a.sub(b)).add(margin)), {
  category: "float",
});
/**
 * Hinge loss of the difference of two scores: `loss = max(0, -target (input1 - input2) + margin)`, reduced.
 *
 * Target 1 wants the first score to be the larger one, -1 the second. `margin` is 0 by default.
 *
 * Shapes: all three broadcast against each other and have the same number of dimensions. A scalar, or their common shape with
 * `reduction: "none"`. Dtype: that to which they are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when the numbers of dimensions differ or the shapes do not broadcast, DeviceError when the tensors live on different
 * devices, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 * @example
 * losses.marginRanking(tensor([2, 2]), tensor([1, 1]), tensor([1, -1]), { margin: 0.5, reduction: "none" }).tolist(); // [0, 1.5]
 */
export function marginRanking(input1: Tensor, input2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  if (unscoped()) return scoped(marginRanking, input1, input2, target, options);
  checkOptions("marginRanking", marginKinds, options);
  checkTensor("marginRanking", "input1", input1);
  checkTensor("marginRanking", "input2", input2);
  checkTensor("marginRanking", "target", target);
  const { margin = 0, reduction } = options;
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim)
    throw new ShapeError(
      "marginRanking",
      `inputs and target need the same number of dimensions, got ${showShape(input1.shape)}, ${showShape(input2.shape)} and ${showShape(target.shape)}`,
      [input1.shape, input2.shape, target.shape],
    );
  if ([input1, input2, target].some(({ dtype }) => isFloat(dtype)))
    return reduceLoss(pointwiseCall(rankingOp, [input1, input2, target, margin]), reduction);
  // of integers the product is one, with the wrap of its dtype, and the margin makes it a float
  const product = mul(neg(target), sub(input1, input2));
  return reduceLoss(relu(add(toDType(product, getDefaultDType()), margin)), reduction);
}

// log1p overflows for large -target * input, where the loss is that product
export const softMarginOp = pointwise("softMargin", (x, y) => scalar.log1p(scalar.exp(y.mul(x).neg())), {
  category: "float",
  grad: (g, [x, y]) => {
    const s = scalar.sigmoid(y.mul(x).neg()).neg();
    return [g.mul(y).mul(s), g.mul(x).mul(s)];
  },
});
/**
 * Two-class logistic loss for targets 1 and -1: `loss = log(1 + exp(-target input))`, reduced.
 *
 * Shapes: `input` and `target` broadcast against each other. A scalar, or their common shape with `reduction: "none"`.
 * Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when the shapes do not broadcast, DeviceError when the tensors live on different devices, ArgumentError for an
 * unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
 * @example
 * losses.softMargin(tensor([0, 2, -2]), tensor([1, 1, 1]), { reduction: "none" }).tolist(); // [0.6931, 0.1269, 2.1269]
 */
export function softMargin(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  if (unscoped()) return scoped(softMargin, input, target, options);
  checkOptions("softMargin", reductionKinds, options);
  checkTensor("softMargin", "input", input);
  checkTensor("softMargin", "target", target);
  checkPair("softMargin", input, target);
  return reduceLoss(pointwiseCall(softMarginOp, [input, target]), options.reduction);
}

// the squares' sums keep the cosine of a vector of zeros defined
export const cosineOp = pointwise(
  "cosineEmbedding",
  (dot, square1, square2, y, margin) => {
    const cosine = dot.div(scalar.sqrt(square1.add(1e-12).mul(square2.add(1e-12))));
    return choose(y.eq(1), cosine.neg().add(1), 0).add(choose(y.eq(-1), positive(cosine.sub(margin)), 0));
  },
  { category: "float" },
);
/**
 * Loss of the cosine of two vectors: `loss = 1 - cos` for pairs that are similar (target 1), `loss = max(0, cos - margin)` for those that
 * are not (target -1), reduced, with `cos = input1 . input2 / (|input1| |input2|)`.
 *
 * `margin` is 0 by default.
 *
 * Shapes: vectors [N, D] and targets [N], or one pair [D] and a 0-d target. A scalar, or the shape of `target` with `reduction: "none"`.
 * Dtype: that to which the vectors are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when target and inputs do not fit, DeviceError when the tensors live on different devices, ArgumentError for an
 * unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 * @example
 * const [a, b] = [tensor([[1, 0], [1, 0]]), tensor([[0, 1], [1, 1]])];
 * losses.cosineEmbedding(a, b, tensor([1, -1]), { reduction: "none" }).tolist(); // [1, 0.7071]
 */
export function cosineEmbedding(input1: Tensor, input2: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const whole = wholeBy("cosineEmbedding", input1);
  if (whole !== null) return whole(cosineEmbedding, [input1, input2, target, options]);
  if (unscoped()) return scoped(cosineEmbedding, input1, input2, target, options);
  checkOptions("cosineEmbedding", marginKinds, options);
  checkTensor("cosineEmbedding", "input1", input1);
  checkTensor("cosineEmbedding", "input2", input2);
  checkTensor("cosineEmbedding", "target", target);
  const { margin = 0, reduction } = options;
  if (target.ndim > 1 || input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1)
    throw new ShapeError(
      "cosineEmbedding",
      `expected targets [N] for inputs [N, D], or a 0-d target for [D], got ${showShape(target.shape)} for ${showShape(input1.shape)} and ${showShape(input2.shape)}`,
      [target.shape, input1.shape, input2.shape],
    );
  if (!sameShape(input1.shape, input2.shape)) checkPair("cosineEmbedding", input1, input2);
  const wide = inFloat32(input1, input2);
  if (wide) return toDType(cosineEmbedding(...wide, target, options), input1.dtype);
  const dim = target.ndim;
  const [dot, square1, square2] = [mul(input1, input2), mul(input1, input1), mul(input2, input2)].map((p) =>
    sum(p, dim),
  );
  return reduceLoss(pointwiseCall(cosineOp, [dot, square1, square2, target, margin]), reduction);
}

/** Losses of the class margin know the first and the second power. */
export function checkPower(op: string, p: number): void {
  if (p !== 1 && p !== 2) throw new ArgumentError(op, `p must be 1 or 2, got ${p}`);
}
