import {
  ArgumentError,
  abs,
  add,
  add_,
  exp,
  hardtanh,
  isTensor,
  log,
  mul,
  mul_,
  ne,
  pow,
  ShapeError,
  sqrt,
  square,
  type Tensor,
  where,
} from "@flambeau/tensor/functional";
import { checkNumber, checkOptions, checkTensor, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Buffer } from "../parameter.ts";
import { shown } from "../repr.ts";
import { whole } from "./table.ts";
import { type InplaceOptions, inplaceKinds } from "./table-math.ts";

/**
 * Absolute value: `y = |x|`.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Abs
 * @example
 * new Abs().forward(tensor([-1, 2])).tolist(); // [1, 2]
 */
export class Abs extends Module {
  forward(x: Tensor): Tensor {
    return abs(x);
  }
}
/**
 * Exponential: `y = exp(x)`.
 *
 * Shape: any, and the same. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Exp
 * @example
 * new Exp().forward(tensor([0, 1])).tolist(); // [1, 2.7183]
 */
export class Exp extends Module {
  forward(x: Tensor): Tensor {
    return exp(x);
  }
}
/**
 * Natural logarithm: `y = log(x)`.
 *
 * Shape: any, and the same. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Log
 * @example
 * new Log().forward(tensor([1, 10])).tolist(); // [0, 2.3026]
 */
export class Log extends Module {
  forward(x: Tensor): Tensor {
    return log(x);
  }
}
/**
 * Square: `y = x^2`.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Square
 * @example
 * new Square().forward(tensor([-3, 2])).tolist(); // [9, 4]
 */
export class Square extends Module {
  forward(x: Tensor): Tensor {
    return square(x);
  }
}
/**
 * Square root: `y = sqrt(x)`. Its gradient at 0 is 0, where that of the op `sqrt` is infinite.
 *
 * Shape: any, and the same. Dtype: that of `x`; integers give the default floating dtype.
 *
 * @throws ArgumentError when `x` is no tensor.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Sqrt
 * @example
 * const x = tensor([0, 4], { requiresGrad: true });
 * const y = new Sqrt().forward(x);
 * y.tolist(); // [0, 2]
 * y.sum().backward();
 * x.grad?.tolist(); // [0, 0.25]
 */
export class Sqrt extends Module {
  forward(x: Tensor): Tensor {
    checkTensor("Sqrt", "x", x);
    return whole(() => safeSqrt(x));
  }
}
/** The square root, with a gradient of 0 at 0. */
export function safeSqrt(x: Tensor): Tensor {
  const some = ne(x, 0);
  return mul(sqrt(where(some, x, 1)), some);
}

/**
 * Power: `y = x^p`.
 *
 * Shape: any, and the same. Dtype: that of `x`, by the rules of `pow`.
 *
 * @throws ArgumentError when `p` is no number.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Power
 * @example
 * new Power(3).forward(tensor([1, 2])).tolist(); // [1, 8]
 */
export class Power extends Module {
  readonly p: number;
  constructor(p: number) {
    super();
    this.p = checkNumber("Power", "p", p);
  }
  forward(x: Tensor): Tensor {
    return pow(x, this.p);
  }
  override extraRepr(): string {
    return shown(this.p);
  }
}
/**
 * Keeps values between two bounds, -1 and 1 unless they are given: `y = min(max(x, minValue), maxValue)`. At and beyond the bounds the
 * gradient is 0.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when a bound is no number, or the smaller one is not.
 * @see https://github.com/torch/nn/blob/master/doc/simple.md#nn.Clamp
 * @example
 * new Clamp(-0.1, 0.5).forward(tensor([-1, 0.25, 3])).tolist(); // [-0.1, 0.25, 0.5]
 */
export class Clamp extends Module {
  readonly minValue: number;
  readonly maxValue: number;
  constructor(minValue = -1, maxValue = 1) {
    super();
    this.minValue = checkNumber("Clamp", "minValue", minValue);
    this.maxValue = checkNumber("Clamp", "maxValue", maxValue);
    if (!(minValue < maxValue))
      throw new ArgumentError("Clamp", `minValue must be below maxValue, got ${minValue} and ${maxValue}`);
  }
  forward(x: Tensor): Tensor {
    return hardtanh(x, this.minValue, this.maxValue);
  }
  override extraRepr(): string {
    return shown({ minValue: this.minValue, maxValue: this.maxValue });
  }
}

/**
 * Adds a number, or a vector to each row: `y = x + constant`. With `inplace` it is written to `x`.
 *
 * Shapes: any with a number; [D] or [N, D] with a vector [D]; the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when the constant is neither a number nor a tensor.
 * @throws ShapeError when a vector does not fit the last dimension of `x`.
 * @see https://github.com/torch/nn/blob/master/AddConstant.lua
 * @example
 * new AddConstant(10).forward(tensor([1, 2])).tolist(); // [11, 12]
 * new AddConstant(tensor([1, 2])).forward(zeros([2, 2])).tolist(); // [[1, 2], [1, 2]]
 */
export class AddConstant extends Module {
  readonly constant: number | Buffer;
  readonly inplace: boolean;
  constructor(constant: number | Tensor, options: InplaceOptions = {}) {
    super();
    checkOptions("AddConstant", inplaceKinds, options);
    if (isTensor(constant) && constant.ndim !== 1)
      throw new ShapeError("AddConstant", `a tensor must be a vector, got ${showShape(constant.shape)}`, [
        constant.shape,
      ]);
    if (!isTensor(constant) && typeof constant !== "number")
      throw new ArgumentError("AddConstant", `constant must be a number or a vector, got ${show(constant)}`);
    this.constant = isTensor(constant) ? new Buffer(constant) : constant;
    this.inplace = options.inplace ?? false;
  }
  forward(x: Tensor): Tensor {
    checkTensor("AddConstant", "x", x);
    const { constant } = this;
    if (isTensor(constant) && (x.ndim < 1 || x.ndim > 2 || x.shape[x.ndim - 1] !== constant.shape[0]))
      throw new ShapeError(
        "AddConstant",
        `x must be [${constant.shape[0]}] or [N, ${constant.shape[0]}], got ${showShape(x.shape)}`,
        [x.shape, constant.shape],
      );
    return (this.inplace ? add_ : add)(x, constant);
  }
  override extraRepr(): string {
    return typeof this.constant === "number" ? shown(this.constant) : "";
  }
}
/**
 * Multiplies by a number: `y = x * constant`. With `inplace` it is written to `x`.
 *
 * Shape: any, and the same. Dtype: that of `x`.
 *
 * @throws ArgumentError when the constant is no number.
 * @see https://github.com/torch/nn/blob/master/MulConstant.lua
 * @example
 * new MulConstant(10).forward(tensor([1, 2])).tolist(); // [10, 20]
 */
export class MulConstant extends Module {
  readonly constant: number;
  readonly inplace: boolean;
  constructor(constant: number, options: InplaceOptions = {}) {
    super();
    checkOptions("MulConstant", inplaceKinds, options);
    this.constant = checkNumber("MulConstant", "constant", constant);
    this.inplace = options.inplace ?? false;
  }
  forward(x: Tensor): Tensor {
    return (this.inplace ? mul_ : mul)(x, this.constant);
  }
  override extraRepr(): string {
    return shown(this.constant);
  }
}
