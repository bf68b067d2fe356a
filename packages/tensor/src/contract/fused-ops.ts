import type { Fused, FusedKernel } from "./fused-kernel.ts";
import type { View } from "./view.ts";

// The ops that ask the backend for a fast path before they decompose. Attributes are those of the op: plain data, one interface for
// whoever makes them and for the kernels that read them.

/** One dimension. */
export interface DimAttrs {
  /** Not negative; 0 for a tensor without dimensions. */
  readonly dim: number;
}

/** The geometry of a convolution, one entry per spatial dimension. */
export interface ConvAttrs {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** Shape of the result where it is not the one that follows: a transposed convolution with output padding skips the last windows. */
  readonly out?: readonly number[];
}
/** A convolution's geometry for the gradient of its input or its weight. */
export interface ConvGradientAttrs extends ConvAttrs {
  /** Shape of the gradient. */
  readonly shape: readonly number[];
}

/** The geometry of a pooling window, one entry per spatial dimension. */
export interface PoolAttrs {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** Sizes of the result. */
  readonly out: readonly number[];
}
/** A pooling's geometry for the gradient of its input. */
export interface PoolGradientAttrs extends PoolAttrs {
  /** Shape of the gradient. */
  readonly shape: readonly number[];
}
/** Values laid at positions in planes. */
export interface PositionAttrs {
  /** Shape of the result. */
  readonly shape: readonly number[];
  /** The geometry of the windows whose positions they are, where they are: it tells which of them may coincide. */
  readonly windows?: PoolAttrs;
}

/** The attributes of a normalization. */
export interface NormAttrs {
  /** Added to the variance. */
  readonly eps: number;
  /** Whether there is a factor for each feature, and a summand: an input and a gradient each. */
  readonly weight: boolean;
  readonly bias: boolean;
}
/** The attributes of a normalization of trailing dimensions. */
export interface RowNormAttrs extends NormAttrs {
  /** How many trailing dimensions are normalized. */
  readonly count: number;
}
/** The attributes of a normalization that keeps running statistics. */
export interface TrackingNormAttrs extends NormAttrs {
  /** Weight of the batch in the running statistics: r = (1 - momentum) r + momentum * batch. */
  readonly momentum: number;
}

/** The attributes of attention without a mask. */
export interface AttentionAttrs {
  /** Factor of the scores. */
  readonly scale: number;
  /** Position i attends to positions up to i only. */
  readonly causal: boolean;
}

/** The attributes of one direction of a recurrent layer. */
export interface RecurrentAttrs {
  /** It reads from the end. */
  readonly reverse: boolean;
  /** Whether there are shifts: two inputs [gates * hidden] behind the weights, of the input's share and of the state's. */
  readonly bias: boolean;
  /**
   * Whether the sequences have lengths of their own: the last input, integers [N]. Beyond its end a sequence gives zeros and keeps its state, so
   * that one read from the end begins at its own.
   */
  readonly lengths: boolean;
}
/** Of a gradient: of which inputs it is wanted. Results that are not, but for the states', have no room and are not written. */
export interface Needs {
  readonly needs: readonly boolean[];
}
/** The attributes of a plain recurrent layer. */
export interface RnnAttrs extends RecurrentAttrs {
  /** What the sums go through. */
  readonly nonlinearity: "tanh" | "relu";
}
/** The attributes of long short-term memory. */
export interface LstmAttrs extends RecurrentAttrs {
  /** Whether h is multiplied by a matrix [P, hidden]: an input behind the shifts. */
  readonly projection: boolean;
}

/** The attributes of distances. */
export interface DistanceAttrs {
  /** Which norm of a difference they are. */
  readonly p: number;
}

/** A choice of elements of each line. */
export interface SelectionAttrs extends DimAttrs {
  /** Which, counted from 1, or how many. */
  readonly k: number;
}

/** Numbers drawn in the order of memory: uniforms in [first, second), or normals of the mean `first` and the standard deviation `second`. */
export interface DrawAttrs {
  readonly first: number;
  readonly second: number;
  /**
   * The Mersenne Twister: its 624 words, how many of them are left, and the place of the next one. What it is after the draw takes its place
   * before `run` returns.
   */
  readonly engine: Uint32Array;
}

/** The first elements of each line, sorted. */
export interface TopkAttrs extends SelectionAttrs {
  readonly descending: boolean;
}

/** The attributes of a cross entropy. */
export interface CrossEntropyAttrs {
  /** Targets with this value count for nothing. */
  readonly ignoreIndex: number;
  /** What becomes of the rows' losses; the mean is over those that count. */
  readonly reduction: "mean" | "sum" | "none";
}

/** The numbers of a step of Adam. */
export interface AdamStepAttrs {
  /** 1 at the first. */
  readonly step: number;
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  /** Divide by the largest second moment so far: the state has it, too. */
  readonly amsgrad: boolean;
  readonly maximize: boolean;
  /** Shrink parameters directly instead of adding to the gradient. */
  readonly decoupledWeightDecay: boolean;
}
/** The numbers of a step of gradient descent. */
export interface SgdStepAttrs {
  /** 1 where the momentum buffers are not set yet: they become the gradients. */
  readonly first: number;
  readonly lr: number;
  /** Where it is 0, there are no momentum buffers. */
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  readonly maximize: boolean;
}

/**
 * The fast paths that are asked for, by the name of the op that asks. Who brings an op of their own adds it by declaration merging, and
 * the op's `forward` asks `runFused`.
 */
export interface FusedOps {
  /** exp(x - max) / sum(exp(x - max)) along `dim`. */
  softmax: Fused<readonly [x: View], readonly [y: View], DimAttrs>;
  /** From the gradient and the result. */
  softmaxBackward: Fused<readonly [g: View, y: View], readonly [dx: View], DimAttrs>;
  /** x - max - log(sum(exp(x - max))) along `dim`. */
  logSoftmax: Fused<readonly [x: View], readonly [y: View], DimAttrs>;
  /** From the gradient and the result. */
  logSoftmaxBackward: Fused<readonly [g: View, y: View], readonly [dx: View], DimAttrs>;

  /** The uniforms that PyTorch's CPU generator draws for a tensor like x, which it does not read. */
  rand: Fused<readonly [x: View], readonly [y: View], DrawAttrs>;
  /** The same of normals. */
  randn: Fused<readonly [x: View], readonly [y: View], DrawAttrs>;

  /** The elements in reverse along `dim`. */
  flip: Fused<readonly [x: View], readonly [y: View], DimAttrs>;

  /**
   * Where a mask is true, in row-major order: positions [n], or coordinates [n, dimensions]; there is room for as many as there are. It is asked
   * whether it `supports` a tensor of any dtype, whose mask is made then.
   */
  nonzero: Fused<readonly [mask: View], readonly [positions: View], object>;

  /** Which of equal elements counts as the k-th of a line: from the line sorted, and the positions of what it was made of, its position. */
  kthvalue: Fused<readonly [values: View, order: View], readonly [positions: View], SelectionAttrs>;
  /**
   * Which elements of each line of x are the first k as sorted, where equal ones leave that open, and in which order: their positions. It is asked
   * first with x alone, and when it refuses with the sorted line and what it was made of, too.
   */
  topk: Fused<readonly [x: View, values?: View, order?: View], readonly [positions: View], TopkAttrs>;

  /** The positions of what a stable rising sort puts at a place (int32) of each line. */
  median: Fused<readonly [x: View, places: View], readonly [positions: View], DimAttrs>;

  /** The p-norms of the differences of each row of x [..., P, M] and each column of y [..., M, R]: [..., P, R]. */
  cdist: Fused<readonly [x: View, y: View], readonly [distances: View], DistanceAttrs>;

  /** x weight^T + bias over the last dimension: x [..., in], weight [out, in], bias [out]. */
  linear: Fused<readonly [x: View, weight: View, bias?: View], readonly [y: View], object>;

  /** Cross-correlation of x [N, C, ...] with weight [O, C / groups, ...], plus bias [O]. One spatial dimension comes as two. */
  conv: Fused<readonly [x: View, weight: View, bias?: View], readonly [y: View], ConvAttrs>;
  /** The gradient of `conv`'s x: a transposed convolution. */
  convTranspose: Fused<readonly [g: View, weight: View], readonly [dx: View], ConvGradientAttrs>;
  /** The gradient of `conv`'s weight. */
  convWeightGrad: Fused<readonly [g: View, x: View], readonly [dweight: View], ConvGradientAttrs>;

  /** Maximum of each window of x [N, C, ...], and its int32 position in the plane: the first of equals; a NaN wins. */
  maxPool: Fused<readonly [x: View], readonly [y: View, positions: View], PoolAttrs>;
  /** Lays g at its positions in planes of zeros, adding up what coincides. */
  maxPoolBackward: Fused<readonly [g: View, positions: View], readonly [dx: View], PositionAttrs>;
  /** Sum of each window; the op above divides. */
  sumPool: Fused<readonly [x: View], readonly [y: View], PoolAttrs>;
  /** Adds each window's g to all of its cells. */
  sumPoolBackward: Fused<readonly [g: View], readonly [dx: View], PoolGradientAttrs>;

  /** (x - mean) * rstd * weight + bias over trailing dimensions; mean and rstd = 1 / sqrt(var + eps) are kept for the gradient. */
  layerNorm: Fused<
    readonly [x: View, ...weightAndBias: View[]],
    readonly [y: View, mean: View, rstd: View],
    RowNormAttrs
  >;
  /** All gradients of `layerNorm`. */
  layerNormBackward: Fused<
    readonly [g: View, x: View, mean: View, rstd: View, ...weight: View[]],
    readonly [dx: View, ...dweightAndBias: View[]],
    RowNormAttrs
  >;
  /** x * rstd * weight over trailing dimensions, with rstd = 1 / sqrt(mean(x^2) + eps); there is no bias. */
  rmsNorm: Fused<readonly [x: View, ...weight: View[]], readonly [y: View, rstd: View], RowNormAttrs>;
  /** All gradients of `rmsNorm`. */
  rmsNormBackward: Fused<
    readonly [g: View, x: View, rstd: View, ...weight: View[]],
    readonly [dx: View, ...dweight: View[]],
    RowNormAttrs
  >;
  /** (x - mean) * rstd * weight + bias of each channel of x [N, C, ...], by the statistics of the batch. */
  batchNorm: Fused<readonly [x: View, ...weightAndBias: View[]], readonly [y: View, mean: View, rstd: View], NormAttrs>;
  /**
   * `batchNorm` that also writes inputs 1 and 2 in place: the running mean and the running (unbiased) variance move towards the
   * batch's. They come as they are, never as copies: row-major, or the op is decomposed.
   */
  batchNormTracking: Fused<
    readonly [x: View, runningMean: View, runningVar: View, ...weightAndBias: View[]],
    readonly [y: View, mean: View, rstd: View],
    TrackingNormAttrs
  >;
  /** All gradients of `batchNorm` and `batchNormTracking`. */
  batchNormBackward: Fused<
    readonly [g: View, x: View, mean: View, rstd: View, ...weight: View[]],
    readonly [dx: View, ...dweightAndBias: View[]],
    NormAttrs
  >;

  /** softmax(q k^T * scale) v of q [..., L, E], k [..., S, E], v [..., S, Ev]; each row's log-sum-exp [..., L] is kept for the gradient. */
  scaledDotProductAttention: Fused<
    readonly [q: View, k: View, v: View],
    readonly [y: View, logSums: View],
    AttentionAttrs
  >;
  /** The gradients; asked for where the fast path made the result. */
  attentionBackward: Fused<
    readonly [g: View, q: View, k: View, v: View, y: View, logSums: View],
    readonly [dq: View, dk: View, dv: View],
    AttentionAttrs
  >;
  /** The same with a mask [..., L, S] of any strides: bools that say where to attend, or numbers that are added to the scores; y is 0 where it closes a row. */
  maskedAttention: Fused<
    readonly [q: View, k: View, v: View, mask: View],
    readonly [y: View, logSums: View],
    AttentionAttrs
  >;
  /** The gradients but the mask's; asked for where the fast path made the result. */
  maskedAttentionBackward: Fused<
    readonly [g: View, q: View, k: View, v: View, mask: View, y: View, logSums: View],
    readonly [dq: View, dk: View, dv: View],
    AttentionAttrs
  >;

  /**
   * A plain recurrent layer over x [L, N, I] from the state h [N, H]: the outputs [L, N, H] and the last state. Weights come as
   * PyTorch keeps them, [gates * H, I] and [gates * H, H].
   */
  rnnLayer: Fused<
    readonly [x: View, h: View, weightIh: View, weightHh: View, ...biasesAndLengths: View[]],
    readonly [output: View, last: View],
    RnnAttrs
  >;
  /** The gradients of all inputs but the lengths, from those of the results. */
  rnnLayerBackward: Fused<
    readonly [g: View, gLast: View, ...inputsAndOutput: View[]],
    readonly [dx: View, dh: View, dweightIh: View, dweightHh: View, ...dbiases: View[]],
    RnnAttrs & Needs
  >;
  /**
   * Long short-term memory over x [L, N, I] from the states h [N, P] and c [N, H]: the outputs [L, N, P] and the last states. For the gradient are
   * kept the gates i, f, g, o before their sigmoids and tanh [L, N, 4 H], and c after each step [L, N, H].
   */
  lstmLayer: Fused<
    readonly [x: View, h: View, c: View, weightIh: View, weightHh: View, ...biasesProjectionLengths: View[]],
    readonly [output: View, lastH: View, lastC: View, gates: View, cells: View],
    LstmAttrs
  >;
  /** The gradients of all inputs but the lengths, from those of the output and the last states, and what was kept. */
  lstmLayerBackward: Fused<
    readonly [g: View, gH: View, gC: View, ...inputsOutputGatesCells: View[]],
    readonly [dx: View, dh: View, dc: View, dweightIh: View, dweightHh: View, ...dbiasesAndProjection: View[]],
    LstmAttrs & Needs
  >;
  /**
   * Gated recurrent units over x [L, N, I] from the state h [N, H]: the outputs [L, N, H] and the last state. For the gradient are kept the
   * sums of the gates r and z and the input's share of n [L, N, 3 H], and the state's share of n [L, N, H].
   */
  gruLayer: Fused<
    readonly [x: View, h: View, weightIh: View, weightHh: View, ...biasesAndLengths: View[]],
    readonly [output: View, last: View, gates: View, shares: View],
    RecurrentAttrs
  >;
  /** The gradients of all inputs but the lengths, from those of the results, and what was kept. */
  gruLayerBackward: Fused<
    readonly [g: View, gLast: View, ...inputsOutputGatesShares: View[]],
    readonly [dx: View, dh: View, dweightIh: View, dweightHh: View, ...dbiases: View[]],
    RecurrentAttrs & Needs
  >;

  /**
   * Cross entropy of logits x [N, C] and integer targets [N], which nobody has checked: the kernel reports those out of range. What it
   * keeps for the gradient, of size 2 N + 1, is its own business.
   */
  crossEntropy: Fused<readonly [x: View, target: View], readonly [loss: View, kept: View], CrossEntropyAttrs>;
  /** The gradient of the logits; asked for where the fast path made the loss. */
  crossEntropyBackward: Fused<
    readonly [g: View, x: View, target: View, kept: View],
    readonly [dx: View],
    CrossEntropyAttrs
  >;

  /**
   * A step of Adam of several parameters in one call, in place: written are p, m, v and, with `amsgrad`, the maximum of v, parameter by
   * parameter. It is asked whether it `supports` one parameter at a time: the gradient, then what is written.
   */
  adamStep: Fused<readonly [...grads: View[]], readonly [...written: View[]], AdamStepAttrs>;
  /** The same of gradient descent: written are p and, with `momentum`, its buffer. */
  sgdStep: Fused<readonly [...grads: View[]], readonly [...written: View[]], SgdStepAttrs>;
}

/** A backend's fast paths, all or some of them. */
export type FusedKernels<K extends keyof FusedOps = keyof FusedOps> = {
  readonly [N in K]?: FusedKernel<FusedOps[N]>;
};
