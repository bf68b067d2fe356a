import { abs, div, mul, ShapeError, type Tensor, vectorNorm } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, showShape } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { keyOf } from "../fields.ts";
import { type Parametrized, registerParametrization } from "../parametrize/register.ts";

/** The norms of the slices along `dim`, with sizes of 1 in the other dimensions; of the whole tensor, a 0-d one, for -1 or null. */
export function normExceptDim(weight: Tensor, dim: number | null): Tensor {
  if (dim === null || dim === -1) return vectorNorm(weight);
  if (!(Number.isInteger(dim) && dim >= 0 && dim < weight.ndim))
    throw new ShapeError("weightNorm", `dim ${dim} is out of range for the shape ${showShape(weight.shape)}`, [
      weight.shape,
    ]);
  const others = weight.shape.flatMap((_, d) => (d === dim ? [] : [d]));
  // no other dimensions: each element is a slice
  return others.length === 0 ? abs(weight) : vectorNorm(weight, 2, others, { keepdim: true });
}
/** `g v / |v|`, the norms along `dim`. */
export const weightNormed = (v: Tensor, g: Tensor, dim: number | null): Tensor => mul(v, div(g, normExceptDim(v, dim)));

class _WeightNorm extends Module {
  readonly dim: number | null;
  constructor(dim: number | null) {
    super();
    this.dim = dim;
  }
  forward(g: Tensor, v: Tensor): Tensor {
    return weightNormed(v, g, this.dim);
  }
  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

export interface WeightNormOptions {
  /** The dimension whose slices have norms of their own; null: the whole tensor has one. Default 0. */
  readonly dim?: number | null | undefined;
}
export const weightNormKinds: Kinds<WeightNormOptions> = { dim: option.orNull(option.number) };

/**
 * Weight normalization: length and direction of a weight are learned apart, `weight = g * v / |v|`. The norms are those of the slices along
 * `dim`; `parametrizations.weight.original0` is g, `original1` is v. States with the keys `weight_g` and `weight_v`, of the older
 * `utils.weightNorm`, load, too.
 *
 * Shapes: g has the size of `dim` there and 1 elsewhere (0-d for a `dim` of null), v the shape of the weight.
 *
 * @throws ArgumentError when the module has no such tensor; ShapeError when `dim` is none of its dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html
 * @see Salimans and Kingma, "Weight Normalization", 2016, https://arxiv.org/abs/1602.07868
 * @example
 * const layer = nn.utils.parametrizations.weightNorm(new nn.Linear(4, 3), "weight", { dim: 0 });
 * layer.parametrizations.get("weight").original0?.shape; // [3, 1]
 * [...layer.stateDict().keys()]; // ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]
 */
export function weightNorm<M extends Module>(
  module: M,
  name = "weight",
  options: WeightNormOptions = option.none,
): M & Parametrized {
  checkOptions("weightNorm", weightNormKinds, options);
  const { dim = 0 } = options;
  const made = registerParametrization(module, name, new _WeightNorm(dim), { unsafe: true });
  const key = keyOf(module, name);
  module.registerLoadStateDictPreHook((_, state, prefix) => {
    const [g, v] = [`${prefix}${key}_g`, `${prefix}${key}_v`];
    const olds = [state.get(g), state.get(v)] as const;
    if (olds[0] === undefined || olds[1] === undefined) return;
    for (const name of [g, v]) state.delete(name);
    for (const [i, t] of olds.entries()) if (t) state.set(`${prefix}parametrizations.${key}.original${i}`, t);
  });
  return made;
}
