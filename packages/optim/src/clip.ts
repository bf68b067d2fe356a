import {
  ArgumentError,
  add,
  clamp,
  copy_,
  FlambeauError,
  isTensor,
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
import {
  checkNumber,
  checkOptions,
  checkTensor,
  checkTensors,
  type Kinds,
  numbersFor,
  option,
  show,
  toDevice,
} from "@flambeau/tensor/plugin";

/** Tensors, of which there may be one alone, as PyTorch takes them. */
function listed(op: string, name: string, tensors: Iterable<Tensor> | Tensor): readonly Tensor[] {
  if (isTensor(tensors)) return [tensors];
  if (!option.iterable.takes(tensors))
    throw new ArgumentError(op, `${name} must be a list of tensors, got ${show(tensors)}`, "pass model.parameters()");
  const list: readonly unknown[] = [...tensors];
  checkTensors(op, name, list);
  return list;
}
const gradients = (op: string, params: Iterable<Tensor>): Tensor[] =>
  listed(op, "params", params).flatMap((p) => (p.grad ? [p.grad] : []));

export interface ClipOptions {
  /** Order of the norm; Infinity for the largest absolute value. Default 2. */
  readonly normType?: number | undefined;
  /** Throw when the norm is NaN or infinite, instead of scaling by it; reads the norm at once. Default false. */
  readonly errorIfNonfinite?: boolean | undefined;
}
const clipKinds: Kinds<ClipOptions> = { normType: option.number, errorIfNonfinite: option.boolean };

/**
 * The norm of all tensors taken as one vector: `(sum(|x|^normType))^(1 / normType)` over all elements.
 *
 * Shapes: tensors of any shapes and a floating dtype. A 0-d tensor on the first one's device; 0 when there are none.
 *
 * @throws DTypeError for integers; with errorIfNonfinite FlambeauError when the norm is NaN or infinite, and UnavailableError on a device
 * that cannot be read at once.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.get_total_norm.html
 * @example
 * optim.getTotalNorm([tensor([3]), tensor([[-4]])]).item(); // 5
 * optim.getTotalNorm([tensor([3]), tensor([[-4]])], { normType: Infinity }).item(); // 4
 */
export function getTotalNorm(tensors: Iterable<Tensor>, options: ClipOptions = {}): Tensor {
  checkOptions("getTotalNorm", clipKinds, options);
  const { normType = 2, errorIfNonfinite = false } = options;
  return noGrad(() =>
    tidy(() => {
      const norms = listed("getTotalNorm", "tensors", tensors).map((t) => norm(t, normType));
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

/**
 * Scales all gradients by a norm that is known: `g *= min(1, maxNorm / (totalNorm + 1e-6))`.
 *
 * Shapes: parameters of any shapes, `totalNorm` 0-d. Those without a gradient are passed over.
 *
 * @throws ArgumentError for a negative `maxNorm`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grads_with_norm_.html
 * @example
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.square().sum().div(2).backward();
 * optim.clipGradsWithNorm_([w], 1, tensor(10)); // 10 with the gradients elsewhere, say
 * w.grad?.tolist(); // [0.3000, 0.4000]
 */
export function clipGradsWithNorm_(params: Iterable<Tensor>, maxNorm: number, totalNorm: Tensor): void {
  checkTensor("clipGradsWithNorm_", "totalNorm", totalNorm);
  if (!(maxNorm >= 0))
    throw new ArgumentError("clipGradsWithNorm_", `maxNorm must not be negative, got ${show(maxNorm)}`);
  noGrad(() =>
    tidy(() => {
      const scale = clamp(mul(reciprocal(add(totalNorm, 1e-6)), maxNorm), null, 1);
      for (const g of gradients("clipGradsWithNorm_", params)) mul_(g, toDevice(scale, g.device));
    }),
  );
}

/**
 * Scales all gradients together so that their norm, taken as one vector, is at most `maxNorm`: `g *= min(1, maxNorm / (norm + 1e-6))`.
 *
 * Shapes: parameters of any shapes; those without a gradient are passed over. The result is the norm before, 0-d.
 *
 * @throws ArgumentError for a negative `maxNorm`; with errorIfNonfinite FlambeauError when the norm is not finite (gradients are untouched
 * then), and UnavailableError on a device that cannot be read at once.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @example
 * import { optim, tensor } from "flambeau";
 * const w = tensor([3, 4], { requiresGrad: true });
 * w.square().sum().div(2).backward();
 * optim.clipGradNorm_([w], 1).item(); // 5
 * w.grad?.tolist(); // [0.6000, 0.8000]
 */
export function clipGradNorm_(params: Iterable<Tensor>, maxNorm: number, options: ClipOptions = {}): Tensor {
  checkOptions("clipGradNorm_", clipKinds, options);
  if (!(maxNorm >= 0)) throw new ArgumentError("clipGradNorm_", `maxNorm must not be negative, got ${show(maxNorm)}`);
  const list = listed("clipGradNorm_", "params", params); // it may be a generator, and is gone through twice
  const total = getTotalNorm(gradients("clipGradNorm_", list), options);
  clipGradsWithNorm_(list, maxNorm, total);
  return total;
}
/**
 * Clamps every gradient element: `g = min(max(g, -clipValue), clipValue)`.
 *
 * Shapes: parameters of any shapes; those without a gradient are passed over.
 *
 * @throws MemoryError when a gradient was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
 * @example
 * const w = tensor([3, -0.5], { requiresGrad: true });
 * w.square().sum().div(2).backward();
 * optim.clipGradValue_([w], 1);
 * w.grad?.tolist(); // [1, -0.5]
 */
export function clipGradValue_(params: Iterable<Tensor>, clipValue: number): void {
  checkNumber("clipGradValue_", "clipValue", clipValue);
  noGrad(() =>
    tidy(() => {
      for (const g of gradients("clipGradValue_", params)) copy_(g, clamp(g, -clipValue, clipValue));
    }),
  );
}
