import {
  ArgumentError,
  add,
  addcmul,
  bernoulli,
  clamp,
  detach,
  div,
  type FloatDType,
  finfo,
  gt,
  isTensor,
  le,
  lgamma,
  log,
  logicalAnd,
  logicalNot,
  lt,
  mul,
  multinomial,
  noGrad,
  oneHot,
  pow,
  rand,
  randn,
  ShapeError,
  scalarTensor,
  sqrt,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
  to,
  where,
} from "@flambeau/tensor/functional";
import { checkTensor, show, showShape } from "@flambeau/tensor/plugin";
import { checkTensorList } from "../table.ts";
import { type Drawn, Reinforce, type ReinforceOptions } from "./reinforce.ts";

/**
 * Draws 0 or 1, each element on its own: `y ~ Bernoulli(p)`, for probabilities p of 1. In evaluation `y = p`. The derivative of its log-probability is
 * `(y - p) / (p (1 - p))`.
 *
 * Shape: that of `p`, [N, ...]. Dtype: that of `p`.
 *
 * @throws ArgumentError when `p` holds what is no probability.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.ReinforceBernoulli
 * @example
 * new ReinforceBernoulli().forward(tensor([[0, 1]])).tolist(); // [[0, 1]]
 * new ReinforceBernoulli().eval().forward(tensor([[0.25]])).tolist(); // [[0.25]]
 */
export class ReinforceBernoulli extends Reinforce {
  override forward(p: Tensor): Tensor {
    checkTensor("ReinforceBernoulli", "p", p);
    return super.forward(p);
  }
  protected draw(p: Tensor): Drawn {
    const sample = noGrad(() => bernoulli(detach(p)));
    // the probability of what was drawn is never 0
    return { sample, logProb: log(where(gt(sample, 0), p, sub(1, p))) };
  }
  protected expected(p: Tensor): Tensor {
    return p;
  }
}

/**
 * Draws one of several categories, as a row with a 1 in its place: `y ~ Categorical(p)`, for rows of probabilities. In evaluation `y = p`. The derivative of
 * its log-probability is `y / p` (with 1e-8 added to p).
 *
 * Shape: [N, categories] or [categories], and the same. Dtype: that of `p`.
 *
 * @throws ArgumentError when `p` holds what is no probability; ShapeError when it has neither one nor two dimensions.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.ReinforceCategorical
 * @example
 * new ReinforceCategorical().forward(tensor([[0, 1, 0]])).tolist(); // [[0, 1, 0]]
 */
export class ReinforceCategorical extends Reinforce {
  override forward(p: Tensor): Tensor {
    checkTensor("ReinforceCategorical", "p", p);
    return super.forward(p);
  }
  protected draw(p: Tensor): Drawn {
    const sample = noGrad(() => to(oneHot(squeeze(multinomial(detach(p), 1), -1), p.shape[p.ndim - 1]), p.dtype));
    return { sample, logProb: sum(mul(log(add(p, 1e-8)), sample), -1, { keepdim: true }) };
  }
  protected expected(p: Tensor): Tensor {
    return p;
  }
}

/** A parameter given once, or null where it goes in with the other. */
export type Spread = number | Tensor | null;
/** What goes in: a tensor, or both parameters of the distribution. */
export type Parameters = Tensor | readonly Tensor[];

/** Draws from a distribution of two parameters, of which the second may be given once. */
abstract class Pair extends Reinforce<Parameters> {
  protected readonly second: Spread;
  constructor(name: string, second: Spread, options: ReinforceOptions) {
    super(options);
    const op = this.constructor.name;
    if (isTensor(second)) checkTensor(op, name, second);
    else if (typeof second === "number") {
      if (!(second > 0)) throw new ArgumentError(op, `${name} must be positive, got ${second}`);
    } else if (second !== null)
      throw new ArgumentError(op, `${name} must be a number, a tensor or null, got ${show(second)}`);
    this.second = second;
  }
  override forward(x: Parameters): Tensor {
    if (Array.isArray(x)) checkTensorList(this.constructor.name, x, 2);
    return super.forward(x);
  }
  /** Both parameters. */
  protected both(x: Parameters): readonly [Tensor, Tensor] {
    const name = this.constructor.name;
    const [first, second] = isTensor(x) ? [x, this.second] : x;
    if (second === null)
      throw new ArgumentError(name, "takes both parameters as a list, since none was given to the constructor");
    if (!isTensor(second)) return [first, scalarTensor(second, { dtype: first.dtype, device: first.device })];
    const fits = second.ndim === first.ndim ? first.shape : first.shape.slice(1);
    if (second.ndim > 0 && showShape(second.shape) !== showShape(fits))
      throw new ShapeError(
        name,
        `the second parameter has the shape of the first, ${showShape(first.shape)}, or of one example, got ${showShape(second.shape)}`,
        [first.shape, second.shape],
      );
    return [first, second];
  }
}

/**
 * Draws from normal distributions: `y ~ N(mean, stdev^2)`, each element on its own, for means or for a list `[mean, stdev]`. In evaluation `y = mean`. The
 * derivatives of its log-density are `(y - mean) / stdev^2` and `((y - mean)^2 - stdev^2) / stdev^3`.
 *
 * `stdev` is a number, a tensor of the shape of one example or of all, or null, the default, when it goes in.
 *
 * Shape: that of the means, [N, ...]. Dtype: that of the means.
 *
 * @throws ArgumentError when `stdev` is not positive, or neither given nor goes in; ShapeError when it has another shape.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.ReinforceNormal
 * @example
 * const locations = new ReinforceNormal(0.11);
 * locations.forward(zeros([20, 2])).shape; // [20, 2]
 * locations.eval().forward(ones([1, 2])).tolist(); // [[1, 1]]
 */
export class ReinforceNormal extends Pair {
  constructor(stdev: Spread = null, options: ReinforceOptions = {}) {
    super("stdev", stdev, options);
  }
  protected draw(x: Parameters): Drawn {
    const [mean, stdev] = this.both(x);
    const sample = noGrad(() =>
      addcmul(detach(mean), randn(mean.shape, { dtype: mean.dtype, device: mean.device }), detach(stdev)),
    );
    const z = div(sub(sample, mean), stdev);
    const constant = 0.5 * Math.log(2 * Math.PI);
    return { sample, logProb: sub(mul(square(z), -0.5), add(log(stdev), constant)) };
  }
  protected expected(x: Parameters): Tensor {
    return this.both(x)[0];
  }
}

/** Draws of gamma distributions with a scale of 1 (Marsaglia and Tsang 2000), without reading any value. */
function gammaDraws(shape: Tensor): Tensor {
  const { dtype, device } = shape;
  const small = lt(shape, 1);
  // below 1: a draw for shape + 1 times u^(1 / shape)
  const d = sub(add(shape, to(small, dtype)), 1 / 3);
  const c = div(1, sqrt(mul(d, 9)));
  let out = d;
  let missing: Tensor | null = null;
  // a proposal is taken with a probability above 0.95, so that all but one in 10^13 find one among ten
  for (let round = 0; round < 10; round++) {
    const x = randn(shape.shape, { dtype, device });
    const v = pow(add(mul(c, x), 1), 3);
    const u = rand(shape.shape, { dtype, device });
    const bound = add(mul(square(x), 0.5), mul(d, add(sub(1, v), log(where(gt(v, 0), v, 1)))));
    const taken = logicalAnd(gt(v, 0), le(log(u), bound));
    out = where(missing === null ? taken : logicalAnd(missing, taken), mul(d, v), out);
    missing = missing === null ? logicalNot(taken) : logicalAnd(missing, logicalNot(taken));
  }
  const u = rand(shape.shape, { dtype, device });
  // not 0, whose density has no logarithm; what is drawn from is of a float dtype
  return clamp(where(small, mul(out, pow(u, div(1, shape))), out), finfo(dtype as FloatDType).tiny);
}

/**
 * Draws from gamma distributions: `y ~ Gamma(shape, scale)`, each element on its own, for shapes or for a list `[shape, scale]`. In evaluation
 * `y = shape * scale`, the mean. The derivatives of its log-density are `ln y - digamma(shape) - ln scale` and `y / scale^2 - shape / scale`.
 *
 * `scale` is a number, a tensor of the shape of one example or of all, or null, the default, when it goes in.
 *
 * Shape: that of the shapes, [N, ...]. Dtype: that of the shapes.
 *
 * @throws ArgumentError when `scale` is not positive, or neither given nor goes in; ShapeError when it has another shape.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.ReinforceGamma
 * @see Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", 2000
 * @example
 * const y = new ReinforceGamma(2).forward(ones([500, 100]).mul(250));
 * Math.abs(y.mean().item() - 500) < 1; // true
 */
export class ReinforceGamma extends Pair {
  constructor(scale: Spread = null, options: ReinforceOptions = {}) {
    super("scale", scale, options);
  }
  protected draw(x: Parameters): Drawn {
    const [shape, scale] = this.both(x);
    const sample = noGrad(() => mul(gammaDraws(detach(shape)), detach(scale)));
    const logProb = sub(
      sub(sub(mul(sub(shape, 1), log(sample)), div(sample, scale)), lgamma(shape)),
      mul(shape, log(scale)),
    );
    return { sample, logProb };
  }
  protected expected(x: Parameters): Tensor {
    const [shape, scale] = this.both(x);
    return mul(shape, scale);
  }
}
