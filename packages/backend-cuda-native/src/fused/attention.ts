import {
  type AttentionAttrs,
  bytesOf,
  dtypeCode,
  type FusedKernels,
  isContiguous,
  sizeOf,
  type View,
} from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { type Loops, loopsOver, writeLoops } from "../engine/loops.ts";
import { addressOf } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { allFloats, allStored } from "./floats.ts";
import { launchRows } from "./rows.ts";

/** Rows of a block's tile, how many columns it makes of them, and its threads (native/kernels/attention.cuh). */
const tile = 64;
const wide = 128;
const threads = 256;
const mostBlocks = 65_535;

type Names = "scaledDotProductAttention" | "attentionBackward" | "maskedAttention" | "maskedAttentionBackward";

const batchOf = ({ shape }: View): readonly number[] => shape.slice(0, -2);
/** Whether elements of a row lie side by side. */
const inRows = ({ shape, strides }: View): boolean => strides[shape.length - 1] === 1 || shape[shape.length - 1] === 1;
/** As many dimensions, of the same sizes but for the last two. */
const alike = (views: readonly View[]): boolean =>
  views.every((v) => v.shape.length === views[0].shape.length && batchOf(v).every((s, d) => s === views[0].shape[d]));
const fits = (views: readonly View[]): boolean => views.every(inRows) && alike(views);
const dense = ({ shape, strides }: View): boolean => isContiguous(shape, strides);
const masks = (mask: View, q: View): boolean =>
  (mask.dtype === "bool" || mask.dtype === q.dtype) && !mask.shape.includes(0) && alike([q, mask]);

/** A call: its views, with loops over what they have before their last two dimensions. */
class Call {
  readonly #engine: Engine;
  readonly #views: readonly View[];
  readonly #loops: Loops;
  readonly #q: View;
  readonly #v: View;
  readonly #mask: View | undefined;
  readonly #attrs: AttentionAttrs;

  constructor(
    engine: Engine,
    views: readonly View[],
    [q, v]: readonly [View, View],
    attrs: AttentionAttrs,
    mask?: View,
  ) {
    this.#engine = engine;
    this.#views = mask ? [...views, mask] : views;
    const batch = batchOf(q);
    this.#loops = loopsOver(
      batch,
      this.#views.map(({ strides }) => strides.slice(0, batch.length)),
    );
    [this.#q, this.#v, this.#mask, this.#attrs] = [q, v, mask, attrs];
  }
  loops(words: Words): Words {
    return writeLoops(words, this.#loops);
  }
  words(): Words {
    const [queries, features] = this.#q.shape.slice(-2);
    const [keys, values] = this.#v.shape.slice(-2);
    const { scale, causal } = this.#attrs;
    const words = this.#engine.words().ints([queries, keys, features, values, sizeOf(batchOf(this.#q))]);
    this.loops(words.float(scale).int(causal ? 1 : 0));
    const mask = this.#mask;
    if (!mask)
      return words
        .ints([0, 0])
        .ints(this.#loops.sizes.map(() => 0))
        .ints([0, 0]);
    words
      .int(addressOf(mask))
      .int(dtypeCode(mask.dtype))
      .ints(this.#loops.steps[this.#views.length - 1]);
    return words.ints(mask.strides.slice(-2));
  }
  rows(words: Words, views: readonly View[]): Words {
    for (const view of views)
      words
        .int(addressOf(view))
        .ints(this.#loops.steps[this.#views.indexOf(view)])
        .int(view.strides[view.shape.length - 2]);
    return words;
  }
  launch(kernel: string, { shape, dtype }: View): void {
    const [rows, columns] = shape.slice(-2);
    const blocks = sizeOf(shape.slice(0, -2)) * Math.ceil(rows / tile) * Math.ceil(columns / wide);
    this.#engine.launch(`${kernel}_${dtype}`, Math.min(blocks, mostBlocks), 1, threads);
  }
}

/** Attention without the matrix of all scores, and its gradients (native/kernels/attention.cuh). */
export function attentionKernels(engine: Engine): Required<FusedKernels<Names>> {
  const forward = (
    [q, k, v]: readonly [View, View, View],
    [y, logSums]: readonly [View, View],
    attrs: AttentionAttrs,
    mask?: View,
  ) => {
    const call = new Call(engine, [q, k, v], [q, v], attrs, mask);
    call.rows(call.words().ints([addressOf(y), addressOf(logSums)]), [q, k, v]);
    call.launch("attention", y);
  };
  const backward = (
    [g, q, k, v, y, logSums]: readonly [View, View, View, View, View, View],
    [dq, dk, dv]: readonly [View, View, View],
    attrs: AttentionAttrs,
    mask?: View,
  ): void => {
    const call = new Call(engine, [g, q, k, v, y], [q, v], attrs, mask);
    const rows = sizeOf(logSums.shape);
    const [each, n] = y.shape.slice(-2);
    const dots = engine.alloc(rows * bytesOf(q.dtype));
    try {
      call.rows(call.loops(engine.words().ints([rows, n, each])).int(dots.pointer), [g, y]);
      launchRows(engine, "attention_dots", q.dtype, rows, n);
      for (const [kernel, to] of [
        ["attention_queries", dq],
        ["attention_keys", dk],
        ["attention_values", dv],
      ] as const) {
        call.rows(call.words().int(addressOf(to)), [g, q, k, v]).ints([addressOf(logSums), dots.pointer]);
        call.launch(kernel, to);
      }
    } finally {
      engine.free(dots);
    }
  };
  return {
    scaledDotProductAttention: {
      strided: true,
      supports: (inputs) => allStored(inputs) && fits(inputs),
      run: forward,
    },
    attentionBackward: {
      strided: true,
      supports: (inputs) => allFloats(inputs) && fits(inputs.slice(0, 5)) && dense(inputs[5]),
      run: backward,
    },
    maskedAttention: {
      strided: true,
      supports: ([q, k, v, mask]) => allStored([q, k, v]) && fits([q, k, v]) && masks(mask, q),
      run: ([q, k, v, mask], outputs, attrs) => forward([q, k, v], outputs, attrs, mask),
    },
    maskedAttentionBackward: {
      strided: true,
      supports: ([g, q, k, v, mask, y, logSums]) =>
        allFloats([g, q, k, v, y, logSums]) && fits([g, q, k, v, y]) && dense(logSums) && masks(mask, q),
      run: ([g, q, k, v, mask, y, logSums], outputs, attrs) => backward([g, q, k, v, y, logSums], outputs, attrs, mask),
    },
  };
}
