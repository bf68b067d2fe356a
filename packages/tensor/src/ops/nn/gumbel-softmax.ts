import type { Tensor } from "../../core/tensor.ts";
import { detach } from "../create/copy.ts";
import { emptyLike, zerosLike } from "../create/creation.ts";
import type { GeneratorOptions } from "../create/drawing.ts";
import { exponential_ } from "../create/random-in-place.ts";
import { scatter } from "../index/gather-scatter.ts";
import { add, div, sub } from "../pointwise/arithmetic.ts";
import { log } from "../pointwise/exponential.ts";
import { argmax } from "../reduce/extreme.ts";
import { softmax } from "./softmax.ts";

export interface GumbelSoftmaxOptions extends GeneratorOptions {
  /** Temperature: the lower, the nearer to one-hot. */
  readonly tau?: number;
  /** Give one-hot samples, with the gradient of the soft ones. */
  readonly hard?: boolean;
  readonly dim?: number;
}
/**
 * Samples of a categorical distribution, relaxed to be differentiable: softmax((logits + g) / tau) with g from Gumbel(0, 1)
 * (Jang et al. 2017, Maddison et al. 2017).
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  const { tau = 1, hard = false, dim = -1 } = options;
  const noise = log(exponential_(emptyLike(logits), 1, options));
  const soft = softmax(div(sub(logits, noise), tau), dim);
  if (!hard) return soft;
  const chosen = scatter(zerosLike(logits), dim, argmax(soft, dim, { keepdim: true }), 1);
  return add(sub(chosen, detach(soft)), soft);
}
