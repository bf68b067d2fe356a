import {
  ArgumentError,
  clone,
  copy_,
  div,
  dot,
  empty,
  flatten,
  IndexError,
  mv,
  noGrad,
  normal_,
  normalize,
  permute,
  type Tensor,
  tidy,
  transpose,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { Buffer } from "../../parameter.ts";
import { tensorOf } from "../fields.ts";
import { type Parametrized, registerParametrization } from "../parametrize/register.ts";

export interface SpectralNormOptions {
  /** Steps of the power method at each use of the weight in training. Default 1. */
  readonly nPowerIterations?: number | undefined;
  /** What a norm is divided by at least. Default 1e-12. */
  readonly eps?: number | undefined;
  /** The dimension that counts as the matrix's rows. Default 0, for transposed convolutions 1. */
  readonly dim?: number | undefined;
}
export const spectralNormKinds: Kinds<SpectralNormOptions> = {
  nPowerIterations: option.number,
  eps: option.number,
  dim: option.number,
};
/** The default of `dim`: where a layer's outputs are. */
export const outputDim = (module: Module): number => ("transposed" in module && module.transposed === true ? 1 : 0);

/** @throws ArgumentError when there would be no step. */
export function checkIterations(n: number): void {
  if (!(Number.isInteger(n) && n > 0))
    throw new ArgumentError("spectralNorm", `nPowerIterations must be a positive integer, got ${show(n)}`);
}
/** A weight as a matrix, whose rows are its slices along `dim`. */
export function matrixOf(weight: Tensor, dim: number): Tensor {
  const front = dim === 0 ? weight : permute(weight, [dim, ...weight.shape.flatMap((_, d) => (d === dim ? [] : [d]))]);
  return flatten(front, 1);
}
/** A random direction. */
export const direction = (size: number, like: Tensor, eps: number): Buffer =>
  new Buffer(normalize(normal_(empty([size], { dtype: like.dtype, device: like.device })), { dim: 0, eps }));

class _SpectralNorm extends Module {
  declare u: Buffer;
  declare v: Buffer;
  readonly dim: number;
  readonly eps: number;
  readonly nPowerIterations: number;
  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    checkIterations(nPowerIterations);
    if (!(Number.isInteger(dim) && dim < weight.ndim && dim >= -weight.ndim))
      throw new IndexError("spectralNorm", `dim ${show(dim)} is out of range for ${weight.ndim} dimensions`);
    this.dim = dim < 0 ? dim + weight.ndim : dim;
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (weight.ndim < 2) return; // its norm is known exactly
    noGrad(() =>
      tidy(() => {
        const matrix = matrixOf(weight, this.dim);
        this.u = direction(matrix.shape[0], weight, eps);
        this.v = direction(matrix.shape[1], weight, eps);
        this.iterate(matrix, 15); // so that they are near the singular vectors at the start
      }),
    );
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { u: "_u", v: "_v" };
  }
  private iterate(matrix: Tensor, times: number): void {
    const { u, v, eps } = this;
    noGrad(() =>
      tidy(() => {
        for (let i = 0; i < times; i++) {
          copy_(u, normalize(mv(matrix, v), { dim: 0, eps }));
          copy_(v, normalize(mv(transpose(matrix, 0, 1), u), { dim: 0, eps }));
        }
      }),
    );
  }
  forward(weight: Tensor): Tensor {
    if (weight.ndim < 2) return normalize(weight, { dim: 0, eps: this.eps });
    const matrix = matrixOf(weight, this.dim);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // of their own memory: the next call writes to the buffers, and the backward of this one needs what it read
    const [u, v] = [clone(this.u), clone(this.v)];
    return div(weight, dot(u, mv(matrix, v)));
  }
  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

/**
 * Spectral normalization: `weight / sigma(weight)`, sigma the largest singular value, so that the layer stretches no vector. A vector is
 * divided by its norm.
 *
 * In training each use of the weight does `nPowerIterations` steps of the power method, whose vectors are buffers.
 *
 * Shapes: that of the weight, with more than two dimensions taken as a matrix whose rows are the slices along `dim`.
 *
 * @throws ArgumentError when the module has no such tensor, or `nPowerIterations` is no positive integer; IndexError for a `dim` out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html
 * @see Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018, https://arxiv.org/abs/1802.05957
 * @example
 * import { matrixNorm, nn } from "flambeau";
 * const layer = nn.utils.parametrizations.spectralNorm(new nn.Linear(4, 4), "weight", { nPowerIterations: 20 });
 * Math.abs(matrixNorm(layer.weight, 2).item() - 1) < 0.1; // true
 */
export function spectralNorm<M extends Module>(
  module: M,
  name = "weight",
  options: SpectralNormOptions = option.none,
): M & Parametrized {
  checkOptions("spectralNorm", spectralNormKinds, options);
  const weight = tensorOf("spectralNorm", module, name);
  const { nPowerIterations = 1, eps = 1e-12, dim = outputDim(module) } = options;
  return registerParametrization(module, name, new _SpectralNorm(weight, nPowerIterations, dim, eps));
}
