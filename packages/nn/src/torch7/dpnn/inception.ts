import { ArgumentError, cat, ShapeError, squeeze, type Tensor, unsqueeze } from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
  warnOnce,
} from "@flambeau/tensor/plugin";
import { ReLU } from "../../layers/activation.ts";
import { Conv2d } from "../../layers/conv.ts";
import { BatchNorm2d } from "../../layers/norm.ts";
import { MaxPool2d } from "../../layers/pooling.ts";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { DepthConcat } from "../concat.ts";
import { Sequential } from "../container.ts";
import { checkModule } from "../table.ts";

export interface InceptionConfig {
  /** Number of input channels. */
  readonly inputSize: number;
  /** Filters of each larger convolution: [32, 48], say. */
  readonly outputSize: readonly number[];
  /** Filters of the 1x1 convolution of each column: two more than `outputSize`, for the pooled column and for the one of a 1x1 convolution alone. Without the last one there is no such column, without the last two the pooled one has no convolution. */
  readonly reduceSize: readonly number[];
  /** Strides of the 1x1 convolutions (default 1 each). */
  readonly reduceStride?: readonly number[] | undefined;
  /** What follows each convolution, copied for each (default `nn.ReLU`). */
  readonly transfer?: Module | undefined;
  /** Whether each convolution is batch-normalized (default false). */
  readonly batchNorm?: boolean | undefined;
  /** Whether larger convolutions keep height and width by padding (default true). */
  readonly padding?: boolean | undefined;
  /** Sizes of the larger kernels (default [5, 3]). */
  readonly kernelSize?: readonly number[] | undefined;
  /** Their strides (default 1 each). */
  readonly kernelStride?: readonly number[] | undefined;
  /** Size of the pooled windows (default 3). */
  readonly poolSize?: number | undefined;
  /** Their stride (default 1). */
  readonly poolStride?: number | undefined;
  /** The pooling itself (default: the largest of each window). */
  readonly pool?: Module | undefined;
}
const numbers = option.listOf(option.number);
const configKinds: Kinds<InceptionConfig> = {
  inputSize: option.number,
  outputSize: numbers,
  reduceSize: numbers,
  reduceStride: numbers,
  transfer: option.object,
  batchNorm: option.boolean,
  padding: option.boolean,
  kernelSize: numbers,
  kernelStride: numbers,
  poolSize: option.number,
  poolStride: option.number,
  pool: option.object,
};

/**
 * The module of GoogLeNet: n + 2 columns side by side, `y = depthConcat(columns(x))` along the channels. The first n are a 1x1 convolution (reduce) and one of
 * a larger kernel, then come pooling with a 1x1 convolution, and a 1x1 convolution alone. A transfer function follows each convolution.
 *
 * Columns of smaller results stand in the middle of the largest, with zeros around: pooling has no padding, so that its column is by `poolSize - 1` smaller.
 *
 * Shape: [N, inputSize, H, W] or [inputSize, H, W] -> [N, sum of the columns' filters, H', W'] or without N, H' = H and W' = W with padding and strides of 1.
 *
 * @throws ArgumentError when a size is no positive integer, or the lists do not fit one another; ShapeError when `x` is no image of `inputSize` channels.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.Inception
 * @see Szegedy et al., "Going Deeper with Convolutions", 2014, https://arxiv.org/abs/1409.4842
 * @example
 * const module = new Inception({ inputSize: 3, outputSize: [4, 5], reduceSize: [2, 2, 3, 6] });
 * module.forward(randn([2, 3, 8, 8])).shape; // [2, 18, 8, 8]
 */
export class Inception extends Module {
  readonly module: DepthConcat;
  readonly inputSize: number;
  constructor(config: InceptionConfig) {
    super();
    checkOptions("Inception", configKinds, config);
    const { inputSize, outputSize, reduceSize, kernelSize = [5, 3], kernelStride = [], reduceStride = [] } = config;
    const { transfer = new ReLU(), batchNorm = false, padding = true, poolSize = 3, poolStride = 1 } = config;
    const { pool = new MaxPool2d(poolSize, { stride: poolStride }) } = config;
    this.inputSize = checkInteger("Inception", "inputSize", inputSize, 1);
    checkModule("Inception", "transfer", transfer);
    checkModule("Inception", "pool", pool);
    const n = kernelSize.length;
    for (const [name, list] of Object.entries({ outputSize, reduceSize, kernelSize, kernelStride, reduceStride }))
      for (const each of list ?? []) checkInteger("Inception", `each of ${name}`, each, 1);
    if (outputSize?.length !== n || !(reduceSize?.length >= n && reduceSize.length <= n + 2))
      throw new ArgumentError(
        "Inception",
        `for ${n} kernels outputSize has ${n} numbers and reduceSize ${n} to ${n + 2}, got ${showShape(outputSize ?? [])} and ${showShape(reduceSize ?? [])}`,
      );
    /** A convolution and what follows it. */
    const block = (from: number, to: number, size: number, stride: number, pad: number): Module[] => [
      new Conv2d(from, to, size, { stride, padding: pad }),
      ...(batchNorm ? [new BatchNorm2d(to)] : []),
      transfer.clone(),
    ];
    const reduce = (i: number): Module[] =>
      i < reduceSize.length ? block(inputSize, reduceSize[i], 1, reduceStride[i] ?? 1, 0) : [];
    const columns = kernelSize.map((size, i) => {
      const pad = padding ? Math.floor(size / 2) : 0;
      return [...reduce(i), ...block(reduceSize[i], outputSize[i], size, kernelStride[i] ?? 1, pad)];
    });
    columns.push([pool, ...reduce(n)]);
    if (reduceSize.length > n + 1) columns.push(reduce(n + 1));
    this.module = new DepthConcat(1, ...columns.map((modules) => new Sequential(...modules)));
  }
  forward(x: Tensor): Tensor {
    checkTensor("Inception", "x", x);
    if ((x.ndim !== 3 && x.ndim !== 4) || x.shape[x.ndim - 3] !== this.inputSize)
      throw new ShapeError(
        "Inception",
        `takes [N, ${this.inputSize}, H, W] or [${this.inputSize}, H, W], got ${showShape(x.shape)}`,
        [x.shape],
      );
    return x.ndim === 4 ? this.module.forward(x) : squeeze(this.module.forward(unsqueeze(x, 0)), 0);
  }
}

/**
 * The module of SqueezeNet: a 1x1 convolution (squeeze), and of its result a 1x1 and a 3x3 convolution side by side (expand),
 * `y = f(cat([e1(s), e3(s)]))` with `s = f(squeeze(x))`, along the channels. `activation` is f, `nn.ReLU` unless it is given.
 *
 * Shape: [N, nInputPlane, H, W] -> [N, e1x1 + e3x3, H, W]; likewise without N. Parameters: weights and biases of `squeeze`, `expand1` and `expand3`.
 *
 * @throws ArgumentError when a size is no positive integer or `activation` no module; ShapeError when `x` has other channels.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.FireModule
 * @see Iandola et al., "SqueezeNet", 2016, https://arxiv.org/abs/1602.07360
 * @example
 * new FireModule(3, 2, 4, 5).forward(randn([2, 3, 8, 8])).shape; // [2, 9, 8, 8]
 */
export class FireModule extends Module {
  readonly squeeze: Conv2d;
  readonly expand1: Conv2d;
  readonly expand3: Conv2d;
  readonly activation: Module;
  private readonly last: Module;
  constructor(nInputPlane: number, s1x1: number, e1x1: number, e3x3: number, activation: Module = new ReLU()) {
    super();
    for (const [name, value] of Object.entries({ nInputPlane, s1x1, e1x1, e3x3 }))
      checkInteger("FireModule", name, value, 1);
    checkModule("FireModule", "activation", activation);
    if (s1x1 > e1x1 + e3x3)
      warnOnce(
        "FireModule",
        `Flambeau: FireModule: s1x1 should be smaller than e1x1 + e3x3, got ${s1x1} and ${e1x1} + ${e3x3}`,
      );
    this.squeeze = new Conv2d(nInputPlane, s1x1, 1);
    this.expand1 = new Conv2d(s1x1, e1x1, 1);
    this.expand3 = new Conv2d(s1x1, e3x3, 3, { padding: 1 });
    this.activation = activation;
    this.last = activation.clone();
  }
  forward(x: Tensor): Tensor {
    checkTensor("FireModule", "x", x);
    const s: Tensor = this.activation.forward(this.squeeze.forward(x));
    return this.last.forward(cat([this.expand1.forward(s), this.expand3.forward(s)], x.ndim - 3));
  }
  override extraRepr(): string {
    return shown({
      squeeze: this.squeeze.weight.shape[0],
      expand: [this.expand1.weight.shape[0], this.expand3.weight.shape[0]],
    });
  }
}
