import {
  ArgumentError,
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
  type Tensor,
} from "@flambeau/tensor/functional";
import { Module } from "../module.ts";

abstract class AnyDropout extends Module {
  readonly p: number;
  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new ArgumentError("Dropout", `the probability must be between 0 and 1, got ${p}`);
    this.p = p;
  }
  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
/** Zeroes each element with probability p in training and scales the rest by 1/(1-p) (Srivastava et al. 2014). */
export class Dropout extends AnyDropout {
  forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }
}
/** Zeroes whole channels of [N, C, L]. */
export class Dropout1d extends AnyDropout {
  forward(x: Tensor): Tensor {
    return dropout1d(x, this.p, this.training);
  }
}
/** Zeroes whole channels of [N, C, H, W]. */
export class Dropout2d extends AnyDropout {
  forward(x: Tensor): Tensor {
    return dropout2d(x, this.p, this.training);
  }
}
/** Zeroes whole channels of [N, C, D, H, W]. */
export class Dropout3d extends AnyDropout {
  forward(x: Tensor): Tensor {
    return dropout3d(x, this.p, this.training);
  }
}
/** Dropout that keeps mean and variance of SELU units (Klambauer et al. 2017). */
export class AlphaDropout extends AnyDropout {
  forward(x: Tensor): Tensor {
    return alphaDropout(x, this.p, this.training);
  }
}
/** {@link AlphaDropout} of whole channels of [N, C, ...]. */
export class FeatureAlphaDropout extends AnyDropout {
  forward(x: Tensor): Tensor {
    return featureAlphaDropout(x, this.p, this.training);
  }
}
