import {
  cumprod,
  div,
  gather,
  ge,
  logsigmoid,
  lt,
  mean,
  mul,
  neg,
  noGrad,
  reshape,
  ShapeError,
  scatter,
  scatterAdd,
  sub,
  sum,
  type Tensor,
  take,
  unsqueeze,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import {
  checkIndex,
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
  scoped,
  showShape,
  toDType,
  unscoped,
  wholeBy,
} from "@flambeau/tensor/plugin";
import { checkPower, type MarginOptions } from "./margin.ts";
import { type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";
import { type WeightedOptions, weightedKinds } from "./regression.ts";

/** max(x, 0) of these losses: the gradient at 0 is 0, and NaN is no gap. */
const gap = (x: Expr): Expr => choose(x.gt(0), x, 0);
/** How far class scores come within the margin of one's own, by the power of that. */
export const gapOps = {
  1: pointwise("multiMargin", (x, own, margin) => gap(margin.sub(own).add(x)), { category: "float" }),
  2: pointwise("multiMarginSquared", (x, own, margin) => gap(margin.sub(own).add(x)).square(), {
    category: "float",
    title: "multiMargin",
  }),
};

export interface MultiMarginOptions extends MarginOptions {
  /** Power of each gap, 1 or 2. Default 1. */
  readonly p?: number | undefined;
  /** Factor of each class, [C]: that of an example's own class counts. Default null: none. */
  readonly weight?: Tensor | null | undefined;
}
export const multiMarginKinds: Kinds<MultiMarginOptions> = {
  p: option.number,
  margin: option.number,
  weight: option.orNull(option.tensor),
  ...reductionKinds,
};

/** Scores as [N, C]: one example may come without N. */
function rowsOf(op: string, x: Tensor): Tensor {
  if (x.ndim > 2) throw new ShapeError(op, `expected scores [N, C] or [C], got ${showShape(x.shape)}`, [x.shape]);
  return x.ndim === 2 ? x : reshape(x, [1, x.size]);
}

/**
 * Multi-class hinge loss: `loss[n] = sum(max(0, margin - x[n, y] + x[n, i])^p) / C` over the classes i other than `y = target[n]`,
 * reduced.
 *
 * Shapes: scores [N, C] (or [C]) and integer classes [N] (or 0-d). A scalar, or the shape of `target` with `reduction: "none"`.
 * Dtype: that of `input`; integers give the default floating dtype.
 *
 * @throws ShapeError when target or weight do not fit the input, IndexError for a class out of range, DTypeError for targets that are
 * no integers, ArgumentError for other powers than 1 and 2 or an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 * @example
 * const scores = tensor([[0.1, 0.2, 0.4, 0.8]]);
 * losses.multiMargin(scores, tensor([3], { dtype: "int32" })).item(); // 0.3250
 */
export function multiMargin(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  if (unscoped()) return scoped(multiMargin, input, target, options);
  checkOptions("multiMargin", multiMarginKinds, options);
  checkTensor("multiMargin", "input", input);
  checkTensor("multiMargin", "target", target);
  const { p = 1, margin = 1, weight, reduction } = options;
  checkPower("multiMargin", p);
  const x = rowsOf("multiMargin", input);
  const [n, c] = x.shape;
  if (target.ndim > 1 || target.size !== n)
    throw new ShapeError(
      "multiMargin",
      `for input ${showShape(input.shape)} class targets have shape [${n}], got ${showShape(target.shape)}`,
      [input.shape, target.shape],
    );
  if (weight && !sameShape(weight.shape, [c]))
    throw new ShapeError("multiMargin", `weight must have shape [${c}], got ${showShape(weight.shape)}`, [
      weight.shape,
    ]);
  checkIndex("multiMargin", target, c);
  const index = reshape(target, [n, 1]);
  const gaps = pointwiseCall(gapOps[p === 1 ? 1 : 2], [x, gather(x, 1, index), margin]);
  const weighted = weight ? mul(gaps, take(weight, index)) : gaps;
  const loss = div(sum(scatter(weighted, 1, index, 0), 1), c);
  return reduceLoss(input.ndim < 2 ? reshape(loss, []) : loss, reduction);
}

/**
 * Hinge loss of examples with several right classes: `loss[n] = sum(max(0, 1 - (x[n, y] - x[n, i]))) / C` over the classes y that
 * `target[n]` lists and all classes i that it does not, reduced.
 *
 * Shapes: scores and targets [N, C] (or [C]); each row of `target` lists classes and ends at the first negative number. A scalar,
 * or [N] (or 0-d) with `reduction: "none"`. Dtype: that of `input`; integers give the default floating dtype.
 *
 * @throws ShapeError when the target has another shape than the input, or that has more than two dimensions, IndexError for a class out
 * of range, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 * @example
 * const classes = tensor([[3, 0, -1, 1]], { dtype: "int32" }); // 3 and 0: the list ends at -1
 * losses.multilabelMargin(tensor([[0.1, 0.2, 0.4, 0.8]]), classes).item(); // 0.85
 */
export function multilabelMargin(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  const whole = wholeBy("multilabelMargin", input);
  if (whole !== null) return whole(multilabelMargin, [input, target, options]);
  if (unscoped()) return scoped(multilabelMargin, input, target, options);
  checkOptions("multilabelMargin", reductionKinds, options);
  checkTensor("multilabelMargin", "input", input);
  checkTensor("multilabelMargin", "target", target);
  const x = rowsOf("multilabelMargin", input);
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      "multilabelMargin",
      `target ${showShape(target.shape)} must have the input's shape ${showShape(input.shape)}`,
      [target.shape, input.shape],
      "lists of classes are padded with -1",
    );
  const [n, c] = x.shape;
  const { listed, index, others } = noGrad(() => {
    const rows = reshape(target, [n, c]);
    // 1 up to the first negative entry, 0 from there
    const listed = cumprod(toDType(ge(rows, 0), x.dtype), 1);
    const index = where(lt(rows, 0), 0, rows);
    checkIndex("multilabelMargin", index, c);
    const named = scatterAdd(zeros([n, c], { dtype: x.dtype, device: x.device }), 1, index, listed);
    return { listed, index, others: toDType(lt(named, 0.5), x.dtype) };
  });
  // [N, listed class, other class]
  const gaps = pointwiseCall(gapOps[1], [unsqueeze(x, 1), unsqueeze(gather(x, 1, index), 2), 1]);
  const counted = where(
    noGrad(() => mul(unsqueeze(listed, 2), unsqueeze(others, 1))),
    gaps,
    0,
  );
  const loss = div(sum(counted, [1, 2]), c);
  return reduceLoss(input.ndim < 2 ? reshape(loss, []) : loss, options.reduction);
}

/**
 * Mean over the classes of the binary cross entropy of logits: `loss[n] = -sum(y log s + (1 - y) log(1 - s)) / C` for
 * `s = sigmoid(input[n])` and `y = target[n]`, reduced.
 *
 * Shapes: `input` and `target` [..., C] of one shape, `weight` broadcasts to it ([C], say). A scalar, or [...] with `reduction: "none"`.
 * Dtype: that to which both are promoted.
 *
 * @throws ShapeError when the target has another shape than the input, DTypeError for an input of integers, ArgumentError for an unknown
 * `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 * @example
 * losses.multilabelSoftMargin(tensor([[2, -1, 0]]), tensor([[1, 0, 1]])).item(); // 0.3778
 */
export function multilabelSoftMargin(input: Tensor, target: Tensor, options: WeightedOptions = {}): Tensor {
  const whole = wholeBy("multilabelSoftMargin", input);
  if (whole !== null) return whole(multilabelSoftMargin, [input, target, options]);
  if (unscoped()) return scoped(multilabelSoftMargin, input, target, options);
  checkOptions("multilabelSoftMargin", weightedKinds, options);
  checkTensor("multilabelSoftMargin", "input", input);
  checkTensor("multilabelSoftMargin", "target", target);
  const { weight, reduction } = options;
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      "multilabelSoftMargin",
      `target ${showShape(target.shape)} must have the input's shape ${showShape(input.shape)}`,
      [target.shape, input.shape],
    );
  const wide = inFloat32(input, target, weight);
  if (wide) return toDType(multilabelSoftMargin(wide[0], wide[1], { ...options, weight: wide[2] }), input.dtype);
  const loss = neg(sub(mul(target, logsigmoid(input)), mul(sub(target, 1), logsigmoid(neg(input)))));
  return reduceLoss(mean(weight ? mul(loss, weight) : loss, -1), reduction);
}
