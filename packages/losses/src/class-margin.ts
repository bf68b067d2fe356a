import {
  checkIndex,
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
  pointwise,
  pointwiseCall,
  reshape,
  ShapeError,
  sameShape,
  scatter,
  scatterAdd,
  showShape,
  sub,
  sum,
  type Tensor,
  take,
  toDType,
  unsqueeze,
  where,
  zeros,
} from "@flambeau/tensor/functional";
import { checkPower, type MarginOptions, positive } from "./margin.ts";
import { type ReductionOptions, reduceLoss } from "./reduce.ts";

/** How far class scores come within the margin of one's own, by the power of that. */
export const gapOps = {
  1: pointwise("multiMargin", (x, own, margin) => positive(margin.sub(own).add(x)), { category: "float" }),
  2: pointwise("multiMarginSquared", (x, own, margin) => positive(margin.sub(own).add(x)).square(), {
    category: "float",
    title: "multiMargin",
  }),
};

export interface MultiMarginOptions extends MarginOptions {
  /** Power of each gap, 1 or 2. */
  readonly p?: number;
  /** Factor of each class, [C]. */
  readonly weight?: Tensor | null;
}

/** Scores as [N, C]: one example may come without N. */
function rowsOf(op: string, x: Tensor): Tensor {
  if (x.ndim > 2) throw new ShapeError(op, `expected scores [N, C] or [C], got ${showShape(x.shape)}`, [x.shape]);
  return x.ndim === 2 ? x : reshape(x, [1, x.size]);
}

/**
 * Sum over the other classes i of max(0, margin - x[y] + x[i])^p / C, for scores [N, C] (or [C]) and classes [N].
 *
 * @throws ShapeError, IndexError when targets do not fit; ArgumentError for other powers than 1 and 2.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export function multiMargin(
  input: Tensor,
  target: Tensor,
  { p = 1, margin = 1, weight = null, reduction }: MultiMarginOptions = {},
): Tensor {
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
  return reduceLoss("multiMargin", input.ndim < 2 ? reshape(loss, []) : loss, reduction);
}

/**
 * Sum over the classes y of each example and all other classes i of max(0, 1 - (x[y] - x[i])) / C, for scores [N, C] (or [C]).
 * Each row of `target` lists classes; it ends at the first negative one.
 *
 * @throws ShapeError, IndexError when targets do not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export function multilabelMargin(input: Tensor, target: Tensor, { reduction }: ReductionOptions = {}): Tensor {
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
  const counted = mul(gaps, mul(unsqueeze(listed, 2), unsqueeze(others, 1)));
  const loss = div(sum(counted, [1, 2]), c);
  return reduceLoss("multilabelMargin", input.ndim < 2 ? reshape(loss, []) : loss, reduction);
}

/**
 * Mean over the classes of the binary cross entropy of logits [..., C] and targets of the same shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export function multilabelSoftMargin(
  input: Tensor,
  target: Tensor,
  { weight = null, reduction }: ReductionOptions & { readonly weight?: Tensor | null } = {},
): Tensor {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      "multilabelSoftMargin",
      `target ${showShape(target.shape)} must have the input's shape ${showShape(input.shape)}`,
      [target.shape, input.shape],
    );
  const loss = neg(sub(mul(target, logsigmoid(input)), mul(sub(target, 1), logsigmoid(neg(input)))));
  return reduceLoss("multilabelSoftMargin", mean(weight ? mul(loss, weight) : loss, -1), reduction);
}
