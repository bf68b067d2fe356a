import type { View } from "@flambeau/tensor/plugin";
import type { Engine } from "../../engine/engine.ts";
import type { Kernel, KernelSource } from "../../engine/kernel.ts";
import { blockOf } from "../../engine/memory.ts";
import { forwardSource, keyGradientSource, queryGradientSource } from "./sources.ts";
import { at, type Form } from "./sweep.ts";

/** The widest heads that fit registers and workgroup memory. */
export const widest = 128;

const FORWARD = 0;
const QUERIES = 1;
const KEYS = 2;
const sources: readonly ((form: Form) => KernelSource)[] = [forwardSource, queryGradientSource, keyGradientSource];

/** Attention and its gradient, without a matrix of all scores: rows of one side sweep over the rows of the other. */
export class Attention {
  readonly #engine: Engine;
  readonly #software: boolean;
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine, software: boolean) {
    this.#engine = engine;
    this.#software = software;
  }

  /** y and log-sums [.., queries] from q, k and v. */
  forward(q: View, k: View, v: View, y: View, logSums: View, scale: number, causal: boolean): void {
    this.#sweep(FORWARD, q, k, v, scale, causal, [y, rowsOf(logSums), q, k, v]);
  }

  /** dq, dk and dv from the gradient of y and what the forward gave. */
  backward(inputs: readonly View[], outputs: readonly View[], scale: number, causal: boolean): void {
    const [g, q, k, v, y, logSums] = inputs;
    const [dq, dk, dv] = outputs;
    const engine = this.#engine;
    const sums = rowsOf(logSums);
    const rows = logSums.shape.reduce((n, s) => n * s, 1);
    const buffer = engine.alloc(4 * rows);
    const shape = logSums.shape;
    const strides = shape.map((_, d) => shape.slice(d + 1).reduce((n, s) => n * s, 1));
    const delta = rowsOf({ buffer, dtype: "float32", offset: 0, shape, strides });
    this.#sweep(QUERIES, q, k, v, scale, causal, [dq, delta, g, q, k, v, y, sums]);
    this.#sweep(KEYS, k, q, v, scale, causal, [dk, dv, g, q, k, v, sums, delta]);
    engine.free(buffer);
  }

  #sweep(
    which: number,
    own: View,
    others: View,
    v: View,
    scale: number,
    causal: boolean,
    views: readonly View[],
  ): void {
    const engine = this.#engine;
    const rank = own.shape.length;
    const dim = own.shape[rank - 1];
    const dimV = v.shape[rank - 1];
    const joint = blockOf(views[0].buffer) === blockOf(views[1].buffer);
    const key = (((which * 2 + (causal ? 1 : 0)) * 2 + (joint ? 1 : 0)) * 256 + dim) * 256 + dimV;
    const form = this.#form(dim, dimV, causal, joint);
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) this.#kernels.set(key, (kernel = engine.kernel(sources[which](form))));
    const batches = rank > 3 ? own.shape[rank - 4] : 1;
    const heads = rank > 2 ? own.shape[rank - 3] : 1;
    const rows = own.shape[rank - 2];
    const blocks = Math.ceil(rows / (form.rows * form.threads));
    const words = at.tensors + 4 * views.length;
    const i = engine.begin(words);
    const { u32, f32 } = engine;
    u32[i + at.heads] = heads;
    u32[i + at.blocks] = blocks;
    u32[i + at.own] = rows;
    u32[i + at.others] = others.shape[rank - 2];
    f32[i + at.scale] = scale;
    u32[i + at.items] = batches * heads * blocks;
    let bound = 0;
    for (let t = 0; t < views.length; t++) {
      const { buffer, offset, strides } = views[t];
      if (t !== 1 || !joint) engine.blocks[bound++] = blockOf(buffer);
      const first = i + at.tensors + 4 * t;
      u32[first] = offset;
      u32[first + 1] = rank > 3 ? strides[rank - 4] : 0;
      u32[first + 2] = rank > 2 ? strides[rank - 3] : 0;
      u32[first + 3] = strides[rank - 2];
    }
    engine.dispatchLine(kernel, i, words, batches * heads * blocks);
  }

  #form(dim: number, dimV: number, causal: boolean, joint: boolean): Form {
    const wide = Math.max(dim, dimV);
    // what a processor reads it shall use for several rows, and its compiler takes long over wide ones; a GPU shares what it
    // reads through workgroup memory
    if (this.#software) {
      const rows = wide <= 16 ? 4 : wide <= 32 ? 2 : 1;
      return { dim, dimV, causal, joint, rows, together: wide <= 32 ? 4 : wide <= 64 ? 2 : 1, threads: 16, tile: 0 };
    }
    return { dim, dimV, causal, joint, rows: 1, together: wide <= 64 ? 4 : 2, threads: 64, tile: wide <= 64 ? 32 : 16 };
  }
}

/** A tensor of one number a row, as one of rows of one number. */
const rowsOf = ({ buffer, dtype, offset, shape, strides }: View): View => ({
  buffer,
  dtype,
  offset,
  shape: [...shape, 1],
  strides: [...strides, 1],
});
