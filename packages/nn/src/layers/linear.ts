import { bilinear, type DType, empty, linear, type Tensor } from "@flambeau/tensor/functional";
import { kaimingUniform_, uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

export interface LayerOptions {
  readonly bias?: boolean;
  readonly dtype?: DType;
  readonly device?: string;
}

/** Passes its input through. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/** Affine map y = x W^T + b: [..., inFeatures] to [..., outFeatures]; weight [outFeatures, inFeatures], uniform in +-1/sqrt(inFeatures). */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly inFeatures: number;
  readonly outFeatures: number;
  constructor(inFeatures: number, outFeatures: number, { bias = true, ...options }: LayerOptions = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, inFeatures], options));
    this.bias = bias ? new Parameter(empty([outFeatures], options)) : null;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    if (this.bias) uniform_(this.bias, -bound, bound);
  }
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
  override extraRepr(): string {
    return `inFeatures=${this.inFeatures}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}

/** y_k = x1^T W_k x2 + b_k: [..., in1Features] and [..., in2Features] to [..., outFeatures]; weights uniform in +-1/sqrt(in1Features). */
export class Bilinear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    { bias = true, ...options }: LayerOptions = {},
  ) {
    super();
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], options));
    this.bias = bias ? new Parameter(empty([outFeatures], options)) : null;
    const bound = in1Features > 0 ? 1 / Math.sqrt(in1Features) : 0;
    uniform_(this.weight, -bound, bound);
    if (this.bias) uniform_(this.bias, -bound, bound);
  }
  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
  override extraRepr(): string {
    return `in1Features=${this.in1Features}, in2Features=${this.in2Features}, outFeatures=${this.outFeatures}, bias=${this.bias !== null}`;
  }
}
