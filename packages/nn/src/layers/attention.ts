import {
  ArgumentError,
  type DType,
  empty,
  multiHeadAttentionForward,
  type Tensor,
  transpose,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, scoped, unscoped } from "@flambeau/tensor/plugin";
import { constant_, xavierNormal_, xavierUniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { Linear } from "./linear.ts";

export interface MultiheadAttentionOptions {
  /** Probability with which a weight is dropped, in training (default 0). */
  readonly dropout?: number | undefined;
  /** Whether the projections have learned shifts (default true). */
  readonly bias?: boolean | undefined;
  /** One more key and value, which are learned (default false). */
  readonly addBiasKv?: boolean | undefined;
  /** One more key and value, of zeros (default false). */
  readonly addZeroAttn?: boolean | undefined;
  /** Features of the keys (default `embedDim`). */
  readonly kdim?: number | null | undefined;
  /** Features of the values (default `embedDim`). */
  readonly vdim?: number | null | undefined;
  /** Inputs and outputs are [N, L, features] instead of [L, N, features] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const layerKinds: Kinds<MultiheadAttentionOptions> = {
  dropout: option.number,
  bias: option.boolean,
  addBiasKv: option.boolean,
  addZeroAttn: option.boolean,
  kdim: option.orNull(option.number),
  vdim: option.orNull(option.number),
  batchFirst: option.boolean,
  dtype: option.dtype,
  device: option.string,
};
export interface AttendOptions {
  /** [N, S] (or [S]): keys that nobody attends to where a bool is true; floats are added to the scores. Default: none. */
  readonly keyPaddingMask?: Tensor | null | undefined;
  /** Whether the weights are a result (default true); without them a fused kernel can do the work. */
  readonly needWeights?: boolean | undefined;
  /** [L, S] or [N * numHeads, L, S]: no attention where a bool is true; floats are added to the scores. Default: none. */
  readonly attnMask?: Tensor | null | undefined;
  /** The weights are the mean over the heads (default true), else those of each head. */
  readonly averageAttnWeights?: boolean | undefined;
  /** Says that `attnMask` lets position i attend to positions up to i only, which is then done without looking at it (default false). */
  readonly isCausal?: boolean | undefined;
}
const attendKinds: Kinds<AttendOptions> = {
  keyPaddingMask: option.orNull(option.tensor),
  needWeights: option.boolean,
  attnMask: option.orNull(option.tensor),
  averageAttnWeights: option.boolean,
  isCausal: option.boolean,
};

/** PyTorch's name for the last projection, in what is printed. */
class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention with several heads, each with projections of its own: `head_i = softmax(q_i @ k_i^T / sqrt(E / numHeads) + mask) @ v_i` with
 * `q_i = query @ Wq_i^T`, and so on; the heads side by side are projected by `outProj`. The module of {@link multiHeadAttentionForward}.
 * `forward` gives the result and the weights (null with `needWeights: false`).
 *
 * Masks are PyTorch's: a bool is true where there is **no** attention, unlike in {@link scaledDotProductAttention}.
 *
 * Shapes: `query` [L, N, E], `key` [S, N, kdim], `value` [S, N, vdim] -> [L, N, E] and weights [N, L, S] (or [N, numHeads, L, S]); with
 * `batchFirst` [N, L, E] and so on; or all without N. Parameters: `inProjWeight` [3 E, E] (or `qProjWeight` [E, E], `kProjWeight` [E, kdim]
 * and `vProjWeight` [E, vdim], where those differ from E), drawn by Xavier's rule, `inProjBias` [3 E], zeros, `outProj`, and `biasK` and
 * `biasV` [1, 1, E]. Dtype: that of the parameters, which the inputs have, too.
 *
 * @throws ArgumentError from the constructor when `numHeads` does not divide `embedDim` or `dropout` is no probability; when `isCausal`
 * comes without `attnMask`.
 * @throws ShapeError when inputs or masks do not fit.
 * @throws DTypeError when a mask is neither bool nor of the dtype of `query`, or dtypes differ.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 * @see Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762
 * @example
 * const attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
 * const x = randn([4, 5, 8]);
 * const [y, weights] = attention.forward(x, x, x);
 * y.shape; // [4, 5, 8]
 * weights?.shape; // [4, 5, 5]
 * const padding = tensor([false, false, false, true, true]).expand([4, 5]); // the last two keys are padding
 * attention.forward(x, x, x, { keyPaddingMask: padding })[1]?.at(0, 0, 3).item(); // 0
 */
export class MultiheadAttention extends Module {
  inProjWeight: Parameter | null = null;
  qProjWeight: Parameter | null = null;
  kProjWeight: Parameter | null = null;
  vProjWeight: Parameter | null = null;
  inProjBias: Parameter | null = null;
  biasK: Parameter | null = null;
  biasV: Parameter | null = null;
  outProj: Linear;
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly addZeroAttn: boolean;
  readonly batchFirst: boolean;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    checkOptions("MultiheadAttention", layerKinds, options);
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false } = options;
    const made = { dtype: options.dtype, device: options.device };
    checkInteger("MultiheadAttention", "embedDim", embedDim, 1);
    checkInteger("MultiheadAttention", "numHeads", numHeads, 1);
    if (embedDim % numHeads !== 0)
      throw new ArgumentError("MultiheadAttention", `${numHeads} heads do not divide ${embedDim} features`);
    if (!(dropout >= 0 && dropout <= 1))
      throw new ArgumentError("MultiheadAttention", `dropout must be a probability in [0, 1], got ${dropout}`);
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.kdim = checkInteger("MultiheadAttention", "kdim", options.kdim ?? embedDim, 1);
    this.vdim = checkInteger("MultiheadAttention", "vdim", options.vdim ?? embedDim, 1);
    this.dropout = dropout;
    this.addZeroAttn = addZeroAttn;
    this.batchFirst = batchFirst;
    const parameter = (...shape: number[]) => new Parameter(empty(shape, made));
    if (this.kdim === embedDim && this.vdim === embedDim) this.inProjWeight = parameter(3 * embedDim, embedDim);
    else {
      this.qProjWeight = parameter(embedDim, embedDim);
      this.kProjWeight = parameter(embedDim, this.kdim);
      this.vProjWeight = parameter(embedDim, this.vdim);
    }
    if (bias) this.inProjBias = parameter(3 * embedDim);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, ...made });
    if (addBiasKv) [this.biasK, this.biasV] = [parameter(1, 1, embedDim), parameter(1, 1, embedDim)];
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight) xavierUniform_(weight);
    for (const shift of [this.inProjBias, this.outProj.bias]) if (shift) constant_(shift, 0);
    for (const one of [this.biasK, this.biasV]) if (one) xavierNormal_(one);
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return {
      inProjWeight: "in_proj_weight",
      qProjWeight: "q_proj_weight",
      kProjWeight: "k_proj_weight",
      vProjWeight: "v_proj_weight",
      inProjBias: "in_proj_bias",
      biasK: "bias_k",
      biasV: "bias_v",
      outProj: "out_proj",
    };
  }

  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttendOptions = option.none,
  ): [output: Tensor, weights: Tensor | null] {
    checkOptions("MultiheadAttention", attendKinds, options);
    checkTensor("MultiheadAttention", "query", query);
    checkTensor("MultiheadAttention", "key", key);
    checkTensor("MultiheadAttention", "value", value);
    const run = () => this.attend(query, key, value, options);
    return unscoped() ? scoped(run) : run();
  }
  private attend(query: Tensor, key: Tensor, value: Tensor, options: AttendOptions): [Tensor, Tensor | null] {
    const turned = this.batchFirst && query.ndim === 3;
    const turn = (x: Tensor) => (turned && x.ndim === 3 ? transpose(x, 0, 1) : x);
    // one tensor stays one: its projections are one product
    const q = turn(query);
    const k = key === query ? q : turn(key);
    const v = value === key ? k : value === query ? q : turn(value);
    const [y, weights] = multiHeadAttentionForward(
      q,
      k,
      v,
      this.embedDim,
      this.numHeads,
      this.inProjWeight,
      this.inProjBias,
      this.biasK,
      this.biasV,
      this.addZeroAttn,
      this.dropout,
      this.outProj.weight,
      this.outProj.bias,
      {
        ...options,
        training: this.training,
        useSeparateProjWeight: this.inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
      },
    );
    return [turn(y), weights];
  }
}
