import { add, chunk, mul, sigmoid, sub, type Tensor, tanh } from "@flambeau/tensor/functional";
import { checkOptions } from "@flambeau/tensor/plugin";
import { Linear } from "../../layers/linear.ts";
import { Dropouts, gatesOf } from "./fast-lstm.ts";
import { LinearNoBias } from "./simple.ts";
import { type GatedOptions, gatedKinds, VectorRecurrent } from "./vector-recurrent.ts";

/**
 * Gated recurrent units, a step at a time: `[r, z] = sigmoid(W x + b + U s)`, `h = tanh(W_h x + b_h + U_h (r * s))` and
 * `s' = (1 - z) * h + z * s`. The output is s'. Unlike `nn.GRU` it applies the reset gate before the matrix, as the first paper does.
 *
 * With `p`, dropout on what goes into each matrix, whose elements are drawn once for a sequence (a Bayesian GRU).
 *
 * Shape: [N, inputSize] or [inputSize] -> [N, outputSize] or [outputSize]. Parameters: `i2g.weight` [2 * outputSize, inputSize], `i2g.bias`
 * [2 * outputSize] and `o2g.weight` [2 * outputSize, outputSize], which hold r and z in this order, `i2h.weight` [outputSize, inputSize], `i2h.bias`
 * [outputSize] and `o2h.weight` [outputSize, outputSize].
 *
 * @throws ArgumentError from the constructor when a size or `rho` is no positive integer, or `p` not in [0, 1).
 * @throws ShapeError when `x` does not fit `inputSize`, or the states before.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.GRU
 * @see Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, https://arxiv.org/abs/1406.1078
 * @see Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2015, https://arxiv.org/abs/1512.05287
 * @example
 * const gru = new GRU(4, 8, { p: 0.25 });
 * gru.forward(randn([3, 4])).shape; // [3, 8]
 */
export class GRU extends VectorRecurrent {
  readonly i2g: Linear;
  readonly o2g: LinearNoBias;
  readonly i2h: Linear;
  readonly o2h: LinearNoBias;
  protected readonly stateCount = 1;
  private readonly dropouts: Dropouts;
  private readonly made: GatedOptions;
  constructor(inputSize: number, outputSize: number = inputSize, options: GatedOptions = {}) {
    checkOptions("GRU", gatedKinds, options);
    super(inputSize, outputSize, options);
    const { dtype, device } = options;
    this.made = options;
    this.i2g = new Linear(inputSize, 2 * outputSize, { dtype, device });
    this.o2g = new LinearNoBias(outputSize, 2 * outputSize, { dtype, device });
    this.i2h = new Linear(inputSize, outputSize, { dtype, device });
    this.o2h = new LinearNoBias(outputSize, outputSize, { dtype, device });
    this.dropouts = new Dropouts("GRU", 6, this.p, this.mono);
  }
  protected cell(x: Tensor, [s]: readonly Tensor[]): [s: Tensor] {
    const drops = this.dropouts.list;
    const [r, z] = chunk(
      sigmoid(
        add(
          gatesOf(x, drops.slice(0, 2), this.i2g, this.outputSize),
          gatesOf(s, drops.slice(2, 4), this.o2g, this.outputSize),
        ),
      ),
      2,
      -1,
    );
    const h = tanh(
      add(
        gatesOf(x, drops.slice(4, 5), this.i2h, this.outputSize),
        gatesOf(mul(r, s), drops.slice(5), this.o2h, this.outputSize),
      ),
    );
    return [add(h, mul(z, sub(s, h)))];
  }
  /** @internal */
  override fresh(): GRU {
    return new (this.constructor as typeof GRU)(this.inputSize, this.outputSize, this.made); // a subclass that takes other arguments overrides it
  }
}
