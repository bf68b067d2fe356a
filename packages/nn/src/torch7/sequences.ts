import { cat, neg, relu, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkTensor } from "@flambeau/tensor/plugin";
import { Linear } from "../layers/linear.ts";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { Sequential } from "./container.ts";
import { Max } from "./reductions.ts";
import { checkModule, type Table, whole } from "./table.ts";
import { View } from "./views.ts";

/**
 * Largest of several linear layers: `y[j] = max_k (x @ weight^T + bias)[k * outputSize + j]`, k below `maxoutNumber`. A module that is
 * given as the fourth gets the [..., maxoutNumber, outputSize] before the maximum is taken.
 *
 * Shape: [inputSize] or [N, inputSize] -> [outputSize] or [N, outputSize]. Parameters: those of an `nn.Linear` of
 * `outputSize * maxoutNumber` outputs, as `0.weight` and `0.bias`.
 *
 * @throws ArgumentError when a size is no positive integer.
 * @see https://github.com/torch/nn/blob/master/Maxout.lua
 * @see Goodfellow et al., "Maxout Networks", 2013, https://arxiv.org/abs/1302.4389
 * @example
 * new Maxout(4, 3, 2).forward(randn([8, 4])).shape; // [8, 3]
 */
export class Maxout extends Sequential {
  constructor(inputSize: number, outputSize: number, maxoutNumber: number, preprocess?: Module) {
    super();
    for (const [name, size] of Object.entries({ inputSize, outputSize, maxoutNumber }))
      checkInteger("Maxout", name, size, 1);
    this.add(new Linear(inputSize, outputSize * maxoutNumber));
    this.add(new View(maxoutNumber, outputSize).setNumInputDims(1));
    if (preprocess !== undefined) {
      checkModule("Maxout", "preprocess", preprocess);
      this.add(preprocess);
    }
    this.add(new Max(0, 2));
  }
  override forward<Y extends Table = Tensor>(x: Table): Y {
    return whole(() => super.forward(x));
  }
}

/**
 * Positive and negative parts beside each other: `y = cat([relu(x), relu(-x)])` along the first dimension of an example, of which a batch
 * has one more than `nInputDims`.
 *
 * Shape: [C, ...] -> [2 C, ...], [N, C, ...] -> [N, 2 C, ...]. Dtype: that of `x`.
 *
 * @throws ArgumentError when `nInputDims` is no positive integer.
 * @see https://github.com/torch/nn/blob/master/CReLU.lua
 * @see Shang et al., "Understanding and Improving Convolutional Neural Networks via Concatenated Rectified Linear Units", 2016,
 * https://arxiv.org/abs/1603.05201
 * @example
 * new CReLU(1).forward(tensor([1, -2])).tolist(); // [1, 0, 0, 2]
 */
export class CReLU extends Module {
  readonly nInputDims: number;
  constructor(nInputDims: number) {
    super();
    checkInteger("CReLU", "nInputDims", nInputDims, 1);
    this.nInputDims = nInputDims;
  }
  forward(x: Tensor): Tensor {
    checkTensor("CReLU", "x", x);
    return whole(() => relu(cat([x, neg(x)], x.ndim === this.nInputDims + 1 ? 1 : 0)));
  }
  override extraRepr(): string {
    return shown(this.nInputDims);
  }
}
