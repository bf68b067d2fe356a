import { add, empty, mul, sigmoid, type Tensor, tanh } from "@flambeau/tensor/functional";
import { checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import { uniform_ } from "../../init.ts";
import { Linear } from "../../layers/linear.ts";
import { Module } from "../../module.ts";
import { Parameter } from "../../parameter.ts";
import { LazyDropout } from "./lazy-dropout.ts";
import { LinearNoBias } from "./simple.ts";
import { type GatedOptions, gatedKinds, VectorRecurrent } from "./vector-recurrent.ts";

export interface LSTMOptions extends GatedOptions {
  /** Whether gates look at the cell, by peepholes (default true). */
  readonly cell2gate?: boolean | undefined;
}
const lstmKinds: Kinds<LSTMOptions> = { ...gatedKinds, cell2gate: option.boolean };

/** What a gate is computed from. */
type GateInput = readonly [x: Tensor, h: Tensor, c: Tensor];

/** A sum of what comes from the input, the output before and, by a diagonal matrix, the cell, through a function. */
class Gate extends Module {
  readonly inputDropout: LazyDropout;
  readonly input: Linear;
  readonly outputDropout: LazyDropout;
  readonly output: LinearNoBias;
  readonly cell: Parameter | null;
  private readonly transfer: (x: Tensor) => Tensor;
  constructor(
    lstm: VectorRecurrent,
    options: Pick<GatedOptions, "dtype" | "device">,
    peephole: boolean,
    transfer: (x: Tensor) => Tensor,
  ) {
    super();
    const { inputSize, outputSize, p, mono } = lstm;
    this.inputDropout = new LazyDropout(lstm.constructor.name, p, mono);
    this.input = new Linear(inputSize, outputSize, options);
    this.outputDropout = new LazyDropout(lstm.constructor.name, p, mono);
    this.output = new LinearNoBias(outputSize, outputSize, options);
    this.cell = peephole ? new Parameter(empty([outputSize], options)) : null;
    const bound = 1 / Math.sqrt(outputSize);
    if (this.cell) uniform_(this.cell, -bound, bound);
    this.transfer = transfer;
  }
  forward([x, h, c]: GateInput): Tensor {
    const sum = add(
      this.input.forward(this.inputDropout.forward(x)),
      this.output.forward(this.outputDropout.forward(h)),
    );
    return this.transfer(this.cell === null ? sum : add(sum, mul(this.cell, c)));
  }
}
/** A module that is given `[x, h, c]`. */
export type GateModule = Module & { forward(x: GateInput): Tensor };

/**
 * Long short-term memory with peepholes, a step at a time: `i = sigmoid(W_xi x + W_hi h + w_ci * c + b_i)`, f likewise,
 * `z = tanh(W_xc x + W_hc h + b_c)`, `c' = f * c + i * z`, `o = sigmoid(W_xo x + W_ho h + w_co * c' + b_o)` and `h' = o * tanh(c')`. The output is h'.
 *
 * A class that extends it replaces parts by overriding `buildInputGate`, `buildForgetGate` and `buildOutputGate`, which call `buildGate`, or
 * `buildHidden`: modules of `[x, h, c]`. It may set their fields in the builders alone, which run before its constructor's body.
 *
 * Shape: [N, inputSize] or [inputSize] -> [N, outputSize] or [outputSize]. Parameters: of each of `inputGate`, `forgetGate`, `hidden` and
 * `outputGate`, `input.weight`, `input.bias`, `output.weight` and, but for `hidden`, `cell`.
 *
 * @throws ArgumentError from the constructor when a size or `rho` is no positive integer, or `p` not in [0, 1).
 * @throws ShapeError when `x` does not fit `inputSize`, or the states before.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.LSTM
 * @see Graves et al., "Speech Recognition with Deep Recurrent Neural Networks", 2013, https://arxiv.org/abs/1303.5778
 * @example
 * const lstm = new LSTM(4, 8);
 * lstm.forward(randn([3, 4])).shape; // [3, 8]
 * const [h, c] = lstm.getHiddenState() ?? [];
 * c.shape; // [3, 8]
 */
export class LSTM extends VectorRecurrent {
  readonly cell2gate: boolean;
  readonly inputGate: GateModule;
  readonly forgetGate: GateModule;
  readonly hidden: GateModule;
  readonly outputGate: GateModule;
  protected readonly stateCount = 2;
  private readonly made: LSTMOptions;
  constructor(inputSize: number, outputSize: number = inputSize, options: LSTMOptions = {}) {
    checkOptions("LSTM", lstmKinds, options);
    super(inputSize, outputSize, options);
    this.cell2gate = options.cell2gate ?? true;
    this.made = options;
    this.inputGate = this.buildInputGate();
    this.forgetGate = this.buildForgetGate();
    this.hidden = this.buildHidden();
    this.outputGate = this.buildOutputGate();
  }
  private get place(): Pick<GatedOptions, "dtype" | "device"> {
    return { dtype: this.made.dtype, device: this.made.device };
  }
  /** A gate, which the three of them are unless they are overridden. */
  protected buildGate(): GateModule {
    return new Gate(this, this.place, this.cell2gate, sigmoid);
  }
  /** The input gate, i. */
  protected buildInputGate(): GateModule {
    return this.buildGate();
  }
  /** The forget gate, f. */
  protected buildForgetGate(): GateModule {
    return this.buildGate();
  }
  /** What goes into the cell, z. */
  protected buildHidden(): GateModule {
    return new Gate(this, this.place, false, tanh);
  }
  /** The output gate, o, which sees the new cell. */
  protected buildOutputGate(): GateModule {
    return this.buildGate();
  }
  protected cell(x: Tensor, [h, c]: readonly Tensor[]): [h: Tensor, c: Tensor] {
    const kept = mul(this.forgetGate.forward([x, h, c]), c);
    const cell = add(kept, mul(this.inputGate.forward([x, h, c]), this.hidden.forward([x, h, c])));
    return [mul(this.outputGate.forward([x, h, cell]), tanh(cell)), cell];
  }
  /** @internal */
  override fresh(): LSTM {
    return new (this.constructor as typeof LSTM)(this.inputSize, this.outputSize, this.made); // a subclass that takes other arguments overrides it
  }
}
