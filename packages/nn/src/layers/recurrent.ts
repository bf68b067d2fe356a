import {
  ArgumentError,
  cat,
  type DType,
  dropout,
  empty,
  ShapeError,
  select,
  squeeze,
  stack,
  type Tensor,
  transpose,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import {
  applyMany,
  checkOptions,
  checkTensor,
  type Kinds,
  option,
  type RecurrentAttrs,
  scoped,
  show,
  showShape,
  unscoped,
} from "@flambeau/tensor/plugin";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { gruLayerOp } from "../recurrent/gru-op.ts";
import { lstmLayerOp } from "../recurrent/lstm-op.ts";
import { rnnLayerOp } from "../recurrent/rnn-op.ts";
import type { RnnNonlinearity } from "../recurrent/steps.ts";
import { shown } from "../repr.ts";
import {
  dataOf,
  integersOn,
  isPackedSequence,
  lengthsOf,
  type PackedSequence,
  sizesOf,
  tableOf,
  withData,
} from "../utils/rnn/packed-sequence.ts";
import { inFirstOrder, inPackedOrder } from "../utils/rnn/packing.ts";

export interface RecurrentOptions {
  /** How many are stacked, each reading the outputs of the one below (default 1). */
  readonly numLayers?: number | undefined;
  /** Whether there are learned shifts (default true). */
  readonly bias?: boolean | undefined;
  /** Inputs and outputs are [N, L, features] instead of [L, N, features] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** Probability of dropout between the layers, in training (default 0). */
  readonly dropout?: number | undefined;
  /** A second net reads from the end; outputs hold both (default false). */
  readonly bidirectional?: boolean | undefined;
  /** What parameters are made of (default: the default dtype). */
  readonly dtype?: DType | undefined;
  /** Where they live (default: the default device). */
  readonly device?: string | undefined;
}
const recurrentKinds: Kinds<RecurrentOptions> = {
  numLayers: option.number,
  bias: option.boolean,
  batchFirst: option.boolean,
  dropout: option.number,
  bidirectional: option.boolean,
  dtype: option.dtype,
  device: option.string,
};
export interface RNNOptions extends RecurrentOptions {
  /** What the sums go through (default "tanh"). */
  readonly nonlinearity?: RnnNonlinearity | undefined;
}
const rnnKinds: Kinds<RNNOptions> = { nonlinearity: option.oneOf("tanh", "relu"), ...recurrentKinds };
export interface LSTMOptions extends RecurrentOptions {
  /** The size that h is projected to; 0: it is not (default 0). */
  readonly projSize?: number | undefined;
}
const lstmKinds: Kinds<LSTMOptions> = { ...recurrentKinds, projSize: option.number };

/** The fields that hold a direction's parameters, where it has them. */
const fieldsOf = (layer: number, side: number) => {
  const field = (kind: string) => `${kind}_l${layer}${side ? "_reverse" : ""}`;
  return {
    weightIh: field("weight_ih"),
    weightHh: field("weight_hh"),
    biasIh: field("bias_ih"),
    biasHh: field("bias_hh"),
    projection: field("weight_hr"),
  } as const;
};

/** Weights by layer and direction under PyTorch's names (weight_ih_l0, weight_ih_l0_reverse, ...), uniform in +-1/sqrt(hiddenSize). */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly projSize: number;
  readonly batchFirst: boolean;
  readonly bidirectional: boolean;
  readonly dropout: number;
  readonly bias: boolean;
  /** Of each direction of each layer. */
  private readonly fieldNames: readonly ReturnType<typeof fieldsOf>[];

  constructor(inputSize: number, hiddenSize: number, gates: number, options: LSTMOptions) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false, bidirectional = false, projSize = 0, ...rest } = options;
    const { dropout: p = 0, ...made } = rest;
    const name = this.constructor.name;
    if (!(Number.isInteger(hiddenSize) && hiddenSize > 0))
      throw new ArgumentError(name, `hiddenSize must be a positive integer, got ${hiddenSize}`);
    if (!(Number.isInteger(numLayers) && numLayers > 0))
      throw new ArgumentError(name, `numLayers must be a positive integer, got ${numLayers}`);
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(name, `dropout must be a probability in [0, 1], got ${p}`);
    if (!(projSize >= 0 && projSize < hiddenSize))
      throw new ArgumentError(name, `projSize must be smaller than hiddenSize ${hiddenSize}, got ${projSize}`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.projSize = projSize;
    this.batchFirst = batchFirst;
    this.bidirectional = bidirectional;
    this.dropout = p;
    this.bias = bias;
    const output = projSize || hiddenSize;
    const sides = bidirectional ? 2 : 1;
    this.fieldNames = Array.from({ length: numLayers * sides }, (_, i) => fieldsOf(Math.floor(i / sides), i % sides));
    this.fieldNames.forEach((names, i) => {
      const add = (name: string, ...shape: number[]) => this.registerParameter(name, new Parameter(empty(shape, made)));
      add(names.weightIh, gates * hiddenSize, i < sides ? inputSize : output * sides);
      add(names.weightHh, gates * hiddenSize, output);
      if (bias) for (const name of [names.biasIh, names.biasHh]) add(name, gates * hiddenSize);
      if (projSize) add(names.projection, projSize, hiddenSize);
    });
    const bound = 1 / Math.sqrt(hiddenSize);
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /**
   * One direction of one layer over x [L, N, features], whose sequences have `lengths` [N] if there are any, from the first states [N, width]: the
   * outputs, the last states, and what is kept for the gradient.
   */
  protected abstract layer(inputs: readonly Tensor[], attrs: RecurrentAttrs): readonly Tensor[];

  private direction(place: number, x: Tensor, states: readonly Tensor[], lengths: Tensor | null): readonly Tensor[] {
    const names = this.fieldNames[place];
    const at = this as unknown as { readonly [field: string]: Tensor | undefined }; // as the constructor made them
    const inputs = [x, ...states, at[names.weightIh], at[names.weightHh]];
    if (this.bias) inputs.push(at[names.biasIh], at[names.biasHh]);
    if (this.projSize) inputs.push(at[names.projection]);
    if (lengths) inputs.push(lengths);
    const reverse = this.bidirectional && place % 2 === 1;
    return this.layer(inputs as Tensor[], { reverse, bias: this.bias, lengths: lengths !== null });
  }

  /** Runs all layers over x; `given` holds the first states, [layers * directions, N, features] each. */
  protected run<X extends Tensor | PackedSequence>(
    x: X,
    given: readonly Tensor[] | null,
    widths: readonly number[],
  ): { output: X; last: Tensor[] } {
    if (unscoped()) return scoped(() => this.run(x, given, widths));
    const found = isPackedSequence(x) ? this.runPacked(x, given, widths) : this.runPadded(x, given, widths);
    return found as { output: X; last: Tensor[] };
  }
  private runPadded(x: Tensor, given: readonly Tensor[] | null, widths: readonly number[]) {
    const name = this.constructor.name;
    const batched = x.ndim === 3;
    if ((!batched && x.ndim !== 2) || x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(
        name,
        `expected input ${this.batchFirst ? "[N, L" : "[L, N"}, ${this.inputSize}] or [L, ${this.inputSize}], got ${showShape(x.shape)}`,
        [x.shape],
      );
    const sequence = batched ? (this.batchFirst ? transpose(x, 0, 1) : x) : unsqueeze(x, 1);
    if (sequence.shape[0] === 0) throw new ShapeError(name, "the sequence has no steps", [x.shape]);
    const first = this.firstStates(x, given, widths, sequence.shape[1], batched);
    const { output, last } = this.runLayers(sequence, first, null, (between) => this.dropped(between));
    if (!batched) return { output: squeeze(output, 1), last: last.map((s) => squeeze(s, 1)) };
    return { output: this.batchFirst ? transpose(output, 0, 1) : output, last };
  }
  private runPacked(x: PackedSequence, given: readonly Tensor[] | null, widths: readonly number[]) {
    const { data } = x;
    if (data.ndim !== 2 || data.shape[1] !== this.inputSize)
      throw new ShapeError(
        this.constructor.name,
        `expected packed data [S, ${this.inputSize}], got ${showShape(data.shape)}`,
        [data.shape],
      );
    const sizes = sizesOf(x);
    const first = this.firstStates(data, given, widths, sizes[0], true);
    const ordered = given ? first.map((s) => inPackedOrder(s, x, 1)) : first;
    const ragged = sizes[sizes.length - 1] < sizes[0];
    const lengths = ragged ? integersOn(lengthsOf(sizes), data) : null;
    // what is dropped is drawn for the steps that there are, in the order in which they are packed
    const { output, last } = this.runLayers(tableOf(data, sizes), ordered, lengths, (between) =>
      this.drops ? tableOf(this.dropped(dataOf(between, sizes)), sizes) : between,
    );
    return { output: withData(dataOf(output, sizes), x), last: last.map((s) => inFirstOrder(s, x, 1)) };
  }
  private get drops(): boolean {
    return this.dropout > 0 && this.training;
  }
  private dropped(x: Tensor): Tensor {
    return this.drops ? dropout(x, this.dropout, true) : x;
  }

  /** The states to begin with, [layers * directions, N, width] each. */
  private firstStates(
    { dtype, device }: Tensor,
    given: readonly Tensor[] | null,
    widths: readonly number[],
    n: number,
    batched: boolean,
  ): Tensor[] {
    const name = this.constructor.name;
    const count = this.fieldNames.length;
    return widths.map((width, i) => {
      const shape = [count, n, width];
      if (!given) return zeros(shape, { dtype, device });
      checkTensor(name, "the first state", given[i]);
      const state = batched ? given[i] : unsqueeze(given[i], 1);
      if (showShape(state.shape) !== showShape(shape))
        throw new ShapeError(
          name,
          `the first state must have shape ${showShape(batched ? shape : [count, width])}, got ${showShape(given[i].shape)}`,
          [given[i].shape],
        );
      return state;
    });
  }
  private runLayers(
    x: Tensor,
    first: readonly Tensor[],
    lengths: Tensor | null,
    between: (output: Tensor) => Tensor,
  ): { output: Tensor; last: Tensor[] } {
    const sides = this.bidirectional ? 2 : 1;
    const last: Tensor[][] = first.map(() => []);
    let output = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const input = layer > 0 ? between(output) : output;
      const outputs = Array.from({ length: sides }, (_, side) => {
        const place = layer * sides + side;
        const states = first.map((s) => select(s, 0, place));
        const [own, ...rest] = this.direction(place, input, states, lengths);
        last.forEach((list) => {
          list.push(rest.shift() as Tensor); // a layer gives as many last states as it is given first ones
        });
        for (const kept of rest) kept.dispose(); // the graph, if there is one, holds it
        return own;
      });
      output = sides === 2 ? cat(outputs, 2) : outputs[0];
    }
    return { output, last: last.map((list) => stack(list, 0)) };
  }
  override extraRepr(): string {
    return shown(this.inputSize, this.hiddenSize, {
      projSize: this.projSize || undefined,
      numLayers: this.numLayers === 1 ? undefined : this.numLayers,
      bias: this.bias ? undefined : false,
      batchFirst: this.batchFirst || undefined,
      dropout: this.dropout || undefined,
      bidirectional: this.bidirectional || undefined,
    });
  }
}

/**
 * Plain recurrent layers: `h' = tanh(weight_ih @ x[t] + bias_ih + weight_hh @ h + bias_hh)`, or relu (`nonlinearity`), for each step t.
 * `forward(x, h)` gives `[output, h]`. A `PackedSequence` gives one: each sequence is run from its first step to its last.
 *
 * Shapes: `x` [L, N, inputSize] ([N, L, inputSize] with `batchFirst`) or [L, inputSize], and the first state [numLayers * directions, N,
 * hiddenSize], zeros when left out; the outputs of the last layer [L, N, directions * hiddenSize] and the last state, of the shape of the
 * first. Without N in `x` there is none in the others. Parameters for each layer l: `weight_ih_l*` [hiddenSize, inputSize], `weight_hh_l*`
 * [hiddenSize, hiddenSize], `bias_ih_l*` and `bias_hh_l*` [hiddenSize]; those of the second direction end in `_reverse`. All are drawn
 * uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x` has, too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` or `numLayers` is no positive integer, or `dropout` no probability, or
 * `nonlinearity` neither "tanh" nor "relu".
 * @throws ShapeError when `x` (or packed data) does not fit `inputSize` or has no steps, or a first state has another shape.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 * @example
 * const [output, h] = new nn.RNN(4, 8, { bidirectional: true }).forward(randn([5, 3, 4]));
 * output.shape; // [5, 3, 16]
 * h.shape; // [2, 3, 8]
 */
export class RNN extends Recurrent {
  readonly nonlinearity: RnnNonlinearity;
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    checkOptions("RNN", rnnKinds, options);
    const { nonlinearity = "tanh", ...rest } = options;
    super(inputSize, hiddenSize, 1, rest);
    this.nonlinearity = nonlinearity;
  }
  protected layer(inputs: readonly Tensor[], attrs: RecurrentAttrs): readonly Tensor[] {
    return applyMany(rnnLayerOp, inputs, { ...attrs, nonlinearity: this.nonlinearity });
  }
  forward(x: PackedSequence, h?: Tensor | null): [output: PackedSequence, h: Tensor];
  forward(x: Tensor, h?: Tensor | null): [output: Tensor, h: Tensor];
  forward(x: Tensor | PackedSequence, h: Tensor | null = null): [output: Tensor | PackedSequence, h: Tensor] {
    if (!isPackedSequence(x)) checkTensor("RNN", "x", x);
    const { output, last } = this.run(x, h && [h], [this.hiddenSize]);
    return [output, last[0]];
  }
}
/**
 * Long short-term memory: `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)` and `h' = sigmoid(o) * tanh(c')` for each step t, with
 * `[i, f, g, o] = weight_ih @ x[t] + bias_ih + weight_hh @ h + bias_hh`. With `projSize` h' is multiplied by a further matrix.
 * `forward(x, [h, c])` gives `[output, [h, c]]`. A `PackedSequence` gives one: each sequence is run from its first step to its last.
 *
 * Shapes: `x` [L, N, inputSize] ([N, L, inputSize] with `batchFirst`) or [L, inputSize], and the first states, h [numLayers * directions,
 * N, projSize or hiddenSize] and c [numLayers * directions, N, hiddenSize], zeros when left out; the outputs of the last layer [L, N,
 * directions * (projSize or hiddenSize)] and the last states, of the shapes of the first. Without N in `x` there is none in the others.
 * Parameters for each layer l: `weight_ih_l*` [4 * hiddenSize, inputSize], `weight_hh_l*` [4 * hiddenSize, projSize or hiddenSize],
 * `bias_ih_l*` and `bias_hh_l*` [4 * hiddenSize], with a projection `weight_hr_l*` [projSize, hiddenSize]; those of the second direction
 * end in `_reverse`. All are drawn uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x`
 * has, too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` or `numLayers` is no positive integer, or `dropout` no probability, or
 * `projSize` not below `hiddenSize`.
 * @throws ShapeError when `x` (or packed data) does not fit `inputSize` or has no steps, or a first state has another shape.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 * @see Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997
 * @see Sak et al., "Long Short-Term Memory Based Recurrent Neural Network Architectures", 2014, https://arxiv.org/abs/1402.1128
 * @example
 * import { nn, randn } from "flambeau";
 * const [output, [h, c]] = new nn.LSTM(4, 8, { numLayers: 2, projSize: 6 }).forward(randn([5, 3, 4]));
 * output.shape; // [5, 3, 6]
 * h.shape; // [2, 3, 6]
 * c.shape; // [2, 3, 8]
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    checkOptions("LSTM", lstmKinds, options);
    super(inputSize, hiddenSize, 4, options);
  }
  protected layer(inputs: readonly Tensor[], attrs: RecurrentAttrs): readonly Tensor[] {
    return applyMany(lstmLayerOp, inputs, { ...attrs, projection: this.projSize > 0 });
  }
  forward(
    x: PackedSequence,
    state?: readonly [Tensor, Tensor] | null,
  ): [output: PackedSequence, state: [Tensor, Tensor]];
  forward(x: Tensor, state?: readonly [Tensor, Tensor] | null): [output: Tensor, state: [Tensor, Tensor]];
  forward(
    x: Tensor | PackedSequence,
    state: readonly [Tensor, Tensor] | null = null,
  ): [output: Tensor | PackedSequence, state: [Tensor, Tensor]] {
    if (!isPackedSequence(x)) checkTensor("LSTM", "x", x);
    if (state !== null && !(Array.isArray(state) && state.length === 2))
      throw new ArgumentError("LSTM", `the first state is [h, c], got ${show(state)}`);
    const { output, last } = this.run(x, state, [this.projSize || this.hiddenSize, this.hiddenSize]);
    return [output, [last[0], last[1]]];
  }
}
/**
 * Gated recurrent units: `h' = (1 - z) * n + z * h` for each step t, with the gates r and z,
 * `sigmoid(weight_ih @ x[t] + bias_ih + weight_hh @ h + bias_hh)`, and the candidate
 * `n = tanh(weight_in @ x[t] + bias_in + r * (weight_hn @ h + bias_hn))`. The parameters hold r, z and n in this order. `forward(x, h)`
 * gives `[output, h]`. A `PackedSequence` gives one: each sequence is run from its first step to its last.
 *
 * Shapes: `x` [L, N, inputSize] ([N, L, inputSize] with `batchFirst`) or [L, inputSize], and the first state [numLayers * directions, N,
 * hiddenSize], zeros when left out; the outputs of the last layer [L, N, directions * hiddenSize] and the last state, of the shape of the
 * first. Without N in `x` there is none in the others. Parameters for each layer l: `weight_ih_l*` [3 * hiddenSize, inputSize],
 * `weight_hh_l*` [3 * hiddenSize, hiddenSize], `bias_ih_l*` and `bias_hh_l*` [3 * hiddenSize]; those of the second direction end in
 * `_reverse`. All are drawn uniformly from `-1 / sqrt(hiddenSize) .. 1 / sqrt(hiddenSize)`. Dtype: that of the parameters, which `x` has,
 * too.
 *
 * @throws ArgumentError from the constructor when `hiddenSize` or `numLayers` is no positive integer, or `dropout` no probability.
 * @throws ShapeError when `x` (or packed data) does not fit `inputSize` or has no steps, or a first state has another shape.
 * @throws DTypeError when `x` has another dtype than the parameters.
 * @throws DeviceError when `x` lives on another device than they.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 * @see Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, https://arxiv.org/abs/1406.1078
 * @example
 * const [output, h] = new nn.GRU(4, 8, { numLayers: 2, batchFirst: true }).forward(randn([3, 5, 4]));
 * output.shape; // [3, 5, 8]
 * h.shape; // [2, 3, 8]
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    checkOptions("GRU", recurrentKinds, options);
    super(inputSize, hiddenSize, 3, options);
  }
  protected layer(inputs: readonly Tensor[], attrs: RecurrentAttrs): readonly Tensor[] {
    return applyMany(gruLayerOp, inputs, attrs);
  }
  forward(x: PackedSequence, h?: Tensor | null): [output: PackedSequence, h: Tensor];
  forward(x: Tensor, h?: Tensor | null): [output: Tensor, h: Tensor];
  forward(x: Tensor | PackedSequence, h: Tensor | null = null): [output: Tensor | PackedSequence, h: Tensor] {
    if (!isPackedSequence(x)) checkTensor("GRU", "x", x);
    const { output, last } = this.run(x, h && [h], [this.hiddenSize]);
    return [output, last[0]];
  }
}
