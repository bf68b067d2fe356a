import { ArgumentError, any, item, mul, ShapeError, type Tensor, tidy } from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  choose,
  constant,
  type Kinds,
  option,
  pointwise,
  pointwiseCall,
  readable,
  sameShape,
  scalar,
  scoped,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import { reduceLoss } from "./reduce.ts";
import { type WeightedOptions, weightedKinds } from "./regression.ts";

// logs are cut at -100, so that a probability of exactly 0 or 1 gives a finite loss, as in PyTorch
export const bceOp = pointwise(
  "bce",
  (p, y) =>
    y
      .sub(1)
      .mul(scalar.max(scalar.log1p(p.neg()), -100))
      .sub(y.mul(scalar.max(scalar.log(p), -100))),
  {
    category: "float",
    grad: (g, [p, y]) => [
      g.mul(p.sub(y)).div(scalar.max(constant(1).sub(p).mul(p), 1e-12)),
      g.mul(scalar.log1p(p.neg()).sub(scalar.log(p))),
    ],
  },
);
// (1 - y) x - min(x, 0) + log(1 + exp(-|x|)), which neither overflows nor loses digits
export const logitsOp = pointwise(
  "bceWithLogits",
  (x, y) =>
    constant(1)
      .sub(y)
      .mul(x)
      .sub(choose(x.lt(0), x, 0))
      .add(scalar.log1p(scalar.exp(scalar.abs(x).neg()))),
  {
    category: "float",
    grad: (g, [x, y]) => [g.mul(scalar.sigmoid(x).sub(y)), g.mul(x).neg()],
  },
);
// with w = 1 + (posWeight - 1) y: (1 - y) x + w (log(1 + exp(-|x|)) + max(-x, 0))
export const weightedLogitsOp = pointwise(
  "bceWithWeightedLogits",
  (x, y, pw) => {
    const w = pw.sub(1).mul(y).add(1);
    const tail = scalar.log1p(scalar.exp(scalar.abs(x).neg())).add(choose(x.lt(0), x.neg(), 0));
    return constant(1).sub(y).mul(x).add(w.mul(tail));
  },
  {
    category: "float",
    title: "bceWithLogits",
    grad: (g, [x, y, pw]) => {
      const w = pw.sub(1).mul(y).add(1);
      const tail = scalar.log1p(scalar.exp(scalar.abs(x).neg())).add(choose(x.lt(0), x.neg(), 0));
      return [
        g.mul(
          constant(1)
            .sub(y)
            .sub(w.mul(scalar.sigmoid(x.neg()))),
        ),
        g.mul(pw.sub(1).mul(tail).sub(x)),
        g.mul(y).mul(tail),
      ];
    },
  },
);

function checkSame(op: string, input: Tensor, target: Tensor): void {
  if (!sameShape(input.shape, target.shape))
    throw new ShapeError(
      op,
      `input ${showShape(input.shape)} and target ${showShape(target.shape)} must have one shape`,
      [input.shape, target.shape],
    );
}

export const improbableOp = pointwise("improbable", (p) => p.ge(0).and(p.le(1)).not(), {
  category: "compare",
  differentiable: false,
});
/** PyTorch looks before it takes logarithms. Where a look would have to wait for the device, none is taken. */
function checkProbabilities(input: Tensor): void {
  if (!readable(input)) return;
  if (tidy(() => item(any(pointwiseCall(improbableOp, [input])))))
    throw new ArgumentError(
      "bce",
      "all elements of the input must be between 0 and 1",
      "give logits to bceWithLogits, or take their sigmoid",
    );
}

/**
 * Binary cross entropy of probabilities: `loss = -(y log p + (1 - y) log(1 - p))` for `p = input` and `y = target`, reduced.
 *
 * Logarithms below -100 count as -100, so that a probability of exactly 0 or 1 gives a finite loss. Use {@link bceWithLogits} where
 * the model gives logits: it loses no digits.
 *
 * Shapes: `input`, in 0..1, and `target`, in 0..1, have one shape; `weight` broadcasts to it. A scalar, or that shape with
 * `reduction: "none"`. Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when `input` and `target` differ in shape or `weight` does not broadcast, DeviceError when the tensors live on
 * different devices, ArgumentError for an unknown `reduction`, or an element of `input` outside of 0..1 on a device that can be
 * read at once.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
 * @example
 * losses.bce(tensor([0.9, 0.2, 0]), tensor([1, 0, 1]), { reduction: "none" }).tolist(); // [0.1054, 0.2231, 100]
 */
export function bce(input: Tensor, target: Tensor, options: WeightedOptions = {}): Tensor {
  if (unscoped()) return scoped(bce, input, target, options);
  checkOptions("bce", weightedKinds, options);
  checkTensor("bce", "input", input);
  checkTensor("bce", "target", target);
  const { reduction, weight } = options;
  checkSame("bce", input, target);
  checkProbabilities(input);
  const loss = pointwiseCall(bceOp, [input, target]);
  return reduceLoss(weight ? mul(loss, weight) : loss, reduction);
}
export interface BceWithLogitsOptions extends WeightedOptions {
  /** Factor of positive examples, one for each class; broadcast. Above 1 it favours recall. Default null: none. */
  readonly posWeight?: Tensor | null | undefined;
}
export const bceWithLogitsKinds: Kinds<BceWithLogitsOptions> = {
  ...weightedKinds,
  posWeight: option.orNull(option.tensor),
};
/**
 * Binary cross entropy of logits, stable for large ones: `loss = -(posWeight y log s + (1 - y) log(1 - s))` for `s = sigmoid(input)` and
 * `y = target`, reduced.
 *
 * Shapes: `input` (any numbers) and `target` (in 0..1) have one shape; `weight` and `posWeight` broadcast to it. A scalar, or that shape
 * with `reduction: "none"`. Dtype: that to which both are promoted; integers give the default floating dtype.
 *
 * @throws ShapeError when `input` and `target` differ in shape or a weight does not broadcast, DeviceError when the tensors live on
 * different devices, ArgumentError for an unknown `reduction`.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
 * @example
 * losses.bceWithLogits(tensor([0, 100]), tensor([1, 0]), { reduction: "none" }).tolist(); // [0.6931, 100]
 * losses.bceWithLogits(tensor([0, 0]), tensor([1, 0]), { posWeight: tensor(3), reduction: "none" }).tolist(); // [2.0794, 0.6931]
 */
export function bceWithLogits(input: Tensor, target: Tensor, options: BceWithLogitsOptions = {}): Tensor {
  if (unscoped()) return scoped(bceWithLogits, input, target, options);
  checkOptions("bceWithLogits", bceWithLogitsKinds, options);
  checkTensor("bceWithLogits", "input", input);
  checkTensor("bceWithLogits", "target", target);
  const { reduction, weight, posWeight } = options;
  checkSame("bceWithLogits", input, target);
  const loss = posWeight
    ? pointwiseCall(weightedLogitsOp, [input, target, posWeight])
    : pointwiseCall(logitsOp, [input, target]);
  return reduceLoss(weight ? mul(loss, weight) : loss, reduction);
}
