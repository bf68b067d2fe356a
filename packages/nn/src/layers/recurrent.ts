import {
  ArgumentError,
  cat,
  type DType,
  dropout,
  empty,
  ShapeError,
  select,
  showShape,
  squeeze,
  stack,
  type Tensor,
  transpose,
  unbind,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import {
  type CellWeights,
  checkNonlinearity,
  gruStep,
  inputShare,
  lstmStep,
  type RnnNonlinearity,
  rnnStep,
} from "./recurrent-cell.ts";

export interface RecurrentOptions {
  /** How many are stacked, each reading the outputs of the one below. */
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** Inputs and outputs are [N, L, features] instead of [L, N, features]. */
  readonly batchFirst?: boolean;
  /** Dropout between the layers, in training. */
  readonly dropout?: number;
  /** A second net reads from the end; outputs hold both. */
  readonly bidirectional?: boolean;
  readonly dtype?: DType;
  readonly device?: string;
}

/** One direction of one layer. */
interface Direction extends CellWeights {
  readonly projection: Tensor | null;
  readonly reverse: boolean;
}
type States = readonly Tensor[];

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

  constructor(
    inputSize: number,
    hiddenSize: number,
    gates: number,
    options: RecurrentOptions & { readonly projSize?: number },
  ) {
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

  private direction(place: number, reverse: boolean): Direction {
    const names = this.fieldNames[place];
    const at = this as unknown as { readonly [field: string]: Tensor | undefined }; // as the constructor made them
    return {
      weightIh: at[names.weightIh] as Tensor,
      weightHh: at[names.weightHh] as Tensor,
      biasIh: at[names.biasIh] ?? null,
      biasHh: at[names.biasHh] ?? null,
      projection: at[names.projection] ?? null,
      reverse,
    };
  }

  /** One step: what the input adds and the states before to the states after; the first one is the output. */
  protected abstract step(share: Tensor, states: States, weights: Direction): States;

  /** Runs all layers over x; `given` holds the first states, [layers * directions, N, features] each. */
  protected run(x: Tensor, given: States | null, widths: readonly number[]): { output: Tensor; last: Tensor[] } {
    const name = this.constructor.name;
    const batched = x.ndim === 3;
    if ((!batched && x.ndim !== 2) || x.shape[x.ndim - 1] !== this.inputSize)
      throw new ShapeError(
        name,
        `expected input ${this.batchFirst ? "[N, L" : "[L, N"}, ${this.inputSize}] or [L, ${this.inputSize}], got ${showShape(x.shape)}`,
        [x.shape],
      );
    let sequence = batched ? (this.batchFirst ? transpose(x, 0, 1) : x) : unsqueeze(x, 1);
    const [steps, n] = sequence.shape;
    if (steps === 0) throw new ShapeError(name, "the sequence has no steps", [x.shape]);
    const sides = this.bidirectional ? 2 : 1;
    const count = this.numLayers * sides;
    const first = widths.map((width, i) => {
      const shape = [count, n, width];
      if (!given) return zeros(shape, { dtype: x.dtype, device: x.device });
      const state = batched ? given[i] : unsqueeze(given[i], 1);
      if (showShape(state.shape) !== showShape(shape))
        throw new ShapeError(
          name,
          `the first state must have shape ${showShape(batched ? shape : [count, width])}, got ${showShape(given[i].shape)}`,
          [given[i].shape],
        );
      return state;
    });
    const last: Tensor[][] = widths.map(() => []);
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.dropout > 0) sequence = dropout(sequence, this.dropout, this.training);
      const outputs = Array.from({ length: sides }, (_, side) => {
        const direction = this.direction(layer * sides + side, side === 1);
        let states: States = first.map((s) => select(s, 0, layer * sides + side));
        const shares = unbind(inputShare(sequence, direction));
        const out: Tensor[] = new Array(steps);
        for (let t = 0; t < steps; t++) {
          const at = direction.reverse ? steps - 1 - t : t;
          states = this.step(shares[at], states, direction);
          out[at] = states[0];
        }
        states.forEach((s, i) => {
          last[i].push(s);
        });
        return stack(out, 0);
      });
      sequence = sides === 2 ? cat(outputs, 2) : outputs[0];
    }
    const ends = last.map((list) => stack(list, 0));
    if (!batched) return { output: squeeze(sequence, 1), last: ends.map((s) => squeeze(s, 1)) };
    return { output: this.batchFirst ? transpose(sequence, 0, 1) : sequence, last: ends };
  }
  override extraRepr(): string {
    const extra = [
      this.projSize ? `projSize=${this.projSize}` : "",
      this.numLayers === 1 ? "" : `numLayers=${this.numLayers}`,
      this.bias ? "" : "bias=false",
      this.batchFirst ? "batchFirst=true" : "",
      this.dropout ? `dropout=${this.dropout}` : "",
      this.bidirectional ? "bidirectional=true" : "",
    ];
    return [`${this.inputSize}`, `${this.hiddenSize}`, ...extra.filter((s) => s !== "")].join(", ");
  }
}

/**
 * Plain recurrent layers: h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or relu. Takes [L, N, inputSize] (or [L, inputSize]) and
 * the first states [layers * directions, N, hiddenSize] (zeros when left out); gives all outputs of the last layer and the last states.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends Recurrent {
  readonly nonlinearity: RnnNonlinearity;
  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = "tanh", ...options }: RecurrentOptions & { readonly nonlinearity?: RnnNonlinearity } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    checkNonlinearity("RNN", nonlinearity);
    this.nonlinearity = nonlinearity;
  }
  protected step(share: Tensor, [h]: States, weights: Direction): States {
    return [rnnStep(share, h, weights, this.nonlinearity)];
  }
  forward(x: Tensor, h: Tensor | null = null): [output: Tensor, h: Tensor] {
    const { output, last } = this.run(x, h && [h], [this.hiddenSize]);
    return [output, last[0]];
  }
}
/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997), with gates i, f, g, o: c' = f c + i g, h' = o tanh(c'). States are [h, c];
 * with `projSize` h is projected to that size (Sak et al. 2014). Shapes are those of {@link RNN}.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 * @example
 * import { nn, randn } from "flambeau";
 * const [output, [h, c]] = new nn.LSTM(4, 8, { numLayers: 2 }).forward(randn([5, 3, 4]));
 * console.log(output.shape, h.shape, c.shape); // [5, 3, 8] [2, 3, 8] [2, 3, 8]
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions & { readonly projSize?: number } = {}) {
    super(inputSize, hiddenSize, 4, options);
  }
  protected step(share: Tensor, [h, c]: States, weights: Direction): States {
    return lstmStep(share, [h, c], weights, weights.projection);
  }
  forward(x: Tensor, state: readonly [Tensor, Tensor] | null = null): [output: Tensor, state: [Tensor, Tensor]] {
    const { output, last } = this.run(x, state, [this.projSize || this.hiddenSize, this.hiddenSize]);
    return [output, [last[0], last[1]]];
  }
}
/**
 * Gated recurrent units (Cho et al. 2014). Shapes are those of {@link RNN}.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }
  protected step(share: Tensor, [h]: States, weights: Direction): States {
    return [gruStep(share, h, weights)];
  }
  forward(x: Tensor, h: Tensor | null = null): [output: Tensor, h: Tensor] {
    const { output, last } = this.run(x, h && [h], [this.hiddenSize]);
    return [output, last[0]];
  }
}
