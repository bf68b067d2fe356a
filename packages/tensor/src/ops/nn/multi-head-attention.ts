import { type DType, isFloat, isHalf } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, orNull } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { toDType, widened } from "../../door/convert.ts";
import { checkInteger } from "../../layout/integers.ts";
import { sameShape } from "../../layout/shapes.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fullLike, zeros } from "../create/creation.ts";
import { matmul } from "../linalg/matmul.ts";
import { add, mul } from "../pointwise/arithmetic.ts";
import { where } from "../pointwise/comparison.ts";
import { mean } from "../reduce/reduction.ts";
import { cat } from "../shape/joining.ts";
import { pad } from "../shape/padding.ts";
import { chunk } from "../shape/splitting.ts";
import { expand, permute, reshape, squeeze, transpose, unsqueeze } from "../shape/view.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { dropout } from "./dropout.ts";
import { linear } from "./linear.ts";
import { softmax } from "./softmax.ts";

export interface MultiHeadAttentionOptions {
  /** Whether weights are dropped (default true). */
  readonly training?: boolean | undefined;
  /** [N, S] (or [S]): keys that nobody attends to where a bool is true; floats are added to the scores. Default: none. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** Whether the weights are a result (default true); without them a fused kernel can do the work. */
  readonly needWeights?: boolean | undefined;
  /** [L, S] or [N * numHeads, L, S]: no attention where a bool is true; floats are added to the scores. Default: none. */
  readonly attnMask?: Tensor | null | undefined;
  /** The three weights below project, in the place of `inProjWeight` (default false). */
  readonly useSeparateProjWeight?: boolean | undefined;
  /** [E, E]. */
  readonly qProjWeight?: Tensor | null | undefined;
  /** [E, Ek]. */
  readonly kProjWeight?: Tensor | null | undefined;
  /** [E, Ev]. */
  readonly vProjWeight?: Tensor | null | undefined;
  /** [N * numHeads, S, E / numHeads]: keys in the place of the projected ones. Default: none. */
  readonly staticK?: Tensor | null | undefined;
  /** [N * numHeads, S, E / numHeads]: values in the place of the projected ones. Default: none. */
  readonly staticV?: Tensor | null | undefined;
  /** The weights are the mean over the heads (default true), else those of each head. */
  readonly averageAttnWeights?: boolean | undefined;
  /** Says that `attnMask` lets position i attend to positions up to i only, which is then done without looking at it (default false). */
  readonly isCausal?: boolean | undefined;
}
const maybe = orNull(aTensor);
const kinds: Kinds<MultiHeadAttentionOptions> = {
  training: boolean,
  keyPaddingMask: maybe,
  needWeights: boolean,
  attnMask: maybe,
  useSeparateProjWeight: boolean,
  qProjWeight: maybe,
  kProjWeight: maybe,
  vProjWeight: maybe,
  staticK: maybe,
  staticV: maybe,
  averageAttnWeights: boolean,
  isCausal: boolean,
};
const op = "multiHeadAttentionForward";
type Maybe = Tensor | null;

/**
 * Attention with several heads: queries, keys and values are projected, cut into `numHeads` parts, and each part attends on its own,
 * `head = softmax(q @ k^T / sqrt(E / numHeads) + mask) @ v`; the heads side by side are projected once more, `y = heads @ outProjWeight^T +
 * outProjBias`. Gives that and the weights. What `nn.MultiheadAttention` calls.
 *
 * Where a row of the mask closes all keys, the weights are NaN with `needWeights`, and without it the heads give zeros, as in PyTorch.
 *
 * Shapes: `query` [L, N, E], `key` [S, N, Ek], `value` [S, N, Ev] (or all without N); `inProjWeight` [3 E, E], `inProjBias` [3 E]; `biasK`
 * and `biasV` [1, 1, E], one more key and value; `addZeroAttn` adds another, of zeros; `outProjWeight` [E, E], `outProjBias` [E]. Results:
 * [L, N, E] and the weights [N, L, S'] (or [N, numHeads, L, S'], or null), S' counting the added keys. Dtype: all have the same one.
 *
 * @throws ShapeError when something does not fit; ArgumentError when `isCausal` comes without a mask, only one of `biasK` and `biasV` is
 * given, or the weights that are asked for are missing.
 * @throws DTypeError when the dtypes differ, or a mask is neither bool nor of the dtype of `query`.
 * @see https://github.com/pytorch/pytorch/blob/v2.13.0/torch/nn/functional.py
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * import { eye, multiHeadAttentionForward, tensor } from "@flambeau/tensor";
 * const x = tensor([[1, 0], [0, 1]]); // two positions of two numbers, without a batch
 * const project = [eye(2).repeat(3, 1), null, null, null, false, 0, eye(2), null] as const;
 * const [y, weights] = multiHeadAttentionForward(x, x, x, 2, 1, ...project);
 * y.tolist(); // [[0.6698, 0.3302], [0.3302, 0.6698]]
 * weights?.shape; // [2, 2]
 */
export function multiHeadAttentionForward(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  embedDimToCheck: number,
  numHeads: number,
  inProjWeight: Tensor | null,
  inProjBias: Tensor | null,
  biasK: Tensor | null,
  biasV: Tensor | null,
  addZeroAttn: boolean,
  dropoutP: number,
  outProjWeight: Tensor,
  outProjBias: Tensor | null,
  options: MultiHeadAttentionOptions = none,
): [output: Tensor, weights: Tensor | null] {
  checkOptions(op, kinds, options);
  for (const [name, x] of Object.entries({ query, key, value, outProjWeight })) checkTensor(op, name, x);
  for (const [name, x] of Object.entries({ inProjWeight, inProjBias, biasK, biasV, outProjBias }))
    if (x !== null) checkTensor(op, name, x);
  if (typeof addZeroAttn !== "boolean")
    throw new ArgumentError(op, `addZeroAttn must be a boolean, got ${addZeroAttn}`);
  if (!(dropoutP >= 0 && dropoutP <= 1))
    throw new ArgumentError(op, `dropoutP must be a probability in [0, 1], got ${dropoutP}`);
  checkInteger(op, "embedDimToCheck", embedDimToCheck, 1);
  checkInteger(op, "numHeads", numHeads, 1);
  const projection: Projection = {
    inProjWeight,
    inProjBias,
    biasK,
    biasV,
    outProjWeight,
    outProjBias,
    qProjWeight: options.qProjWeight ?? null,
    kProjWeight: options.kProjWeight ?? null,
    vProjWeight: options.vProjWeight ?? null,
    staticK: options.staticK ?? null,
    staticV: options.staticV ?? null,
  };
  const call = { embedDim: embedDimToCheck, numHeads, addZeroAttn, dropoutP, ...settled(options) };
  return unscoped() ? scoped(attend, query, key, value, projection, call) : attend(query, key, value, projection, call);
}

/** The tensors that a module learns, and those that stand in the place of projected ones. */
type Projection = Record<
  | "inProjWeight"
  | "inProjBias"
  | "biasK"
  | "biasV"
  | "outProjBias"
  | "qProjWeight"
  | "kProjWeight"
  | "vProjWeight"
  | "staticK"
  | "staticV",
  Maybe
> & { outProjWeight: Tensor };
const settled = (o: MultiHeadAttentionOptions) => ({
  training: o.training ?? true,
  needWeights: o.needWeights ?? true,
  averaged: o.averageAttnWeights ?? true,
  separate: o.useSeparateProjWeight ?? false,
  isCausal: o.isCausal ?? false,
  attnMask: o.attnMask ?? null,
  keyPaddingMask: o.keyPaddingMask ?? null,
});
interface Attend extends ReturnType<typeof settled> {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly addZeroAttn: boolean;
  readonly dropoutP: number;
}

function attend(query: Tensor, key: Tensor, value: Tensor, given: Projection, call: Attend): [Tensor, Tensor | null] {
  const { dtype } = query;
  if (isHalf(dtype)) {
    const same = (x: Tensor, y: Tensor, wide: Tensor) => (x === y ? wide : widened(x));
    const q = widened(query);
    const k = same(key, query, q);
    const wide = Object.fromEntries(Object.entries(given).map(([name, t]) => [name, t && widened(t)])) as Projection;
    const attnMask = call.attnMask && widened(call.attnMask);
    const keyPaddingMask = call.keyPaddingMask && widened(call.keyPaddingMask);
    const [y, weights] = attend(q, k, value === key ? k : widened(value), wide, { ...call, attnMask, keyPaddingMask });
    return [toDType(y, dtype), weights && toDType(weights, dtype)];
  }
  checkShapes(query, key, value, given.staticK, call);
  if (query.ndim === 2) {
    const q = unsqueeze(query, 1);
    const k = key === query ? q : unsqueeze(key, 1);
    const v = value === key ? k : unsqueeze(value, 1);
    const keyPaddingMask = call.keyPaddingMask && unsqueeze(call.keyPaddingMask, 0);
    const [y, weights] = attend(q, k, v, given, { ...call, keyPaddingMask });
    return [squeeze(y, 1), weights && squeeze(weights, 0)];
  }
  checkAdded(given, call, query.shape[1]);
  const { numHeads, needWeights, averaged } = call;
  const [targets, n, e] = query.shape;
  const size = e / numHeads;
  const dropoutP = call.training ? call.dropoutP : 0;
  const hint = call.isCausal && !call.keyPaddingMask && !needWeights;

  let [q, k, v] = projected(query, key, value, given, call.separate);
  let added = 0;
  if (given.biasK && given.biasV) {
    const more = (x: Tensor, bias: Tensor) => cat([x, expand(reshape(bias, [1, 1, e]), [1, n, e])]);
    [k, v] = [more(k, given.biasK), more(v, given.biasV)];
    added++;
  }
  // [length, N, E] -> [N, heads, length, E / heads]
  const heads = (x: Tensor) => permute(reshape(x, [x.shape[0], n, numHeads, size]), [1, 2, 0, 3]);
  q = heads(q);
  k = given.staticK ? reshape(given.staticK, [n, numHeads, given.staticK.shape[1], size]) : heads(k);
  v = given.staticV ? reshape(given.staticV, [n, numHeads, given.staticV.shape[1], size]) : heads(v);
  if (k.shape[2] !== v.shape[2])
    throw new ShapeError(
      op,
      `staticK and staticV must be as long as each other, got ${k.shape[2]} keys and ${v.shape[2]} values`,
      [k.shape, v.shape],
    );
  if (call.addZeroAttn) {
    const zero = zeros([n, numHeads, 1, size], { dtype: q.dtype, device: q.device });
    [k, v] = [cat([k, zero], 2), cat([v, zero], 2)];
    added++;
  }

  const mask = hint ? null : merged(call, n, added, dtype);
  let y: Tensor;
  let weights: Tensor | null = null;
  if (needWeights) {
    const scores = matmul(mul(q, Math.sqrt(1 / size)), transpose(k, -2, -1));
    // as a product that is added to the mask, which under autocast takes the product's dtype
    weights = dropout(softmax(mask ? add(scores, toDType(mask, scores.dtype)) : scores, -1), dropoutP, true);
    y = matmul(weights, v);
    if (averaged) weights = mean(weights, 1);
  } else y = scaledDotProductAttention(q, k, v, { attnMask: mask, dropoutP, isCausal: hint });
  const side = reshape(permute(y, [2, 0, 1, 3]), [targets, n, e]);
  return [linear(side, given.outProjWeight, given.outProjBias), weights];
}

/** Queries, keys and values, [length, N, E] each; one product for those that are one tensor. */
function projected(query: Tensor, key: Tensor, value: Tensor, given: Projection, separate: boolean): Tensor[] {
  const { inProjWeight, inProjBias, qProjWeight, kProjWeight, vProjWeight } = given;
  const biases = inProjBias ? chunk(inProjBias, 3) : [null, null, null];
  if (separate) {
    if (!qProjWeight || !kProjWeight || !vProjWeight)
      throw new ArgumentError(op, "useSeparateProjWeight needs qProjWeight, kProjWeight and vProjWeight");
    const weights = [qProjWeight, kProjWeight, vProjWeight];
    return [query, key, value].map((x, i) => linear(x, weights[i], biases[i]));
  }
  if (!inProjWeight)
    throw new ArgumentError(op, "inProjWeight is null", "give it, or useSeparateProjWeight and its three weights");
  const e = query.shape[2];
  if (!sameShape(inProjWeight.shape, [3 * e, e]))
    throw new ShapeError(op, `inProjWeight must be ${showShape([3 * e, e])}, got ${showShape(inProjWeight.shape)}`, [
      inProjWeight.shape,
    ]);
  if (query === key && key === value) return chunk(linear(query, inProjWeight, inProjBias), 3, -1);
  const weights = chunk(inProjWeight, 3);
  if (key !== value) return [query, key, value].map((x, i) => linear(x, weights[i], biases[i]));
  const q = linear(query, weights[0], biases[0]);
  const both = linear(
    key,
    cat([weights[1], weights[2]]),
    inProjBias && cat([biases[1] as Tensor, biases[2] as Tensor]),
  ); // there with the whole
  return [q, ...chunk(both, 2, -1)];
}

/** What is added to the scores [N, heads, L, S + added]; nothing at added keys. */
function merged({ attnMask, keyPaddingMask, numHeads }: Attend, n: number, added: number, dtype: DType): Maybe {
  const floats = (mask: Tensor) => {
    const scores = mask.dtype === "bool" ? where(mask, fullLike(mask, -Infinity, { dtype }), 0) : mask;
    return added > 0 ? pad(scores, [0, added]) : scores;
  };
  let mask = attnMask && floats(attnMask);
  if (mask?.ndim === 3) mask = reshape(mask, [n, numHeads, ...mask.shape.slice(1)]);
  if (!keyPaddingMask) return mask;
  const keys = floats(keyPaddingMask);
  const each = reshape(keys, [n, 1, 1, keys.shape[1]]);
  return mask ? add(mask, each) : each;
}

function checkShapes(query: Tensor, key: Tensor, value: Tensor, staticK: Maybe, call: Attend): void {
  const { embedDim, numHeads, separate, attnMask, keyPaddingMask } = call;
  const batched = query.ndim === 3;
  const fail = (what: string, ...of: Tensor[]): never => {
    throw new ShapeError(
      op,
      `${what}, got ${of.map((t) => showShape(t.shape)).join(", ")}`,
      of.map((t) => t.shape),
    );
  };
  if (!batched && query.ndim !== 2) fail("the query must be [L, N, E] or [L, E]", query);
  if (key.ndim !== query.ndim || value.ndim !== query.ndim)
    fail("query, key and value must all have a batch, [L, N, E], or none, [L, E]", query, key, value);
  if (query.shape[query.ndim - 1] !== embedDim) fail(`the query's last size must be ${embedDim}`, query);
  if (embedDim % numHeads !== 0)
    throw new ArgumentError(op, `${embedDim} numbers cannot be cut into ${numHeads} heads of one size`);
  const lead = separate ? query.ndim - 1 : query.ndim;
  if (!sameShape(key.shape.slice(0, lead), value.shape.slice(0, lead)))
    fail("key and value must be as long as each other, and of one size unless each has a weight", key, value);
  if (batched && key.shape[1] !== query.shape[1]) fail("query and key must have the same batch", query, key);
  const n = batched ? query.shape[1] : 1;
  const [targets, sources] = [query.shape[0], staticK?.shape[1] ?? key.shape[0]];
  for (const [name, mask] of [
    ["attnMask", attnMask],
    ["keyPaddingMask", keyPaddingMask],
  ] as const)
    if (mask && mask.dtype !== "bool" && mask.dtype !== query.dtype)
      throw new DTypeError(
        op,
        `${name} must be bool (true: no attention) or ${query.dtype}, which is added to the scores, got ${mask.dtype}`,
        isFloat(mask.dtype) ? undefined : `write mask.to("bool")`,
      );
  if (attnMask) {
    const expected = attnMask.ndim === 2 ? [targets, sources] : [n * numHeads, targets, sources];
    if (!sameShape(attnMask.shape, expected))
      fail(
        `attnMask must be ${showShape([targets, sources])} or ${showShape([n * numHeads, targets, sources])}`,
        attnMask,
      );
  } else if (call.isCausal)
    throw new ArgumentError(
      op,
      "isCausal says something of attnMask, which is missing",
      "give a mask too: Transformer.generateSquareSubsequentMask(length)",
    );
  const keys = batched ? [n, sources] : [sources];
  if (keyPaddingMask && !sameShape(keyPaddingMask.shape, keys))
    fail(`keyPaddingMask must be ${showShape(keys)}`, keyPaddingMask);
}

/** What stands beside or in the place of projected keys and values. */
function checkAdded({ biasK, biasV, staticK, staticV }: Projection, { embedDim, numHeads }: Attend, n: number): void {
  if ((biasK === null) !== (biasV === null))
    throw new ArgumentError(op, "biasK and biasV come together, and one of them is null");
  for (const [name, bias] of [
    ["biasK", biasK],
    ["biasV", biasV],
  ] as const)
    if (bias && bias.size !== embedDim)
      throw new ShapeError(op, `${name} must be [1, 1, ${embedDim}], got ${showShape(bias.shape)}`, [bias.shape]);
  if (biasK && (staticK || staticV))
    throw new ArgumentError(op, "biasK and biasV cannot be added to staticK and staticV");
  const size = embedDim / numHeads;
  for (const [name, fixed] of [
    ["staticK", staticK],
    ["staticV", staticV],
  ] as const)
    if (fixed && (fixed.ndim !== 3 || fixed.shape[0] !== n * numHeads || fixed.shape[2] !== size))
      throw new ShapeError(op, `${name} must be [${n * numHeads}, S, ${size}], got ${showShape(fixed.shape)}`, [
        fixed.shape,
      ]);
}
