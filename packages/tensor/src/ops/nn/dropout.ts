import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { type FloatArray, fillDropout } from "../../random/index.ts";
import type { Made } from "../create/allocation.ts";
import {
  checkFloat,
  type Drawn,
  drawing,
  drawn,
  type GeneratorOptions,
  generatorKinds,
  inMemoryOrder,
} from "../create/drawing.ts";
import { bernoulliOp } from "../create/random.ts";
import { add, add_, mul, mul_, sub } from "../pointwise/arithmetic.ts";
import { squeeze, unsqueeze } from "../shape/view.ts";

/** Shape of the noise: the tensor's, or one value for each channel ([N, C, 1, ...]). */
const noiseShape = (x: Tensor, channels: boolean): readonly number[] =>
  channels ? x.shape.map((s, i) => (i < 2 ? s : 1)) : x.shape;

export interface Chance extends Made, Drawn {
  readonly p: number;
}
/** What dropout multiplies by: 0 with probability p, else 1 / (1 - p). */
export const dropoutNoiseOp = drawing<Chance>("dropoutNoise", (out, { generator, p }) =>
  fillDropout(out as FloatArray, generator, p),
); // a float dtype: checked
/** Draws for each noise element, in the memory order of `x` where there is one for each of its elements. */
function noiseFor(
  title: string,
  op: Op<Chance>,
  x: Tensor,
  channels: boolean,
  p: number,
  { generator }: GeneratorOptions,
): Tensor {
  const options = { dtype: x.dtype, device: x.device, generator };
  const make = (shape: readonly number[]) => drawn(title, op, shape, options, { p });
  return channels ? make(noiseShape(x, true)) : inMemoryOrder(x, make);
}

/** Whether there is anything to drop, the arguments being right. */
function active(op: string, x: Tensor, p: number, training: boolean, channels: boolean): boolean {
  checkTensor(op, "x", x);
  if (typeof training !== "boolean") throw new ArgumentError(op, `training must be a boolean, got ${show(training)}`);
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(op, `p must be a probability in [0, 1], got ${p}`);
  if (!training || p === 0 || x.size === 0) return false;
  checkFloat(op, x.dtype);
  if (channels && x.ndim < 2) throw new ShapeError(op, `needs [N, C, ...], got ${showShape(x.shape)}`, [x.shape]);
  return true;
}

type Product = (x: Tensor, y: Tensor | number) => Tensor;

function drop(
  op: string,
  x: Tensor,
  p: number,
  training: boolean,
  options: GeneratorOptions,
  channels: boolean,
  product: Product,
): Tensor {
  if (unscoped()) return scoped(drop, op, x, p, training, options, channels, product);
  checkOptions(op, generatorKinds, options);
  checkTensor(op, "x", x);
  if (!active(op, x, p, training, channels)) return x;
  if (p === 1) return product(x, 0);
  const noise = noiseFor(op, dropoutNoiseOp, x, channels, p, options);
  const out = product(x, noise);
  noise.dispose();
  return out;
}

/**
 * Sets each element to 0 with probability `p` and scales the others: `y = x * kept / (1 - p)`, in training. Otherwise the result is `x`
 * itself. The values drawn are PyTorch's for the same seed.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 * @see Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014
 * @example
 * import { dropout, ones } from "@flambeau/tensor";
 * dropout(ones([3]), 0.5, false).tolist(); // [1, 1, 1]
 * dropout(ones([100]), 0.75).max().item(); // 4
 */
export const dropout = (x: Tensor, p = 0.5, training = true, options: GeneratorOptions = none): Tensor =>
  drop("dropout", x, p, training, options, false, mul);
/** In place {@link dropout}: `x = dropout(x, p, training)`. */
export const dropout_ = (x: Tensor, p = 0.5, training = true, options: GeneratorOptions = none): Tensor =>
  drop("dropout_", x, p, training, options, false, mul_);

/** Runs `f` on `x` with a batch dimension, which it adds and takes away again when `x` comes without one. */
const batched = (x: Tensor, rank: number, f: (x: Tensor) => Tensor): Tensor =>
  x.ndim === rank ? f(x) : squeeze(f(unsqueeze(x, 0)), 0);
function ranks(op: string, x: Tensor, least: number, most: number): void {
  if (x.ndim < least || x.ndim > most)
    throw new ShapeError(op, `expected ${least} to ${most} dimensions, got ${showShape(x.shape)}`, [x.shape]);
}
/**
 * Sets whole channels of [N, C, L] or [C, L] to 0 with probability `p` and scales the others: `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`,
 * in training.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has neither two nor three dimensions.
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
 * @example
 * const y = dropout1d(ones([8, 16, 5]), 0.5);
 * y.sum(2).unique().tolist(); // [0, 10]
 */
export function dropout1d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = none): Tensor {
  checkOptions("dropout1d", generatorKinds, options);
  checkTensor("dropout1d", "x", x);
  ranks("dropout1d", x, 2, 3);
  return batched(x, 3, (b) => drop("dropout1d", b, p, training, options, true, mul));
}
/**
 * Sets whole channels of [N, C, H, W] (or [N, C, L], as in PyTorch) to 0 with probability `p` and scales the others:
 * `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`, in training.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ShapeError when there is something to drop and `x` has fewer than two dimensions.
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 * @see Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2015, https://arxiv.org/abs/1411.4280
 * @example
 * const y = dropout2d(ones([8, 16, 2, 2]), 0.5);
 * y.sum([2, 3]).unique().tolist(); // [0, 8]
 */
export function dropout2d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = none): Tensor {
  if (unscoped()) return scoped(dropout2d, x, p, training, options);
  return drop("dropout2d", x, p, training, options, true, mul);
}
/**
 * Sets whole channels of [N, C, D, H, W] or [C, D, H, W] to 0 with probability `p` and scales the others:
 * `y[n, c] = x[n, c] * kept[n, c] / (1 - p)`, in training.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has neither four nor five dimensions.
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
 * @example
 * const y = dropout3d(ones([8, 16, 2, 2, 2]), 0.5);
 * y.sum([2, 3, 4]).unique().tolist(); // [0, 16]
 */
export function dropout3d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = none): Tensor {
  if (unscoped()) return scoped(dropout3d, x, p, training, options);
  checkOptions("dropout3d", generatorKinds, options);
  checkTensor("dropout3d", "x", x);
  ranks("dropout3d", x, 4, 5);
  return batched(x, 5, (b) => drop("dropout3d", b, p, training, options, true, mul));
}

/** What selu tends to for x to -infinity, negated: its scale times its alpha. */
const seluLimit = 1.7580993408473766;

function alphaDrop(
  op: string,
  x: Tensor,
  p: number,
  training: boolean,
  options: GeneratorOptions,
  channels: boolean,
): Tensor {
  checkOptions(op, generatorKinds, options);
  checkTensor(op, "x", x);
  if (!active(op, x, p, training, channels)) return x;
  if (p === 1) return mul(x, 0);
  const a = 1 / Math.sqrt((seluLimit * seluLimit * p + 1) * (1 - p));
  const kept = noiseFor(op, bernoulliOp, x, channels, 1 - p, options);
  // kept elements become a x + alpha a p, the others -alpha a + alpha a p: mean and variance stay
  const shift = add_(mul_(sub(kept, 1), seluLimit * a), seluLimit * a * p);
  const out = add(mul(x, mul_(kept, a)), shift);
  kept.dispose();
  shift.dispose();
  return out;
}
/**
 * Dropout for networks of `selu`: each element becomes selu's lower limit with probability `p`, and all are scaled and shifted to keep mean
 * 0 and variance 1: `y = a * (x or -s) + a * s * p` with `s = 1.7581` and `a = 1 / sqrt((1 - p) * (1 + p * s^2))`. Off unless `training` is
 * passed, as in PyTorch.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 * @see Klambauer et al., "Self-Normalizing Neural Networks", 2017, https://arxiv.org/abs/1706.02515
 * @example
 * alphaDropout(tensor([1, 2]), 0.5).tolist(); // [1, 2]
 * alphaDropout(zeros([100]), 0.5, true).unique().tolist(); // [-0.7792, 0.7792]
 */
export const alphaDropout = (x: Tensor, p = 0.5, training = false, options: GeneratorOptions = none): Tensor =>
  unscoped()
    ? scoped(alphaDropout, x, p, training, options)
    : alphaDrop("alphaDropout", x, p, training, options, false);
/**
 * Whole channels of [N, C, ...] dropped as {@link alphaDropout} drops elements: `y[n, c] = a * (x[n, c] or -s) + a * s * p`.
 *
 * Shape: that of `x`, which has at least two dimensions. Dtype: that of `x`.
 *
 * @throws ShapeError when there is something to drop and `x` has fewer than two dimensions.
 * @throws ArgumentError when `p` is no probability in [0, 1].
 * @throws DTypeError when there is something to drop and `x` is no floating-point tensor.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.feature_alpha_dropout.html
 * @example
 * const y = featureAlphaDropout(zeros([8, 16, 5]), 0.5, true);
 * y.amax(2).equal(y.amin(2)); // true
 */
export const featureAlphaDropout = (x: Tensor, p = 0.5, training = false, options: GeneratorOptions = none): Tensor =>
  unscoped()
    ? scoped(featureAlphaDropout, x, p, training, options)
    : alphaDrop("featureAlphaDropout", x, p, training, options, true);
