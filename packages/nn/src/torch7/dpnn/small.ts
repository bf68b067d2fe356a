import {
  add,
  argmax,
  clamp,
  detach,
  div,
  log,
  lt,
  mul,
  ShapeError,
  sum,
  type Tensor,
  to,
  where,
} from "@flambeau/tensor/functional";
import {
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  type Kinds,
  normalizeDim,
  option,
  showShape,
} from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { shown } from "../../repr.ts";
import { withGradientOf, withPenalty } from "../surrogates.ts";
import { checkList, type Table, whole } from "../table.ts";

/**
 * Limits values, with a gradient that does not stop there: `y = min(max(x, minval), maxval)`, `dx = dy`. Where it should stop, `Clamp` or `nn.Hardtanh` is meant.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError when a limit is no number.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.Clip
 * @example
 * const x = tensor([-3, 0.5], { requiresGrad: true });
 * const y = new Clip(-1, 1).forward(x);
 * y.tolist(); // [-1, 0.5]
 * y.sum().backward();
 * x.grad?.tolist(); // [1, 1]
 */
export class Clip extends Module {
  readonly minval: number;
  readonly maxval: number;
  constructor(minval: number, maxval: number) {
    super();
    this.minval = checkNumber("Clip", "minval", minval);
    this.maxval = checkNumber("Clip", "maxval", maxval);
  }
  forward(x: Tensor): Tensor {
    checkTensor("Clip", "x", x);
    return whole(() => withGradientOf(clamp(detach(x), this.minval, this.maxval), x));
  }
  override extraRepr(): string {
    return shown(this.minval, this.maxval);
  }
}

export interface ArgMaxOptions {
  /** Whether places are integers; otherwise they are of the dtype that goes in (default true). */
  readonly asLong?: boolean | undefined;
}
const argMaxKinds: Kinds<ArgMaxOptions> = { asLong: option.boolean };
/**
 * The place of the largest value along a dimension: `y = argmax(x, dim)`, for what {@link ReinforceCategorical} chose, say. No gradient comes through.
 *
 * `dim` (0 unless it is given) counts in an example of `nInputDim` dimensions, where that is given and there is one more for the batch.
 *
 * Shape: that of `x` without `dim`. Dtype: int32, or that of `x` when `asLong` is false.
 *
 * @throws ArgumentError from the constructor when an argument has another type; IndexError when there is no such dimension.
 * @see https://github.com/Element-Research/dpnn/blob/master/ArgMax.lua
 * @example
 * new ArgMax(0, 1).forward(tensor([[0, 1, 0], [1, 0, 0]])).tolist(); // [1, 0]
 */
export class ArgMax extends Module {
  readonly dim: number;
  readonly nInputDim: number | null;
  readonly asLong: boolean;
  constructor(dim = 0, nInputDim: number | null = null, options: ArgMaxOptions = {}) {
    super();
    checkOptions("ArgMax", argMaxKinds, options);
    this.dim = checkInteger("ArgMax", "dim", dim, 0);
    this.nInputDim = nInputDim === null ? null : checkInteger("ArgMax", "nInputDim", nInputDim, 1);
    this.asLong = options.asLong ?? true;
  }
  forward(x: Tensor): Tensor {
    checkTensor("ArgMax", "x", x);
    const dim = this.nInputDim !== null && x.ndim > this.nInputDim ? this.dim + 1 : this.dim;
    const places = argmax(x, normalizeDim("ArgMax", dim, x.ndim));
    if (this.asLong) return places;
    const out = to(places, x.dtype);
    if (out !== places) places.dispose();
    return out;
  }
  override extraRepr(): string {
    return shown({ dim: this.dim, nInputDim: this.nInputDim ?? undefined, asLong: this.asLong });
  }
}

/**
 * A table in the other order: `y[i] = x[n - 1 - i]`.
 *
 * Shapes: a list; a list of as many.
 *
 * @throws ArgumentError for what is no list.
 * @see https://github.com/Element-Research/dpnn/blob/master/README.md#nn.ReverseTable
 * @example
 * new ReverseTable().forward([tensor(1), tensor(2), tensor(3)]).map((x) => x.item()); // [3, 2, 1]
 */
export class ReverseTable extends Module {
  forward<T extends Table>(x: readonly T[]): T[] {
    checkList("ReverseTable", x);
    return [...x].reverse() as T[]; // as they came
  }
}

/**
 * Passes rows of probabilities through and evens out how often categories are chosen in a batch: `y = x`, and each backward adds the gradient of
 * `-scale * H / N`, where `H = -sum_k(P[k] ln(P[k] + 1e-6))` is the entropy of the batch's mean, `P[k] = sum_n(x[n, k]) / sum(x)`, whose divisor counts as a
 * constant. With `minEntropy`, only batches whose entropy is below it are evened.
 *
 * `entropy(x)` computes H.
 *
 * Shape: that of `x`, [N, categories]. Dtype: that of `x`.
 *
 * @throws ArgumentError when `scale` or `minEntropy` is no number; ShapeError when `x` has not two dimensions.
 * @see https://github.com/Element-Research/dpnn/blob/master/CategoricalEntropy.lua
 * @example
 * new CategoricalEntropy().entropy(tensor([[1, 0], [0, 1]])).item().toFixed(4); // "0.6931", ln 2
 */
export class CategoricalEntropy extends Module {
  readonly scale: number;
  readonly minEntropy: number | null;
  constructor(scale = 1, minEntropy: number | null = null) {
    super();
    this.scale = checkNumber("CategoricalEntropy", "scale", scale);
    this.minEntropy = minEntropy === null ? null : checkNumber("CategoricalEntropy", "minEntropy", minEntropy);
  }
  /** The entropy of the batch's mean. */
  entropy(x: Tensor): Tensor {
    checkRows(x);
    return whole(() => {
      const p = div(sum(x, 0), detach(sum(x)));
      return mul(sum(mul(p, log(add(p, 1e-6)))), -1);
    });
  }
  forward(x: Tensor): Tensor {
    checkRows(x);
    return whole(() => {
      const { minEntropy } = this;
      const h = this.entropy(x);
      const penalty = mul(h, -this.scale / x.shape[0]);
      return withPenalty(x, minEntropy === null ? penalty : where(lt(detach(h), minEntropy), penalty, 0));
    });
  }
  override extraRepr(): string {
    return shown({ scale: this.scale, minEntropy: this.minEntropy ?? undefined });
  }
}
function checkRows(x: Tensor): void {
  checkTensor("CategoricalEntropy", "x", x);
  if (x.ndim !== 2)
    throw new ShapeError("CategoricalEntropy", `takes a batch [N, categories], got ${showShape(x.shape)}`, [x.shape]);
}
