import { type AttentionAttrs, type FusedKernels, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { addressOf } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { allFloats } from "./floats.ts";

/** The most features of a row (native/kernels/attention.cuh). */
const widest = 256;
const mostBlocks = 65_535;

const batchOf = ({ shape }: View): number => sizeOf(shape.slice(0, -2));
const fits = (q: View, k: View, v: View): boolean =>
  Math.max(q.shape.at(-1) ?? 0, v.shape.at(-1) ?? 0) <= widest &&
  batchOf(q) === batchOf(k) &&
  batchOf(q) === batchOf(v);

/** Attention without the matrix of all scores, and its gradients (native/kernels/attention.cuh). */
export function attentionKernels(
  engine: Engine,
): Required<FusedKernels<"scaledDotProductAttention" | "attentionBackward">> {
  const begin = (q: View, v: View, { scale, causal }: AttentionAttrs): Words => {
    const [queries, features] = q.shape.slice(-2);
    const [keys, values] = v.shape.slice(-2);
    return engine
      .words()
      .ints([batchOf(q), queries, keys, features, values])
      .float(scale)
      .int(causal ? 1 : 0);
  };
  const launch = (kernel: string, { dtype, shape }: View): void =>
    engine.launch(`${kernel}_${dtype}`, Math.min(sizeOf(shape.slice(0, -1)), mostBlocks));

  return {
    scaledDotProductAttention: {
      supports: (inputs) => allFloats(inputs) && fits(...inputs),
      run([q, k, v], [y, logSums], attrs) {
        begin(q, v, attrs).ints([y, logSums, q, k, v].map(addressOf));
        launch("attention", q);
      },
    },
    attentionBackward: {
      supports: (inputs) => allFloats(inputs) && fits(inputs[1], inputs[2], inputs[3]),
      run(inputs, [dq, dk, dv], attrs) {
        const [, q, k, v] = inputs;
        begin(q, v, attrs).int(addressOf(dq)).ints(inputs.map(addressOf));
        launch("attention_queries", q);
        begin(q, v, attrs).ints([dk, dv].map(addressOf)).ints(inputs.map(addressOf));
        launch("attention_keys", k);
      },
    },
  };
}
