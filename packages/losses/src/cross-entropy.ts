import {
  ArgumentError,
  add,
  type DType,
  DTypeError,
  div,
  eq,
  exp,
  gather,
  isFloat,
  logSoftmax,
  mul,
  ne,
  neg,
  reshape,
  ShapeError,
  scatterAdd,
  squeeze,
  sum,
  type Tensor,
  take,
  unsqueeze,
  where,
} from "@flambeau/tensor/functional";
import {
  applyMany,
  applyOne,
  type CrossEntropyAttrs,
  checkIndex,
  checkInteger,
  checkOptions,
  checkTensor,
  emptyOn,
  type Kinds,
  type Op,
  option,
  runFused,
  sameShape,
  scoped,
  showShape,
  toDType,
  unscoped,
  wholeBy,
} from "@flambeau/tensor/plugin";
import { type ReductionOptions, reduceLoss, reductionKinds } from "./reduce.ts";

export interface ClassOptions extends ReductionOptions {
  /** Factor of each class, [C]; "mean" divides by the sum of the factors that counted. Default null: 1 each. */
  readonly weight?: Tensor | null | undefined;
  /** Targets with this value count for nothing. Default -100. */
  readonly ignoreIndex?: number | undefined;
}
export const classKinds: Kinds<ClassOptions> = {
  weight: option.orNull(option.tensor),
  ignoreIndex: option.number,
  ...reductionKinds,
};
export interface CrossEntropyOptions extends ClassOptions {
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016), 0 to 1. Default 0. */
  readonly labelSmoothing?: number | undefined;
}
export const crossEntropyKinds: Kinds<CrossEntropyOptions> = { ...classKinds, labelSmoothing: option.number };

/** The value of ignored targets, if it is one that targets of any integer dtype can have. */
const checkIgnored = (op: string, ignoreIndex: number): number =>
  checkInteger(op, "ignoreIndex", ignoreIndex, -(2 ** 31), 2 ** 31 - 1);

/** Targets as indices into the classes: ignored ones point at class 0. @throws IndexError for others out of range. */
function classes(op: string, target: Tensor, count: number, ignoreIndex: number): Tensor {
  if (ignoreIndex >= 0 && ignoreIndex < count) {
    checkIndex(op, target, count);
    return target;
  }
  const safe = where(eq(target, ignoreIndex), 0, target);
  checkIndex(op, safe, count);
  return safe;
}

/** Each position's value at its class: x [N, C, d...] and index [N, d...] give [N, d...]. */
const pick = (x: Tensor, index: Tensor): Tensor => squeeze(gather(x, 1, unsqueeze(index, 1)), 1);

/**
 * Cross entropy of logits [N, C] and integer targets [N]. The second result is what the backend's fast path keeps for its
 * gradient (each row's maximum and log-sum, then how many rows count); empty without one.
 */
export const crossEntropyOp: Op<CrossEntropyAttrs> = {
  name: "crossEntropy",
  rounds: 1,
  forward([x, target], a) {
    const n = x.shape[0];
    const outputs = () => [
      emptyOn(x.backend, x.dtype, a.reduction === "none" ? [n] : []),
      emptyOn(x.backend, x.dtype, [2 * n + 1]),
    ];
    const fused = runFused("crossEntropy", [x, target], outputs, a);
    if (fused) return fused;
    const index = classes("crossEntropy", target, x.shape[1], a.ignoreIndex);
    const counts = ne(target, a.ignoreIndex);
    const loss = where(counts, neg(pick(logSoftmax(x, 1), index)), 0);
    const reduced =
      a.reduction === "mean" ? div(sum(loss), toDType(sum(counts), x.dtype)) : reduceLoss(loss, a.reduction);
    return [reduced, emptyOn(x.backend, x.dtype, [0])];
  },
  save: ([x, target], [, saved]) => [x, target, saved],
  vjp: ({ attrs, saved }, [g]) => [g && applyOne(crossEntropyBackwardOp, [g, ...saved], attrs), null],
};

/** (softmax(x) - onehot(target)) times the row's gradient. */
function logitsGradient([g, x, target]: readonly Tensor[], { ignoreIndex, reduction }: CrossEntropyAttrs): Tensor {
  const counts = ne(target, ignoreIndex);
  const share = reduction === "mean" ? div(g, toDType(sum(counts), x.dtype)) : g;
  const rows = unsqueeze(where(counts, share, 0), 1);
  const index = unsqueeze(where(counts, target, 0), 1);
  return scatterAdd(mul(exp(logSoftmax(x, 1)), rows), 1, index, neg(rows));
}
/** The gradient of the logits from that of the loss, the logits, the targets and what the fast path kept, if there was one. */
export const crossEntropyBackwardOp: Op<CrossEntropyAttrs> = {
  name: "crossEntropyBackward",
  forward(inputs, a) {
    const [, x, , saved] = inputs;
    const fused =
      saved.size > 0 ? runFused("crossEntropyBackward", inputs, () => [emptyOn(x.backend, x.dtype, x.shape)], a) : null;
    return fused ? fused[0] : logitsGradient(inputs, a);
  },
  decompose: logitsGradient,
};

function checkClassTarget(op: string, input: Tensor, target: Tensor, weight: Tensor | null): void {
  if (input.ndim === 0) throw new ShapeError(op, "the input needs a dimension of classes", [input.shape]);
  const expected = input.ndim === 1 ? [] : [input.shape[0], ...input.shape.slice(2)];
  if (!sameShape(target.shape, expected))
    throw new ShapeError(
      op,
      `for input ${showShape(input.shape)} class targets have shape ${showShape(expected)}, got ${showShape(target.shape)}`,
      [input.shape, target.shape],
    );
  if (!isFloat(input.dtype)) throw new DTypeError(op, `input must be floating point, got ${input.dtype}`);
  const count = input.shape[input.ndim === 1 ? 0 : 1];
  if (weight && !sameShape(weight.shape, [count]))
    throw new ShapeError(op, `weight must have shape [${count}], got ${showShape(weight.shape)}`, [weight.shape]);
}

/** Each position's factor, 0 where the target does not count, whatever class it points at. */
const weightsOf = (weight: Tensor | null, used: Tensor, index: Tensor, dtype: DType): Tensor =>
  weight ? where(used, take(weight, index), 0) : toDType(used, dtype);

/** -w[target] * logp[target] per position, reduced; the mean is over the weights of the targets that count. */
function weightedNll(
  op: string,
  logp: Tensor,
  target: Tensor,
  { weight = null, ignoreIndex = -100, reduction = "mean" }: ClassOptions,
): Tensor {
  if (logp.ndim === 1) {
    const one = weightedNll(op, unsqueeze(logp, 0), unsqueeze(target, 0), { weight, ignoreIndex, reduction });
    return reduction === "none" ? squeeze(one, 0) : one;
  }
  const index = classes(op, target, logp.shape[1], ignoreIndex);
  const used = ne(target, ignoreIndex);
  const w = weightsOf(weight, used, index, logp.dtype);
  const loss = where(used, neg(mul(pick(logp, index), w)), 0);
  return reduction === "mean" ? div(sum(loss), sum(w)) : reduceLoss(loss, reduction);
}

/**
 * Negative log likelihood of log-probabilities and classes: `loss[n] = -weight[y] input[n, y]` for `y = target[n]`, reduced.
 *
 * "mean" divides the sum by that of the weights; it is NaN when all targets are ignored. {@link crossEntropy} takes logits instead.
 *
 * Shapes: log-probabilities [N, C, d...] (or [C]) and integer targets [N, d...] (or 0-d). A scalar, or the shape of `target` with
 * `reduction: "none"`. Dtype: that of `input`.
 *
 * @throws ShapeError when target or weight do not fit the input, IndexError for a class out of range that is not `ignoreIndex`,
 * DTypeError for an input of integers or targets that are none, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
 * @example
 * const logProbs = tensor([[0.2, 0.8], [0.5, 0.5]]).log();
 * const target = tensor([1, -100], { dtype: "int32" }); // the second is ignored
 * losses.nll(logProbs, target).item(); // 0.2231
 */
export function nll(input: Tensor, target: Tensor, options: ClassOptions = {}): Tensor {
  const whole = wholeBy("nll", input);
  if (whole !== null) return whole(nll, [input, target, options]);
  if (unscoped()) return scoped(nll, input, target, options);
  checkOptions("nll", classKinds, options);
  checkTensor("nll", "input", input);
  checkTensor("nll", "target", target);
  checkClassTarget("nll", input, target, options.weight ?? null);
  if (options.ignoreIndex !== undefined) checkIgnored("nll", options.ignoreIndex);
  return weightedNll("nll", input, target, options);
}

/**
 * Cross entropy of logits and classes: `loss[n] = -weight[y] log(softmax(input[n])[y])` for `y = target[n]`, or
 * `loss[n] = -sum(weight target[n] log(softmax(input[n])))` for targets that are probabilities, reduced.
 *
 * Targets of a floating dtype are probabilities, others are classes. "mean" divides by the sum of the classes' weights (for
 * probabilities by the number of examples); it is NaN when all targets are ignored.
 *
 * Shapes: logits [N, C, d...] (or [C]); classes [N, d...] (or 0-d), or probabilities of the shape of `input`. A scalar, or [N, d...] with
 * `reduction: "none"`. Dtype: that of `input`; with probabilities that to which both are promoted.
 *
 * @throws ShapeError when target or weight do not fit the input, IndexError for a class out of range that is not `ignoreIndex`,
 * DTypeError for an input of integers, ArgumentError for a `labelSmoothing` outside 0..1 or an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 * @example
 * import { losses, tensor } from "flambeau";
 * const loss = losses.crossEntropy(tensor([[0, 0]]), tensor([1], { dtype: "int32" }));
 * console.log(loss.item().toFixed(4)); // 0.6931
 * losses.crossEntropy(tensor([[2, 0]]), tensor([[0.5, 0.5]])).item(); // 1.1269
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const whole = wholeBy("crossEntropy", input);
  if (whole !== null) return whole(crossEntropy, [input, target, options]);
  if (unscoped()) return scoped(crossEntropy, input, target, options);
  checkOptions("crossEntropy", crossEntropyKinds, options);
  checkTensor("crossEntropy", "input", input);
  checkTensor("crossEntropy", "target", target);
  const { weight = null, ignoreIndex = -100, labelSmoothing = 0, reduction = "mean" } = options;
  checkIgnored("crossEntropy", ignoreIndex);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ArgumentError("crossEntropy", `labelSmoothing must be between 0 and 1, got ${labelSmoothing}`);
  if (isFloat(target.dtype)) return probabilities(input, target, options);
  checkClassTarget("crossEntropy", input, target, weight);
  if (input.ndim === 2 && weight === null && labelSmoothing === 0) {
    const [loss, saved] = applyMany(crossEntropyOp, [input, target], { ignoreIndex, reduction });
    saved.dispose(); // the graph, if there is one, holds it
    return loss;
  }
  const logp = logSoftmax(input, input.ndim === 1 ? 0 : 1);
  const hard = weightedNll("crossEntropy", logp, target, { weight, ignoreIndex, reduction });
  if (labelSmoothing === 0) return hard;
  // the smooth part: the mean over classes of -w * logp, for targets that count
  const dim = input.ndim === 1 ? 0 : 1;
  const count = input.shape[dim];
  const perClass = weight
    ? mul(logp, reshape(weight, input.ndim === 1 ? [-1] : [1, -1, ...input.shape.slice(2).map(() => 1)]))
    : logp;
  const used = ne(target, ignoreIndex);
  const smooth = where(used, neg(sum(perClass, dim)), 0);
  const index = classes("crossEntropy", target, count, ignoreIndex);
  const total =
    reduction === "mean"
      ? div(sum(smooth), sum(weightsOf(weight, used, index, input.dtype)))
      : reduceLoss(smooth, reduction);
  return add(mul(hard, 1 - labelSmoothing), mul(total, labelSmoothing / count));
}

function probabilities(
  input: Tensor,
  target: Tensor,
  { weight = null, labelSmoothing = 0, reduction = "mean" }: CrossEntropyOptions,
): Tensor {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      "crossEntropy",
      `probability targets have the input's shape ${showShape(input.shape)}, got ${showShape(target.shape)}`,
      [input.shape, target.shape],
    );
  const dim = input.ndim === 1 ? 0 : 1;
  const count = input.shape[dim];
  const soft = labelSmoothing > 0 ? add(mul(target, 1 - labelSmoothing), labelSmoothing / count) : target;
  const products = mul(logSoftmax(input, dim), soft);
  const weighted = weight
    ? mul(products, reshape(weight, input.ndim === 1 ? [-1] : [1, -1, ...input.shape.slice(2).map(() => 1)]))
    : products;
  const loss = neg(sum(weighted, dim));
  if (reduction === "mean") return div(sum(loss), input.size / count);
  return reduceLoss(loss, reduction);
}
