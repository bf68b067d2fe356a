import { boolean, checkOptions, type Kinds, none, number } from "../../core/options.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { detach } from "../create/copy.ts";
import { emptyLike, zerosLike } from "../create/creation.ts";
import { type GeneratorOptions, generatorKinds } from "../create/drawing.ts";
import { exponential_ } from "../create/random-in-place.ts";
import { scatter } from "../index/gather-scatter.ts";
import { add, div, sub } from "../pointwise/arithmetic.ts";
import { log } from "../pointwise/exponential.ts";
import { argmax } from "../reduce/extreme.ts";
import { softmax } from "./softmax.ts";

export interface GumbelSoftmaxOptions extends GeneratorOptions {
  /** Temperature (default 1): the lower, the nearer to one-hot. */
  readonly tau?: number | undefined;
  /** Give one-hot samples, with the gradient of the soft ones (default false). */
  readonly hard?: boolean | undefined;
  /** The dimension of the categories (default -1). */
  readonly dim?: number | undefined;
}
const gumbelKinds: Kinds<GumbelSoftmaxOptions> = { tau: number, hard: boolean, dim: number, ...generatorKinds };
/**
 * Draws from a categorical distribution in a differentiable way: `y = softmax((logits + g) / tau)`, where each g is drawn from Gumbel(0,
 * 1). With `hard` the largest element becomes 1 and the others 0, while the gradient stays that of the soft sample.
 *
 * Shape: that of `logits`, which are unnormalized log-probabilities. Dtype: that of `logits`, a floating-point one.
 *
 * @throws DTypeError when `logits` is no floating-point tensor.
 * @throws IndexError when `dim` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 * @see Jang et al., "Categorical Reparameterization with Gumbel-Softmax", 2017, https://arxiv.org/abs/1611.01144
 * @see Maddison et al., "The Concrete Distribution", 2017, https://arxiv.org/abs/1611.00712
 * @example
 * const y = gumbelSoftmax(tensor([[1, 2, 3], [0, 100, 0]]), { tau: 0.5 });
 * y.sum(1).tolist(); // [1.0000, 1.0000]
 * gumbelSoftmax(tensor([[0, 100, 0]]), { hard: true }).tolist(); // [[0, 1.0000, 0]]
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = none): Tensor {
  if (unscoped()) return scoped(gumbelSoftmax, logits, options);
  checkOptions("gumbelSoftmax", gumbelKinds, options);
  checkTensor("gumbelSoftmax", "logits", logits);
  const { tau = 1, hard = false, dim = -1, generator } = options;
  const noise = log(exponential_(emptyLike(logits), 1, { generator }));
  const soft = softmax(div(sub(logits, noise), tau), dim);
  if (!hard) return soft;
  const chosen = scatter(zerosLike(logits), dim, argmax(soft, dim, { keepdim: true }), 1);
  return add(sub(chosen, detach(soft)), soft);
}
