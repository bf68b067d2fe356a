import {
  ArgumentError,
  choose,
  type Expr,
  mul,
  pointwise,
  pointwiseCall,
  ShapeError,
  sameShape,
  scalar,
  showShape,
  sum,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkPair, type ReductionOptions, reduceLoss } from "./reduce.ts";

/** max(x, 0) whose gradient at 0 is 1, as that of PyTorch's clamp. */
export const positive = (x: Expr): Expr => choose(x.ge(0), x, 0);

export interface MarginOptions extends ReductionOptions {
  readonly margin?: number;
}

export const hingeOp = pointwise(
  "hingeEmbedding",
  (x, y, margin) => choose(y.ne(1), positive(margin.sub(x)), 0).add(choose(y.ne(-1), x, 0)),
  { category: "float" },
);
/**
 * For distances `input` and targets 1 (similar) or -1 (not): input, or max(0, margin - input).
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export function hingeEmbedding(input: Tensor, target: Tensor, { margin = 1, reduction }: MarginOptions = {}): Tensor {
  checkPair("hingeEmbedding", input, target);
  return reduceLoss("hingeEmbedding", pointwiseCall(hingeOp, [input, target, margin]), reduction);
}

export const rankingOp = pointwise("marginRanking", (a, b, y, margin) => positive(y.neg().mul(a.sub(b)).add(margin)), {
  category: "float",
});
/**
 * max(0, -target * (input1 - input2) + margin): target 1 wants the first input to be the larger one, -1 the second.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export function marginRanking(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  { margin = 0, reduction }: MarginOptions = {},
): Tensor {
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim)
    throw new ShapeError(
      "marginRanking",
      `inputs and target need the same number of dimensions, got ${showShape(input1.shape)}, ${showShape(input2.shape)} and ${showShape(target.shape)}`,
      [input1.shape, input2.shape, target.shape],
    );
  return reduceLoss("marginRanking", pointwiseCall(rankingOp, [input1, input2, target, margin]), reduction);
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
 * Two-class logistic loss for targets 1 and -1: log(1 + exp(-target * input)).
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html
 */
export function softMargin(input: Tensor, target: Tensor, { reduction }: ReductionOptions = {}): Tensor {
  checkPair("softMargin", input, target);
  return reduceLoss("softMargin", pointwiseCall(softMarginOp, [input, target]), reduction);
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
 * For pairs of vectors [N, D] with targets [N] of 1 (similar) or -1 (not): 1 - cos, or max(0, cos - margin); also one pair [D] with
 * a 0-d target.
 *
 * @throws ShapeError when target and inputs do not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export function cosineEmbedding(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  { margin = 0, reduction }: MarginOptions = {},
): Tensor {
  if (target.ndim > 1 || input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1)
    throw new ShapeError(
      "cosineEmbedding",
      `expected targets [N] for inputs [N, D], or a 0-d target for [D], got ${showShape(target.shape)} for ${showShape(input1.shape)} and ${showShape(input2.shape)}`,
      [target.shape, input1.shape, input2.shape],
    );
  if (!sameShape(input1.shape, input2.shape)) checkPair("cosineEmbedding", input1, input2);
  const dim = target.ndim;
  const [dot, square1, square2] = [mul(input1, input2), mul(input1, input1), mul(input2, input2)].map((p) =>
    sum(p, dim),
  );
  return reduceLoss("cosineEmbedding", pointwiseCall(cosineOp, [dot, square1, square2, target, margin]), reduction);
}

/** Losses of the class margin know the first and the second power. */
export function checkPower(op: string, p: number): void {
  if (p !== 1 && p !== 2) throw new ArgumentError(op, `p must be 1 or 2, got ${p}`);
}
