import {
  ArgumentError,
  abs,
  add,
  cat,
  type DType,
  maximum,
  minimum,
  mul,
  sigmoid,
  softmax,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  unflatten,
  zerosLike,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { Linear } from "../../layers/linear.ts";
import type { RecurrentOptions } from "./abstract-recurrent.ts";
import { VectorRecurrent } from "./vector-recurrent.ts";

/** What makes a new state of the one before, s, and a feature vector, v. */
const operations = {
  keep: (s: Tensor, _: Tensor) => s,
  replace: (_: Tensor, v: Tensor) => v,
  mul: (s: Tensor, v: Tensor) => mul(s, v),
  diff: (s: Tensor, v: Tensor) => sub(s, v),
  forget: (s: Tensor, _: Tensor) => zerosLike(s),
  sqrt_diff: (s: Tensor, v: Tensor) => mul(sqrt(abs(sub(s, v))), 0.25),
  max: (s: Tensor, v: Tensor) => maximum(s, v),
  min: (s: Tensor, v: Tensor) => minimum(s, v),
} as const;
export type MuFuRuOperation = keyof typeof operations;
const all = Object.keys(operations) as MuFuRuOperation[];

export interface MuFuRuOptions extends RecurrentOptions {
  /** The operations that the state is composed by (default: all). */
  readonly ops?: readonly MuFuRuOperation[] | undefined;
  /** How many steps gradients go back through (default 9999). */
  readonly rho?: number | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const kinds: Kinds<MuFuRuOptions> = {
  ops: option.listOf(option.oneOf(...all)),
  rho: option.number,
  dtype: option.dtype,
  device: option.string,
};

/**
 * Multi-function recurrent units, a step at a time: `r = sigmoid(W_x x + W_s s + b)`, `v = tanh(W_v [x, r * s] + b_v)`, and each element of the new state
 * is a mean of what the operations make of it, `s' = sum_j p_j * op_j(s, v)`, with weights `p = softmax(W_p [x, s] + b_p)` over them. With the
 * operations "keep" and "replace" it is a GRU.
 *
 * The operations are s ("keep"), v ("replace"), `s * v` ("mul"), `s - v` ("diff"), 0 ("forget"), `0.25 * sqrt(|s - v|)` ("sqrt_diff") and the larger or
 * smaller of both ("max", "min"). Torch7's code has a sigmoid for v where its documentation and the paper have tanh.
 *
 * Shape: [N, inputSize] or [inputSize] -> [N, outputSize] or [outputSize]. Parameters: weights and biases of `resetInput`, `resetState`, `feature` and
 * `weights`, whose rows are those of one operation after those of the other.
 *
 * @throws ArgumentError from the constructor when a size or `rho` is no positive integer, or an operation is unknown.
 * @throws ShapeError when `x` does not fit `inputSize`, or the states before.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.MuFuRu
 * @see Weissenborn and Rocktaeschel, "MuFuRU: The Multi-Function Recurrent Unit", 2016, https://arxiv.org/abs/1606.03002
 * @example
 * const unit = new MuFuRu(4, 8, { ops: ["keep", "replace", "mul"] });
 * unit.forward(randn([3, 4])).shape; // [3, 8]
 */
export class MuFuRu extends VectorRecurrent {
  readonly ops: readonly MuFuRuOperation[];
  readonly resetInput: Linear;
  readonly resetState: Linear;
  readonly feature: Linear;
  readonly weights: Linear;
  protected readonly stateCount = 1;
  private readonly made: MuFuRuOptions;
  constructor(inputSize: number, outputSize: number, options: MuFuRuOptions = {}) {
    checkOptions("MuFuRu", kinds, options);
    const { ops = all, dtype, device, rho } = options;
    super(inputSize, outputSize, { rho });
    if (ops.length === 0)
      throw new ArgumentError("MuFuRu", "ops must name an operation, got none", `there are: ${all.join(", ")}`);
    this.ops = [...ops];
    this.made = options;
    this.resetInput = new Linear(inputSize, outputSize, { dtype, device });
    this.resetState = new Linear(outputSize, outputSize, { dtype, device });
    this.feature = new Linear(inputSize + outputSize, outputSize, { dtype, device });
    this.weights = new Linear(inputSize + outputSize, ops.length * outputSize, { dtype, device });
  }
  protected cell(x: Tensor, [s]: readonly Tensor[]): [s: Tensor] {
    const reset = sigmoid(add(this.resetInput.forward(x), this.resetState.forward(s)));
    const v = tanh(this.feature.forward(cat([x, mul(reset, s)], -1)));
    const sums = this.weights.forward(cat([x, s], -1));
    const shares = softmax(unflatten(sums, -1, [this.ops.length, this.outputSize]), -2);
    const made = stack(
      this.ops.map((name) => operations[name](s, v)),
      -2,
    );
    return [sum(mul(shares, made), -2)];
  }
  /** @internal */
  override fresh(): MuFuRu {
    return new MuFuRu(this.inputSize, this.outputSize, this.made);
  }
  override extraRepr(): string {
    return `${super.extraRepr()}, { ${this.ops.join(" ")} }`;
  }
}
