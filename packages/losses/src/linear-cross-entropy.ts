import { linear, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, scoped, showShape, unscoped } from "@flambeau/tensor/plugin";
import { type CrossEntropyOptions, crossEntropy, crossEntropyKinds } from "./cross-entropy.ts";

export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  /** Added to the logits, of the shape of `linearWeight` without its last dimension. Default null: none. */
  readonly linearBias?: Tensor | null | undefined;
}
const linearCrossEntropyKinds: Kinds<LinearCrossEntropyOptions> = {
  linearBias: option.orNull(option.tensor),
  ...crossEntropyKinds,
};
/**
 * Cross entropy of the logits of a linear layer: `crossEntropy(input @ linearWeight^T + linearBias, target)`.
 *
 * Options and dtypes are those of {@link crossEntropy}.
 *
 * Shapes: input [N, F] (or [F]), weight [C, F] and targets [N] (or 0-d); or weight [C, d..., F] and targets [N, d...]. A scalar, or the
 * targets' shape with `reduction: "none"`.
 *
 * @throws ShapeError when they do not fit; else what {@link crossEntropy} throws.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
 * @example
 * const weight = tensor([[1, 0], [0, 1], [1, 1]]); // the logits are 1, 2 and 3
 * losses.linearCrossEntropy(tensor([[1, 2]]), weight, tensor([2], { dtype: "int32" })).item(); // 0.4076
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  if (unscoped()) return scoped(linearCrossEntropy, input, linearWeight, target, options);
  checkOptions("linearCrossEntropy", linearCrossEntropyKinds, options);
  checkTensor("linearCrossEntropy", "input", input);
  checkTensor("linearCrossEntropy", "linearWeight", linearWeight);
  checkTensor("linearCrossEntropy", "target", target);
  const { linearBias = null, ...rest } = options;
  const features = linearWeight.shape[linearWeight.ndim - 1];
  const rows = linearWeight.shape.slice(0, -1);
  if (input.ndim < 1 || input.ndim > 2 || rows.length < 1 || input.shape[input.ndim - 1] !== features)
    throw new ShapeError(
      "linearCrossEntropy",
      `expected input [N, F] or [F] and weight [C, ..., F], got ${showShape(input.shape)} and ${showShape(linearWeight.shape)}`,
      [input.shape, linearWeight.shape],
    );
  if (rows.length > 1 && input.ndim === 1)
    throw new ShapeError("linearCrossEntropy", `a weight ${showShape(linearWeight.shape)} needs inputs [N, F]`, [
      input.shape,
      linearWeight.shape,
    ]);
  const weight = rows.length === 1 ? linearWeight : reshape(linearWeight, [-1, features]);
  const bias = linearBias && rows.length > 1 ? reshape(linearBias, [-1]) : linearBias;
  const logits = reshape(linear(input, weight, bias), [...input.shape.slice(0, -1), ...rows]);
  return crossEntropy(logits, target, rest);
}
