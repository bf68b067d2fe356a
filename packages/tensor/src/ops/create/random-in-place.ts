import { isFloat, isInt } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { broadcastShapes, sameShape } from "../../layout/shapes.ts";
import { floatsFor } from "../../lower/host.ts";
import {
  type FloatArray,
  fillBernoulli,
  fillBernoulliEach,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillNormal,
  fillNormalOneByOne,
  fillRandint,
  fillRandom,
  fillTruncNormal,
  fillUniform,
} from "../../random/index.ts";
import { lt } from "../pointwise/comparison.ts";
import { broadcastTo, permute } from "../shape/view.ts";
import { copy_ } from "./copy.ts";
import {
  checkBound,
  checkFloat,
  drawInPlace,
  type GeneratorOptions,
  generatorOf,
  memoryOrder,
  uniformFor,
} from "./drawing.ts";

/** Draws real numbers into `x`. */
function real(op: string, x: Tensor, draw: (out: FloatArray) => void): Tensor {
  checkFloat(op, x.dtype);
  return drawInPlace(op, x, (out) => draw(out as FloatArray)); // a float dtype: checked
}

/** Fills `x` with uniform numbers in [from, to). */
export const uniform_ = (x: Tensor, from = 0, to = 1, options: GeneratorOptions = {}): Tensor =>
  real("uniform_", x, (out) => fillUniform(out, generatorOf(options), from, to));
/** Fills `x` with normal numbers. */
export const normal_ = (x: Tensor, mean = 0, std = 1, options: GeneratorOptions = {}): Tensor =>
  real("normal_", x, (out) => (x.rowMajor ? fillNormal : fillNormalOneByOne)(out, generatorOf(options), mean, std));
/**
 * Fills `x` with normal numbers that lie in [a, b].
 *
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 */
export const truncNormal_ = (x: Tensor, mean = 0, std = 1, a = -2, b = 2, options: GeneratorOptions = {}): Tensor =>
  real("truncNormal_", x, (out) => fillTruncNormal(out, generatorOf(options), mean, std, a, b));
/** Fills `x` with the exponentials of normal numbers. */
export const logNormal_ = (x: Tensor, mean = 1, std = 2, options: GeneratorOptions = {}): Tensor =>
  real("logNormal_", x, (out) => fillLogNormal(out, generatorOf(options), mean, std));
/** Fills `x` with exponentially distributed numbers of rate `lambda`. */
export const exponential_ = (x: Tensor, lambda = 1, options: GeneratorOptions = {}): Tensor =>
  real("exponential_", x, (out) => fillExponential(out, generatorOf(options), lambda));
/** Fills `x` with Cauchy-distributed numbers. */
export const cauchy_ = (x: Tensor, median = 0, sigma = 1, options: GeneratorOptions = {}): Tensor =>
  real("cauchy_", x, (out) => fillCauchy(out, generatorOf(options), median, sigma));
/** Fills `x` with the number of trials up to the first success of probability `p`: 1, 2, ... */
export function geometric_(x: Tensor, p: number, options: GeneratorOptions = {}): Tensor {
  if (!isFloat(x.dtype) && !isInt(x.dtype)) throw new DTypeError("geometric_", `counts do not fit a ${x.dtype} tensor`);
  return drawInPlace("geometric_", x, (out) => fillGeometric(out, generatorOf(options), p));
}
/** Fills `x` with 1 with probability `p` (a number, or a tensor of them that broadcasts to `x`), else 0. */
export function bernoulli_(x: Tensor, p: number | Tensor = 0.5, options: GeneratorOptions = {}): Tensor {
  if (typeof p === "number") return drawInPlace("bernoulli_", x, (out) => fillBernoulli(out, generatorOf(options), p));
  if (p.dtype !== "float32" && p.dtype !== "float64")
    throw new DTypeError("bernoulli_", `probabilities must be float32 or float64, got ${p.dtype}`);
  if (!sameShape(broadcastShapes("bernoulli_", x.shape, p.shape), x.shape))
    throw new ShapeError(
      "bernoulli_",
      `probabilities ${showShape(p.shape)} do not broadcast to ${showShape(x.shape)}`,
      [x.shape, p.shape],
    );
  if (!p.backend.readSync && p.dtype === "float32") {
    // the same draws, compared on the device: nothing is read, and probabilities outside [0, 1] are not noticed
    const draws = uniformFor("bernoulli_", x, generatorOf(options));
    const ones = noGrad(() => lt(draws, p));
    draws.dispose();
    copy_(x, ones);
    ones.dispose();
    return x;
  }
  const probabilities = floatsFor(
    "bernoulli_",
    permute(broadcastTo(p, x.shape), memoryOrder(x)),
    "each element is drawn on the host",
  );
  return drawInPlace("bernoulli_", x, (out) => fillBernoulliEach(out, generatorOf(options), probabilities));
}
/** Fills `x` with integers from `from` up to `to`, not included; without bounds, with all that the dtype holds exactly from 0 up. */
export function random_(x: Tensor, from?: number | null, to?: number | null, options: GeneratorOptions = {}): Tensor {
  const generator = generatorOf(options);
  if (from === undefined || from === null) {
    if (to !== undefined && to !== null)
      throw new ArgumentError("random_", `from is ${show(from)}, to is ${show(to)}`, "random_(x, 0, to)");
    return drawInPlace("random_", x, (out) =>
      x.dtype === "bool" ? fillRandint(out, generator, 0, 2) : fillRandom(out, generator),
    );
  }
  const [low, high] = to === undefined || to === null ? [0, from] : [from, to];
  checkBound("random_", "from", low);
  checkBound("random_", "to", high);
  return drawInPlace("random_", x, (out) => fillRandint(out, generator, low, high));
}
