import {
  ArgumentError,
  add,
  cat,
  chunk,
  empty,
  fill_,
  linear,
  mul,
  narrow,
  noGrad,
  sigmoid,
  type Tensor,
  tanh,
} from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { uniform_ } from "../../init.ts";
import { Linear } from "../../layers/linear.ts";
import { BatchNorm1d } from "../../layers/norm.ts";
import { Module } from "../../module.ts";
import { Parameter } from "../../parameter.ts";
import { LazyDropout } from "./lazy-dropout.ts";
import { LinearNoBias } from "./simple.ts";
import { type GatedOptions, gatedKinds, VectorRecurrent } from "./vector-recurrent.ts";

export interface FastLSTMOptions extends GatedOptions {
  /** Whether the sums over the input, over the output before and the cell are batch-normalized (default false). */
  readonly bn?: boolean | undefined;
  /** Added to the variance there (default 1e-5). */
  readonly eps?: number | undefined;
  /** Share of a batch in the running statistics there (default 0.1). */
  readonly momentum?: number | undefined;
  /** Whether the normalizations have learned factors, which start at 0.1, and shifts (default true). */
  readonly affine?: boolean | undefined;
}
const kinds: Kinds<FastLSTMOptions> = {
  ...gatedKinds,
  bn: option.boolean,
  eps: option.number,
  momentum: option.number,
  affine: option.boolean,
};

/** The weights of several gates on one input, [gates * size, ...], with dropout of its own for each of them. */
export function gatesOf(x: Tensor, dropouts: readonly LazyDropout[], { weight, bias }: Linear, size: number): Tensor {
  if (dropouts.length === 0) return linear(x, weight, bias);
  const part = (t: Tensor, i: number): Tensor => narrow(t, 0, i * size, size);
  return cat(
    dropouts.map((dropout, i) => linear(dropout.forward(x), part(weight, i), bias && part(bias, i))),
    -1,
  );
}
/** A list of dropouts as a module, empty where nothing is dropped. */
export class Dropouts extends Module {
  constructor(op: string, count: number, p: number, mono: boolean) {
    super();
    const made = Array.from({ length: count }, () => new LazyDropout(op, p, mono));
    if (p > 0) for (const [i, each] of made.entries()) this.registerModule(String(i), each);
  }
  get list(): readonly LazyDropout[] {
    return [...this.children()] as LazyDropout[]; // nothing else is put there
  }
  forward(): never {
    throw new ArgumentError("Dropouts", "is a list");
  }
}

/**
 * Long short-term memory without peepholes, a step at a time, all gates at once: `[i, z, f, o] = W x + b + U h`,
 * `c' = sigmoid(f) * c + sigmoid(i) * tanh(z)` and `h' = sigmoid(o) * tanh(c')`. The output is h'. With `bn`, recurrent batch normalization:
 * `W x`, `U h` and the cell that the output looks at are normalized over the batch, as in evaluation by running statistics.
 *
 * Shape: [N, inputSize] or [inputSize] -> [N, outputSize] or [outputSize]; with `bn` [N, inputSize]. Parameters: `i2g.weight` [4 * outputSize,
 * inputSize], `i2g.bias` [4 * outputSize] and `o2g.weight` [4 * outputSize, outputSize], which hold i, z, f and o in this order; with `bn` those of
 * `bnInput`, `bnOutput` and `bnCell`, and `bias` [4 * outputSize].
 *
 * @throws ArgumentError from the constructor when a size or `rho` is no positive integer, or `p` not in [0, 1).
 * @throws ShapeError when `x` does not fit `inputSize`, or the states before.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.FastLSTM
 * @see Cooijmans et al., "Recurrent Batch Normalization", 2016, https://arxiv.org/abs/1603.09025
 * @example
 * const lstm = new FastLSTM(4, 8);
 * lstm.forward(randn([3, 4])).shape; // [3, 8]
 * new FastLSTM(4, 8, { bn: true }).bnCell?.weight?.at(0).item().toFixed(1); // "0.1"
 */
export class FastLSTM extends VectorRecurrent {
  readonly i2g: Linear;
  readonly o2g: LinearNoBias;
  readonly bnInput: BatchNorm1d | null = null;
  readonly bnOutput: BatchNorm1d | null = null;
  readonly bnCell: BatchNorm1d | null = null;
  readonly bias: Parameter | null = null;
  protected readonly stateCount = 2;
  private readonly inputDropouts: Dropouts;
  private readonly outputDropouts: Dropouts;
  private readonly made: FastLSTMOptions;
  constructor(inputSize: number, outputSize: number = inputSize, options: FastLSTMOptions = {}) {
    checkOptions("FastLSTM", kinds, options);
    super(inputSize, outputSize, options);
    const { bn = false, eps, momentum, affine, dtype, device } = options;
    this.made = options;
    const gates = 4 * outputSize;
    this.i2g = new Linear(inputSize, gates, { dtype, device });
    this.o2g = new LinearNoBias(outputSize, gates, { dtype, device });
    this.inputDropouts = new Dropouts("FastLSTM", 4, this.p, this.mono);
    this.outputDropouts = new Dropouts("FastLSTM", 4, this.p, this.mono);
    if (!bn) return;
    const norm = (size: number): BatchNorm1d => {
      const made = new BatchNorm1d(size, { eps, momentum, affine, dtype, device });
      // small, so that gradients do not vanish in tanh
      const { weight } = made;
      if (weight) noGrad(() => fill_(weight, 0.1));
      return made;
    };
    this.bnInput = norm(gates);
    this.bnOutput = norm(gates);
    this.bnCell = norm(outputSize);
    this.bias = new Parameter(empty([gates], { dtype, device }));
    const bound = 1 / Math.sqrt(gates);
    uniform_(this.bias, -bound, bound);
  }
  protected cell(x: Tensor, [h, c]: readonly Tensor[]): [h: Tensor, c: Tensor] {
    const { bnInput, bnOutput, bnCell, bias } = this;
    let ofInput = gatesOf(x, this.inputDropouts.list, this.i2g, this.outputSize);
    let ofOutput = gatesOf(h, this.outputDropouts.list, this.o2g, this.outputSize);
    if (bnInput && bnOutput && bias) {
      ofInput = bnInput.forward(ofInput);
      ofOutput = add(bnOutput.forward(ofOutput), bias);
    }
    const [i, z, f, o] = chunk(add(ofInput, ofOutput), 4, -1);
    const cell = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(z)));
    return [mul(sigmoid(o), tanh(bnCell ? bnCell.forward(cell) : cell)), cell];
  }
  /** @internal */
  override fresh(): FastLSTM {
    return new (this.constructor as typeof FastLSTM)(this.inputSize, this.outputSize, this.made); // a subclass that takes other arguments overrides it
  }
}
