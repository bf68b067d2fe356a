import { isFloat, isHalf, isInt } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import { checkOptions, none } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { checkNumber } from "../../layout/integers.ts";
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
} from "../../random/index.ts";
import { lt } from "../pointwise/comparison.ts";
import { broadcastTo, permute } from "../shape/view.ts";
import { copy_ } from "./copy.ts";
import {
  checkBound,
  checkFloat,
  type Drawn,
  drawInPlace,
  drawingInto,
  fillUniformAs,
  type GeneratorOptions,
  generatorKinds,
  generatorOf,
  guarded,
  memoryOrder,
  type Quick,
  quickNormal,
  uniformFor,
} from "./drawing.ts";

/** An op that draws real numbers. */
const real = <A extends object>(
  name: string,
  draw: (out: FloatArray, attrs: A & Drawn, target: Tensor) => void,
  quick?: Quick<A & Drawn>,
) => drawingInto<A & Drawn>(name, (out, attrs, [target]) => draw(out as FloatArray, attrs, target), quick); // a float dtype: checked
/** Draws by a {@link real} op. */
function drawReal<A extends Drawn>(
  op: Op<A>,
  x: Tensor,
  options: GeneratorOptions,
  attrs: Omit<A, keyof Drawn>,
): Tensor {
  checkOptions(op.name, generatorKinds, options);
  checkTensor(op.name, "x", x);
  checkFloat(op.name, x.dtype);
  for (const [name, value] of Object.entries(attrs)) checkNumber(op.name, name, value);
  return drawInPlace(op, x, options, attrs);
}

export const uniformOp = real<{ readonly from: number; readonly to: number }>(
  "uniform_",
  (out, { generator, from, to }, target) => fillUniformAs(target.dtype, out, generator, from, to),
  ({ from, to }) => (to - from >= 0 && to - from < Infinity ? { name: "rand", first: from, second: to } : null),
);
/**
 * Fills `x` with uniform numbers: `x[i] ~ U[from, to)`. The gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `from` is above `to`, or the width is not finite.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
 * @example
 * manualSeed(0);
 * zeros([3]).uniform_(5, 10).tolist(); // [7.4813, 8.8411, 5.4424]
 */
export const uniform_ = (x: Tensor, from = 0, to = 1, options: GeneratorOptions = none): Tensor =>
  drawReal(uniformOp, x, options, { from, to });

export interface MeanAndStd {
  readonly mean: number;
  readonly std: number;
}
export const normalOp = real<MeanAndStd>(
  "normal_",
  (out, { generator, mean, std }, target) =>
    target.rowMajor
      ? fillNormal(out, generator, mean, std, isHalf(target.dtype))
      : fillNormalOneByOne(out, generator, mean, std),
  ({ mean, std }) => quickNormal(mean, std),
);
/**
 * Fills `x` with normal numbers of a mean and standard deviation: `x[i] ~ N(mean, std^2)`. The gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `std` is negative.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
 * @example
 * manualSeed(0);
 * zeros([3]).normal_(10, 2).tolist(); // [13.0820, 9.4131, 5.6424]
 */
export const normal_ = (x: Tensor, mean = 0, std = 1, options: GeneratorOptions = none): Tensor =>
  drawReal(normalOp, x, options, { mean, std });

export const truncNormalOp = real<MeanAndStd & { readonly a: number; readonly b: number }>(
  "truncNormal_",
  (out, { generator, mean, std, a, b }) => fillTruncNormal(out, generator, mean, std, a, b),
);
/**
 * Fills `x` with normal numbers that lie in a range: `x[i] ~ N(mean, std^2)`, given that `a <= x[i] <= b`. The gradient of what was there
 * is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `std` is not positive, or `a` not below `b`.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 * @example
 * const x = truncNormal_(zeros([1000]), 0, 1, -1, 1);
 * x.abs().le(1).all().item(); // 1
 */
export const truncNormal_ = (x: Tensor, mean = 0, std = 1, a = -2, b = 2, options: GeneratorOptions = none): Tensor =>
  drawReal(truncNormalOp, x, options, { mean, std, a, b });

export const logNormalOp = real<MeanAndStd>("logNormal_", (out, { generator, mean, std }) =>
  fillLogNormal(out, generator, mean, std),
);
/**
 * Fills `x` with the exponentials of normal numbers: `x[i] = exp(z)` with `z ~ N(mean, std^2)`. The gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `std` is not positive.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.log_normal_.html
 * @example
 * manualSeed(0);
 * zeros([2]).logNormal_(0, 1).tolist(); // [4.6692, 0.7457]
 */
export const logNormal_ = (x: Tensor, mean = 1, std = 2, options: GeneratorOptions = none): Tensor =>
  drawReal(logNormalOp, x, options, { mean, std });

export const exponentialOp = real<{ readonly lambda: number }>("exponential_", (out, { generator, lambda }) =>
  fillExponential(out, generator, lambda),
);
/**
 * Fills `x` with exponentially distributed numbers of a rate: `x[i] ~ lambda exp(-lambda x)` for `x > 0`, with mean `1 / lambda`. The
 * gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `lambda` is not positive.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.exponential_.html
 * @example
 * manualSeed(0);
 * zeros([3]).exponential_(2).tolist(); // [1.7542, 0.6152, 0.3075]
 */
export const exponential_ = (x: Tensor, lambda = 1, options: GeneratorOptions = none): Tensor =>
  drawReal(exponentialOp, x, options, { lambda });

export const cauchyOp = real<{ readonly median: number; readonly sigma: number }>(
  "cauchy_",
  (out, { generator, median, sigma }) => fillCauchy(out, generator, median, sigma),
);
/**
 * Fills `x` with Cauchy-distributed numbers: `x[i] ~ sigma / (pi (sigma^2 + (x - median)^2))`. The gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, a floating one.
 *
 * @throws ArgumentError when `sigma` is not positive.
 * @throws DTypeError when `x` is not floating-point.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.cauchy_.html
 * @example
 * manualSeed(0);
 * zeros([3]).cauchy_(1, 2).tolist(); // [22.1955, 2.5295, 0.7434]
 */
export const cauchy_ = (x: Tensor, median = 0, sigma = 1, options: GeneratorOptions = none): Tensor =>
  drawReal(cauchyOp, x, options, { median, sigma });

export interface Chance extends Drawn {
  readonly p: number;
}
export const geometricOp = drawingInto<Chance>("geometric_", (out, { generator, p }) =>
  fillGeometric(out, generator, p),
);
/**
 * Fills `x` with the number of trials up to the first success: `x[i] = k` with probability `(1 - p)^(k - 1) p` for `k >= 1`. The gradient
 * of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, any but bool.
 *
 * @throws ArgumentError when `p` is not between 0 and 1, both left out.
 * @throws DTypeError when `x` is bool.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.geometric_.html
 * @example
 * manualSeed(0);
 * zeros([3], { dtype: "int32" }).geometric_(0.5).tolist(); // [1, 1, 2]
 */
export function geometric_(x: Tensor, p: number, options: GeneratorOptions = none): Tensor {
  checkOptions("geometric_", generatorKinds, options);
  checkTensor("geometric_", "x", x);
  if (!isFloat(x.dtype) && !isInt(x.dtype)) throw new DTypeError("geometric_", `counts do not fit a ${x.dtype} tensor`);
  return drawInPlace(geometricOp, x, options, { p });
}

export const bernoulliInPlaceOp = drawingInto<Chance>("bernoulli_", (out, { generator, p }) =>
  fillBernoulli(out, generator, p),
);
export const bernoulliEachInPlaceOp = drawingInto<Drawn>("bernoulliEach_", (out, { generator }, [x, p]) =>
  fillBernoulliEach(
    out,
    generator,
    floatsFor("bernoulli_", permute(broadcastTo(p, x.shape), memoryOrder(x)), "each element is drawn on the host"),
  ),
);
/**
 * Fills `x` with coin flips: `x[i] = 1` with probability `p` (a number, or a tensor that broadcasts to `x`), else `0`. The gradient of what
 * was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, any.
 *
 * @throws ArgumentError for probabilities outside [0, 1] (those on a device that cannot be read synchronously are not looked at).
 * @throws ShapeError when a tensor `p` does not broadcast to `x`.
 * @throws DTypeError when a tensor `p` is neither float32 nor float64.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
 * @example
 * zeros([2, 2]).bernoulli_(tensor([0, 1])).tolist(); // [[0, 1], [0, 1]]
 */
export function bernoulli_(x: Tensor, p: number | Tensor = 0.5, options: GeneratorOptions = none): Tensor {
  checkOptions("bernoulli_", generatorKinds, options);
  checkTensor("bernoulli_", "x", x);
  if (typeof p !== "number") checkTensor("bernoulli_", "p", p);
  if (typeof p === "number") return drawInPlace(bernoulliInPlaceOp, x, options, { p });
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
  return guarded("bernoulli_", () => drawInPlace(bernoulliEachInPlaceOp, x, options, {}, [p]));
}

export interface Bounds extends Drawn {
  /** Null for all that the dtype holds exactly from 0 up. */
  readonly from: number | bigint | null;
  readonly to: number | bigint;
}
export const randomOp = drawingInto<Bounds>("random_", (out, { generator, from, to }, [x]) =>
  from !== null
    ? fillRandint(out, generator, from, to)
    : x.dtype === "bool"
      ? fillRandint(out, generator, 0, 2)
      : fillRandom(out, generator),
);
/**
 * Fills `x` with evenly drawn integers: `x[i] ~ U{from, ..., to - 1}`. One number is `to`; without bounds the integers are all that the
 * dtype holds exactly from 0 up. The gradient of what was there is 0.
 *
 * Shape: that of `x`, which is returned. Dtype: that of `x`, any.
 *
 * @throws ArgumentError when a bound is no integer, `from` is not below `to`, or `to` comes without `from`.
 * @throws AutogradError while recording, when `x` is a leaf that requires a gradient, or a view of one.
 * @throws ArgumentError when several elements of `x` share one place in memory (an expanded view).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.random_.html
 * @example
 * manualSeed(0);
 * zeros([3], { dtype: "int32" }).random_(10).tolist(); // [4, 9, 3]
 * zeros([3]).random_(5, 8).ge(5).all().item(); // 1
 */
export function random_(x: Tensor, from?: number | null, to?: number | null, options: GeneratorOptions = none): Tensor {
  checkOptions("random_", generatorKinds, options);
  if (from === undefined || from === null) {
    if (to !== undefined && to !== null)
      throw new ArgumentError("random_", `from is ${show(from)}, to is ${show(to)}`, "random_(x, 0, to)");
    return drawInPlace(randomOp, x, options, { from: null, to: 0 });
  }
  const [low, high] = to === undefined || to === null ? [0, from] : [from, to];
  checkBound("random_", "from", low);
  checkBound("random_", "to", high);
  return drawInPlace(randomOp, x, options, { from: low, to: high });
}
