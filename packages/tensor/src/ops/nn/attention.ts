import type { AttentionAttrs } from "../../contract/fused-ops.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, number, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyMany } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { runFused } from "../../lower/fused.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fullLike, ones } from "../create/creation.ts";
import { maskedFill } from "../index/masked.ts";
import { matmul } from "../linalg/matmul.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { eq, logicalNot, where } from "../pointwise/comparison.ts";
import { all, sum } from "../reduce/reduction.ts";
import { repeatInterleave } from "../shape/repeating.ts";
import { tril } from "../shape/triangular.ts";
import { transpose } from "../shape/view.ts";
import { dropout } from "./dropout.ts";
import { softmax } from "./softmax.ts";

/** The definition: softmax(q k^T * scale + mask) v, in differentiable ops; 0 in rows that the mask closes altogether. */
function composed(q: Tensor, k: Tensor, v: Tensor, a: AttentionAttrs, mask: Tensor | null, dropoutP: number): Tensor {
  let scores = mul(matmul(q, transpose(k, -2, -1)), a.scale);
  const allowed = a.causal
    ? tril(ones([q.shape[q.ndim - 2], k.shape[k.ndim - 2]], { dtype: "bool", device: q.device }))
    : mask;
  if (allowed?.dtype === "bool") scores = where(allowed, scores, fullLike(scores, -Infinity));
  else if (allowed) scores = add(scores, allowed);
  let weights: Tensor;
  if (mask) {
    // a query that may attend to nothing gets zeros, and gives no gradient
    const none = all(mask.dtype === "bool" ? logicalNot(mask) : eq(mask, -Infinity), -1, { keepdim: true });
    weights = maskedFill(softmax(maskedFill(scores, none, 0), -1), none, 0);
  } else weights = softmax(scores, -1);
  if (dropoutP > 0) weights = dropout(weights, dropoutP, true);
  return matmul(weights, v);
}

/** Results: y, and each row's log-sum-exp for the gradient (empty where no kernel computes it). */
export const attentionOp: Op<AttentionAttrs> = {
  name: "scaledDotProductAttention",
  rounds: 1,
  forward(inputs, a) {
    const [q, k, v] = inputs;
    const rows = q.shape.slice(0, -1);
    const outputs = () => [empty(q.backend, q.dtype, [...rows, v.shape[v.ndim - 1]]), empty(q.backend, q.dtype, rows)];
    return (
      runFused("scaledDotProductAttention", inputs, outputs, a) ?? [
        composed(q, k, v, a, null, 0),
        empty(q.backend, q.dtype, [0]),
      ]
    );
  },
  save: (inputs, [y, lse]) => [...inputs, y, lse],
  vjp: ({ attrs, saved }, [g]) => (g ? applyMany(attentionBackwardOp, [g, ...saved], attrs) : [null, null, null]),
};

export const attentionBackwardOp: Op<AttentionAttrs> = {
  name: "attentionBackward",
  forward(inputs, a) {
    const [g, q, k, v, , lse] = inputs;
    const outputs = () => [q, k, v].map((x) => empty(x.backend, x.dtype, x.shape));
    const fused = lse.size > 0 ? runFused("attentionBackward", inputs, outputs, a) : null;
    return fused ?? composedBackward(g, q, k, v, a);
  },
  decompose: ([g, q, k, v], a) => composedBackward(g, q, k, v, a),
};

/** The gradient in differentiable ops: with p the weights, dv = p^T g, dp = g v^T, ds = p (dp - sum(p dp)). */
function composedBackward(g: Tensor, q: Tensor, k: Tensor, v: Tensor, a: AttentionAttrs): Tensor[] {
  let scores = mul(matmul(q, transpose(k, -2, -1)), a.scale);
  if (a.causal) {
    const allowed = tril(ones([q.shape[q.ndim - 2], k.shape[k.ndim - 2]], { dtype: "bool", device: q.device }));
    scores = where(allowed, scores, fullLike(scores, -Infinity));
  }
  const p = softmax(scores, -1);
  const dp = matmul(g, transpose(v, -2, -1));
  const pdp = mul(p, dp);
  const ds = mul(add(pdp, mul(p, sum(pdp, -1, { keepdim: true })), { alpha: -1 }), a.scale);
  return [matmul(ds, k), matmul(transpose(ds, -2, -1), q), matmul(transpose(p, -2, -1), g)];
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
  const sameBatch = [keys, values].every(
    (x) => x.ndim === q.ndim && x.shape.slice(0, -2).every((s, i) => s === q.shape[i]),
  );
  if (attnMask || dropoutP > 0 || !sameBatch) {
    const stand = inFloat32(q, keys, values);
    if (!stand) return composed(q, keys, values, attrs, attnMask, dropoutP);
    return toDType(composed(...stand, attrs, attnMask, dropoutP), q.dtype);
  }
  const [y, lse] = applyMany(attentionOp, [q, keys, values], attrs);
  lse.dispose(); // the graph, if there is one, holds it
  return y;
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
