import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, DTypeError } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { floatsFor } from "../../lower/host.ts";
import { type FloatArray, fillRreluNoise } from "../../random/index.ts";
import type { Made } from "../create/allocation.ts";
import { type Drawn, drawing, drawn, type GeneratorOptions, generatorOf } from "../create/drawing.ts";
import { leakyRelu, leakyRelu_ } from "./activation.ts";
import { mul, mul_ } from "./arithmetic.ts";

export interface RreluOptions extends GeneratorOptions {
  readonly lower?: number;
  readonly upper?: number;
  /** Draw a slope for each element; else all have the mean of the bounds. */
  readonly training?: boolean;
}
/** The slope of each element: 1 above 0, drawn below. */
function slopes(x: Tensor, options: RreluOptions): Tensor | number {
  const { lower = 1 / 8, upper = 1 / 3, training = false } = options;
  if (!isFloat(x.dtype)) throw new DTypeError("rrelu", `needs a floating-point tensor, got ${x.dtype}`);
  if (!(lower <= upper)) throw new ArgumentError("rrelu", `lower ${lower} is above upper ${upper}`);
  if (!training) return (lower + upper) / 2;
  const of = { dtype: x.dtype, device: x.device, generator: generatorOf(options) };
  return drawn("rrelu", rreluNoiseOp, x.shape, of, { lower, upper }, [x]);
}
export interface Slopes extends Made, Drawn {
  readonly lower: number;
  readonly upper: number;
}
export const rreluNoiseOp = drawing<Slopes>("rreluNoise", (out, { generator, lower, upper }, [x]) => {
  const values = floatsFor("rrelu", x, "one number is drawn for each element that is not above 0");
  fillRreluNoise(out as FloatArray, generator, values, lower, upper); // drawn in floating point, as checked
});
/** x above 0, slope * x below, the slopes drawn from [lower, upper) in training (Xu et al. 2015). */
export function rrelu(x: Tensor, options: RreluOptions = {}): Tensor {
  const slope = slopes(x, options);
  return typeof slope === "number" ? leakyRelu(x, slope) : mul(x, slope);
}
/** x = rrelu(x, options). */
export function rrelu_(x: Tensor, options: RreluOptions = {}): Tensor {
  const slope = slopes(x, options);
  return typeof slope === "number" ? leakyRelu_(x, slope) : mul_(x, slope);
}
