import { ArgumentError, dropout, keep, mul, ones, type Tensor } from "@flambeau/tensor/functional";
import { checkTensor } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import type { Forgetful } from "./steps.ts";

/** What a sequence has drawn; a copy of the module has drawn nothing yet. */
const noises = new WeakMap<LazyDropout, Tensor>();

/** Dropout inside a recurrent module: which elements are dropped is drawn once for a sequence (Gal and Ghahramani 2016). */
export class LazyDropout extends Module implements Forgetful {
  readonly p: number;
  /** One draw for all examples. */
  readonly mono: boolean;
  constructor(op: string, p: number, mono: boolean) {
    super();
    if (!(p >= 0 && p < 1)) throw new ArgumentError(op, `p must be a probability in [0, 1), got ${p}`);
    this.p = p;
    this.mono = mono;
  }
  forward(x: Tensor): Tensor {
    checkTensor("LazyDropout", "x", x);
    if (this.p === 0 || !this.training) return x;
    const shape = this.mono && x.ndim > 1 ? [1, ...x.shape.slice(1)] : x.shape;
    // the factors: 0 or 1 / (1 - p)
    let noise = noises.get(this);
    if (noise === undefined)
      noises.set(this, (noise = keep(dropout(ones(shape, { dtype: x.dtype, device: x.device }), this.p, true))));
    return mul(x, noise);
  }
  drop(): void {
    noises.get(this)?.dispose();
    noises.delete(this);
  }
}
