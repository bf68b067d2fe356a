import * as random from "@flambeau/tensor/functional";
import { ArgumentError, fill_, noGrad, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, showShape } from "@flambeau/tensor/plugin";

export { dirac_, eye_, orthogonal_, sparse_ } from "./init-patterns.ts";

const quietly = (t: Tensor, write: () => void): Tensor => {
  noGrad(write);
  return t;
};

/**
 * Fills a tensor in place with uniform numbers: `t[...] ~ U[a, b)`. No graph records it, so that a parameter may be filled.
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws DTypeError when `t` is no floating-point tensor.
 * @throws ArgumentError when `a` is above `b`.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.uniform_
 * @example
 * const t = nn.init.uniform_(zeros([100]), 2, 3);
 * t.min().item() >= 2 && t.max().item() < 3; // true
 */
export const uniform_ = (t: Tensor, a = 0, b = 1): Tensor => quietly(t, () => random.uniform_(t, a, b));
/**
 * Fills a tensor in place with normal numbers: `t[...] ~ N(mean, std^2)`. No graph records it.
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws DTypeError when `t` is no floating-point tensor.
 * @throws ArgumentError when `std` is negative.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.normal_
 * @example
 * nn.init.normal_(zeros([2, 3]), 5, 0).tolist(); // [[5, 5, 5], [5, 5, 5]]
 */
export const normal_ = (t: Tensor, mean = 0, std = 1): Tensor => quietly(t, () => random.normal_(t, mean, std));
/**
 * Fills a tensor in place with one value: `t[...] = value`. No graph records it.
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws MemoryError when `t` was disposed.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.constant_
 * @example
 * const layer = new nn.Linear(2, 1);
 * nn.init.constant_(layer.weight, 0.5);
 * layer.weight.tolist(); // [[0.5, 0.5]]
 */
export const constant_ = (t: Tensor, value: number): Tensor => quietly(t, () => fill_(t, value));
/**
 * Fills a tensor in place with zeros: `t[...] = 0`. No graph records it.
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws MemoryError when `t` was disposed.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.zeros_
 * @example
 * nn.init.zeros_(new nn.Linear(4, 2).weight).tolist(); // [[0, 0, 0, 0], [0, 0, 0, 0]]
 */
export const zeros_ = (t: Tensor): Tensor => constant_(t, 0);
/**
 * Fills a tensor in place with ones: `t[...] = 1`. No graph records it.
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws MemoryError when `t` was disposed.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.ones_
 * @example
 * nn.init.ones_(zeros([2])).tolist(); // [1, 1]
 */
export const ones_ = (t: Tensor): Tensor => constant_(t, 1);

/**
 * Inputs and outputs of one unit of a weight: `fanIn = t.shape[1] * field`, `fanOut = t.shape[0] * field`, where field is the number of a
 * kernel's elements.
 *
 * Shape: [out, in, ...kernel] -> two numbers.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
 * @example
 * nn.init.fans(zeros([16, 3, 5, 5])); // { fanIn: 75, fanOut: 400 }
 */
export function fans(t: Tensor): { fanIn: number; fanOut: number } {
  checkTensor("fans", "t", t);
  if (t.ndim < 2)
    throw new ShapeError("init", `fan-in and fan-out need at least 2 dimensions, got ${showShape(t.shape)}`, [t.shape]);
  const field = t.shape.slice(2).reduce((n, s) => n * s, 1);
  return { fanIn: t.shape[1] * field, fanOut: t.shape[0] * field };
}

const nonlinearities = [
  "linear",
  "conv1d",
  "conv2d",
  "conv3d",
  "convTranspose1d",
  "convTranspose2d",
  "convTranspose3d",
  "sigmoid",
  "tanh",
  "relu",
  "leakyRelu",
  "selu",
] as const;
/** What follows a weight, as {@link calculateGain} knows it. */
export type Nonlinearity = (typeof nonlinearities)[number];
/**
 * The factor that keeps variance through a nonlinearity: 1 for linear maps, convolutions and sigmoid, 5/3 for tanh, `sqrt(2)` for relu,
 * `sqrt(2 / (1 + param^2))` for leakyRelu with slope `param` (0.01 unless it is given), 3/4 for selu.
 *
 * Shape: none; the result is a number.
 *
 * @throws ArgumentError when the nonlinearity is unknown.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 * @example
 * nn.init.calculateGain("relu"); // 1.4142
 * nn.init.calculateGain("leakyRelu", 0.2); // 1.3868
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.sqrt(2);
    case "leakyRelu":
      return Math.sqrt(2 / (1 + param ** 2));
    case "selu":
      return 3 / 4;
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "convTranspose1d":
    case "convTranspose2d":
    case "convTranspose3d":
    case "sigmoid":
      return 1;
    default:
      throw new ArgumentError("calculateGain", `unknown nonlinearity ${JSON.stringify(nonlinearity)}`);
  }
}

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows (default 0); for `nonlinearity` "leakyRelu". */
  readonly a?: number | undefined;
  /** Keep the variance of what goes forward ("fanIn", the default) or of what comes back ("fanOut"). */
  readonly mode?: "fanIn" | "fanOut" | undefined;
  /** What follows the weight (default "leakyRelu"). */
  readonly nonlinearity?: Nonlinearity | undefined;
}
const kaimingKinds: Kinds<KaimingOptions> = {
  a: option.number,
  mode: option.oneOf("fanIn", "fanOut"),
  nonlinearity: option.oneOf(...nonlinearities),
};
const kaimingStd = (t: Tensor, { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number =>
  calculateGain(nonlinearity, a) / Math.sqrt(fans(t)[mode]);
/**
 * Fills a weight in place with uniform numbers that keep variance through rectifiers: `t[...] ~ U[-b, b)` with `b = gain * sqrt(3 / fan)`.
 * The gain is {@link calculateGain}'s, the fan one of {@link fans}.
 *
 * Shape: [out, in, ...kernel]; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @throws DTypeError when `t` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
 * @see He et al., "Delving Deep into Rectifiers", 2015, https://arxiv.org/abs/1502.01852
 * @example
 * const weight = nn.init.kaimingUniform_(zeros([8, 6]), { nonlinearity: "relu" }); // bound sqrt(2) * sqrt(3 / 6) = 1
 * weight.abs().max().item() <= 1; // true
 */
export function kaimingUniform_(t: Tensor, options: KaimingOptions = {}): Tensor {
  checkOptions("kaimingUniform_", kaimingKinds, options);
  checkTensor("kaimingUniform_", "t", t);
  if (t.size === 0) return t;
  const bound = Math.sqrt(3) * kaimingStd(t, options);
  return uniform_(t, -bound, bound);
}
/**
 * Fills a weight in place with normal numbers that keep variance through rectifiers: `t[...] ~ N(0, std^2)` with `std = gain / sqrt(fan)`.
 * The gain is {@link calculateGain}'s, the fan one of {@link fans}.
 *
 * Shape: [out, in, ...kernel]; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @throws DTypeError when `t` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
 * @see He et al., "Delving Deep into Rectifiers", 2015, https://arxiv.org/abs/1502.01852
 * @example
 * const weight = nn.init.kaimingNormal_(zeros([200, 200]), { nonlinearity: "relu" }); // std sqrt(2 / 200)
 * weight.std().mul(10).round().item(); // 1
 */
export function kaimingNormal_(t: Tensor, options: KaimingOptions = {}): Tensor {
  checkOptions("kaimingNormal_", kaimingKinds, options);
  checkTensor("kaimingNormal_", "t", t);
  return t.size === 0 ? t : normal_(t, 0, kaimingStd(t, options));
}

const xavierStd = (t: Tensor, gain: number): number => {
  const { fanIn, fanOut } = fans(t);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
};
/**
 * Fills a weight in place with uniform numbers that keep variance forward and back: `t[...] ~ U[-b, b)` with
 * `b = gain * sqrt(6 / (fanIn + fanOut))`.
 *
 * Shape: [out, in, ...kernel]; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @throws DTypeError when `t` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
 * @see Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * @example
 * const weight = nn.init.xavierUniform_(zeros([4, 2])); // bound sqrt(6 / (2 + 4)) = 1
 * weight.abs().max().item() <= 1; // true
 */
export function xavierUniform_(t: Tensor, gain = 1): Tensor {
  checkTensor("xavierUniform_", "t", t);
  const bound = Math.sqrt(3) * xavierStd(t, gain);
  return uniform_(t, -bound, bound);
}
/**
 * Fills a weight in place with normal numbers that keep variance forward and back: `t[...] ~ N(0, std^2)` with
 * `std = gain * sqrt(2 / (fanIn + fanOut))`.
 *
 * Shape: [out, in, ...kernel]; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws ShapeError when `t` has fewer than two dimensions.
 * @throws DTypeError when `t` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_normal_
 * @see Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010
 * @example
 * const weight = nn.init.xavierNormal_(zeros([200, 200])); // std sqrt(2 / 400)
 * weight.std().mul(100).round().item(); // 7
 */
export const xavierNormal_ = (t: Tensor, gain = 1): Tensor => {
  checkTensor("xavierNormal_", "t", t);
  return normal_(t, 0, xavierStd(t, gain));
};
/**
 * Fills a tensor in place with normal numbers from an interval: `t[...] ~ N(mean, std^2)`, given that they lie in [a, b].
 *
 * Shape: any; the result is `t` itself. Dtype: that of `t`, which stays.
 *
 * @throws DTypeError when `t` is no floating-point tensor.
 * @throws ArgumentError when `std` is negative or `a` not below `b`.
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 * @example
 * nn.init.truncNormal_(zeros([1000]), 0, 10, -2, 3).abs().max().item() <= 3; // true
 */
export const truncNormal_ = (t: Tensor, mean = 0, std = 1, a = -2, b = 2): Tensor =>
  quietly(t, () => random.truncNormal_(t, mean, std, a, b));
