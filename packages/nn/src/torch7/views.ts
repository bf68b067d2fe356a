import { ArgumentError, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { checkSizes } from "./making.ts";

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export interface ReshapeOptions {
  /**
   * Whether the first dimension is a batch's, true or false for all inputs. Default: an input whose elements are as many as the sizes make,
   * and whose first size is not 1, is a single example.
   */
  readonly batchMode?: boolean | undefined;
}
const reshapeKinds: Kinds<ReshapeOptions> = { batchMode: option.boolean };

/**
 * Gives an example other sizes: `y = x.reshape(sizes)`, and a batch `y = x.reshape([N, ...sizes])`. What is a batch the option
 * `batchMode`, after the sizes, says, or the number of elements.
 *
 * Shape: any of as many elements -> sizes; [N, ...] -> [N, ...sizes]. Dtype: that of `x`, whose memory the result shares where it can.
 *
 * @throws ArgumentError when a size is no positive integer; ShapeError when the elements are not as many.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Reshape
 * @example
 * new Reshape(2, 8).forward(zeros([4, 4])).shape; // [2, 8]
 * new Reshape(2, 8).forward(zeros([3, 4, 4])).shape; // [3, 2, 8]
 * new Reshape(4).forward(zeros([1, 4])).shape; // [1, 4]
 * new Reshape(4, { batchMode: false }).forward(zeros([1, 4])).shape; // [4]
 */
export class Reshape extends Module {
  readonly sizes: readonly number[];
  readonly batchMode: boolean | undefined;
  constructor(...sizes: readonly number[] | readonly [...number[], ReshapeOptions]) {
    super();
    const last = sizes.at(-1);
    const options = typeof last === "object" ? last : {};
    checkOptions("Reshape", reshapeKinds, options);
    this.sizes = (typeof last === "object" ? sizes.slice(0, -1) : sizes) as readonly number[]; // numbers but for the last
    checkSizes("Reshape", this.sizes);
    this.batchMode = options.batchMode;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Reshape", "x", x);
    const single = this.batchMode === undefined ? x.size === product(this.sizes) && x.shape[0] !== 1 : !this.batchMode;
    if (single) return reshape(x, this.sizes);
    if (x.ndim === 0) throw new ShapeError("Reshape", "a batch has a dimension, got []", [x.shape]);
    return reshape(x, [x.shape[0], ...this.sizes]);
  }
  override extraRepr(): string {
    return shown(...this.sizes, { batchMode: this.batchMode });
  }
}

/**
 * Shows an example with other sizes, of which one may be -1: `y = x.reshape(sizes)`; more elements are a batch, `y = x.reshape([N, ...sizes])`.
 * `setNumInputDims` says how many dimensions an example has, so that a batch can be told where one of the sizes is -1.
 *
 * Shape: any of as many elements -> sizes; [N, ...] -> [N, ...sizes]. Dtype: that of `x`, whose memory the result shares where it can.
 *
 * @throws ArgumentError when a size is neither a positive integer nor -1, or two are -1; ShapeError when the elements do not fit.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.View
 * @example
 * new View(2, 8).forward(zeros([4, 4])).shape; // [2, 8]
 * const view = new View(-1).setNumInputDims(2);
 * view.forward(zeros([2, 3])).shape; // [6]
 * view.forward(zeros([5, 2, 3])).shape; // [5, 6]
 */
export class View extends Module {
  sizes: readonly number[] = [];
  numInputDims: number | undefined;
  constructor(...sizes: readonly number[]) {
    super();
    this.resetSize(...sizes);
  }
  /** Changes the sizes. */
  resetSize(...sizes: readonly number[]): this {
    for (const [i, size] of sizes.entries()) checkInteger("View", `size ${i}`, size, size === -1 ? -1 : 0);
    if (sizes.filter((size) => size === -1).length > 1) throw new ArgumentError("View", "only one size can be -1");
    this.sizes = sizes;
    return this;
  }
  /** Says how many dimensions one example has. */
  setNumInputDims(numInputDims: number): this {
    checkInteger("View.setNumInputDims", "numInputDims", numInputDims, 1);
    this.numInputDims = numInputDims;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("View", "x", x);
    const batch = this.batchOf(x);
    return reshape(x, batch === null ? this.sizes : [batch, ...this.sizes]);
  }
  /** How many examples there are; null for one that is no batch. */
  private batchOf(x: Tensor): number | null {
    const { sizes, numInputDims = x.ndim } = this;
    const known = product(sizes.filter((size) => size !== -1));
    const first = Math.max(0, x.ndim - numInputDims);
    const elements = product(x.shape.slice(first));
    if (known === 0 ? elements !== 0 : elements % known !== 0)
      throw new ShapeError("View", `${showShape(x.shape)} does not fit ${showShape(sizes)}`, [x.shape, sizes]);
    // what is left is the batch, or the size that is -1
    const rest = sizes.includes(-1) || known === 0 ? 1 : elements / known;
    const batch = product(x.shape.slice(0, first)) * rest;
    return batch === 1 && (this.numInputDims === undefined || x.ndim <= this.numInputDims) ? null : batch;
  }
  override extraRepr(): string {
    return shown(...this.sizes);
  }
}

/**
 * Joins all dimensions of an example, of which a batch has more than `nInputDims`: `y = x.reshape([-1])`, or `y = x.reshape([N, -1])`.
 *
 * Shape: [*dims] -> [product], [N, *dims] -> [N, product]. Dtype: that of `x`, whose memory the result shares where it can.
 *
 * @throws ArgumentError when `nInputDims` is no positive integer.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Collapse
 * @example
 * new Collapse(2).forward(zeros([2, 3])).shape; // [6]
 * new Collapse(2).forward(zeros([5, 2, 3])).shape; // [5, 6]
 */
export class Collapse extends Module {
  readonly nInputDims: number;
  constructor(nInputDims: number) {
    super();
    checkInteger("Collapse", "nInputDims", nInputDims, 1);
    this.nInputDims = nInputDims;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Collapse", "x", x);
    if (x.ndim <= this.nInputDims) return reshape(x, [x.size]);
    const [batch, ...example] = x.shape;
    return reshape(x, [batch, product(example)]);
  }
  override extraRepr(): string {
    return shown(this.nInputDims);
  }
}
