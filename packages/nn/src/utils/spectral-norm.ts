import {
  ArgumentError,
  clone,
  copy_,
  div,
  dot,
  mv,
  noGrad,
  normalize,
  type Tensor,
  tidy,
  transpose,
} from "@flambeau/tensor/functional";
import { checkOptions, option, show } from "@flambeau/tensor/plugin";
import type { Module } from "../module.ts";
import { isParameter } from "../parameter.ts";
import { fieldOf } from "./fields.ts";
import {
  checkIterations,
  direction,
  matrixOf,
  outputDim,
  type SpectralNormOptions,
  spectralNormKinds,
} from "./parametrizations/spectral-norm.ts";
import { parameter, replace, settle } from "./replacing.ts";

/** What takes the hook of a normalization away, by module and key. */
const hooks = new WeakMap<Module, Map<string, () => void>>();

/**
 * The older form of `parametrizations.spectralNorm`: `weight / sigma(weight)`, sigma the largest singular value, with the weight and the vectors
 * of the power method in the fields and under the keys `weight_orig`, `weight_u` and `weight_v`. Each call in training does
 * `nPowerIterations` steps. For states that were written with it.
 *
 * Shapes: that of the weight, with more than two dimensions taken as a matrix whose rows are the slices along `dim`.
 *
 * @throws ArgumentError when the module has no such parameter, it is normalized already, or `nPowerIterations` is no positive integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 * @example
 * const layer = nn.utils.spectralNorm(new nn.Linear(4, 3));
 * [...layer.stateDict().keys()]; // ["bias", "weight_orig", "weight_u", "weight_v"]
 */
export function spectralNorm<M extends Module>(
  module: M,
  name = "weight",
  options: SpectralNormOptions = option.none,
): M {
  const op = "spectralNorm";
  checkOptions(op, spectralNormKinds, options);
  const { field, key, tensor: weight } = fieldOf(op, module, name);
  const { nPowerIterations = 1, eps = 1e-12, dim = outputDim(module) } = options;
  checkIterations(nPowerIterations);
  if (!isParameter(weight)) throw new ArgumentError(op, `${show(name)} is no parameter`);
  if (!(Number.isInteger(dim) && dim >= 0 && dim < weight.ndim))
    throw new ArgumentError(op, `dim ${show(dim)} is out of range for ${weight.ndim} dimensions`);
  const [height, width] = noGrad(() => tidy(() => matrixOf(weight, dim).shape));
  const [u, v] = noGrad(() => tidy(() => [direction(height, weight, eps), direction(width, weight, eps)]));
  replace(module, field, { [`${key}_orig`]: weight, [`${key}_u`]: u, [`${key}_v`]: v }, (self) => {
    const original = parameter(self, `${key}_orig`);
    // of their own memory: the next call writes to the buffers, and the backward of this one needs what it read
    const [left, right] = [clone(parameter(self, `${key}_u`)), clone(parameter(self, `${key}_v`))];
    return div(original, dot(left, mv(matrixOf(original, dim), right)));
  });
  const remove = module.registerForwardPreHook((self) => {
    if (self.training && Object.hasOwn(self, `${key}_orig`)) iterate(self, key, nPowerIterations, dim, eps);
  });
  hooks.set(module, (hooks.get(module) ?? new Map<string, () => void>()).set(key, remove));
  return module;
}
function iterate(module: Module, key: string, times: number, dim: number, eps: number): void {
  const unit = (x: Tensor) => normalize(x, { dim: 0, eps });
  noGrad(() =>
    tidy(() => {
      const matrix = matrixOf(parameter(module, `${key}_orig`), dim);
      const [u, v] = [parameter(module, `${key}_u`), parameter(module, `${key}_v`)];
      for (let i = 0; i < times; i++) {
        copy_(v, unit(mv(transpose(matrix, 0, 1), u)));
        copy_(u, unit(mv(matrix, v)));
      }
    }),
  );
}

/**
 * Takes {@link spectralNorm} away: the weight is a parameter again, `weight / sigma(weight)`.
 *
 * Shape: that of the weight.
 *
 * @throws ArgumentError when the module has no such normalization.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.remove_spectral_norm.html
 * @example
 * const layer = nn.utils.removeSpectralNorm(nn.utils.spectralNorm(new nn.Linear(4, 3)));
 * [...layer.stateDict().keys()]; // ["bias", "weight"]
 */
export function removeSpectralNorm<M extends Module>(module: M, name = "weight"): M {
  settle("removeSpectralNorm", "spectralNorm", module, name, ["orig", "u", "v"]);
  hooks.get(module)?.get(module.keyOfField(name))?.();
  return module;
}
