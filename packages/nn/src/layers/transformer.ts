import { ArgumentError, type DType, full, ShapeError, type Tensor, triu } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, show, showShape } from "@flambeau/tensor/plugin";
import { alone } from "../alone.ts";
import { type Layer, ModuleList } from "../containers.ts";
import { deepCopy } from "../copy.ts";
import { xavierUniform_ } from "../init.ts";
import { isModule, Module } from "../module.ts";
import { LayerNorm } from "./norm.ts";
import {
  type DecoderForwardOptions,
  decoderKinds,
  type EncoderLayerForwardOptions,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
  transformerLayerKinds,
} from "./transformer-layers.ts";

/** What a {@link TransformerEncoder} is made of: a module that is called as a {@link TransformerEncoderLayer} is. */
export type EncoderLayer = Module & { forward(src: Tensor, options: EncoderLayerForwardOptions): Tensor };
/** What a {@link TransformerDecoder} is made of: a module that is called as a {@link TransformerDecoderLayer} is. */
export type DecoderLayer = Module & {
  forward(tgt: Tensor, memory: Tensor, options: DecoderForwardOptions): Tensor;
};

/** Copies of a layer, which start with its values and share nothing. */
function copies<L extends Module>(name: string, layer: L, count: number): ModuleList<L> {
  if (!isModule(layer)) throw new ArgumentError(name, `the layer must be a module, got ${show(layer)}`);
  checkInteger(name, "numLayers", count, 0);
  return new ModuleList(Array.from({ length: count }, () => deepCopy(layer)));
}
function checkNorm(name: string, norm: Layer | null | undefined): Layer | null {
  if (norm !== null && norm !== undefined && !isModule(norm))
    throw new ArgumentError(name, `norm must be a module or null, got ${show(norm)}`, "write new nn.LayerNorm(dModel)");
  return norm ?? null;
}

export interface EncoderForwardOptions {
  /** As `attnMask` of {@link MultiheadAttention}: [L, L] or [N * nhead, L, L]. Default: none. */
  readonly mask?: Tensor | null | undefined;
  /** As `keyPaddingMask` there: [N, L]. Default: none. */
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  /** Says that `mask` is causal (default false). */
  readonly isCausal?: boolean | null | undefined;
}
const encoderKinds: Kinds<EncoderForwardOptions> = {
  mask: option.orNull(option.tensor),
  srcKeyPaddingMask: option.orNull(option.tensor),
  isCausal: option.orNull(option.boolean),
};

/**
 * Layers of a Transformer's encoder, one after the other: `y = norm(layers[n - 1](... layers[0](src)))`. The layers are copies of
 * `encoderLayer`: they start with equal values and share nothing. Without `norm` the last layer's result is the result.
 *
 * Copies are made field by field; a layer of your own must not have fields written `#name`, which nobody else can read.
 *
 * Shape: that of `src`, as the layer takes it. Dtype: that of `src`.
 *
 * @throws ArgumentError from the constructor when layer or norm is no module, or `numLayers` no non-negative integer.
 * @throws ShapeError when `src` or a mask does not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 * @example
 * const layer = new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, batchFirst: true });
 * const encoder = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(16));
 * const padding = tensor([[false, false, true]]);
 * encoder.forward(randn([1, 3, 16]), { srcKeyPaddingMask: padding }).shape; // [1, 3, 16]
 */
export class TransformerEncoder<L extends EncoderLayer = EncoderLayer> extends Module {
  layers: ModuleList<L>;
  norm: Layer | null;
  constructor(encoderLayer: L, numLayers: number, norm?: Layer | null) {
    super();
    this.layers = copies("TransformerEncoder", encoderLayer, numLayers);
    this.norm = checkNorm("TransformerEncoder", norm);
  }
  /** How many layers there are. */
  get numLayers(): number {
    return this.layers.length;
  }
  forward(src: Tensor, options: EncoderForwardOptions = option.none): Tensor {
    checkOptions("TransformerEncoder", encoderKinds, options);
    checkTensor("TransformerEncoder", "src", src);
    const { mask: srcMask, srcKeyPaddingMask, isCausal } = options;
    const run = () => {
      let x = src;
      for (const layer of this.layers) x = layer.forward(x, { srcMask, srcKeyPaddingMask, isCausal });
      return this.norm ? this.norm.forward(x) : x;
    };
    return isOurs(this) ? alone(this, run) : run();
  }
}

/**
 * Layers of a Transformer's decoder, one after the other: `y = norm(layers[n - 1](... layers[0](tgt, memory), memory))`. The layers are
 * copies of `decoderLayer`, as in {@link TransformerEncoder}.
 *
 * Shapes: `tgt` and `memory` as the layer takes them -> that of `tgt`. Dtype: that of `tgt`.
 *
 * @throws ArgumentError from the constructor when layer or norm is no module, or `numLayers` no non-negative integer.
 * @throws ShapeError when `tgt`, `memory` or a mask does not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 * @example
 * const layer = new nn.TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * const decoder = new nn.TransformerDecoder(layer, 2);
 * const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
 * decoder.forward(randn([3, 1, 16]), randn([5, 1, 16]), { tgtMask, tgtIsCausal: true }).shape; // [3, 1, 16]
 */
export class TransformerDecoder<L extends DecoderLayer = DecoderLayer> extends Module {
  layers: ModuleList<L>;
  norm: Layer | null;
  constructor(decoderLayer: L, numLayers: number, norm?: Layer | null) {
    super();
    this.layers = copies("TransformerDecoder", decoderLayer, numLayers);
    this.norm = checkNorm("TransformerDecoder", norm);
  }
  /** How many layers there are. */
  get numLayers(): number {
    return this.layers.length;
  }
  forward(tgt: Tensor, memory: Tensor, options: DecoderForwardOptions = option.none): Tensor {
    checkOptions("TransformerDecoder", decoderKinds, options);
    checkTensor("TransformerDecoder", "tgt", tgt);
    checkTensor("TransformerDecoder", "memory", memory);
    const run = () => {
      let x = tgt;
      for (const layer of this.layers) x = layer.forward(x, memory, options);
      return this.norm ? this.norm.forward(x) : x;
    };
    return isOurs(this) ? alone(this, run) : run();
  }
}

const ours: readonly unknown[] = [TransformerEncoderLayer, TransformerDecoderLayer, LayerNorm];
/** Whether nothing but layers of this library is in a stack: others may keep what they are given. */
const isOurs = ({ layers, norm }: { readonly layers: Iterable<Module>; readonly norm: Layer | null }): boolean =>
  [...layers, ...(norm ? [norm] : [])].every((m) => ours.includes(m.constructor));
/** Whether a module is a stack of such layers. */
const isStack = (m: Module): boolean =>
  (m.constructor === TransformerEncoder || m.constructor === TransformerDecoder) &&
  isOurs(m as TransformerEncoder | TransformerDecoder); // as just asked

export interface TransformerOptions extends TransformerLayerOptions {
  /** Layers of the encoder (default 6). */
  readonly numEncoderLayers?: number | undefined;
  /** Layers of the decoder (default 6). */
  readonly numDecoderLayers?: number | undefined;
  /** An encoder in the place of the one that is made: called as {@link TransformerEncoder} is. Default: none. */
  readonly customEncoder?: Encoder | null | undefined;
  /** A decoder in the place of the one that is made: called as {@link TransformerDecoder} is. Default: none. */
  readonly customDecoder?: Decoder | null | undefined;
}
type Encoder = Module & { forward(src: Tensor, options: EncoderForwardOptions): Tensor };
type Decoder = Module & { forward(tgt: Tensor, memory: Tensor, options: DecoderForwardOptions): Tensor };
const moduleKind = option.orNull<Module>({ means: "a module", takes: isModule });
const transformerKinds: Kinds<TransformerOptions> = {
  numEncoderLayers: option.number,
  numDecoderLayers: option.number,
  ...transformerLayerKinds,
  customEncoder: moduleKind,
  customDecoder: moduleKind,
};
export interface TransformerForwardOptions extends DecoderForwardOptions {
  /** As `attnMask` of {@link MultiheadAttention}: [S, S] or [N * nhead, S, S]. Default: none. */
  readonly srcMask?: Tensor | null | undefined;
  /** As `keyPaddingMask` there: [N, S]. Default: none. */
  readonly srcKeyPaddingMask?: Tensor | null | undefined;
  /** Says that `srcMask` is causal (default false). */
  readonly srcIsCausal?: boolean | null | undefined;
}
const forwardKinds: Kinds<TransformerForwardOptions> = {
  srcMask: option.orNull(option.tensor),
  ...decoderKinds,
  srcKeyPaddingMask: option.orNull(option.tensor),
  srcIsCausal: option.orNull(option.boolean),
};
export interface SubsequentMaskOptions {
  /** Default: the default dtype. */
  readonly dtype?: DType | undefined;
  /** Default: the default device. */
  readonly device?: string | undefined;
}

/**
 * The Transformer: an encoder's result is the memory of a decoder, `y = decoder(tgt, encoder(src))`, each with a norm at its end.
 *
 * Shapes: `src` [S, N, dModel] and `tgt` [T, N, dModel] -> [T, N, dModel]; with `batchFirst` [N, S, dModel] and so on; or both without N.
 * Parameters: those of `encoder` ({@link TransformerEncoder}) and `decoder` ({@link TransformerDecoder}); all with more than one dimension
 * are drawn by Xavier's rule, custom ones, too. Dtype: that of the parameters, which the inputs have, too.
 *
 * @throws ArgumentError from the constructor when `nhead` does not divide `dModel`; when a hint comes without its mask.
 * @throws ShapeError when `src`, `tgt` or a mask does not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * const model = new nn.Transformer(16, 4, { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 32 });
 * const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
 * tgtMask.tolist(); // [[0, -Infinity, -Infinity], [0, 0, -Infinity], [0, 0, 0]]
 * model.forward(randn([5, 2, 16]), randn([3, 2, 16]), { tgtMask, tgtIsCausal: true }).shape; // [3, 2, 16]
 */
export class Transformer extends Module {
  encoder: Encoder;
  decoder: Decoder;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;
  constructor(dModel = 512, nhead = 8, options: TransformerOptions = {}) {
    super();
    checkOptions("Transformer", transformerKinds, options);
    const { numEncoderLayers = 6, numDecoderLayers = 6, customEncoder, customDecoder, ...layer } = options;
    const { bias, dtype, device } = layer;
    const norm = () => new LayerNorm(dModel, { eps: layer.layerNormEps, bias, dtype, device });
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, norm());
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, norm());
    for (const p of this.parameters()) if (p.ndim > 1) xavierUniform_(p);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = layer.batchFirst ?? false;
  }

  forward(src: Tensor, tgt: Tensor, options: TransformerForwardOptions = option.none): Tensor {
    checkOptions("Transformer", forwardKinds, options);
    checkTensor("Transformer", "src", src);
    checkTensor("Transformer", "tgt", tgt);
    const { srcMask: mask, srcKeyPaddingMask, srcIsCausal: isCausal, ...rest } = options;
    const n = this.batchFirst ? 0 : 1;
    const [s, t] = [src.shape, tgt.shape];
    if (src.ndim !== tgt.ndim || (src.ndim === 3 && s[n] !== t[n]))
      throw new ShapeError("Transformer", `src ${showShape(s)} and tgt ${showShape(t)} differ in their batches`, [
        s,
        t,
      ]);
    if (s[src.ndim - 1] !== this.dModel || t[tgt.ndim - 1] !== this.dModel)
      throw new ShapeError(
        "Transformer",
        `src and tgt must have ${this.dModel} features, got ${showShape(s)} and ${showShape(t)}`,
        [s, t],
      );
    const run = () => {
      const memory = this.encoder.forward(src, { mask, srcKeyPaddingMask, isCausal });
      return this.decoder.forward(tgt, memory, rest);
    };
    return isStack(this.encoder) && isStack(this.decoder) ? alone(this, run) : run();
  }

  /**
   * The mask that keeps each position from those after it: [size, size], `-Infinity` above the diagonal and 0 elsewhere.
   *
   * @throws ArgumentError when `size` is no non-negative integer; DTypeError when `dtype` holds no infinity.
   */
  static generateSquareSubsequentMask(size: number, options: SubsequentMaskOptions = option.none): Tensor {
    checkOptions("generateSquareSubsequentMask", maskKinds, options);
    checkInteger("generateSquareSubsequentMask", "size", size, 0);
    return triu(full([size, size], -Infinity, options), 1);
  }
}
const maskKinds: Kinds<SubsequentMaskOptions> = { dtype: option.dtype, device: option.string };
