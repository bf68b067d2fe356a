import { crossEntropy } from "@flambeau/losses";
import { exp, reshape, ShapeError, type Tensor } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option, scoped, showShape, unscoped } from "@flambeau/tensor/plugin";

export interface PerplexityOptions {
  /** Targets of this number do not count. Default -100. */
  readonly ignoreIndex?: number | undefined;
}
const perplexityKinds: Kinds<PerplexityOptions> = { ignoreIndex: option.number };

/**
 * How many tokens a model hesitates between, on average: `exp(mean(-log softmax(logits)[target]))`.
 *
 * Shapes: `logits` [..., V] and `targets` [...] -> []. Dtype: that of `logits`; targets are int32 or int64.
 *
 * @throws ShapeError when the leading dimensions differ.
 * @throws IndexError when a target is not in 0..V-1.
 * @throws DTypeError when `logits` are no floats, or `targets` neither int32 nor int64.
 * @see https://lightning.ai/docs/torchmetrics/stable/text/perplexity.html
 * @example
 * import { tensor, zeros } from "flambeau";
 * perplexity(zeros([2, 3, 7]), tensor([[1, 2, 3], [4, 5, 6]], { dtype: "int32" })).item().toFixed(3); // "7.000"
 */
export function perplexity(logits: Tensor, targets: Tensor, options: PerplexityOptions = option.none): Tensor {
  const op = "perplexity";
  checkOptions(op, perplexityKinds, options);
  checkTensor(op, "logits", logits);
  checkTensor(op, "targets", targets);
  if (logits.ndim !== targets.ndim + 1 || targets.shape.some((size, i) => size !== logits.shape[i]))
    throw new ShapeError(
      op,
      `expected logits [..., V] and targets [...], got ${showShape(logits.shape)} and ${showShape(targets.shape)}`,
      [logits.shape, targets.shape],
    );
  const { ignoreIndex = -100 } = options;
  const run = () =>
    exp(crossEntropy(reshape(logits, [targets.size, -1]), reshape(targets, [targets.size]), { ignoreIndex }));
  return unscoped() ? scoped(run) : run();
}
