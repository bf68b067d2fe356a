import {
  choose,
  constant,
  mul,
  pointwise,
  pointwiseCall,
  ShapeError,
  sameShape,
  scalar,
  showShape,
  type Tensor,
} from "@flambeau/tensor/functional";
import { reduceLoss } from "./reduce.ts";
import type { WeightedOptions } from "./regression.ts";

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
// max(x, 0) - x y + log(1 + exp(-|x|)), which neither overflows nor loses digits
export const logitsOp = pointwise(
  "bceWithLogits",
  (x, y) =>
    choose(x.gt(0), x, 0)
      .sub(x.mul(y))
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

/** Binary cross entropy of probabilities: -(y log p + (1 - y) log(1 - p)). */
export function bce(input: Tensor, target: Tensor, { reduction, weight }: WeightedOptions = {}): Tensor {
  checkSame("bce", input, target);
  const loss = pointwiseCall(bceOp, [input, target]);
  return reduceLoss("bce", weight ? mul(loss, weight) : loss, reduction);
}
export interface BceWithLogitsOptions extends WeightedOptions {
  /** Factor of positive examples, one for each class. */
  readonly posWeight?: Tensor | null;
}
/** Binary cross entropy of logits, stable for large ones; `posWeight` is the factor of positive examples. */
export function bceWithLogits(
  input: Tensor,
  target: Tensor,
  { reduction, weight, posWeight }: BceWithLogitsOptions = {},
): Tensor {
  checkSame("bceWithLogits", input, target);
  const loss = posWeight
    ? pointwiseCall(weightedLogitsOp, [input, target, posWeight])
    : pointwiseCall(logitsOp, [input, target]);
  return reduceLoss("bceWithLogits", weight ? mul(loss, weight) : loss, reduction);
}
