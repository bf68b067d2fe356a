import { ArgumentError, pad, type Tensor } from "@flambeau/tensor/functional";
import { checkIntegers } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { shown } from "../repr.ts";

/** A width for all sides, or (before, behind) for each dimension, the last one first. */
export type Padding = number | readonly number[];

abstract class Pad extends Module {
  readonly padding: readonly number[];
  protected abstract readonly mode: "constant" | "reflect" | "replicate" | "circular";
  readonly value: number = 0;
  constructor(rank: number, padding: Padding) {
    super();
    this.padding =
      typeof padding === "number"
        ? new Array<number>(2 * rank).fill(padding)
        : checkIntegers(this.constructor.name, "padding", padding);
    if (this.padding.length !== 2 * rank)
      throw new ArgumentError(
        this.constructor.name,
        `padding needs one or ${2 * rank} widths, got ${JSON.stringify(padding)}`,
      );
  }
  forward(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: this.mode, value: this.value });
  }
  override extraRepr(): string {
    return shown(this.padding);
  }
}
abstract class ZeroPad extends Pad {
  protected readonly mode = "constant";
}
abstract class ReflectionPad extends Pad {
  protected readonly mode = "reflect";
}
abstract class ReplicationPad extends Pad {
  protected readonly mode = "replicate";
}
abstract class CircularPad extends Pad {
  protected readonly mode = "circular";
}
abstract class ConstantPad extends Pad {
  protected readonly mode = "constant";
  override readonly value: number;
  constructor(rank: number, padding: Padding, value: number) {
    super(rank, padding);
    this.value = value;
  }
  override extraRepr(): string {
    return shown({ padding: this.padding, value: this.value });
  }
}
/**
 * Zeros around the last dimension: `y = x` inside, `y = 0` in a frame of the given widths. `padding` is one width for all sides, or (left,
 * right); negative widths crop. See {@link pad}.
 *
 * Shape: [..., W] -> [..., left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 2; from `forward` when `x` has fewer than one
 * dimension.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
 * @example
 * new nn.ZeroPad1d([1, 2]).forward(tensor([[5, 6]])).tolist(); // [[0, 5, 6, 0, 0]]
 */
export class ZeroPad1d extends ZeroPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/**
 * Zeros around the last two dimensions: `y = x` inside, `y = 0` in a frame of the given widths. `padding` is one width for all sides, or
 * (left, right, top, bottom); negative widths crop. See {@link pad}.
 *
 * Shape: [..., H, W] -> [..., top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 4; from `forward` when `x` has fewer than two
 * dimensions.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 * @example
 * new nn.ZeroPad2d([1, 0, 0, 1]).forward(tensor([[[5, 6]]])).tolist(); // [[[0, 5, 6], [0, 0, 0]]]
 */
export class ZeroPad2d extends ZeroPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/**
 * Zeros around the last three dimensions: `y = x` inside, `y = 0` in a frame of the given widths. `padding` is one width for all sides, or
 * (left, right, top, bottom, front, back); negative widths crop. See {@link pad}.
 *
 * Shape: [..., D, H, W] -> [..., front + D + back, top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 6; from `forward` when `x` has fewer than
 * three dimensions.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
 * @example
 * new nn.ZeroPad3d(1).forward(ones([1, 2, 3, 4])).shape; // [1, 4, 5, 6]
 */
export class ZeroPad3d extends ZeroPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/**
 * Mirrors `x` at its edges, which are not repeated, in the last dimension: `y[-i] = x[i]`. `padding` is one width for all sides, or (left,
 * right); negative widths crop. See {@link pad}.
 *
 * Shape: [..., W] -> [..., left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 2; from `forward` when `x` has fewer than one
 * dimension, or a width is not below its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
 * @example
 * new nn.ReflectionPad1d(2).forward(tensor([[1, 2, 3]])).tolist(); // [[3, 2, 1, 2, 3, 2, 1]]
 */
export class ReflectionPad1d extends ReflectionPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/**
 * Mirrors `x` at its edges, which are not repeated, in the last two dimensions: `y[-i] = x[i]`. `padding` is one width for all sides, or
 * (left, right, top, bottom); negative widths crop. See {@link pad}.
 *
 * Shape: [..., H, W] -> [..., top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 4; from `forward` when `x` has fewer than two
 * dimensions, or a width is not below its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 * @example
 * new nn.ReflectionPad2d([1, 0, 0, 1]).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[[2, 1, 2], [4, 3, 4], [2, 1, 2]]]
 */
export class ReflectionPad2d extends ReflectionPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/**
 * Mirrors `x` at its edges, which are not repeated, in the last three dimensions: `y[-i] = x[i]`. `padding` is one width for all sides, or
 * (left, right, top, bottom, front, back); negative widths crop. See {@link pad}.
 *
 * Shape: [..., D, H, W] -> [..., front + D + back, top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 6; from `forward` when `x` has fewer than
 * three dimensions, or a width is not below its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
 * @example
 * new nn.ReflectionPad3d([1, 0, 0, 0, 0, 0]).forward(tensor([[[[[1, 2]]]]])).tolist(); // [[[[[2, 1, 2]]]]]
 */
export class ReflectionPad3d extends ReflectionPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/**
 * Repeats the edges of the last dimension: `y[-i] = x[0]`, and the last element behind the end. `padding` is one width for all sides, or
 * (left, right); negative widths crop. See {@link pad}.
 *
 * Shape: [..., W] -> [..., left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 2; from `forward` when `x` has fewer than one
 * dimension, or there is an empty dimension to repeat.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
 * @example
 * new nn.ReplicationPad1d(2).forward(tensor([[1, 2, 3]])).tolist(); // [[1, 1, 1, 2, 3, 3, 3]]
 */
export class ReplicationPad1d extends ReplicationPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/**
 * Repeats the edges of the last two dimensions: `y[-i] = x[0]`, and the last element behind the end. `padding` is one width for all sides,
 * or (left, right, top, bottom); negative widths crop. See {@link pad}.
 *
 * Shape: [..., H, W] -> [..., top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 4; from `forward` when `x` has fewer than two
 * dimensions, or there is an empty dimension to repeat.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 * @example
 * new nn.ReplicationPad2d([1, 0, 0, 1]).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[[1, 1, 2], [3, 3, 4], [3, 3, 4]]]
 */
export class ReplicationPad2d extends ReplicationPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/**
 * Repeats the edges of the last three dimensions: `y[-i] = x[0]`, and the last element behind the end. `padding` is one width for all
 * sides, or (left, right, top, bottom, front, back); negative widths crop. See {@link pad}.
 *
 * Shape: [..., D, H, W] -> [..., front + D + back, top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 6; from `forward` when `x` has fewer than
 * three dimensions, or there is an empty dimension to repeat.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
 * @example
 * new nn.ReplicationPad3d([2, 0, 0, 0, 0, 0]).forward(tensor([[[[[1, 2]]]]])).tolist(); // [[[[[1, 1, 1, 2]]]]]
 */
export class ReplicationPad3d extends ReplicationPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/**
 * Continues `x` from the other side in the last dimension: `y[-i] = x[size - i]`. `padding` is one width for all sides, or (left, right);
 * negative widths crop. See {@link pad}.
 *
 * Shape: [..., W] -> [..., left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 2; from `forward` when `x` has fewer than one
 * dimension, or a width is above its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
 * @example
 * new nn.CircularPad1d([2, 1]).forward(tensor([[1, 2, 3]])).tolist(); // [[2, 3, 1, 2, 3, 1]]
 */
export class CircularPad1d extends CircularPad {
  constructor(padding: Padding) {
    super(1, padding);
  }
}
/**
 * Continues `x` from the other side in the last two dimensions: `y[-i] = x[size - i]`. `padding` is one width for all sides, or (left,
 * right, top, bottom); negative widths crop. See {@link pad}.
 *
 * Shape: [..., H, W] -> [..., top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 4; from `forward` when `x` has fewer than two
 * dimensions, or a width is above its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 * @example
 * new nn.CircularPad2d([1, 0, 0, 1]).forward(tensor([[[1, 2], [3, 4]]])).tolist(); // [[[2, 1, 2], [4, 3, 4], [2, 1, 2]]]
 */
export class CircularPad2d extends CircularPad {
  constructor(padding: Padding) {
    super(2, padding);
  }
}
/**
 * Continues `x` from the other side in the last three dimensions: `y[-i] = x[size - i]`. `padding` is one width for all sides, or (left,
 * right, top, bottom, front, back); negative widths crop. See {@link pad}.
 *
 * Shape: [..., D, H, W] -> [..., front + D + back, top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 6; from `forward` when `x` has fewer than
 * three dimensions, or a width is above its dimension's size.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
 * @example
 * new nn.CircularPad3d([1, 0, 0, 0, 0, 0]).forward(tensor([[[[[1, 2]]]]])).tolist(); // [[[[[2, 1, 2]]]]]
 */
export class CircularPad3d extends CircularPad {
  constructor(padding: Padding) {
    super(3, padding);
  }
}
/**
 * One value around the last dimension: `y = x` inside, `y = value` in a frame of the given widths. `padding` is one width for all sides, or
 * (left, right); negative widths crop. See {@link pad}.
 *
 * Shape: [..., W] -> [..., left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 2; from `forward` when `x` has fewer than one
 * dimension.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
 * @example
 * new nn.ConstantPad1d([1, 2], 9).forward(tensor([[5, 6]])).tolist(); // [[9, 5, 6, 9, 9]]
 */
export class ConstantPad1d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(1, padding, value);
  }
}
/**
 * One value around the last two dimensions: `y = x` inside, `y = value` in a frame of the given widths. `padding` is one width for all
 * sides, or (left, right, top, bottom); negative widths crop. See {@link pad}.
 *
 * Shape: [..., H, W] -> [..., top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 4; from `forward` when `x` has fewer than two
 * dimensions.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 * @example
 * new nn.ConstantPad2d([1, 0, 0, 1], 9).forward(tensor([[[5, 6]]])).tolist(); // [[[9, 5, 6], [9, 9, 9]]]
 */
export class ConstantPad2d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(2, padding, value);
  }
}
/**
 * One value around the last three dimensions: `y = x` inside, `y = value` in a frame of the given widths. `padding` is one width for all
 * sides, or (left, right, top, bottom, front, back); negative widths crop. See {@link pad}.
 *
 * Shape: [..., D, H, W] -> [..., front + D + back, top + H + bottom, left + W + right]. Dtype: that of `x`.
 *
 * @throws ArgumentError from the constructor when `padding` is a list of another length than 6; from `forward` when `x` has fewer than
 * three dimensions.
 * @throws ShapeError when negative widths crop more than there is.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
 * @example
 * new nn.ConstantPad3d([1, -1, 0, 0, 0, 0], 9).forward(tensor([[[[5, 6]]]])).tolist(); // [[[[9, 5]]]]
 */
export class ConstantPad3d extends ConstantPad {
  constructor(padding: Padding, value: number) {
    super(3, padding, value);
  }
}
