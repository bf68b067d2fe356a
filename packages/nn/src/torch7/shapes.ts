import {
  ArgumentError,
  cat,
  contiguous,
  expand,
  full,
  indexSelect,
  maskedSelect,
  narrow,
  ne,
  ShapeError,
  select,
  squeeze,
  type Tensor,
  transpose,
  unsqueeze,
} from "@flambeau/tensor/functional";
import { checkInteger, checkNumber, checkTensor, normalizeDim, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";
import { batchDim, checkTensorList, whole } from "./table.ts";

/**
 * A piece of a tensor along `dim`: `y = x.narrow(dim, offset, length)`, with `length` 1 unless it is given. A negative `length` reaches to
 * the end but for its magnitude less one: -1 is all that is left. A negative `offset` takes all but the last `length`.
 *
 * Shape: [..., size, ...] -> [..., length, ...]. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws IndexError when `dim` or the piece is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Narrow
 * @example
 * const x = tensor([[1, 2], [3, 4], [5, 6]]);
 * new Narrow(0, 1, 2).forward(x).tolist(); // [[3, 4], [5, 6]]
 * new Narrow(0, 1, -1).forward(x).tolist(); // [[3, 4], [5, 6]]
 * new Narrow(0, 0, -2).forward(x).tolist(); // [[1, 2], [3, 4]]
 */
export class Narrow extends Module {
  readonly dim: number;
  readonly offset: number;
  readonly length: number;
  constructor(dim: number, offset: number, length = 1) {
    super();
    checkInteger("Narrow", "dim", dim);
    checkInteger("Narrow", "offset", offset);
    checkInteger("Narrow", "length", length);
    this.dim = dim;
    this.offset = offset;
    this.length = length;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Narrow", "x", x);
    const dim = normalizeDim("Narrow", this.dim, x.ndim);
    const size = x.shape[dim];
    const length = this.length < 0 ? size - Math.max(this.offset, 0) + this.length + 1 : this.length;
    return this.offset < 0 ? narrow(x, dim, 0, size - length) : narrow(x, dim, this.offset, length);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, offset: this.offset, length: this.length });
  }
}

/**
 * Repeats a tensor along a new dimension `dim` (0 unless it is given): `y = x.unsqueeze(dim).expand(..., nFeatures, ...)`. With `nInputDims`,
 * the number of dimensions of one example, that of a batch is `dim + 1`.
 *
 * Shape: [..., ...] -> [..., nFeatures, ...]. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws ArgumentError when a number is no integer that can be; IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Replicate
 * @example
 * new Replicate(3).forward(tensor([1, 2])).tolist(); // [[1, 2], [1, 2], [1, 2]]
 * new Replicate(3, 0, 1).forward(zeros([5, 2])).shape; // [5, 3, 2]
 */
export class Replicate extends Module {
  readonly nFeatures: number;
  readonly dim: number;
  readonly nInputDims: number | undefined;
  constructor(nFeatures: number, dim = 0, nInputDims?: number) {
    super();
    checkInteger("Replicate", "nFeatures", nFeatures, 0);
    checkInteger("Replicate", "dim", dim, 0);
    if (nInputDims !== undefined) checkInteger("Replicate", "nInputDims", nInputDims, 0);
    this.nFeatures = nFeatures;
    this.dim = dim;
    this.nInputDims = nInputDims;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Replicate", "x", x);
    const { dim, nFeatures, nInputDims } = this;
    const at = nInputDims !== undefined && x.ndim > nInputDims ? dim + 1 : dim;
    return whole(() => expand(unsqueeze(x, at), x.shape.toSpliced(at, 0, nFeatures)));
  }
  override extraRepr(): string {
    return shown(this.nFeatures, { dim: this.dim, nInputDims: this.nInputDims });
  }
}

/**
 * The input with its elements one after another in memory: `y = x.contiguous()`, itself where they are already.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Contiguous
 * @example
 * new Contiguous().forward(zeros([2, 3]).t()).strides; // [2, 1]
 */
export class Contiguous extends Module {
  forward(x: Tensor): Tensor {
    return contiguous(x);
  }
}

/**
 * A slice of a tensor: `y = x.select(dim, index)`; both may count from the end.
 *
 * Shape: [..., size, ...] -> [..., ...]. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws IndexError when `dim` or `index` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Select
 * @example
 * new Select(0, 2).forward(tensor([[1, 2], [3, 4], [5, 6]])).tolist(); // [5, 6]
 */
export class Select extends Module {
  readonly dim: number;
  readonly index: number;
  constructor(dim: number, index: number) {
    super();
    checkInteger("Select", "dim", dim);
    checkInteger("Select", "index", index);
    this.dim = dim;
    this.index = index;
  }
  forward(x: Tensor): Tensor {
    return select(x, this.dim, this.index);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, index: this.index });
  }
}

/**
 * The elements of a tensor where a mask is not zero: `[x, mask] -> x.maskedSelect(mask)`.
 *
 * Shapes: two that broadcast; a vector as long as there are elements, so that the mask must be read. Dtype: that of `x`.
 *
 * @throws ShapeError when the two do not broadcast.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.MaskedSelect
 * @example
 * new MaskedSelect().forward([tensor([[10, 20], [30, 40]]), tensor([[1, 0], [0, 1]])]).tolist(); // [10, 40]
 */
export class MaskedSelect extends Module {
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("MaskedSelect", x, 2);
    const [values, mask] = x;
    return whole(() => maskedSelect(values, mask.dtype === "bool" ? mask : ne(mask, 0)));
  }
}

/**
 * Slices of a tensor along `dim` by their indices, which count from 0: `[x, index] -> x.indexSelect(dim, index)`.
 *
 * Shapes: [..., size, ...] and [n] give [..., n, ...]. Dtype: that of `x`; the index is of integers.
 *
 * @throws IndexError when `dim` or an index is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Index
 * @example
 * const index = tensor([1, 0], { dtype: "int32" });
 * new Index(0).forward([tensor([[1, 2], [3, 4]]), index]).tolist(); // [[3, 4], [1, 2]]
 */
export class Index extends Module {
  readonly dim: number;
  constructor(dim: number) {
    super();
    checkInteger("Index", "dim", dim);
    this.dim = dim;
  }
  forward(x: readonly Tensor[]): Tensor {
    checkTensorList("Index", x, 2);
    return indexSelect(x[0], this.dim, x[1]);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}

/**
 * Drops dimension `dim` where its size is 1, or all such dimensions: `y = x.squeeze(dim)`. With `nInputDims`, the number of dimensions of
 * one example, a batch loses `dim + 1`, and keeps its first dimension.
 *
 * Shape: [..., 1, ...] -> [..., ...]. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Squeeze
 * @example
 * new Squeeze().forward(zeros([2, 1, 3, 1])).shape; // [2, 3]
 * new Squeeze(0, 2).forward(zeros([1, 1, 3])).shape; // [1, 3]
 * new Squeeze(undefined, 2).forward(zeros([1, 1, 3])).shape; // [1, 3]
 */
export class Squeeze extends Module {
  readonly dim: number | undefined;
  nInputDims: number | undefined;
  constructor(dim?: number, nInputDims?: number) {
    super();
    if (dim !== undefined) checkInteger("Squeeze", "dim", dim);
    if (nInputDims !== undefined) checkInteger("Squeeze", "nInputDims", nInputDims, 0);
    this.dim = dim;
    this.nInputDims = nInputDims;
  }
  /** Says how many dimensions one example has. */
  setNumInputDims(nInputDims: number): this {
    checkInteger("Squeeze.setNumInputDims", "nInputDims", nInputDims, 0);
    this.nInputDims = nInputDims;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Squeeze", "x", x);
    const { dim, nInputDims } = this;
    if (dim !== undefined) return squeeze(x, batchDim(dim, nInputDims, x));
    const batched = nInputDims !== undefined && x.ndim === nInputDims + 1 && x.shape[0] === 1;
    return batched ? whole(() => unsqueeze(squeeze(x), 0)) : squeeze(x);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, nInputDims: this.nInputDims });
  }
}

/**
 * Puts in a dimension of size 1 at `dim`: `y = x.unsqueeze(dim)`. With `nInputDims`, the number of dimensions of one example, the dimensions
 * before those count as a batch's: `y = x.unsqueeze(dim + x.ndim - nInputDims)`.
 *
 * Shape: [..., ...] -> [..., 1, ...]. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws ShapeError when `x` has fewer dimensions than `nInputDims`; IndexError when `dim` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Unsqueeze
 * @example
 * new Unsqueeze(0).forward(zeros([2, 4, 3])).shape; // [1, 2, 4, 3]
 * new Unsqueeze(2, 3).forward(zeros([5, 2, 4, 3])).shape; // [5, 2, 4, 1, 3]
 */
export class Unsqueeze extends Module {
  readonly dim: number;
  nInputDims: number | undefined;
  constructor(dim: number, nInputDims?: number) {
    super();
    checkInteger("Unsqueeze", "dim", dim, 0);
    if (nInputDims !== undefined) checkInteger("Unsqueeze", "nInputDims", nInputDims, 0);
    this.dim = dim;
    this.nInputDims = nInputDims;
  }
  /** Says how many dimensions one example has. */
  setNumInputDims(nInputDims: number): this {
    checkInteger("Unsqueeze.setNumInputDims", "nInputDims", nInputDims, 0);
    this.nInputDims = nInputDims;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Unsqueeze", "x", x);
    const batch = this.nInputDims === undefined ? 0 : x.ndim - this.nInputDims;
    if (batch < 0)
      throw new ShapeError("Unsqueeze", `an example has ${this.nInputDims} dimensions, got ${showShape(x.shape)}`, [
        x.shape,
      ]);
    return unsqueeze(x, this.dim + batch);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, nInputDims: this.nInputDims });
  }
}

/**
 * Exchanges pairs of dimensions one after another: `y = x.transpose(a, b).transpose(c, d)...`. After `setNumInputDims` those before the
 * dimensions of an example are left out of the count.
 *
 * Shape: any, with sizes exchanged. Dtype: that of `x`, whose memory the result shares.
 *
 * @throws ArgumentError for what is no pair of integers; IndexError when a dimension is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Transpose
 * @example
 * new Transpose([0, 3], [0, 2]).forward(zeros([2, 3, 4, 5])).shape; // [4, 3, 5, 2]
 * new Transpose([0, 1]).setNumInputDims(2).forward(zeros([7, 2, 3])).shape; // [7, 3, 2]
 */
export class Transpose extends Module {
  readonly pairs: readonly (readonly [number, number])[];
  numInputDims: number | undefined;
  constructor(...pairs: readonly (readonly [number, number])[]) {
    super();
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new ArgumentError(
          "Transpose",
          `takes pairs of dimensions, got ${show(pair)}`,
          "write new Transpose([0, 1])",
        );
      for (const dim of pair) checkInteger("Transpose", "a dimension", dim);
    }
    this.pairs = pairs;
  }
  /** Says how many dimensions one example has. */
  setNumInputDims(numInputDims: number): this {
    checkInteger("Transpose.setNumInputDims", "numInputDims", numInputDims, 1);
    this.numInputDims = numInputDims;
    return this;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Transpose", "x", x);
    const batch = this.numInputDims === undefined ? 0 : x.ndim - this.numInputDims;
    const at = (dim: number) => (dim < 0 ? dim : dim + batch);
    return whole(() => this.pairs.reduce((y, [a, b]) => transpose(y, at(a), at(b)), x));
  }
  override extraRepr(): string {
    return this.pairs.map((pair) => shown(pair)).join(", ");
  }
}

/**
 * Puts `|pad|` elements of `value` (0 unless it is given) along `dim`: behind where `pad` is positive, before where it is negative, and
 * `index` elements further in: `y = cat([x[:index], value, x[index:]], dim)`. With `nInputDims`, the number of dimensions of one example,
 * anything else is a batch, padded along `dim + 1`.
 *
 * Shape: [..., size, ...] -> [..., size + |pad|, ...]. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` or `index` is out of range.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Padding
 * @example
 * new Padding(0, 2, 1, -1).forward(tensor([1, 2, 3])).tolist(); // [1, 2, 3, -1, -1]
 * new Padding(0, -2, 1, -1).forward(tensor([[1, 2, 3]])).tolist(); // [[-1, -1, 1, 2, 3]]
 * new Padding(0, -2, 1, -1, 1).forward(tensor([[1, 2, 3]])).tolist(); // [[1, -1, -1, 2, 3]]
 */
export class Padding extends Module {
  readonly dim: number;
  readonly pad: number;
  readonly nInputDims: number | undefined;
  readonly value: number;
  readonly index: number;
  constructor(dim: number, pad: number, nInputDims?: number, value = 0, index = 0) {
    super();
    checkInteger("Padding", "dim", dim, 0);
    checkInteger("Padding", "pad", pad);
    if (nInputDims !== undefined) checkInteger("Padding", "nInputDims", nInputDims, 0);
    checkNumber("Padding", "value", value);
    checkInteger("Padding", "index", index, 0);
    this.dim = dim;
    this.pad = pad;
    this.nInputDims = nInputDims;
    this.value = value;
    this.index = index;
  }
  forward(x: Tensor): Tensor {
    checkTensor("Padding", "x", x);
    const { pad, nInputDims, value, index } = this;
    const dim = normalizeDim(
      "Padding",
      nInputDims !== undefined && x.ndim !== nInputDims ? this.dim + 1 : this.dim,
      x.ndim,
    );
    const size = x.shape[dim];
    const at = pad > 0 ? size - index : index;
    return whole(() => {
      const filling = full(x.shape.with(dim, Math.abs(pad)), value, { dtype: x.dtype, device: x.device });
      return cat([narrow(x, dim, 0, at), filling, narrow(x, dim, at, size - at)], dim);
    });
  }
  override extraRepr(): string {
    const { dim, pad, nInputDims, value, index } = this;
    return shown({ dim, pad, nInputDims, value, index });
  }
}
