import { defaultGenerator, ShapeError } from "@flambeau/tensor/functional";
import { type LayerOptions, Linear } from "../layers/linear.ts";
import { Postponed, postpone } from "./postponed.ts";

/**
 * A {@link Linear} whose `inFeatures` are those of its first input: `y = x @ weight^T + bias`. It is a Linear from then on.
 *
 * Shape: [..., inFeatures] -> [..., outFeatures]. Parameters: uninitialized until the first call, then as of {@link Linear}, and drawn then.
 *
 * @throws ShapeError when the first input has no dimensions, or other features than a weight that was loaded.
 * @throws UnavailableError from whatever uses a parameter before the first call.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
 * @example
 * const layer = new nn.LazyLinear(2);
 * String(layer); // "LazyLinear(in_features=0, out_features=2, bias=True)"
 * layer.forward(ones([8, 4])).shape; // [8, 2]
 * String(layer); // "Linear(in_features=4, out_features=2, bias=True)"
 */
export class LazyLinear extends /* @__PURE__ */ Postponed(Linear) {
  constructor(outFeatures: number, options: LayerOptions = {}) {
    const drawn = defaultGenerator.getState();
    super(0, outFeatures, options);
    defaultGenerator.setState(drawn); // the bias that it made is none yet
    postpone(this, (x, made) => {
      if (x.ndim === 0) throw new ShapeError("LazyLinear", "the input has no dimension of features", [x.shape]);
      return new Linear(x.shape[x.ndim - 1], outFeatures, { ...options, ...made });
    });
  }
}
