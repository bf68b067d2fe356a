import { context } from "../../core/context.ts";
import { AutogradError } from "../../core/errors.ts";
import { enableGrad } from "../../core/modes.ts";
import type { Tensor } from "../../core/tensor.ts";
import { tracer } from "../../door/interpreter.ts";
import { squeeze, t, transpose, unsqueeze } from "./view.ts";

// Views that take the place of the tensor they are of: the handle changes its shape and its place in the graph, the memory stays.

/** Makes `x` what `make` gives, a view of it. */
function become(op: string, x: Tensor, make: (x: Tensor) => Tensor): Tensor {
  const recorder = tracer();
  if (recorder !== null && context.gradEnabled && x.requiresGrad) recorder.checkInPlace(op, x);
  const { gradFn } = x;
  // a result's place in the graph has its shape: it moves on with recording off, too
  const view = gradFn === null ? make(x) : enableGrad(() => make(x));
  x.setData(view);
  if (gradFn !== null) {
    x.gradFn = view.gradFn;
    x.outputIndex = 0;
    recorder?.replaced?.(x, gradFn);
  }
  view.dispose();
  return x;
}

/**
 * {@link squeeze} of the tensor itself: afterwards it has the new shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.squeeze_.html
 */
export const squeeze_ = (x: Tensor, dim?: number | readonly number[]): Tensor =>
  become("squeeze_", x, (it) => squeeze(it, dim));
/**
 * {@link unsqueeze} of the tensor itself: afterwards it has the new shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unsqueeze_.html
 */
export const unsqueeze_ = (x: Tensor, dim: number): Tensor => become("unsqueeze_", x, (it) => unsqueeze(it, dim));
/**
 * {@link transpose} of the tensor itself: afterwards it has the new shape.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.transpose_.html
 */
export const transpose_ = (x: Tensor, dim0: number, dim1: number): Tensor =>
  become("transpose_", x, (it) => transpose(it, dim0, dim1));
/** NumPy's name for {@link transpose_}. */
export const swapaxes_ = transpose_;
/** Another name of {@link transpose_}. */
export const swapdims_ = transpose_;
/**
 * {@link t} of the tensor itself: afterwards it is the transpose.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.t_.html
 */
export const t_ = (x: Tensor): Tensor => become("t_", x, t);
/**
 * Takes the tensor itself out of the graph: it becomes a leaf without a gradient.
 *
 * @throws AutogradError for a view, whose memory is another's: use {@link detach}.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach_.html
 * @example
 * const y = tensor([1, 2], { requiresGrad: true }).mul(2);
 * y.detach_().requiresGrad; // false
 */
export function detach_(x: Tensor): Tensor {
  if (x.base !== null && x.requiresGrad)
    throw new AutogradError("detach_: a view cannot leave the graph of what it shows", "use detach()");
  x.gradFn = null;
  x.requiresGrad = false;
  return x;
}
/**
 * Says whether backward is to give the tensor a `grad`: `x.requiresGrad = value`.
 *
 * @throws AutogradError for integers and bools, and when that of a result is turned off.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html
 * @example
 * tensor([1, 2]).requiresGrad_().requiresGrad; // true
 */
export function requiresGrad_(x: Tensor, value = true): Tensor {
  x.requiresGrad = value;
  return x;
}
