import { flatten, type Tensor, unflatten } from "@flambeau/tensor/functional";
import { checkInteger, checkIntegers } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";

/**
 * Joins dimensions `startDim` (1 unless it is given) to `endDim` (the last) into one: `[n, c, h, w] -> [n, c * h * w]`. The module of
 * {@link flatten}.
 *
 * Shape: [..., *dims, ...] -> [..., product of dims, ...]. Dtype: that of `x`, whose memory the result shares where it can.
 *
 * @throws IndexError when a dimension is out of range.
 * @throws ArgumentError from `forward` when `startDim` comes after `endDim`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 * @example
 * new nn.Flatten().forward(zeros([8, 3, 4, 5])).shape; // [8, 60]
 * new nn.Flatten(0, 2).forward(zeros([8, 3, 4, 5])).shape; // [96, 5]
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;
  constructor(startDim = 1, endDim = -1) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }
  forward(x: Tensor): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return shown({ startDim: this.startDim, endDim: this.endDim });
  }
}
/**
 * Splits dimension `dim` into several of `unflattenedSize`: `[n, c * h * w] -> [n, c, h, w]`. One size may be -1. The module of
 * {@link unflatten}.
 *
 * Shape: [..., product of sizes, ...] -> [..., ...unflattenedSize, ...]. Dtype: that of `x`, whose memory the result shares where it can.
 *
 * @throws ArgumentError from the constructor when `dim` or a size is no integer.
 * @throws ShapeError when the sizes do not multiply to that of `dim`.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 * @example
 * new nn.Unflatten(1, [3, 4, -1]).forward(zeros([8, 60])).shape; // [8, 3, 4, 5]
 */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];
  constructor(dim: number, unflattenedSize: readonly number[]) {
    super();
    checkInteger("Unflatten", "dim", dim);
    checkIntegers("Unflatten", "unflattenedSize", unflattenedSize);
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }
  forward(x: Tensor): Tensor {
    return unflatten(x, this.dim, this.unflattenedSize);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, unflattenedSize: this.unflattenedSize });
  }
}
