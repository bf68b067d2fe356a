import {
  ArgumentError,
  celu,
  celu_,
  elu,
  elu_,
  full,
  type GeluOptions,
  gelu,
  glu,
  hardshrink,
  hardsigmoid,
  hardsigmoid_,
  hardswish,
  hardswish_,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  logSoftmax,
  logsigmoid,
  mish,
  mish_,
  prelu,
  relu,
  relu_,
  relu6,
  relu6_,
  rrelu,
  rrelu_,
  ShapeError,
  selu,
  selu_,
  sigmoid,
  silu,
  silu_,
  softmax,
  softmin,
  softplus,
  softshrink,
  softsign,
  type Tensor,
  tanh,
  tanhshrink,
  threshold,
  threshold_,
} from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, geluKinds, type Kinds, option, show, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { quoted, real, shown } from "../repr.ts";

export interface ActivationOptions {
  /** Whether the result is written over the input. Default false. */
  readonly inplace?: boolean | undefined;
}
const activationKinds: Kinds<ActivationOptions> = { inplace: option.boolean };

/** Activations that can be written over their input. */
abstract class Activation extends Module {
  readonly inplace: boolean;
  constructor(options: ActivationOptions = {}) {
    super();
    checkOptions(this.constructor.name, activationKinds, options);
    this.inplace = options.inplace ?? false;
  }
  override extraRepr(): string {
    return this.inplace ? shown({ inplace: true }) : "";
  }
}

/**
 * The rectifier, element by element: `y = max(0, x)`. The module of {@link relu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, any but bool.
 *
 * @throws DTypeError when `x` holds bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 * @example
 * new nn.ReLU().forward(tensor([-1, 0, 2])).tolist(); // [0, 0, 2]
 */
export class ReLU extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? relu_(x) : relu(x);
  }
}
/**
 * The rectifier cut at 6, element by element: `y = min(max(0, x), 6)`. The module of {@link relu6}.
 *
 * Shape: that of `x`. Dtype: that of `x`, any but bool.
 *
 * @throws DTypeError when `x` holds bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 * @example
 * new nn.ReLU6().forward(tensor([-1, 3, 8])).tolist(); // [0, 3, 6]
 */
export class ReLU6 extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? relu6_(x) : relu6(x);
  }
}
/**
 * Self-normalizing unit, element by element: `y = s * x` above 0, `y = s * a * (exp(x) - 1)` below, with s = 1.0507 and a = 1.6733. The
 * module of {@link selu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SELU.html
 * @see Klambauer et al., "Self-Normalizing Neural Networks", 2017, https://arxiv.org/abs/1706.02515
 * @example
 * new nn.SELU().forward(tensor([-1, 0, 1])).tolist(); // [-1.1113, 0, 1.0507]
 */
export class SELU extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? selu_(x) : selu(x);
  }
}
/**
 * Sigmoid linear unit, also called swish, element by element: `y = x * sigmoid(x) = x / (1 + exp(-x))`. The module of {@link silu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 * @example
 * new nn.SiLU().forward(tensor([-2, 0, 2])).tolist(); // [-0.2384, 0, 1.7616]
 */
export class SiLU extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? silu_(x) : silu(x);
  }
}
/**
 * A smooth rectifier, element by element: `y = x * tanh(log(1 + exp(x)))`. The module of {@link mish}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html
 * @see Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019, https://arxiv.org/abs/1908.08681
 * @example
 * new nn.Mish().forward(tensor([-1, 0, 1])).tolist(); // [-0.3034, 0, 0.8651]
 */
export class Mish extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? mish_(x) : mish(x);
  }
}
/**
 * The logistic function, element by element: `y = 1 / (1 + exp(-x))`. The module of {@link sigmoid}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 * @example
 * new nn.Sigmoid().forward(tensor([-2, 0, 2])).tolist(); // [0.1192, 0.5, 0.8808]
 */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}
/**
 * Hyperbolic tangent, element by element: `y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`. The module of {@link tanh}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 * @example
 * new nn.Tanh().forward(tensor([-1, 0, 1])).tolist(); // [-0.7616, 0, 0.7616]
 */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}
/**
 * Swish made of straight pieces, element by element: `y = x * min(max(x + 3, 0), 6) / 6`. The module of {@link hardswish}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 * @see Howard et al., "Searching for MobileNetV3", 2019, https://arxiv.org/abs/1905.02244
 * @example
 * new nn.Hardswish().forward(tensor([-4, -1, 1, 4])).tolist(); // [0, -0.3333, 0.6667, 4.0000]
 */
export class Hardswish extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? hardswish_(x) : hardswish(x);
  }
  override extraRepr(): string {
    return ""; // as PyTorch prints these two
  }
}
/**
 * The logistic function made of straight pieces, element by element: `y = min(max(x + 3, 0), 6) / 6`. The module of {@link hardsigmoid}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 * @example
 * new nn.Hardsigmoid().forward(tensor([-4, 0, 1, 4])).tolist(); // [0, 0.5000, 0.6667, 1.0000]
 */
export class Hardsigmoid extends Activation {
  forward(x: Tensor): Tensor {
    return this.inplace ? hardsigmoid_(x) : hardsigmoid(x);
  }
  override extraRepr(): string {
    return ""; // as PyTorch prints these two
  }
}
/**
 * Logarithm of the logistic function, element by element: `y = -log(1 + exp(-x))`, computed without underflow. The module of
 * {@link logsigmoid}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
 * @example
 * new nn.LogSigmoid().forward(tensor([-200, 0, 2])).tolist(); // [-200, -0.6931, -0.1269]
 */
export class LogSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return logsigmoid(x);
  }
}
/**
 * A slower tanh, element by element: `y = x / (1 + |x|)`. The module of {@link softsign}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html
 * @example
 * new nn.Softsign().forward(tensor([-1, 0, 3])).tolist(); // [-0.5, 0, 0.75]
 */
export class Softsign extends Module {
  forward(x: Tensor): Tensor {
    return softsign(x);
  }
}
/**
 * What tanh leaves of `x`, element by element: `y = x - tanh(x)`. The module of {@link tanhshrink}.
 *
 * Shape: that of `x`. Dtype: that of `x`; integers and bools give the default floating dtype.
 *
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
 * @example
 * new nn.Tanhshrink().forward(tensor([-1, 0, 2])).tolist(); // [-0.2384, 0, 1.0360]
 */
export class Tanhshrink extends Module {
  forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}
/**
 * A rectifier with a slope below 0, element by element: `y = max(0, x) + negativeSlope * min(0, x)`. The slope is 0.01 unless it is given.
 * The module of {@link leakyRelu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 * @example
 * new nn.LeakyReLU(0.1).forward(tensor([-10, 2])).tolist(); // [-1, 2]
 */
export class LeakyReLU extends Activation {
  readonly negativeSlope: number;
  constructor(negativeSlope = 0.01, options: ActivationOptions = {}) {
    super(options);
    this.negativeSlope = negativeSlope;
  }
  forward(x: Tensor): Tensor {
    return this.inplace ? leakyRelu_(x, this.negativeSlope) : leakyRelu(x, this.negativeSlope);
  }
  override extraRepr(): string {
    return shown({ negativeSlope: this.negativeSlope }, super.extraRepr() || undefined);
  }
}
/**
 * Exponential linear unit, element by element: `y = x` above 0, `y = alpha * (exp(x) - 1)` below. `alpha` is 1 unless it is given. The
 * module of {@link elu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.ELU.html
 * @see Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2016, https://arxiv.org/abs/1511.07289
 * @example
 * new nn.ELU().forward(tensor([-1, 0, 1])).tolist(); // [-0.6321, 0, 1]
 * new nn.ELU(2).forward(tensor([-1])).tolist(); // [-1.2642]
 */
export class ELU extends Activation {
  readonly alpha: number;
  constructor(alpha = 1, options: ActivationOptions = {}) {
    super(options);
    this.alpha = alpha;
  }
  forward(x: Tensor): Tensor {
    return this.inplace ? elu_(x, this.alpha) : elu(x, this.alpha);
  }
  override extraRepr(): string {
    return shown({ alpha: real(this.alpha) }, super.extraRepr() || undefined);
  }
}
/**
 * Exponential linear unit whose slope is continuous for every alpha, element by element:
 * `y = max(0, x) + min(0, alpha * (exp(x / alpha) - 1))`. `alpha` is 1 unless it is given. The module of {@link celu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError from `forward` when `alpha` is 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.CELU.html
 * @see Barron, "Continuously Differentiable Exponential Linear Units", 2017, https://arxiv.org/abs/1704.07483
 * @example
 * new nn.CELU(2).forward(tensor([-1, 0, 1])).tolist(); // [-0.7869, 0, 1]
 */
export class CELU extends Activation {
  readonly alpha: number;
  constructor(alpha = 1, options: ActivationOptions = {}) {
    super(options);
    this.alpha = alpha;
  }
  forward(x: Tensor): Tensor {
    return this.inplace ? celu_(x, this.alpha) : celu(x, this.alpha);
  }
  override extraRepr(): string {
    return shown({ alpha: real(this.alpha) }, super.extraRepr() || undefined);
  }
}
/**
 * Clamps each element: `y = min(max(x, minVal), maxVal)`. The bounds are -1 and 1 unless they are given. The module of {@link hardtanh}.
 *
 * Shape: that of `x`. Dtype: that of `x`, any but bool.
 *
 * @throws DTypeError when `x` holds bools.
 * @throws ArgumentError from the constructor when `maxVal` is not above `minVal`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 * @example
 * new nn.Hardtanh().forward(tensor([-2, 0.5, 2])).tolist(); // [-1, 0.5, 1]
 */
export class Hardtanh extends Activation {
  readonly minVal: number;
  readonly maxVal: number;
  constructor(minVal = -1, maxVal = 1, options: ActivationOptions = {}) {
    super(options);
    if (!(maxVal > minVal))
      throw new ArgumentError("Hardtanh", `maxVal ${show(maxVal)} must be above minVal ${show(minVal)}`);
    this.minVal = minVal;
    this.maxVal = maxVal;
  }
  forward(x: Tensor): Tensor {
    return this.inplace ? hardtanh_(x, this.minVal, this.maxVal) : hardtanh(x, this.minVal, this.maxVal);
  }
  override extraRepr(): string {
    return shown({ minVal: real(this.minVal), maxVal: real(this.maxVal) }, super.extraRepr() || undefined);
  }
}
/**
 * Sets small elements to 0: `y = x` where `|x| > lambd`, else 0. `lambd` is 0.5 unless it is given. The module of {@link hardshrink}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 * @example
 * new nn.Hardshrink().forward(tensor([-1, -0.5, 0.2, 2])).tolist(); // [-1, 0, 0, 2]
 */
export class Hardshrink extends Module {
  readonly lambd: number;
  constructor(lambd = 0.5) {
    super();
    this.lambd = lambd;
  }
  forward(x: Tensor): Tensor {
    return hardshrink(x, this.lambd);
  }
  override extraRepr(): string {
    return shown(this.lambd);
  }
}
/**
 * Moves each element towards 0 by `lambd`: `y = sign(x) * max(|x| - lambd, 0)`. `lambd` is 0.5 unless it is given. The module of
 * {@link softshrink}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError from `forward` when `lambd` is negative.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 * @example
 * new nn.Softshrink().forward(tensor([-1, -0.5, 0.2, 2])).tolist(); // [-0.5, 0, 0, 1.5]
 */
export class Softshrink extends Module {
  readonly lambd: number;
  constructor(lambd = 0.5) {
    super();
    this.lambd = lambd;
  }
  forward(x: Tensor): Tensor {
    return softshrink(x, this.lambd);
  }
  override extraRepr(): string {
    return shown(this.lambd);
  }
}
/**
 * A smooth rectifier, element by element: `y = log(1 + exp(beta * x)) / beta`, and `x` itself where `beta * x > threshold`. `beta` is 1 and
 * `threshold` 20 unless they are given. The module of {@link softplus}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 * @example
 * new nn.Softplus().forward(tensor([-1, 0, 30])).tolist(); // [0.3133, 0.6931, 30]
 */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;
  constructor(beta = 1, threshold = 20) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }
  forward(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold);
  }
  override extraRepr(): string {
    return shown({ beta: real(this.beta), threshold: real(this.threshold) });
  }
}
/**
 * Replaces elements that are not above a threshold: `y = x` where `x > threshold`, else `y = value`. The module of {@link threshold}.
 *
 * Shape: that of `x`. Dtype: that of `x`, any but bool.
 *
 * @throws DTypeError when `x` holds bools.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 * @example
 * new nn.Threshold(1, 20).forward(tensor([0, 1, 2])).tolist(); // [20, 20, 2]
 */
export class Threshold extends Activation {
  readonly threshold: number;
  readonly value: number;
  constructor(threshold: number, value: number, options: ActivationOptions = {}) {
    super(options);
    this.threshold = threshold;
    this.value = value;
  }
  forward(x: Tensor): Tensor {
    return this.inplace ? threshold_(x, this.threshold, this.value) : threshold(x, this.threshold, this.value);
  }
  override extraRepr(): string {
    return shown({ threshold: this.threshold, value: this.value }, super.extraRepr() || undefined);
  }
}
/**
 * Gated linear unit: `y = a * sigmoid(b)` with a and b the halves of `x` along `dim` (-1 unless it is given). The module of {@link glu}.
 *
 * Shape: [..., 2 * n, ...] -> [..., n, ...]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` is 0-d or its size along `dim` is odd.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html
 * @see Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2017, https://arxiv.org/abs/1612.08083
 * @example
 * new nn.GLU().forward(tensor([[1, 2, 0, 100]])).tolist(); // [[0.5, 2]]
 */
export class GLU extends Module {
  readonly dim: number;
  constructor(dim = -1) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    return glu(x, this.dim);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
/**
 * Softmax along `dim`: `y = exp(x) / sum(exp(x))`, computed without overflow. The module of {@link softmax}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 * @example
 * new nn.Softmax(1).forward(tensor([[1, 2], [3, 3]])).tolist(); // [[0.2689, 0.7311], [0.5, 0.5]]
 */
export class Softmax extends Module {
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
/**
 * Logarithm of the softmax along `dim`: `y = x - log(sum(exp(x)))`, computed without overflow. The module of {@link logSoftmax}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 * @example
 * new nn.LogSoftmax(1).forward(tensor([[0, 1000], [3, 3]])).tolist(); // [[-1000, 0], [-0.6931, -0.6931]]
 */
export class LogSoftmax extends Module {
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
/**
 * Softmax of the negated elements along `dim`: `y = exp(-x) / sum(exp(-x))`. The module of {@link softmin}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 * @example
 * new nn.Softmin(0).forward(tensor([1, 2])).tolist(); // [0.7311, 0.2689]
 */
export class Softmin extends Module {
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }
  override extraRepr(): string {
    return shown({ dim: this.dim });
  }
}
/**
 * Gaussian error linear unit, element by element: `y = x * (1 + erf(x / sqrt(2))) / 2`; with `approximate: "tanh"`
 * `y = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2`. The module of {@link gelu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError from `forward` when `approximate` is neither "none" nor "tanh".
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
 * @see Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, https://arxiv.org/abs/1606.08415
 * @example
 * new nn.GELU().forward(tensor([-1, 0, 1])).tolist(); // [-0.1587, 0, 0.8413]
 * new nn.GELU({ approximate: "tanh" }).forward(tensor([-1])).tolist(); // [-0.1588]
 */
export class GELU extends Module {
  readonly options: GeluOptions;
  constructor(options: GeluOptions = {}) {
    super();
    checkOptions("GELU", geluKinds, options);
    this.options = options;
  }
  forward(x: Tensor): Tensor {
    return gelu(x, this.options);
  }
  override extraRepr(): string {
    return shown({ approximate: quoted(this.options.approximate ?? "none") });
  }
}
/**
 * A rectifier whose slope below 0 is learned: `y = max(0, x) + weight * min(0, x)`. `weight` holds one slope, or one for each channel
 * (`numParameters`); it starts at `init`, 0.25. The module of {@link prelu}.
 *
 * Shape: that of `x`; with several parameters [N, C, ...]. Parameter: `weight` [numParameters]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when there are several parameters, but not one for each channel.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 * @see He et al., "Delving Deep into Rectifiers", 2015, https://arxiv.org/abs/1502.01852
 * @example
 * new nn.PReLU().forward(tensor([-4, 2])).tolist(); // [-1, 2]
 * new nn.PReLU(3, 0.5).weight.tolist(); // [0.5, 0.5, 0.5]
 */
export class PReLU extends Module {
  weight: Parameter;
  constructor(numParameters = 1, init = 0.25) {
    super();
    this.weight = new Parameter(full([numParameters], init));
  }
  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
  override extraRepr(): string {
    return shown({ numParameters: this.weight.size });
  }
}
/**
 * A rectifier whose slope below 0 is drawn for each element in training: `y = max(0, x) + slope * min(0, x)` with slopes from [lower,
 * upper); in evaluation the slope is `(lower + upper) / 2`. The bounds are 1/8 and 1/3 unless they are given. The module of {@link rrelu}.
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError when `x` is no floating-point tensor.
 * @throws ArgumentError from `forward` when `lower` is above `upper`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RReLU.html
 * @see Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network", 2015, https://arxiv.org/abs/1505.00853
 * @example
 * new nn.RReLU(0.1, 0.3).eval().forward(tensor([-10, 2])).tolist(); // [-2.0000, 2]
 */
export class RReLU extends Activation {
  readonly lower: number;
  readonly upper: number;
  constructor(lower = 1 / 8, upper = 1 / 3, options: ActivationOptions = {}) {
    super(options);
    this.lower = lower;
    this.upper = upper;
  }
  forward(x: Tensor): Tensor {
    return this.inplace
      ? rrelu_(x, { lower: this.lower, upper: this.upper, training: this.training })
      : rrelu(x, { lower: this.lower, upper: this.upper, training: this.training });
  }
  override extraRepr(): string {
    return shown({ lower: this.lower, upper: this.upper }, super.extraRepr() || undefined);
  }
}
/**
 * Softmax over the channels of images at each position: `y[n, c, h, w] = exp(x[n, c, h, w]) / sum over k of exp(x[n, k, h, w])`.
 *
 * Shape: that of `x`, [N, C, H, W] or [C, H, W]. Dtype: that of `x`, a floating-point one.
 *
 * @throws ShapeError when `x` has neither three nor four dimensions.
 * @throws DTypeError when `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 * @example
 * new nn.Softmax2d().forward(tensor([[[1, 0]], [[1, 1]]])).tolist(); // [[[0.5, 0.2689]], [[0.5, 0.7311]]]
 */
export class Softmax2d extends Module {
  forward(x: Tensor): Tensor {
    checkTensor("Softmax2d", "x", x);
    if (x.ndim !== 3 && x.ndim !== 4)
      throw new ShapeError("Softmax2d", `expected input [N, C, H, W] or [C, H, W], got ${showShape(x.shape)}`, [
        x.shape,
      ]);
    return softmax(x, -3);
  }
}
