import type { AttentionAttrs } from "../../contract/fused-ops.ts";
import { accumulationType } from "../../core/dtype.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { broadcastShapes } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { dense } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fullLike, ones } from "../create/creation.ts";
import { maskedFill } from "../index/masked.ts";
import { matmul } from "../linalg/matmul.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { eq, logicalNot, where } from "../pointwise/comparison.ts";
import { all, sum } from "../reduce/reduction.ts";
import { repeatInterleave } from "../shape/repeating.ts";
import { tril } from "../shape/triangular.ts";
import { expand, transpose } from "../shape/view.ts";
import { dropout } from "./dropout.ts";
import { softmax } from "./softmax.ts";

/** softmax(q k^T * scale + mask) in differentiable ops; 0 in rows that the mask closes altogether. */
function weightsOf(q: Tensor, k: Tensor, a: AttentionAttrs, mask: Tensor | null): Tensor {
  let scores = mul(matmul(q, transpose(k, -2, -1)), a.scale);
  const allowed = a.causal
    ? tril(ones([q.shape[q.ndim - 2], k.shape[k.ndim - 2]], { dtype: "bool", device: q.device }))
    : mask;
  if (allowed?.dtype === "bool") scores = where(allowed, scores, fullLike(scores, -Infinity));
  else if (allowed) scores = add(scores, allowed);
  if (!mask) return softmax(scores, -1);
  // a query that may attend to nothing gets zeros, and gives no gradient
  const none = all(mask.dtype === "bool" ? logicalNot(mask) : eq(mask, -Infinity), -1, { keepdim: true });
  return maskedFill(softmax(maskedFill(scores, none, 0), -1), none, 0);
}

/** The definition: those weights times v. */
function composed(q: Tensor, k: Tensor, v: Tensor, a: AttentionAttrs, mask: Tensor | null, dropoutP: number): Tensor {
  const weights = weightsOf(q, k, a, mask);
  return matmul(dropoutP > 0 ? dropout(weights, dropoutP, true) : weights, v);
}

/** The tensors with the values of a row side by side, as kernels read them: those of an expanded gradient are one value. */
const rowsDense = (xs: readonly Tensor[]): readonly Tensor[] => xs.map(rowDense);
function rowDense(x: Tensor): Tensor {
  const last = x.ndim - 1;
  if (x.strides[last] === 1 || x.shape[last] === 1) return x;
  // what is repeated is copied once
  const once = dense(
    viewOf(
      x,
      x.shape.map((s, i) => (i < last && x.strides[i] === 0 ? 1 : s)),
      x.strides,
      x.offset,
    ),
  );
  return viewOf(
    once,
    x.shape,
    once.strides.map((s, i) => (once.shape[i] === x.shape[i] ? s : 0)),
    once.offset,
  );
}

/** Of attention: y, and the log-sum-exp of each row, which is not rounded to halves. */
const outputsOf = (q: Tensor, v: Tensor) => () => {
  const rows = q.shape.slice(0, -1);
  const wide = accumulationType(q.dtype);
  return [empty(q.backend, q.dtype, [...rows, v.shape[v.ndim - 1]]), empty(q.backend, wide, rows)];
};

/** Results: y, and each row's log-sum-exp for the gradient (empty where no kernel computes it). */
export const attentionOp: Op<AttentionAttrs> = {
  name: "scaledDotProductAttention",
  rounds: 1,
  forward(inputs, a) {
    const [q, k, v] = rowsDense(inputs);
    const fused = runFused("scaledDotProductAttention", [q, k, v], outputsOf(q, v), a);
    return fused ?? [composed(q, k, v, a, null, 0), empty(q.backend, q.dtype, [0])];
  },
  save: (inputs, [y, lse]) => [...inputs, y, lse],
  vjp: ({ attrs, saved }, [g]) => (g ? applyMany(attentionBackwardOp, [g, ...saved], attrs) : [null, null, null]),
};

const gradientsOf = (xs: readonly Tensor[]) => () => xs.map((x) => empty(x.backend, x.dtype, x.shape));

export const attentionBackwardOp: Op<AttentionAttrs> = {
  name: "attentionBackward",
  forward(inputs, a) {
    const [g, q, k, v, y, lse] = inputs;
    const kept = lse.size > 0;
    const fused =
      kept && runFused("attentionBackward", [...rowsDense([g, q, k, v, y]), lse], gradientsOf([q, k, v]), a);
    return fused || composedBackward(g, q, k, v, a, null).slice(0, 3);
  },
  decompose: ([g, q, k, v], a) => composedBackward(g, q, k, v, a, null).slice(0, 3),
};

/** With a mask [..., L, S], bools or what is added to the scores. */
export const maskedAttentionOp: Op<AttentionAttrs> = {
  name: "maskedAttention",
  rounds: 1,
  forward(inputs, a) {
    const [q, k, v] = rowsDense(inputs.slice(0, 3));
    const fused = runFused("maskedAttention", [q, k, v, inputs[3]], outputsOf(q, v), a);
    return fused ?? [composed(q, k, v, a, inputs[3], 0), empty(q.backend, q.dtype, [0])];
  },
  save: (inputs, [y, lse]) => [...inputs, y, lse],
  vjp: ({ attrs, saved, needs }, [g]) => {
    if (!g) return [null, null, null, null];
    const found = applyMany(maskedAttentionBackwardOp, [g, ...saved], { ...attrs, masked: needs[3] });
    return needs[3] ? found : [...found, null];
  },
};

/** `masked`: the mask's gradient as well, which is as large as all scores. */
export const maskedAttentionBackwardOp: Op<AttentionAttrs & { masked: boolean }> = {
  name: "maskedAttentionBackward",
  forward(inputs, { masked, ...a }) {
    const [g, q, k, v, mask, y, lse] = inputs;
    const rows = () => [...rowsDense([g, q, k, v]), mask, ...rowsDense([y]), lse];
    const kept = lse.size > 0 && !masked;
    const fused = kept && runFused("maskedAttentionBackward", rows(), gradientsOf([q, k, v]), a);
    return fused || composedBackward(g, q, k, v, a, mask).slice(0, masked ? 4 : 3);
  },
  decompose: ([g, q, k, v, mask], { masked, ...a }) => composedBackward(g, q, k, v, a, mask).slice(0, masked ? 4 : 3),
};

/**
 * The gradient in differentiable ops: with p the weights, dv = p^T g, dp = g v^T, ds = p (dp - sum(p dp)), which is the gradient of a mask
 * that is added; q and k get it times the scale.
 */
function composedBackward(
  g: Tensor,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  a: AttentionAttrs,
  mask: Tensor | null,
): Tensor[] {
  const p = weightsOf(q, k, a, mask);
  const dp = matmul(g, transpose(v, -2, -1));
  const pdp = mul(p, dp);
  const dmask = add(pdp, mul(p, sum(pdp, -1, { keepdim: true })), { alpha: -1 });
  const ds = mul(dmask, a.scale);
  return [matmul(ds, k), matmul(transpose(ds, -2, -1), q), matmul(transpose(p, -2, -1), g), dmask];
}

export interface AttentionOptions {
  /** Bools say where to attend, floats are added to the scores; broadcasts to [..., L, S]. Default: none. */
  readonly attnMask?: Tensor | null | undefined;
  /** Probability with which a weight is dropped (default 0); it is applied whenever it is above 0. */
  readonly dropoutP?: number | undefined;
  /** Position i attends to positions up to i only (default false). */
  readonly isCausal?: boolean | undefined;
  /** Factor of the scores (default `1 / sqrt(E)`). */
  readonly scale?: number | null | undefined;
  /** Share each key and value head (dimension -3) among several query heads (default false). */
  readonly enableGqa?: boolean | undefined;
}
const attentionKinds: Kinds<AttentionOptions> = {
  attnMask: orNull(aTensor),
  dropoutP: number,
  isCausal: boolean,
  scale: orNull(number),
  enableGqa: boolean,
};

/**
 * Attention: for each query the mean of the values, weighted by how well their keys match: `softmax(q @ k^T * scale + mask) @ v`. Queries
 * whose keys are all masked get zeros.
 *
 * Shapes: `q` [..., L, E], `k` [..., S, E], `v` [..., S, Ev]; result [..., L, Ev]. The leading dimensions broadcast. Dtype: all have the
 * same floating-point one, which the result has, too.
 *
 * @throws ShapeError when the sizes of `q`, `k` and `v` do not fit, or the key heads do not divide the query heads (`enableGqa`).
 * @throws ArgumentError when both `attnMask` and `isCausal` are given, or `dropoutP` is above 1.
 * @throws DTypeError when the dtypes differ.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * import { scaledDotProductAttention, tensor } from "@flambeau/tensor";
 * const [q, k, v] = [tensor([[1, 0], [0, 1]]), tensor([[1, 0], [0, 1]]), tensor([[1, 2], [3, 4]])];
 * scaledDotProductAttention(q, k, v).tolist(); // [[1.6605, 2.6605], [2.3395, 3.3395]]
 * scaledDotProductAttention(q, k, v, { isCausal: true }).tolist(); // [[1, 2], [2.3395, 3.3395]]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = none): Tensor {
  const whole = wholeBy("scaledDotProductAttention", q);
  if (whole !== null) return whole(scaledDotProductAttention, [q, k, v, options]);
  if (unscoped()) return scoped(scaledDotProductAttention, q, k, v, options);
  checkOptions("scaledDotProductAttention", attentionKinds, options);
  checkTensor("scaledDotProductAttention", "q", q);
  checkTensor("scaledDotProductAttention", "k", k);
  checkTensor("scaledDotProductAttention", "v", v);
  const { attnMask = null, dropoutP = 0, isCausal = false, enableGqa = false } = options;
  if (
    q.ndim < 2 ||
    k.ndim < 2 ||
    v.ndim < 2 ||
    q.shape[q.ndim - 1] !== k.shape[k.ndim - 1] ||
    k.shape[k.ndim - 2] !== v.shape[v.ndim - 2]
  )
    throw new ShapeError(
      "scaledDotProductAttention",
      `q [..., L, E], k [..., S, E] and v [..., S, Ev] do not fit: ${showShape(q.shape)}, ${showShape(k.shape)}, ${showShape(v.shape)}`,
      [q.shape, k.shape, v.shape],
    );
  if (attnMask && isCausal)
    throw new ArgumentError("scaledDotProductAttention", "attnMask and isCausal cannot both be given");
  const attrs = { scale: options.scale ?? 1 / Math.sqrt(q.shape[q.ndim - 1]), causal: isCausal };
  const [keys, values] = enableGqa ? [repeatHeads(k, q), repeatHeads(v, q)] : [k, v];
  const lead = [keys, values, ...(attnMask ? [attnMask] : [])].reduce(commonLead, leadOf(q));
  const inputs = [q, keys, values].map((x) => repeated(x, lead));
  const mask = attnMask && dropoutP === 0 ? fitting(attnMask, inputs[0], keys) : null;
  if (dropoutP > 0 || (attnMask && !mask)) {
    const stand = inFloat32(q, keys, values);
    if (!stand) return composed(q, keys, values, attrs, attnMask, dropoutP);
    return toDType(composed(...stand, attrs, attnMask, dropoutP), q.dtype);
  }
  const [y, lse] = mask
    ? applyMany(maskedAttentionOp, [...inputs, mask], attrs)
    : applyMany(attentionOp, inputs, attrs);
  lse.dispose(); // the graph, if there is one, holds it
  return y;
}

const leadOf = (x: Tensor): readonly number[] => x.shape.slice(0, -2);
const commonLead = (lead: readonly number[], x: Tensor): readonly number[] =>
  broadcastShapes("scaledDotProductAttention", lead, leadOf(x));

/** The matrices of `x` for all leading dimensions: a view that repeats them where it lacks some. */
function repeated(x: Tensor, lead: readonly number[]): Tensor {
  return x.ndim === lead.length + 2 && lead.every((s, i) => s === x.shape[i])
    ? x
    : expand(x, [...lead, ...x.shape.slice(-2)]);
}

/** The mask for each score, [..., L, S], as a view; null where it asks for another dtype or more dimensions than `q` has. */
function fitting(mask: Tensor, q: Tensor, k: Tensor): Tensor | null {
  const shape = [...q.shape.slice(0, -1), k.shape[k.ndim - 2]];
  const lead = shape.length - mask.ndim;
  if ((mask.dtype !== "bool" && mask.dtype !== q.dtype) || mask.backend !== q.backend || lead < 0) return null;
  return mask.shape.every((s, i) => s === 1 || s === shape[lead + i]) ? expand(mask, shape) : null;
}

function repeatHeads(x: Tensor, q: Tensor): Tensor {
  const groups = q.shape[q.ndim - 3] / x.shape[x.ndim - 3];
  if (!Number.isInteger(groups))
    throw new ShapeError(
      "scaledDotProductAttention",
      `enableGqa: ${x.shape[x.ndim - 3]} key heads do not divide ${q.shape[q.ndim - 3]} query heads`,
      [q.shape, x.shape],
    );
  return groups === 1 ? x : repeatInterleave(x, groups, x.ndim - 3);
}
