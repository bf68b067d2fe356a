import { linear, reshape, ShapeError, showShape, type Tensor } from "@flambeau/tensor/functional";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";

export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  /** Added to the logits, [C]. */
  readonly linearBias?: Tensor | null;
}
/**
 * {@link crossEntropy} of the logits input @ linearWeight^T: input [N, F] or [F], weight [C, F], or [C, d..., F] for targets [N, d...].
 *
 * @throws ShapeError when they do not fit.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  { linearBias = null, ...options }: LinearCrossEntropyOptions = {},
): Tensor {
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
  return crossEntropy(logits, target, options);
}
