import {
  ArgumentError,
  add,
  clamp,
  copy_,
  FlambeauError,
  item,
  mul,
  mul_,
  noGrad,
  norm,
  reciprocal,
  scalarTensor,
  stack,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";

const gradients = (params: Iterable<Tensor>): Tensor[] => [...params].flatMap((p) => (p.grad ? [p.grad] : []));

export interface ClipOptions {
  /** Order of the norm; Infinity for the largest absolute value. */
  readonly normType?: number;
  /** Throw when the norm is NaN or infinite, instead of scaling by it. */
  readonly errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`; returns the norm before.
 *
 * @throws FlambeauError with errorIfNonfinite, when the norm is not finite; gradients are untouched then.
 */
export function clipGradNorm_(
  params: Iterable<Tensor>,
  maxNorm: number,
  { normType = 2, errorIfNonfinite = false }: ClipOptions = {},
): Tensor {
  if (!(maxNorm >= 0)) throw new ArgumentError("clipGradNorm_", `maxNorm must not be negative, got ${maxNorm}`);
  return noGrad(() =>
    tidy(() => {
      const grads = gradients(params);
      if (grads.length === 0) return scalarTensor(0);
      const total = norm(stack(grads.map((g) => norm(g, normType))), normType);
      if (errorIfNonfinite && !Number.isFinite(item(total)))
        throw new FlambeauError(
          `clipGradNorm_: the gradients' norm is ${item(total)}`,
          "look for a NaN in the loss (detectAnomaly names the op), or lower the learning rate",
        );
      const scale = clamp(mul(reciprocal(add(total, 1e-6)), maxNorm), null, 1);
      for (const g of grads) mul_(g, scale);
      return total;
    }),
  );
}
/** Clamps every gradient element to [-clipValue, clipValue]. */
export function clipGradValue_(params: Iterable<Tensor>, clipValue: number): void {
  noGrad(() =>
    tidy(() => {
      for (const g of gradients(params)) copy_(g, clamp(g, -clipValue, clipValue));
    }),
  );
}
