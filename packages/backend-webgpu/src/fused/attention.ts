import { type FusedKernels, isContiguous, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { isSoftware } from "../engine/software.ts";
import { Attention, widest } from "../kernels/attention/attention.ts";
import { allFloat32, product } from "./views.ts";

const rowsAreDense = ({ shape, strides }: View): boolean =>
  strides[shape.length - 1] === 1 || shape[shape.length - 1] === 1;
const fits = (q: View, k: View, v: View): boolean => {
  const last = q.shape.length - 1;
  return (
    last <= 3 &&
    product(q.shape) > 0 &&
    product(k.shape) > 0 &&
    v.shape[last] > 0 &&
    Math.max(q.shape[last], v.shape[last]) <= widest
  );
};

/** Attention without the matrix of all scores, and its gradient. */
export function attentionKernels(
  engine: Engine,
): Required<FusedKernels<"scaledDotProductAttention" | "attentionBackward">> {
  const attention = new Attention(engine, isSoftware(engine.device));
  return {
    scaledDotProductAttention: {
      strided: true,
      placed: [0],
      supports: (inputs) => allFloat32(inputs) && inputs.every(rowsAreDense) && fits(inputs[0], inputs[1], inputs[2]),
      run([q, k, v], [y, logSums], { scale, causal }) {
        attention.forward(q, k, v, y, logSums, scale, causal);
      },
    },
    attentionBackward: {
      strided: true,
      placed: [0, 1, 2],
      supports: (inputs) =>
        allFloat32(inputs) &&
        inputs.slice(0, 5).every(rowsAreDense) &&
        isContiguous(inputs[5].shape, inputs[5].strides) &&
        fits(inputs[1], inputs[2], inputs[3]),
      run(inputs, outputs, { scale, causal }) {
        attention.backward(inputs, outputs, scale, causal);
      },
    },
  };
}
