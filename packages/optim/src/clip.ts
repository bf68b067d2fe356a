import {
  ArgumentError,
  add,
  clamp,
  copy_,
  FlambeauError,
  mul,
  mul_,
  noGrad,
  norm,
  numbersFor,
  reciprocal,
  scalarTensor,
  stack,
  type Tensor,
  tidy,
  toDevice,
} from "@flambeau/tensor/functional";

const gradients = (params: Iterable<Tensor>): Tensor[] => [...params].flatMap((p) => (p.grad ? [p.grad] : []));

export interface ClipOptions {
  /** Order of the norm; Infinity for the largest absolute value. */
  readonly normType?: number;
  /** Throw when the norm is NaN or infinite, instead of scaling by it. */
  readonly errorIfNonfinite?: boolean;
}

/**
 * The norm of all tensors taken as one vector.
 *
 * @throws FlambeauError with errorIfNonfinite, when it is NaN or infinite.
 */
export function getTotalNorm(
  tensors: Iterable<Tensor>,
  { normType = 2, errorIfNonfinite = false }: ClipOptions = {},
): Tensor {
  return noGrad(() =>
    tidy(() => {
      const norms = [...tensors].map((t) => norm(t, normType));
      if (norms.length === 0) return scalarTensor(0);
      const total = norm(stack(norms.map((n) => toDevice(n, norms[0].device))), normType);
      if (!errorIfNonfinite) return total;
      const why = "errorIfNonfinite looks at the norm at once";
      const instead = "leave it out, and look at the norm that is returned: await norm.itemAsync()";
      const value = Number(numbersFor("clipGradNorm_", total, why, instead)[0]);
      if (!Number.isFinite(value))
        throw new FlambeauError(
          `the gradients' norm is ${value}`,
          "look for a NaN in the loss (detectAnomaly names the op), or lower the learning rate",
        );
      return total;
    }),
  );
}

/** Scales all gradients by maxNorm / (totalNorm + 1e-6) where that is below 1. */
export function clipGradsWithNorm_(params: Iterable<Tensor>, maxNorm: number, totalNorm: Tensor): void {
  if (!(maxNorm >= 0)) throw new ArgumentError("clipGradsWithNorm_", `maxNorm must not be negative, got ${maxNorm}`);
  noGrad(() =>
    tidy(() => {
      const scale = clamp(mul(reciprocal(add(totalNorm, 1e-6)), maxNorm), null, 1);
      for (const g of gradients(params)) mul_(g, toDevice(scale, g.device));
    }),
  );
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`; returns the norm before.
 *
 * @throws FlambeauError with errorIfNonfinite, when the norm is not finite; gradients are untouched then.
 *
 * @example
 * import { optim, tensor } from "flambeau";
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.square().sum().div(2).backward();
 * optim.clipGradNorm_([w], 1).item(); // 5
 */
export function clipGradNorm_(params: Iterable<Tensor>, maxNorm: number, options: ClipOptions = {}): Tensor {
  if (!(maxNorm >= 0)) throw new ArgumentError("clipGradNorm_", `maxNorm must not be negative, got ${maxNorm}`);
  const list = [...params]; // it may be a generator, and is gone through twice
  const total = getTotalNorm(gradients(list), options);
  clipGradsWithNorm_(list, maxNorm, total);
  return total;
}
/** Clamps every gradient element to [-clipValue, clipValue]. */
export function clipGradValue_(params: Iterable<Tensor>, clipValue: number): void {
  noGrad(() =>
    tidy(() => {
      for (const g of gradients(params)) copy_(g, clamp(g, -clipValue, clipValue));
    }),
  );
}
