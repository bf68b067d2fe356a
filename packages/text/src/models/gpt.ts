import { Dropout, Embedding, init, LayerNorm, Linear, Module, ModuleList } from "@flambeau/nn";
import {
  ArgumentError,
  bitwiseAnd,
  clampMin,
  cumsum,
  type DType,
  DTypeError,
  mul,
  narrow,
  ShapeError,
  sub,
  type Tensor,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { causalMask } from "../batching/padding.ts";
import { Block, type Surroundings } from "./block.ts";
import type { CausalForwardOptions, CausalModel } from "./causal.ts";
import { KVCache } from "./kv-cache.ts";
import { LearnedPositions, RotaryPositions, SinusoidalPositions } from "./positions.ts";

export interface GPTConfig {
  /** Tokens that there are. */
  readonly vocabSize: number;
  /** Tokens that it can look at. */
  readonly blockSize: number;
  /** Blocks. */
  readonly layers: number;
  /** Attention heads of a block. */
  readonly heads: number;
  /** Features of a token. */
  readonly width: number;
  /** Probability of each dropout (after the embeddings, of attention's weights, after attention and feed-forward part), in training. Default 0. */
  readonly dropout?: number | undefined;
  /** How it knows where tokens stand: a learned vector each, angles of queries and keys, or sines and cosines. Default "learned". */
  readonly position?: "learned" | "rotary" | "sinusoidal" | undefined;
  /** Whether the head has the embedding's weight. Default false. */
  readonly tied?: boolean | undefined;
  /** Whether linear layers (not the head) and norms have learned shifts. Default true. */
  readonly bias?: boolean | undefined;
  /** GELU by the error function, or as GPT-2 approximates it. Default "none". */
  readonly approximate?: "none" | "tanh" | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const configKinds: Kinds<GPTConfig> = {
  vocabSize: option.number,
  blockSize: option.number,
  layers: option.number,
  heads: option.number,
  width: option.number,
  dropout: option.number,
  position: option.oneOf("learned", "rotary", "sinusoidal"),
  tied: option.boolean,
  bias: option.boolean,
  approximate: option.oneOf("none", "tanh"),
  dtype: option.dtype,
  device: option.string,
};
// not by its class, of which there may be two copies
const cacheKind: option.Kind = {
  means: "a KVCache",
  takes: (x): x is KVCache => option.object.takes(x) && "append" in x && "advance" in x,
};
const forwardKinds: Kinds<CausalForwardOptions> = { cache: cacheKind, mask: option.tensor, last: option.boolean };

/**
 * A decoder-only Transformer, as GPT-2: `logits = head(norm(blocks(dropout(tokens(ids) + positions))))`, each block
 * `x + attention(norm1(x))` and then `x + down(gelu(up(norm2(x))))`.
 *
 * Parts are made in the order of PyTorch's usual program, so that the same seed gives the same weights: `tokens`, `positions` (learned ones),
 * the blocks (in each `norm1`, `qkv`, `projection`, `norm2`, `up`, `down`), `norm`, `head` (no bias; with `tied` it then takes the embedding's
 * weight). Then, in the same order, the weight of each linear layer and embedding is drawn from `N(0, 0.02²)`, and its bias is 0; at last those of
 * `projection` and `down` of each block from `N(0, (0.02 / sqrt(2 * layers))²)`. With `"sinusoidal"` the embedding is multiplied by `sqrt(width)`.
 *
 * Shapes: `ids` [B, T] -> logits [B, T, vocabSize] (with `last` [B, 1, vocabSize]). Dtype: ids are int32 or int64, logits have that of the
 * parameters.
 *
 * `forward(ids, { cache })` looks at the tokens of the cache, too, and adds these; without gradients. `mask` [B, S] is false where there is
 * padding, which stands on the left: nobody looks at it, and positions count from the first token behind it.
 *
 * @throws ArgumentError when a size is no positive integer, `heads` does not divide `width` (with `"rotary"`: into an even number), `dropout` is no
 * probability; when there are more tokens than `blockSize`.
 * @throws ShapeError when `ids` is not [B, T], or `mask` does not fit.
 * @throws DTypeError when `mask` is not bool.
 * @throws IndexError when an id is not in 0..vocabSize-1.
 * @throws AutogradError when a cache is given and gradients are recorded.
 * @see Radford et al., "Language Models are Unsupervised Multitask Learners", 2019
 * @see https://arxiv.org/abs/2005.14165
 * @example
 * import { manualSeed, tensor } from "flambeau";
 * manualSeed(0);
 * const model = new GPT({ vocabSize: 65, blockSize: 32, layers: 2, heads: 4, width: 64 });
 * const ids = tensor([[1, 2, 3]], { dtype: "int32" });
 * model.forward(ids).shape; // [1, 3, 65]
 */
export class GPT extends Module implements CausalModel {
  readonly config: Required<Omit<GPTConfig, "dtype" | "device">>;
  tokens: Embedding;
  positions: LearnedPositions | RotaryPositions | SinusoidalPositions;
  drop: Dropout;
  blocks: ModuleList<Block>;
  norm: LayerNorm;
  head: Linear;

  constructor(options: GPTConfig) {
    super();
    const op = "GPT";
    checkOptions(op, configKinds, options);
    const { vocabSize, blockSize, layers, heads, width, dtype, device } = options;
    for (const [name, size] of Object.entries({ vocabSize, blockSize, layers, heads, width }))
      checkInteger(op, name, size, 1);
    const { dropout = 0, position = "learned", tied = false, bias = true, approximate = "none" } = options;
    if (width % heads !== 0) throw new ArgumentError(op, `${heads} heads do not divide ${width} features`);
    if (!(dropout >= 0 && dropout <= 1))
      throw new ArgumentError(op, `dropout must be a probability in [0, 1], got ${dropout}`);
    this.config = { vocabSize, blockSize, layers, heads, width, dropout, position, tied, bias, approximate };
    const made = { dtype, device };
    this.tokens = new Embedding(vocabSize, width, made);
    this.positions =
      position === "learned"
        ? new LearnedPositions(blockSize, width, made)
        : position === "rotary"
          ? new RotaryPositions(blockSize, width / heads, made)
          : new SinusoidalPositions(blockSize, width, made);
    this.drop = new Dropout(dropout);
    const sizes = { width, heads, dropout, bias, approximate, made };
    this.blocks = new ModuleList(Array.from({ length: layers }, () => new Block(sizes)));
    this.norm = new LayerNorm(width, { bias, ...made });
    this.head = new Linear(width, vocabSize, { bias: false, ...made });
    if (tied) this.head.weight = this.tokens.weight;
    this.apply(draw);
    const std = deviation / Math.sqrt(2 * layers);
    for (const { attention, mlp } of this.blocks)
      for (const { weight } of [attention.projection, mlp.down]) init.normal_(weight, 0, std);
  }
  /** Tokens that it can look at. */
  get blockSize(): number {
    return this.config.blockSize;
  }
  /** Room for the keys and values of `batch` sequences of `capacity` tokens (as many as it can look at, if none is given). */
  newCache(batch: number, capacity: number = this.config.blockSize): KVCache {
    const { layers, heads, width } = this.config;
    const { dtype, device } = this.head.weight;
    return new KVCache({ layers, batch, heads, headWidth: width / heads, capacity, dtype, device });
  }

  forward(ids: Tensor, options: CausalForwardOptions = option.none): Tensor {
    const op = "GPT";
    checkOptions(op, forwardKinds, options);
    checkTensor(op, "ids", ids);
    const cache = (options.cache as KVCache | undefined) ?? null; // by its kind
    const { mask = null, last = false } = options;
    if (ids.ndim !== 2 || ids.size === 0)
      throw new ShapeError(op, `expected ids [B, T], got ${showShape(ids.shape)}`, [ids.shape]);
    const [batch, time] = ids.shape;
    const offset = cache?.length ?? 0;
    const length = offset + time;
    const { blockSize, position, width } = this.config;
    if (length > blockSize)
      throw new ArgumentError(op, `${length} tokens, more than the block of ${blockSize}`, "show it the last ones");
    if (mask) checkMask(op, mask, batch, length);
    const positions = mask ? narrow(positionsIn(mask), 1, offset, time) : null;
    let x = this.tokens.forward(ids);
    const { positions: table } = this;
    if (position === "sinusoidal") x = mul(x, Math.sqrt(width));
    const rotary = table instanceof RotaryPositions ? table : null;
    if (!(table instanceof RotaryPositions)) x = table.forward(x, { offset, positions });
    x = this.drop.forward(x);
    const around = { cache, mask: maskOf(mask, offset, time, ids.device), rotary, offset, positions };
    let layer = 0;
    for (const block of this.blocks) x = block.forward(x, { layer: layer++, ...around } satisfies Surroundings);
    cache?.advance(time);
    if (last) x = narrow(x, 1, time - 1, 1);
    return this.head.forward(this.norm.forward(x));
  }
}

const deviation = 0.02;
function draw(module: Module): void {
  if (module instanceof Linear && module.bias) {
    init.normal_(module.weight, 0, deviation);
    init.zeros_(module.bias);
  } else if (module instanceof Linear || module instanceof Embedding || module instanceof LearnedPositions)
    init.normal_(module.weight, 0, deviation);
}

function checkMask(op: string, mask: Tensor, batch: number, length: number): void {
  if (mask.dtype !== "bool") throw new DTypeError(op, `mask must be bool, got ${mask.dtype}`);
  if (mask.ndim !== 2 || mask.shape[0] !== batch || mask.shape[1] !== length)
    throw new ShapeError(op, `expected a mask [${batch}, ${length}], got ${showShape(mask.shape)}`, [mask.shape]);
}
/** How many tokens stand before each that is no padding. */
const positionsIn = (mask: Tensor): Tensor => clampMin(sub(cumsum(mask, 1, { dtype: "int32" }), 1), 0);
/** Who attends to whom; null where the usual order says it. */
function maskOf(mask: Tensor | null, offset: number, time: number, device: string): Tensor | null {
  const alone = time === 1 || offset === 0;
  if (!mask && alone) return null;
  const order = time === 1 ? null : causalMask(time, { past: offset, device });
  const keys = mask && unsqueeze(unsqueeze(mask, 1), 1);
  return order && keys ? bitwiseAnd(order, keys) : (order ?? keys);
}
