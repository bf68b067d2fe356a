import { add, type DType, gelu, relu, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import { alone } from "../alone.ts";
import type { Layer } from "../containers.ts";
import { isModule, Module } from "../module.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { LayerNorm } from "./norm.ts";

/** What the inner layer of a Transformer's feed-forward part goes through: a name, a function or a module. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor) | Layer;
export interface TransformerLayerOptions {
  /** Features between the two layers of the feed-forward part (default 2048). */
  readonly dimFeedforward?: number | undefined;
  /** Probability of each dropout, in training (default 0.1). */
  readonly dropout?: number | undefined;
  /** What those features go through: "relu", "gelu", a function or a module (default "relu"). */
  readonly activation?: TransformerActivation | undefined;
  /** Added to the variances of the norms (default 1e-5). */
  readonly layerNormEps?: number | undefined;
  /** Inputs and outputs are [N, L, E] instead of [L, N, E] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** Norms come before what is added, not after the sum (default false). */
  readonly normFirst?: boolean | undefined;
  /** Whether linear layers and norms have learned shifts (default true). */
  readonly bias?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const activationKind: option.Kind = {
  means: `"relu", "gelu", a function or a module`,
  takes: (x): x is TransformerActivation => x === "relu" || x === "gelu" || typeof x === "function" || isModule(x),
};
export const transformerLayerKinds: Kinds<TransformerLayerOptions> = {
  dimFeedforward: option.number,
  dropout: option.number,
  activation: activationKind,
  layerNormEps: option.number,
  batchFirst: option.boolean,
  normFirst: option.boolean,
  bias: option.boolean,
  dtype: option.dtype,
  device: option.string,
};
const mask = option.orNull(option.tensor);
const hint = option.orNull(option.boolean);

type Settled = Required<Pick<TransformerLayerOptions, "dimFeedforward" | "dropout" | "normFirst">> & {
  readonly activation: Exclude<TransformerActivation, string>;
  /** Of its parts: what linear layers, attention and norms are given. */
  readonly linear: { readonly bias: boolean; readonly dtype: DType | undefined; readonly device: string | undefined };
  readonly attention: Settled["linear"] & { readonly dropout: number; readonly batchFirst: boolean };
  readonly norm: Settled["linear"] & { readonly eps: number };
};
function settled(name: string, options: TransformerLayerOptions): Settled {
  checkOptions(name, transformerLayerKinds, options);
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", normFirst = false, batchFirst = false } = options;
  const linear = { bias: options.bias ?? true, dtype: options.dtype, device: options.device };
  return {
    dimFeedforward,
    dropout,
    normFirst,
    activation: activation === "relu" ? relu : activation === "gelu" ? (x) => gelu(x) : activation,
    linear,
    attention: { ...linear, dropout, batchFirst },
    norm: { ...linear, eps: options.layerNormEps ?? 1e-5 },
  };
}

/** A layer's part that looks at each position on its own. */
interface FeedForward {
  readonly linear1: Linear;
  readonly linear2: Linear;
  readonly dropout: Dropout;
  readonly activation: Settled["activation"];
}
function feedForward({ linear1, linear2, dropout, activation }: FeedForward, x: Tensor): Tensor {
  const inner = linear1.forward(x);
  return linear2.forward(dropout.forward(isModule(activation) ? activation.forward(inner) : activation(inner)));
}

export interface EncoderLayerForwardOptions {
  /** As `attnMask` of {@link MultiheadAttention}: [L, L] or [N * nhead, L, L]. Default: none. */
  readonly srcMask?: Tensor | null | undefined;
  /** As `keyPaddingMask` there: [N, L]. Default: none. */
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  /** Says that `srcMask` is causal (default false). */
  readonly isCausal?: boolean | null | undefined;
}
const encoderKinds: Kinds<EncoderLayerForwardOptions> = { srcMask: mask, srcKeyPaddingMask: mask, isCausal: hint };

/**
 * A layer of a Transformer's encoder: `x = norm1(src + attention(src))`, `y = norm2(x + linear2(activation(linear1(x))))`, with dropout
 * behind attention, activation and the second linear layer; with `normFirst` `x = src + attention(norm1(src))` and
 * `y = x + linear2(activation(linear1(norm2(x))))`.
 *
 * Shape: that of `src`, [L, N, dModel], with `batchFirst` [N, L, dModel], or [L, dModel]. Parameters: those of `selfAttn`
 * ({@link MultiheadAttention}), `linear1`, `linear2`, `norm1` and `norm2`. Dtype: that of the parameters, which `src` has, too.
 *
 * @throws ArgumentError from the constructor when `nhead` does not divide `dModel`; when `isCausal` comes without `srcMask`.
 * @throws ShapeError when `src` or a mask does not fit; DTypeError when their dtypes do not.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * const layer = new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
 * layer.forward(randn([2, 5, 16])).shape; // [2, 5, 16]
 * const srcMask = nn.Transformer.generateSquareSubsequentMask(5);
 * layer.forward(randn([2, 5, 16]), { srcMask, isCausal: true }).shape; // [2, 5, 16]
 */
export class TransformerEncoderLayer extends Module {
  selfAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  activation: Exclude<TransformerActivation, string>;
  readonly normFirst: boolean;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward, dropout, ...parts } = settled("TransformerEncoderLayer", options);
    this.selfAttn = new MultiheadAttention(dModel, nhead, parts.attention);
    this.linear1 = new Linear(dModel, dimFeedforward, parts.linear);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, parts.linear);
    this.norm1 = new LayerNorm(dModel, parts.norm);
    this.norm2 = new LayerNorm(dModel, parts.norm);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = parts.activation;
    this.normFirst = parts.normFirst;
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { selfAttn: "self_attn" };
  }

  forward(src: Tensor, options: EncoderLayerForwardOptions = option.none): Tensor {
    checkOptions("TransformerEncoderLayer", encoderKinds, options);
    checkTensor("TransformerEncoderLayer", "src", src);
    const { srcMask: attnMask, srcKeyPaddingMask: keyPaddingMask } = options;
    const attend = { attnMask, keyPaddingMask, isCausal: options.isCausal ?? false, needWeights: false };
    const attention = (x: Tensor) => this.dropout1.forward(this.selfAttn.forward(x, x, x, attend)[0]);
    const forward = (x: Tensor) => this.dropout2.forward(feedForward(this, x));
    return alone(this, () => {
      if (this.normFirst) {
        const x = add(src, attention(this.norm1.forward(src)));
        return add(x, forward(this.norm2.forward(x)));
      }
      const x = this.norm1.forward(add(src, attention(src)));
      return this.norm2.forward(add(x, forward(x)));
    });
  }
}

export interface DecoderForwardOptions {
  /** As `attnMask` of {@link MultiheadAttention}: [T, T] or [N * nhead, T, T]. Default: none. */
  readonly tgtMask?: Tensor | null | undefined;
  /** [T, S] or [N * nhead, T, S]: where targets attend to the memory. Default: none. */
  readonly memoryMask?: Tensor | null | undefined;
  /** As `keyPaddingMask` there: [N, T]. Default: none. */
  readonly tgtKeyPaddingMask?: Tensor | null | undefined;
  /** [N, S]. Default: none. */
  readonly memoryKeyPaddingMask?: Tensor | null | undefined;
  /** Says that `tgtMask` is causal (default false). */
  readonly tgtIsCausal?: boolean | null | undefined;
  /** Says that `memoryMask` is causal (default false). */
  readonly memoryIsCausal?: boolean | undefined;
}
export const decoderKinds: Kinds<DecoderForwardOptions> = {
  tgtMask: mask,
  memoryMask: mask,
  tgtKeyPaddingMask: mask,
  memoryKeyPaddingMask: mask,
  tgtIsCausal: hint,
  memoryIsCausal: option.boolean,
};

/**
 * A layer of a Transformer's decoder: `x = norm1(tgt + attention(tgt))`, `z = norm2(x + attention(x, memory))`,
 * `y = norm3(z + linear2(activation(linear1(z))))`, with dropout behind each part; with `normFirst` the norms come before the parts, as in
 * {@link TransformerEncoderLayer}.
 *
 * Shapes: `tgt` [T, N, dModel] and `memory` [S, N, dModel] -> that of `tgt`; with `batchFirst` [N, T, dModel] and [N, S, dModel]; or both
 * without N. Parameters: those of `selfAttn` and `multiheadAttn` ({@link MultiheadAttention}), `linear1`, `linear2`, `norm1`, `norm2` and
 * `norm3`. Dtype: that of the parameters, which the inputs have, too.
 *
 * @throws ArgumentError from the constructor when `nhead` does not divide `dModel`; when `tgtIsCausal` or `memoryIsCausal` comes without its
 * mask.
 * @throws ShapeError when an input or a mask does not fit; DTypeError when their dtypes do not.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * const layer = new nn.TransformerDecoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
 * layer.forward(randn([2, 3, 16]), randn([2, 5, 16])).shape; // [2, 3, 16]
 */
export class TransformerDecoderLayer extends Module {
  selfAttn: MultiheadAttention;
  multiheadAttn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  activation: Exclude<TransformerActivation, string>;
  readonly normFirst: boolean;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super();
    const { dimFeedforward, dropout, ...parts } = settled("TransformerDecoderLayer", options);
    this.selfAttn = new MultiheadAttention(dModel, nhead, parts.attention);
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, parts.attention);
    this.linear1 = new Linear(dModel, dimFeedforward, parts.linear);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, parts.linear);
    this.norm1 = new LayerNorm(dModel, parts.norm);
    this.norm2 = new LayerNorm(dModel, parts.norm);
    this.norm3 = new LayerNorm(dModel, parts.norm);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = parts.activation;
    this.normFirst = parts.normFirst;
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { selfAttn: "self_attn", multiheadAttn: "multihead_attn" };
  }

  forward(tgt: Tensor, memory: Tensor, options: DecoderForwardOptions = option.none): Tensor {
    checkOptions("TransformerDecoderLayer", decoderKinds, options);
    checkTensor("TransformerDecoderLayer", "tgt", tgt);
    checkTensor("TransformerDecoderLayer", "memory", memory);
    const own = {
      attnMask: options.tgtMask,
      keyPaddingMask: options.tgtKeyPaddingMask,
      isCausal: options.tgtIsCausal ?? false,
      needWeights: false,
    };
    const across = {
      attnMask: options.memoryMask,
      keyPaddingMask: options.memoryKeyPaddingMask,
      isCausal: options.memoryIsCausal,
      needWeights: false,
    };
    const parts = [
      [this.norm1, (x: Tensor) => this.dropout1.forward(this.selfAttn.forward(x, x, x, own)[0])],
      [this.norm2, (x: Tensor) => this.dropout2.forward(this.multiheadAttn.forward(x, memory, memory, across)[0])],
      [this.norm3, (x: Tensor) => this.dropout3.forward(feedForward(this, x))],
    ] as const;
    return alone(this, () =>
      parts.reduce(
        (x, [norm, part]) => (this.normFirst ? add(x, part(norm.forward(x))) : norm.forward(add(x, part(x)))),
        tgt,
      ),
    );
  }
}
