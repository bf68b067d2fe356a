import { isFloat, isInt } from "../../core/dtype.ts";
import { ArgumentError, DTypeError, ShapeError, show, showShape } from "../../core/errors.ts";
import { noGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
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
  type Drawn,
  drawInPlace,
  drawingInto,
  type GeneratorOptions,
  generatorOf,
  guarded,
  memoryOrder,
  uniformFor,
} from "./drawing.ts";

/** An op that draws real numbers. */
const real = <A extends object>(name: string, draw: (out: FloatArray, attrs: A & Drawn, target: Tensor) => void) =>
  drawingInto<A & Drawn>(name, (out, attrs, [target]) => draw(out as FloatArray, attrs, target)); // a float dtype: checked
/** Draws by a {@link real} op. */
function drawReal<A extends Drawn>(
  op: Op<A>,
  x: Tensor,
  options: GeneratorOptions,
  attrs: Omit<A, keyof Drawn>,
): Tensor {
  checkFloat(op.name, x.dtype);
  return drawInPlace(op, x, options, attrs);
}

export const uniformOp = real<{ readonly from: number; readonly to: number }>(
  "uniform_",
  (out, { generator, from, to }) => fillUniform(out, generator, from, to),
);
/** Fills `x` with uniform numbers in [from, to). */
export const uniform_ = (x: Tensor, from = 0, to = 1, options: GeneratorOptions = {}): Tensor =>
  drawReal(uniformOp, x, options, { from, to });

export interface MeanAndStd {
  readonly mean: number;
  readonly std: number;
}
export const normalOp = real<MeanAndStd>("normal_", (out, { generator, mean, std }, target) =>
  (target.rowMajor ? fillNormal : fillNormalOneByOne)(out, generator, mean, std),
);
/** Fills `x` with normal numbers. */
export const normal_ = (x: Tensor, mean = 0, std = 1, options: GeneratorOptions = {}): Tensor =>
  drawReal(normalOp, x, options, { mean, std });

export const truncNormalOp = real<MeanAndStd & { readonly a: number; readonly b: number }>(
  "truncNormal_",
  (out, { generator, mean, std, a, b }) => fillTruncNormal(out, generator, mean, std, a, b),
);
/**
 * Fills `x` with normal numbers that lie in [a, b].
 *
 * @see https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 */
export const truncNormal_ = (x: Tensor, mean = 0, std = 1, a = -2, b = 2, options: GeneratorOptions = {}): Tensor =>
  drawReal(truncNormalOp, x, options, { mean, std, a, b });

export const logNormalOp = real<MeanAndStd>("logNormal_", (out, { generator, mean, std }) =>
  fillLogNormal(out, generator, mean, std),
);
/** Fills `x` with the exponentials of normal numbers. */
export const logNormal_ = (x: Tensor, mean = 1, std = 2, options: GeneratorOptions = {}): Tensor =>
  drawReal(logNormalOp, x, options, { mean, std });

export const exponentialOp = real<{ readonly lambda: number }>("exponential_", (out, { generator, lambda }) =>
  fillExponential(out, generator, lambda),
);
/** Fills `x` with exponentially distributed numbers of rate `lambda`. */
export const exponential_ = (x: Tensor, lambda = 1, options: GeneratorOptions = {}): Tensor =>
  drawReal(exponentialOp, x, options, { lambda });

export const cauchyOp = real<{ readonly median: number; readonly sigma: number }>(
  "cauchy_",
  (out, { generator, median, sigma }) => fillCauchy(out, generator, median, sigma),
);
/** Fills `x` with Cauchy-distributed numbers. */
export const cauchy_ = (x: Tensor, median = 0, sigma = 1, options: GeneratorOptions = {}): Tensor =>
  drawReal(cauchyOp, x, options, { median, sigma });

export interface Chance extends Drawn {
  readonly p: number;
}
export const geometricOp = drawingInto<Chance>("geometric_", (out, { generator, p }) =>
  fillGeometric(out, generator, p),
);
/** Fills `x` with the number of trials up to the first success of probability `p`: 1, 2, ... */
export function geometric_(x: Tensor, p: number, options: GeneratorOptions = {}): Tensor {
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
/** Fills `x` with 1 with probability `p` (a number, or a tensor of them that broadcasts to `x`), else 0. */
export function bernoulli_(x: Tensor, p: number | Tensor = 0.5, options: GeneratorOptions = {}): Tensor {
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
/** Fills `x` with integers from `from` up to `to`, not included; without bounds, with all that the dtype holds exactly from 0 up. */
export function random_(x: Tensor, from?: number | null, to?: number | null, options: GeneratorOptions = {}): Tensor {
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
