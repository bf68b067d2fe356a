import {
  ArgumentError,
  add,
  chunk,
  type DType,
  empty,
  linear,
  mul,
  pointwise,
  pointwiseCall,
  relu,
  ShapeError,
  scalar,
  showShape,
  sigmoid,
  squeeze,
  sub,
  type Tensor,
  tanh,
  unsqueeze,
  zeros,
} from "@flambeau/tensor/functional";
import { uniform_ } from "../init.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";

export type RnnNonlinearity = "tanh" | "relu";

/** The parameters of one step, weights [gates * hidden, ...]. */
export interface CellWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
}
/** One step's share of the input, which does not depend on the state: W_ih x + b_ih. */
export const inputShare = (x: Tensor, w: CellWeights): Tensor => linear(x, w.weightIh, w.biasIh);

/** h' = tanh(share + W_hh h + b_hh), or relu. */
export function rnnStep(share: Tensor, h: Tensor, w: CellWeights, nonlinearity: RnnNonlinearity): Tensor {
  const sum = add(share, linear(h, w.weightHh, w.biasHh));
  return nonlinearity === "relu" ? relu(sum) : tanh(sum);
}
// each a single kernel, forward and for each gradient
export const cellOp = pointwise("lstmCell", (i, f, g, c) =>
  scalar
    .sigmoid(f)
    .mul(c)
    .add(scalar.sigmoid(i).mul(scalar.tanh(g))),
);
export const gateOp = pointwise("lstmOutput", (o, c) => scalar.sigmoid(o).mul(scalar.tanh(c)));

/** Gates i, f, g, o: c' = f c + i g, h' = o tanh(c'), projected where there is a projection. */
export function lstmStep(
  share: Tensor,
  [h, c]: readonly [Tensor, Tensor],
  w: CellWeights,
  projection: Tensor | null = null,
): [Tensor, Tensor] {
  const [i, f, g, o] = chunk(add(share, linear(h, w.weightHh, w.biasHh)), 4, -1);
  const cell = pointwiseCall(cellOp, [i, f, g, c]);
  const out = pointwiseCall(gateOp, [o, cell]);
  return [projection ? linear(out, projection) : out, cell];
}
/** Gates r, z and the candidate n = tanh(share_n + r (W_hn h + b_hn)): h' = n + z (h - n). */
export function gruStep(share: Tensor, h: Tensor, w: CellWeights): Tensor {
  const [ri, zi, ni] = chunk(share, 3, -1);
  const [rh, zh, nh] = chunk(linear(h, w.weightHh, w.biasHh), 3, -1);
  const n = tanh(add(ni, mul(sigmoid(add(ri, rh)), nh)));
  return add(n, mul(sigmoid(add(zi, zh)), sub(h, n)));
}

export interface CellOptions {
  readonly bias?: boolean;
  readonly dtype?: DType;
  readonly device?: string;
}

abstract class Cell extends Module implements CellWeights {
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter | null;
  readonly biasHh: Parameter | null;
  readonly inputSize: number;
  readonly hiddenSize: number;
  constructor(inputSize: number, hiddenSize: number, gates: number, { bias = true, ...made }: CellOptions) {
    super();
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
    const name = this.constructor.name;
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
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh ? "" : ", bias=false"}`;
  }
}

/** One step of a plain recurrent net: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu. Starts from zeros. */
export class RNNCell extends Cell {
  readonly nonlinearity: RnnNonlinearity;
  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = "tanh", ...options }: CellOptions & { readonly nonlinearity?: RnnNonlinearity } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    checkNonlinearity("RNNCell", nonlinearity);
    this.nonlinearity = nonlinearity;
  }
  forward(x: Tensor, h: Tensor | null = null): Tensor {
    return this.step(x, h && [h], 1, (share, [before]) => [rnnStep(share, before, this, this.nonlinearity)])[0];
  }
}
export function checkNonlinearity(name: string, nonlinearity: RnnNonlinearity): void {
  if (nonlinearity !== "tanh" && nonlinearity !== "relu")
    throw new ArgumentError(name, `nonlinearity must be "tanh" or "relu", got ${JSON.stringify(nonlinearity)}`);
}
/** One step of long short-term memory (Hochreiter & Schmidhuber 1997): state [h, c] to [h', c']. Starts from zeros. */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }
  forward(x: Tensor, state: readonly [Tensor, Tensor] | null = null): [Tensor, Tensor] {
    const [h, c] = this.step(x, state, 2, (share, [h0, c0]) => lstmStep(share, [h0, c0], this));
    return [h, c];
  }
}
/** One step of a gated recurrent unit (Cho et al. 2014). Starts from zeros. */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }
  forward(x: Tensor, h: Tensor | null = null): Tensor {
    return this.step(x, h && [h], 1, (share, [before]) => [gruStep(share, before, this)])[0];
  }
}
