import {
  ArgumentError,
  type DType,
  empty,
  ShapeError,
  squeeze,
  type Tensor,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import {
  checkOptions,
  checkTensor,
  checkTensors,
  type Kinds,
  option,
  scoped,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { type CellWeights, gruStep, inputShare, lstmStep, type RnnNonlinearity, rnnStep } from "../recurrent/steps.ts";
import { shown } from "../repr.ts";
import { layerKinds } from "./linear.ts";

export interface CellOptions {
  /** Whether there are learned shifts (default true). */
  readonly bias?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
export interface RNNCellOptions extends CellOptions {
  /** What the sum goes through (default "tanh"). */
  readonly nonlinearity?: RnnNonlinearity | undefined;
}
const rnnCellKinds: Kinds<RNNCellOptions> = { nonlinearity: option.oneOf("tanh", "relu"), ...layerKinds };

abstract class Cell extends Module implements CellWeights {
  weightIh: Parameter;
  weightHh: Parameter;
  biasIh: Parameter | null;
  biasHh: Parameter | null;
  readonly inputSize: number;
  readonly hiddenSize: number;
  constructor(inputSize: number, hiddenSize: number, gates: number, options: CellOptions) {
    super();
    checkOptions(this.constructor.name, layerKinds, options);
    const { bias = true, ...made } = options;
    if (!(hiddenSize > 0))
      throw new ArgumentError(this.constructor.name, `hiddenSize must be positive, got ${hiddenSize}`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const parameter = (...shape: number[]) => new Parameter(empty(shape, made));
    this.weightIh = parameter(gates * hiddenSize, inputSize);
    this.weightHh = parameter(gates * hiddenSize, hiddenSize);
    this.biasIh = bias ? parameter(gates * hiddenSize) : null;
    this.biasHh = bias ? parameter(gates * hiddenSize) : null;
    const bound = 1 / Math.sqrt(hiddenSize);
    for (const p of this.parameters()) uniform_(p, -bound, bound);
  }
  protected override stateKeys(): Readonly<Record<string, string>> {
    return { weightIh: "weight_ih", weightHh: "weight_hh", biasIh: "bias_ih", biasHh: "bias_hh" };
  }
  /** Runs a step on [N, inputSize] and states [N, hiddenSize], which are zeros when left out; also without N. */
  protected step<S extends readonly Tensor[]>(
    x: Tensor,
    given: readonly Tensor[] | null,
    states: number,
    run: (share: Tensor, states: readonly Tensor[]) => S,
  ): readonly Tensor[] {
    if (unscoped()) return scoped(() => this.step(x, given, states, run));
    const name = this.constructor.name;
    if (given) checkTensors(name, "the state", given);
    const batched = x.ndim === 2;
    if ((!batched && x.ndim !== 1) || x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(
        name,
        `expected input [N, ${this.inputSize}] or [${this.inputSize}], got ${showShape(x.shape)}`,
        [x.shape],
      );
    const rows = batched ? x : unsqueeze(x, 0);
    const shape = [rows.shape[0], this.hiddenSize];
    const before =
      given?.map((s) => (batched ? s : unsqueeze(s, 0))) ??
      Array.from({ length: states }, () => zeros(shape, { dtype: x.dtype, device: x.device }));
    for (const s of before)
      if (s.ndim !== 2 || s.shape[0] !== shape[0] || s.shape[1] !== shape[1])
        throw new ShapeError(
          name,
          `the state must have shape ${showShape(batched ? shape : [this.hiddenSize])}, got ${showShape(batched ? s.shape : s.shape.slice(1))}`,
          [s.shape],
        );
    const after = run(inputShare(rows, this), before);
    return batched ? after : after.map((s) => squeeze(s, 0));
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.hiddenSize, { bias: this.biasIh ? undefined : false });
  }
}

/**
 * One step of a plain recurrent net: `h' = tanh(weightIh @ x + biasIh + weightHh @ h + biasHh)`, or relu (`nonlinearity`).
 *
 * Shapes: `x` [N, inputSize] or [inputSize], the state `h` [N, hiddenSize] or [hiddenSize], zeros when left out; the next state, of that
 * shape. Parameters: `weightIh` [hiddenSize, inputSize], `weightHh` [hiddenSize, hiddenSize], `biasIh` and `biasHh` [hiddenSize], drawn
 * uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` is not positive, or `nonlinearity` neither "tanh" nor "relu".
 * @throws ShapeError when `x` does not fit `inputSize` or a state is not of `hiddenSize`.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 * @example
 * const cell = new nn.RNNCell(4, 8);
 * const h = cell.forward(randn([3, 4]));
 * cell.forward(randn([3, 4]), h).shape; // [3, 8]
 */
export class RNNCell extends Cell {
  readonly nonlinearity: RnnNonlinearity;
  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    checkOptions("RNNCell", rnnCellKinds, options);
    const { nonlinearity = "tanh", ...rest } = options;
    super(inputSize, hiddenSize, 1, rest);
    this.nonlinearity = nonlinearity;
  }
  forward(x: Tensor, h: Tensor | null = null): Tensor {
    checkTensor("RNNCell", "x", x);
    if (h !== null) checkTensor("RNNCell", "h", h);
    return this.step(x, h && [h], 1, (share, [before]) => [rnnStep(share, before, this, this.nonlinearity)])[0];
  }
  override extraRepr(): string {
    return shown(super.extraRepr(), { nonlinearity: this.nonlinearity === "tanh" ? undefined : this.nonlinearity });
  }
}
/**
 * One step of long short-term memory: `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)` and `h' = sigmoid(o) * tanh(c')`, with
 * `[i, f, g, o] = weightIh @ x + biasIh + weightHh @ h + biasHh`. `forward(x, [h, c])` gives `[h', c']`.
 *
 * Shapes: `x` [N, inputSize] or [inputSize], the states h and c [N, hiddenSize] or [hiddenSize], zeros when left out; the next states, of
 * that shape. Parameters: `weightIh` [4 * hiddenSize, inputSize], `weightHh` [4 * hiddenSize, hiddenSize], `biasIh` and `biasHh` [4 *
 * hiddenSize], drawn uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` is not positive.
 * @throws ShapeError when `x` does not fit `inputSize` or a state is not of `hiddenSize`.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 * @see Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997
 * @example
 * const [h, c] = new nn.LSTMCell(4, 8).forward(randn([3, 4]));
 * h.shape; // [3, 8]
 * c.shape; // [3, 8]
 */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }
  forward(x: Tensor, state: readonly [Tensor, Tensor] | null = null): [Tensor, Tensor] {
    checkTensor("LSTMCell", "x", x);
    const [h, c] = this.step(x, state, 2, (share, [h0, c0]) => lstmStep(share, [h0, c0], this));
    return [h, c];
  }
}
/**
 * One step of a gated recurrent unit: `h' = (1 - z) * n + z * h`, with the gates r and z,
 * `sigmoid(weightIh @ x + biasIh + weightHh @ h + biasHh)`, and the candidate
 * `n = tanh(weightIn @ x + biasIn + r * (weightHn @ h + biasHn))`. The parameters hold r, z and n in this order.
 *
 * Shapes: `x` [N, inputSize] or [inputSize], the state `h` [N, hiddenSize] or [hiddenSize], zeros when left out; the next state, of that
 * shape. Parameters: `weightIh` [3 * hiddenSize, inputSize], `weightHh` [3 * hiddenSize, hiddenSize], `biasIh` and `biasHh` [3 *
 * hiddenSize], drawn uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` is not positive.
 * @throws ShapeError when `x` does not fit `inputSize` or a state is not of `hiddenSize`.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 * @see Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, https://arxiv.org/abs/1406.1078
 * @example
 * new nn.GRUCell(4, 8).forward(randn([3, 4]), zeros([3, 8])).shape; // [3, 8]
 */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }
  forward(x: Tensor, h: Tensor | null = null): Tensor {
    checkTensor("GRUCell", "x", x);
    if (h !== null) checkTensor("GRUCell", "h", h);
    return this.step(x, h && [h], 1, (share, [before]) => [gruStep(share, before, this)])[0];
  }
}
