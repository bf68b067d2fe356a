import { ArgumentError, noGrad, tidy } from "@flambeau/tensor/functional";
import { checkOptions, option, show } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { fieldOf } from "./fields.ts";
import {
  normExceptDim,
  type WeightNormOptions,
  weightNormed,
  weightNormKinds,
} from "./parametrizations/weight-norm.ts";
import { parameter, replace, settle } from "./replacing.ts";

/**
 * The older form of `parametrizations.weightNorm`: `weight = g * v / |v|`, with g and v in the fields and under the keys `weight_g` and
 * `weight_v`. For states that were written with it.
 *
 * Shapes: g has the size of `dim` there and 1 elsewhere (0-d for a `dim` of null), v the shape of the weight.
 *
 * @throws ArgumentError when the module has no such tensor, or it is normalized already; ShapeError when `dim` is none of its dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 * @example
 * const layer = nn.utils.weightNorm(new nn.Linear(4, 3));
 * [...layer.stateDict().keys()]; // ["bias", "weight_g", "weight_v"]
 */
export function weightNorm<M extends Module>(module: M, name = "weight", options: WeightNormOptions = option.none): M {
  checkOptions("weightNorm", weightNormKinds, options);
  const { dim = 0 } = options;
  const { field, key, tensor } = fieldOf("weightNorm", module, name);
  if (tensor === null) throw new ArgumentError("weightNorm", `${show(name)} is computed already`);
  const parts = noGrad(() =>
    tidy(() => ({
      [`${key}_g`]: new Parameter(normExceptDim(tensor, dim)),
      [`${key}_v`]: new Parameter(tensor),
    })),
  );
  const run = (self: Module) => weightNormed(parameter(self, `${key}_v`), parameter(self, `${key}_g`), dim);
  replace(module, field, parts, run);
  return module;
}

/**
 * Takes {@link weightNorm} away: the weight is a parameter again, `weight = g * v / |v|`.
 *
 * Shape: that of the weight.
 *
 * @throws ArgumentError when the module has no such normalization.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.remove_weight_norm.html
 * @example
 * const layer = nn.utils.removeWeightNorm(nn.utils.weightNorm(new nn.Linear(4, 3)));
 * [...layer.stateDict().keys()]; // ["bias", "weight"]
 */
export function removeWeightNorm<M extends Module>(module: M, name = "weight"): M {
  return settle("removeWeightNorm", "weightNorm", module, name, ["g", "v"]);
}
