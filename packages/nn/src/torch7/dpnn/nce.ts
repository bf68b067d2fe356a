import {
  ArgumentError,
  add,
  cat,
  clone,
  copy_,
  type DType,
  detach,
  div,
  empty,
  exp,
  expand,
  fill_,
  full,
  gt,
  indexSelect,
  linear,
  log,
  logSoftmax,
  matmul,
  mean,
  mul,
  multinomial,
  narrow,
  neg,
  noGrad,
  reshape,
  ShapeError,
  select,
  softmax,
  squeeze,
  sum,
  type Tensor,
  to,
  t as transposed,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { uniform_ } from "../../init.ts";
import { Module } from "../../module.ts";
import { Buffer, Parameter } from "../../parameter.ts";
import { shown } from "../../repr.ts";
import { type SizeAverageOptions, sizeAverageKinds } from "../criterions/criterion.ts";
import { checkTensorList, whole } from "../table.ts";

export interface NCEModuleOptions {
  /** What scores are divided by to be probabilities (default: what it is in the first batch, by the noise of which it is estimated). */
  readonly z?: number | undefined;
  /** Whether all examples of a batch have the same noise, which is faster (default true). */
  readonly batchNoise?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<NCEModuleOptions> = {
  z: option.number,
  batchNoise: option.boolean,
  dtype: option.dtype,
  device: option.string,
};
/** Probabilities that the model and the noise give to the targets and to the noise: `[Pmt, Pms, Pnt, Pns]`. */
export type NCEOutput = [Pmt: Tensor, Pms: Tensor, Pnt: Tensor, Pns: Tensor];

/**
 * The last layer of a model of many classes, by noise-contrastive estimation: with `p(c) = exp(weight[c] . x + bias[c]) / Z` it gives the probabilities of the
 * target and of `k` classes that are drawn from `unigrams`, under the model and under the noise, for {@link NCECriterion}. So a training step computes k + 1
 * scores of each example, or k + N of a batch, instead of `outputSize`.
 *
 * In evaluation with `normalized = true` it gives all probabilities, `softmax(weight x + bias)`, or their logarithms with `logsoftmax = true`.
 *
 * Torch7's documentation says `Z = exp(9)` where its code, as here, estimates Z in the first batch unless it is given: `mean(exp(scores of the noise)) *
 * outputSize`. The biases start at `-ln(outputSize)`, for which Z is about 1.
 *
 * Shapes: `[x, target]` of [N, inputSize] and integer classes [N]; a list of [N], [N, k], [N] and [N, k], or normalized [N, outputSize]. Parameters: `weight`
 * [outputSize, inputSize], uniform in `+-1 / sqrt(inputSize)`, and `bias` [outputSize]; buffers: `unigrams` [outputSize] and `Z`.
 *
 * @throws ArgumentError from the constructor when a size or `k` is no positive integer; ShapeError when `unigrams`, x or the targets do not fit; IndexError for
 * a class that there is not.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.NCEModule
 * @see Chen et al., "Recurrent Neural Network Language Model Training with Noise Contrastive Estimation for Speech Recognition", 2015
 * @example
 * const layer = new NCEModule(8, 1000, 25, ones([1000]));
 * const target = tensor([3, 999], { dtype: "int32" });
 * layer.forward([randn([2, 8]), target]).map((p) => p.shape); // [[2], [2, 25], [2], [2, 25]]
 * layer.eval().normalized = true;
 * layer.forward<Tensor>([randn([2, 8]), target]).shape; // [2, 1000]
 */
export class NCEModule extends Module {
  weight: Parameter;
  bias: Parameter;
  unigrams: Buffer;
  Z: Buffer;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly k: number;
  batchNoise: boolean;
  /** Whether evaluation gives the probabilities of all classes. */
  normalized = false;
  /** Whether these are logarithms. */
  logsoftmax = false;
  constructor(inputSize: number, outputSize: number, k: number, unigrams: Tensor, options: NCEModuleOptions = {}) {
    super();
    checkOptions("NCEModule", kinds, options);
    this.inputSize = checkInteger("NCEModule", "inputSize", inputSize, 1);
    this.outputSize = checkInteger("NCEModule", "outputSize", outputSize, 1);
    this.k = checkInteger("NCEModule", "k", k, 1);
    checkTensor("NCEModule", "unigrams", unigrams);
    if (unigrams.ndim !== 1 || unigrams.size !== outputSize)
      throw new ShapeError("NCEModule", `unigrams is [${outputSize}], got ${showShape(unigrams.shape)}`, [
        unigrams.shape,
      ]);
    const { z, batchNoise = true, dtype, device } = options;
    if (z !== undefined && !(checkNumber("NCEModule", "z", z) > 0))
      throw new ArgumentError("NCEModule", `z must be positive, got ${z}`);
    this.batchNoise = batchNoise;
    this.weight = new Parameter(empty([outputSize, inputSize], { dtype, device }));
    this.bias = new Parameter(empty([outputSize], { dtype, device }));
    const bound = 1 / Math.sqrt(inputSize);
    uniform_(this.weight, -bound, bound);
    noGrad(() => fill_(this.bias, -Math.log(outputSize)));
    this.unigrams = new Buffer(
      noGrad(() =>
        whole(() => to(div(unigrams, sum(unigrams)), { dtype: this.weight.dtype, device: this.weight.device })),
      ),
    );
    this.Z = new Buffer(full([], z ?? -1, { dtype, device }));
  }
  forward(input: readonly Tensor[]): NCEOutput;
  /** In evaluation with `normalized`: `forward<Tensor>`. */
  forward<Y extends Tensor>(input: readonly Tensor[]): Y;
  forward(input: readonly Tensor[]): NCEOutput | Tensor {
    checkTensorList("NCEModule", input, 2);
    const [x, target] = input;
    if (x.ndim !== 2 || x.shape[1] !== this.inputSize || target.ndim !== 1 || target.size !== x.shape[0])
      throw new ShapeError(
        "NCEModule",
        `takes [N, ${this.inputSize}] and classes [N], got ${showShape(x.shape)} and ${showShape(target.shape)}`,
        [x.shape, target.shape],
      );
    return whole(() => {
      if (!this.training && this.normalized) {
        const scores = linear(x, this.weight, this.bias);
        return this.logsoftmax ? logSoftmax(scores, -1) : softmax(scores, -1);
      }
      return this.batchNoise ? this.shared(x, target) : this.apart(x, target);
    });
  }
  private noise(count: number, like: Tensor): Tensor {
    const drawn = multinomial(this.unigrams, count, { replacement: true });
    return to(drawn, like.dtype);
  }
  /** Scores as probabilities, by Z. */
  private probabilities(targets: Tensor, noise: Tensor): [Tensor, Tensor] {
    const [pmt, pms] = [exp(targets), exp(noise)];
    const z = noGrad(() => {
      const estimate = mul(mean(detach(pms)), this.outputSize);
      return clone(copy_(this.Z, where(gt(this.Z, 0), this.Z, estimate))); // which the next step may write again
    });
    return [div(pmt, z), div(pms, z)];
  }
  /** With the same noise for all examples. */
  private shared(x: Tensor, target: Tensor): NCEOutput {
    const { k } = this;
    const n = target.size;
    const classes = cat([this.noise(k, target), target], 0);
    const [weight, bias] = [indexSelect(this.weight, 0, classes), indexSelect(this.bias, 0, classes)];
    const ofTargets = add(sum(mul(x, narrow(weight, 0, k, n)), 1), narrow(bias, 0, k, n));
    const ofNoise = add(matmul(x, transposed(narrow(weight, 0, 0, k))), narrow(bias, 0, 0, k));
    const [pmt, pms] = this.probabilities(ofTargets, ofNoise);
    const pn = indexSelect(this.unigrams, 0, classes);
    return [pmt, pms, narrow(pn, 0, k, n), expand(unsqueeze(narrow(pn, 0, 0, k), 0), [n, k])];
  }
  /** With noise of its own for each example. */
  private apart(x: Tensor, target: Tensor): NCEOutput {
    const { k, inputSize } = this;
    const n = target.size;
    const classes = cat([unsqueeze(target, 1), reshape(this.noise(n * k, target), [n, k])], 1);
    const flat = reshape(classes, [-1]);
    const weight = reshape(indexSelect(this.weight, 0, flat), [n, k + 1, inputSize]);
    const bias = reshape(indexSelect(this.bias, 0, flat), [n, k + 1]);
    const scores = add(squeeze(matmul(weight, unsqueeze(x, 2)), 2), bias);
    const [pmt, pms] = this.probabilities(select(scores, 1, 0), narrow(scores, 1, 1, k));
    const pn = reshape(indexSelect(this.unigrams, 0, flat), [n, k + 1]);
    return [pmt, pms, select(pn, 1, 0), narrow(pn, 1, 1, k)];
  }
  override extraRepr(): string {
    return shown({ inputSize: this.inputSize, outputSize: this.outputSize, k: this.k });
  }
}

const eps = 1e-7;
/**
 * The loss of {@link NCEModule}: how well targets are told from noise, `loss = -mean_n(ln(Pmt / (Pmt + k Pnt)) + sum_k ln(k Pns / (Pms + k Pns)))`.
 *
 * Shapes: the list `[Pmt, Pms, Pnt, Pns]` of [N], [N, k], [N] and [N, k]; a 0-d tensor. A target may be given, as to any criterion, and is not looked at.
 *
 * @throws ArgumentError for anything but a list of four tensors; ShapeError when they do not fit.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.NCECriterion
 * @see Mnih and Teh, "A fast and simple algorithm for training neural probabilistic language models", 2012
 * @example
 * const [p, q] = [tensor([0.5]), tensor([[0.5]])];
 * new NCECriterion().forward([p, q, p, q]).item().toFixed(4); // "1.3863", 2 ln 2
 */
export class NCECriterion extends Module {
  readonly sizeAverage: boolean;
  constructor(options: SizeAverageOptions = {}) {
    super();
    checkOptions("NCECriterion", sizeAverageKinds, options);
    this.sizeAverage = options.sizeAverage ?? true;
  }
  forward(input: readonly Tensor[], _target?: Tensor): Tensor {
    checkTensorList("NCECriterion", input, 4);
    const [pmt, pms, pnt, pns] = input;
    const fits = (x: Tensor, like: Tensor, ndim: number): boolean =>
      x.ndim === ndim && showShape(x.shape) === showShape(like.shape);
    if (!fits(pmt, pnt, 1) || !fits(pms, pns, 2) || pms.shape[0] !== pmt.shape[0])
      throw new ShapeError(
        "NCECriterion",
        `takes [N], [N, k], [N] and [N, k], got ${input.map((p) => showShape(p.shape)).join(", ")}`,
        input.map((p) => p.shape),
      );
    return whole(() => {
      const k = pms.shape[1];
      const model = div(pmt, add(add(pmt, mul(pnt, k)), eps));
      const noise = div(mul(pns, k), add(add(pms, mul(pns, k)), eps));
      const loss = neg(add(sum(log(model)), sum(log(noise))));
      return this.sizeAverage ? div(loss, pmt.size) : loss;
    });
  }
}
