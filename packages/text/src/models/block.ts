import { Dropout, LayerNorm, Linear, Module } from "@flambeau/nn";
import {
  add,
  type DType,
  gelu,
  reshape,
  scaledDotProductAttention,
  split,
  type Tensor,
  transpose,
} from "@flambeau/tensor/functional";
import type { KVCache } from "./kv-cache.ts";
import type { RotaryPositions } from "./positions.ts";

/** What a block is told beside its input. */
export interface Surroundings {
  readonly layer: number;
  readonly cache: KVCache | null;
  /** Bools [..., T, S]; null: all tokens attend to themselves and those before. */
  readonly mask: Tensor | null;
  readonly rotary: RotaryPositions | null;
  readonly offset: number;
  readonly positions: Tensor | null;
}
export interface BlockSizes {
  readonly width: number;
  readonly heads: number;
  readonly dropout: number;
  readonly bias: boolean;
  readonly approximate: "none" | "tanh";
  readonly made: { readonly dtype: DType | undefined; readonly device: string | undefined };
}

/** Attention of each token to itself and those before it, with several heads. */
export class CausalAttention extends Module {
  readonly heads: number;
  readonly dropout: number;
  qkv: Linear;
  projection: Linear;
  residual: Dropout;
  constructor({ width, heads, dropout, bias, made }: BlockSizes) {
    super();
    this.heads = heads;
    this.dropout = dropout;
    this.qkv = new Linear(width, 3 * width, { bias, ...made });
    this.projection = new Linear(width, width, { bias, ...made });
    this.residual = new Dropout(dropout);
  }
  forward(x: Tensor, { layer, cache, mask, rotary, offset, positions }: Surroundings): Tensor {
    const [batch, time, width] = x.shape;
    let [q, k, v] = split(this.qkv.forward(x), width, 2).map((t) =>
      transpose(reshape(t, [batch, time, this.heads, width / this.heads]), 1, 2),
    );
    if (rotary) {
      q = rotary.forward(q, { offset, positions });
      k = rotary.forward(k, { offset, positions });
    }
    if (cache) {
      const all = cache.append(layer, k, v);
      k = all.keys;
      v = all.values;
    }
    const dropoutP = this.training ? this.dropout : 0;
    // one query, the last: it attends to all there is
    const isCausal = mask === null && time > 1;
    const mixed = scaledDotProductAttention(q, k, v, { attnMask: mask, isCausal, dropoutP });
    const y = this.projection.forward(reshape(transpose(mixed, 1, 2), [batch, time, width]));
    return this.residual.forward(y);
  }
}

/** Two layers with a GELU between them, for each token by itself. */
export class FeedForward extends Module {
  readonly approximate: "none" | "tanh";
  up: Linear;
  down: Linear;
  residual: Dropout;
  constructor({ width, dropout, bias, approximate, made }: BlockSizes) {
    super();
    this.approximate = approximate;
    this.up = new Linear(width, 4 * width, { bias, ...made });
    this.down = new Linear(4 * width, width, { bias, ...made });
    this.residual = new Dropout(dropout);
  }
  forward(x: Tensor): Tensor {
    const hidden = gelu(this.up.forward(x), { approximate: this.approximate });
    return this.residual.forward(this.down.forward(hidden));
  }
}

/** A layer of a Transformer's decoder, its norms before what is added: `x + attention(norm1(x))`, then `x + feedForward(norm2(x))`. */
export class Block extends Module {
  norm1: LayerNorm;
  attention: CausalAttention;
  norm2: LayerNorm;
  mlp: FeedForward;
  constructor(sizes: BlockSizes) {
    super();
    const { width, bias, made } = sizes;
    this.norm1 = new LayerNorm(width, { bias, ...made });
    this.attention = new CausalAttention(sizes);
    this.norm2 = new LayerNorm(width, { bias, ...made });
    this.mlp = new FeedForward(sizes);
  }
  forward(x: Tensor, around: Surroundings): Tensor {
    const attended = add(x, this.attention.forward(this.norm1.forward(x), around));
    return add(attended, this.mlp.forward(this.norm2.forward(attended)));
  }
}
