import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { type FloatArray, fillDropout } from "../../random/index.ts";
import type { Made } from "../create/allocation.ts";
import { checkFloat, type Drawn, drawing, drawn, type GeneratorOptions, inMemoryOrder } from "../create/drawing.ts";
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
  const options = { dtype: x.dtype, device: x.device, ...(generator && { generator }) };
  const make = (shape: readonly number[]) => drawn(title, op, shape, options, { p });
  return channels ? make(noiseShape(x, true)) : inMemoryOrder(x, make);
}

/** Whether there is anything to drop, the arguments being right. */
function active(op: string, x: Tensor, p: number, training: boolean, channels: boolean): boolean {
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
  if (!active(op, x, p, training, channels)) return x;
  if (p === 1) return product(x, 0);
  const noise = noiseFor(op, dropoutNoiseOp, x, channels, p, options);
  const out = product(x, noise);
  noise.dispose();
  return out;
}

/**
 * Sets each element to 0 with probability `p` and scales the others by 1 / (1 - p), in training; otherwise `x` itself. The values
 * drawn are PyTorch's for the same seed.
 *
 * @throws ArgumentError when `p` is no probability.
 * @example
 * import { dropout, ones } from "@flambeau/tensor";
 * console.log(dropout(ones([3]), 0.5, false).tolist()); // [1, 1, 1]
 */
export const dropout = (x: Tensor, p = 0.5, training = true, options: GeneratorOptions = {}): Tensor =>
  drop("dropout", x, p, training, options, false, mul);
/** {@link dropout} in place. */
export const dropout_ = (x: Tensor, p = 0.5, training = true, options: GeneratorOptions = {}): Tensor =>
  drop("dropout_", x, p, training, options, false, mul_);

/** Runs `f` on `x` with a batch dimension, which it adds and takes away again when `x` comes without one. */
const batched = (x: Tensor, rank: number, f: (x: Tensor) => Tensor): Tensor =>
  x.ndim === rank ? f(x) : squeeze(f(unsqueeze(x, 0)), 0);
function ranks(op: string, x: Tensor, least: number, most: number): void {
  if (x.ndim < least || x.ndim > most)
    throw new ShapeError(op, `expected ${least} to ${most} dimensions, got ${showShape(x.shape)}`, [x.shape]);
}
/** {@link dropout} of whole channels of [N, C, L] or [C, L]. */
export function dropout1d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = {}): Tensor {
  ranks("dropout1d", x, 2, 3);
  return batched(x, 3, (b) => drop("dropout1d", b, p, training, options, true, mul));
}
/** {@link dropout} of whole channels of [N, C, H, W] (or [N, C, L], as in PyTorch). */
export function dropout2d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = {}): Tensor {
  return drop("dropout2d", x, p, training, options, true, mul);
}
/** {@link dropout} of whole channels of [N, C, D, H, W] or [C, D, H, W]. */
export function dropout3d(x: Tensor, p = 0.5, training = true, options: GeneratorOptions = {}): Tensor {
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
 * Dropout for selu networks: dropped elements take selu's lower limit, then all are scaled and shifted to keep mean and variance. Off
 * unless `training` is passed, as in PyTorch.
 *
 * @see G. Klambauer et al., "Self-Normalizing Neural Networks", 2017
 */
export const alphaDropout = (x: Tensor, p = 0.5, training = false, options: GeneratorOptions = {}): Tensor =>
  alphaDrop("alphaDropout", x, p, training, options, false);
/** {@link alphaDropout} of whole channels of [N, C, ...]. */
export const featureAlphaDropout = (x: Tensor, p = 0.5, training = false, options: GeneratorOptions = {}): Tensor =>
  alphaDrop("featureAlphaDropout", x, p, training, options, true);
