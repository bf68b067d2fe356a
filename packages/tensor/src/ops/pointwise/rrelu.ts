import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { floatsFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { type FloatArray, fillRreluNoise } from "../../random/index.ts";
import type { Made } from "../create/allocation.ts";
import { type Drawn, drawing, drawn, type GeneratorOptions, generatorKinds, generatorOf } from "../create/drawing.ts";
import { leakyRelu, leakyRelu_ } from "./activation.ts";
import { mul, mul_ } from "./arithmetic.ts";

export interface RreluOptions extends GeneratorOptions {
  /** Least slope (default 1/8). */
  readonly lower?: number | undefined;
  /** Bound of the slopes from above (default 1/3). */
  readonly upper?: number | undefined;
  /** Draw a slope for each element; else (default) all have the mean of the bounds. */
  readonly training?: boolean | undefined;
}
const rreluKinds: Kinds<RreluOptions> = { lower: number, upper: number, training: boolean, ...generatorKinds };
/** The slope of each element: 1 above 0, drawn below. */
function slopes(op: string, x: Tensor, options: RreluOptions): Tensor | number {
  checkOptions(op, rreluKinds, options);
  checkTensor(op, "x", x);
  const { lower = 1 / 8, upper = 1 / 3, training = false } = options;
  if (!isFloat(x.dtype)) throw new DTypeError(op, `needs a floating-point tensor, got ${x.dtype}`);
  if (!(lower <= upper)) throw new ArgumentError(op, `lower ${lower} is above upper ${upper}`);
  if (!training) return (lower + upper) / 2;
  const of = { dtype: x.dtype, device: x.device, generator: generatorOf(options) };
  return drawn(op, rreluNoiseOp, x.shape, of, { lower, upper }, [x]);
}
export interface Slopes extends Made, Drawn {
  readonly lower: number;
  readonly upper: number;
}
export const rreluNoiseOp = drawing<Slopes>("rreluNoise", (out, { generator, lower, upper }, [x]) => {
  const values = floatsFor("rrelu", x, "one number is drawn for each element that is not above 0");
  fillRreluNoise(out as FloatArray, generator, values, lower, upper); // drawn in floating point, as checked
});
/**
 * A {@link leakyRelu} with random slopes, `y = x > 0 ? x : slope * x`, each drawn from [lower, upper) in training, else their mean (Xu et
 * al. 2015).
 *
 * Shape: that of `x`. Dtype: that of `x`, a floating-point one.
 *
 * @throws DTypeError for integers and bools.
 * @throws ArgumentError when `lower` is above `upper`.
 * @throws UnavailableError in training, where the device cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
 * @example
 * const x = tensor([-24, -24, 2]);
 * x.rrelu().tolist(); // [-5.5, -5.5, 2]
 * manualSeed(0);
 * x.rrelu({ training: true }).tolist(); // [-7.8503, -6.5391, 2]
 */
export function rrelu(x: Tensor, options: RreluOptions = none): Tensor {
  if (unscoped()) return scoped(rrelu, x, options);
  const slope = slopes("rrelu", x, options);
  return typeof slope === "number" ? leakyRelu(x, slope) : mul(x, slope);
}
/** In place {@link rrelu}: `x = x > 0 ? x : slope * x`. */
export function rrelu_(x: Tensor, options: RreluOptions = none): Tensor {
  if (unscoped()) return scoped(rrelu_, x, options);
  const slope = slopes("rrelu_", x, options);
  return typeof slope === "number" ? leakyRelu_(x, slope) : mul_(x, slope);
}
