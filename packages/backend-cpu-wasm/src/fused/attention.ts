import { type AttentionAttrs, type FusedKernels, isContiguous, sizeOf, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import {
  type Attention,
  type AttentionSizes,
  attentionBackward,
  attentionForward,
  canAttend,
  type HeadTensor,
  type Mask,
} from "../engine/attention.ts";
import type { Engine } from "../engine/engine.ts";
import { allFloat32, at } from "./address.ts";

/** [..., rows, columns] as batch, head and row steps; a tensor of two or three dimensions has one batch or head. */
function heads(x: View): HeadTensor {
  const rank = x.shape.length;
  return {
    address: at(x),
    batch: rank > 3 ? x.strides[rank - 4] : 0,
    head: rank > 2 ? x.strides[rank - 3] : 0,
    row: x.strides[rank - 2],
  };
}

function sizes(q: View, k: View, v: View): AttentionSizes {
  const rank = q.shape.length;
  return { queries: q.shape[rank - 2], keys: k.shape[rank - 2], dim: q.shape[rank - 1], dimV: v.shape[rank - 1] };
}

/** A mask [..., L, S] as the kernels take it. */
function maskOf(mask: View): Mask {
  const steps = heads(mask);
  const wide = mask.dtype === "bool" ? 1 : 4;
  return { ...steps, address: addressOf(mask, wide), column: mask.strides[mask.shape.length - 1], wide };
}

function problem(q: View, k: View, v: View, out: View, logSums: View, a: AttentionAttrs): Attention {
  const rank = q.shape.length;
  return {
    batch: rank > 3 ? q.shape[rank - 4] : 1,
    heads: rank > 2 ? q.shape[rank - 3] : 1,
    ...sizes(q, k, v),
    q: heads(q),
    k: heads(k),
    v: heads(v),
    out: heads(out),
    logSums: at(logSums),
    scale: a.scale,
    causal: a.causal,
  };
}

type Run = (views: readonly View[], attrs: AttentionAttrs) => void;

/** Part `index` along the first dimension. */
const partOf = (x: View, index: number): View => ({
  buffer: x.buffer,
  dtype: x.dtype,
  offset: x.offset + index * x.strides[0],
  shape: x.shape.slice(1),
  strides: x.strides.slice(1),
});

/** Runs on the last four dimensions, batch, heads and matrix, of views that have the same ones before. */
function inFour(views: readonly View[], rank: number, attrs: AttentionAttrs, run: Run): void {
  if (rank <= 4) run(views, attrs);
  else
    for (let i = 0; i < views[0].shape[0]; i++)
      inFour(
        views.map((x) => partOf(x, i)),
        rank - 1,
        attrs,
        run,
      );
}

const rowsAreDense = (x: View): boolean => x.strides[x.shape.length - 1] === 1 || x.shape[x.shape.length - 1] === 1;
const fits = (q: View, k: View, v: View, backward: boolean): boolean => {
  const needed = sizes(q, k, v);
  return sizeOf(q.shape) > 0 && needed.keys > 0 && canAttend(needed, backward);
};

const forwardFits = (inputs: readonly View[]): boolean =>
  allFloat32(inputs) && inputs.every(rowsAreDense) && fits(inputs[0], inputs[1], inputs[2], false);
const backwardFits = (inputs: readonly View[]): boolean =>
  allFloat32(inputs) &&
  inputs.slice(0, 5).every(rowsAreDense) &&
  isContiguous(inputs[5].shape, inputs[5].strides) &&
  fits(inputs[1], inputs[2], inputs[3], true);
const canMask = ({ dtype }: View): boolean => dtype === "bool" || dtype === "float32";

/** Attention in blocks of queries and keys, without the matrix of all scores, and its gradient. */
export function attentionKernels(
  engine: Engine,
): Required<
  FusedKernels<"scaledDotProductAttention" | "attentionBackward" | "maskedAttention" | "maskedAttentionBackward">
> {
  const forward: Run = ([out, logSums, q, k, v, mask], attrs) => {
    const a = problem(q, k, v, out, logSums, attrs);
    if (mask !== undefined) a.mask = maskOf(mask);
    attentionForward(engine, a);
  };
  const backward: Run = ([dq, dk, dv, out, logSums, g, q, k, v, mask], attrs) => {
    const a = problem(q, k, v, out, logSums, attrs);
    if (mask !== undefined) a.mask = maskOf(mask);
    attentionBackward(engine, a, { gradient: heads(g), dq: heads(dq), dk: heads(dk), dv: heads(dv) });
  };
  return {
    maskedAttention: {
      strided: true,
      placed: [0],
      supports: ([q, k, v, mask]) => canMask(mask) && forwardFits([q, k, v]),
      run: (inputs, outputs, attrs) => inFour([...outputs, ...inputs], inputs[0].shape.length, attrs, forward),
    },
    maskedAttentionBackward: {
      strided: true,
      placed: [0, 1, 2],
      supports: ([g, q, k, v, mask, out, logSums]) => canMask(mask) && backwardFits([g, q, k, v, out, logSums]),
      run([g, q, k, v, mask, out, logSums], gradients, attrs) {
        inFour([...gradients, out, logSums, g, q, k, v, mask], q.shape.length, attrs, backward);
      },
    },
    scaledDotProductAttention: {
      strided: true,
      placed: [0],
      supports: forwardFits,
      run: (inputs, outputs, attrs) => inFour([...outputs, ...inputs], inputs[0].shape.length, attrs, forward),
    },
    attentionBackward: {
      strided: true,
      placed: [0, 1, 2],
      supports: backwardFits,
      run([g, q, k, v, out, logSums], gradients, attrs) {
        inFour([...gradients, out, logSums, g, q, k, v], q.shape.length, attrs, backward);
      },
    },
  };
}
