import * as random from "@flambeau/tensor/functional";
import { ArgumentError, fill_, noGrad, ShapeError, showShape, type Tensor } from "@flambeau/tensor/functional";

const quietly = (t: Tensor, write: () => void): Tensor => {
  noGrad(write);
  return t;
};

/** Fills with uniform numbers in [a, b). */
export const uniform_ = (t: Tensor, a = 0, b = 1): Tensor => quietly(t, () => random.uniform_(t, a, b));
/** Fills with normal numbers. */
export const normal_ = (t: Tensor, mean = 0, std = 1): Tensor => quietly(t, () => random.normal_(t, mean, std));
/** Fills with one value. */
export const constant_ = (t: Tensor, value: number): Tensor => quietly(t, () => fill_(t, value));
export const zeros_ = (t: Tensor): Tensor => constant_(t, 0);
export const ones_ = (t: Tensor): Tensor => constant_(t, 1);

/** Inputs and outputs of one unit of a weight [out, in, kernel...]. */
export function fans(t: Tensor): { fanIn: number; fanOut: number } {
  if (t.ndim < 2)
    throw new ShapeError("init", `fan-in and fan-out need at least 2 dimensions, got ${showShape(t.shape)}`, [t.shape]);
  const field = t.shape.slice(2).reduce((n, s) => n * s, 1);
  return { fanIn: t.shape[1] * field, fanOut: t.shape[0] * field };
}

export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";
/** The factor that keeps variance through a nonlinearity, as PyTorch's calculate_gain. */
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
    case "sigmoid":
      return 1;
    default:
      throw new ArgumentError("calculateGain", `unknown nonlinearity ${JSON.stringify(nonlinearity)}`);
  }
}

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows. */
  readonly a?: number;
  readonly mode?: "fanIn" | "fanOut";
  readonly nonlinearity?: Nonlinearity;
}
const kaimingStd = (t: Tensor, { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" }: KaimingOptions): number =>
  calculateGain(nonlinearity, a) / Math.sqrt(fans(t)[mode]);
/** He et al. 2015, uniform: bound = gain * sqrt(3 / fan). */
export function kaimingUniform_(t: Tensor, options: KaimingOptions = {}): Tensor {
  if (t.size === 0) return t;
  const bound = Math.sqrt(3) * kaimingStd(t, options);
  return uniform_(t, -bound, bound);
}
/** He et al. 2015, normal: std = gain / sqrt(fan). */
export const kaimingNormal_ = (t: Tensor, options: KaimingOptions = {}): Tensor =>
  t.size === 0 ? t : normal_(t, 0, kaimingStd(t, options));

const xavierStd = (t: Tensor, gain: number): number => {
  const { fanIn, fanOut } = fans(t);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
};
/** Glorot & Bengio 2010, uniform. */
export function xavierUniform_(t: Tensor, gain = 1): Tensor {
  const bound = Math.sqrt(3) * xavierStd(t, gain);
  return uniform_(t, -bound, bound);
}
/** Glorot & Bengio 2010, normal. */
export const xavierNormal_ = (t: Tensor, gain = 1): Tensor => normal_(t, 0, xavierStd(t, gain));
/** Normal numbers cut at [a, b]. */
export const truncNormal_ = (t: Tensor, mean = 0, std = 1, a = -2, b = 2): Tensor =>
  quietly(t, () => random.truncNormal_(t, mean, std, a, b));
