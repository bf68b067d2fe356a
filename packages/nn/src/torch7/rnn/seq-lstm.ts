import {
  ArgumentError,
  add,
  cat,
  chunk,
  copy_,
  empty,
  fill_,
  matmul,
  narrow,
  noGrad,
  stack,
  type Tensor,
  t as transposed,
  unbind,
} from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, pointwiseCall } from "@flambeau/tensor/plugin";
import { normal_, zeros_ } from "../../init.ts";
import { Parameter } from "../../parameter.ts";
import { cellOp, gateOp } from "../../recurrent/steps.ts";
import { FastLSTM } from "./fast-lstm.ts";
import { SeqModule, type SeqOptions, seqKinds, unmasked } from "./seq-states.ts";

/** Long short-term memory over whole sequences, projected or not. */
abstract class AnySeqLSTM extends SeqModule {
  weight: Parameter;
  bias: Parameter;
  readonly hiddenSize: number;
  protected readonly made: SeqOptions;
  constructor(inputSize: number, hiddenSize: number, outputSize: number, options: SeqOptions) {
    super(inputSize, outputSize, options);
    const { dtype, device } = options;
    this.made = options;
    this.hiddenSize = checkInteger(this.constructor.name, "hiddenSize", hiddenSize, 1);
    this.weight = new Parameter(empty([inputSize + outputSize, 4 * hiddenSize], { dtype, device }));
    this.bias = new Parameter(empty([4 * hiddenSize], { dtype, device }));
    normal_(this.weight, 0, 1 / Math.sqrt(inputSize + hiddenSize));
    zeros_(this.bias);
    // gates that forget nothing at first
    noGrad(() => fill_(narrow(this.bias, 0, hiddenSize, hiddenSize), 1));
  }
  protected get widths(): readonly number[] {
    return [this.outputSize, this.hiddenSize];
  }
  /** What is handed out and on of the hidden state. */
  protected output(h: Tensor): Tensor {
    return h;
  }
  protected steps(x: Tensor, [h0, c0]: readonly Tensor[], masked: Tensor | null) {
    const { inputSize, outputSize, weight, bias } = this;
    const shares = unbind(add(matmul(x, narrow(weight, 0, 0, inputSize)), bias));
    const ofOutput = narrow(weight, 0, inputSize, outputSize);
    const masks = masked && unbind(masked);
    let [h, c] = [h0, c0];
    const outputs = shares.map((share, step) => {
      const [i, f, o, g] = chunk(add(share, matmul(h, ofOutput)), 4, -1);
      const mask = masks?.[step] ?? null;
      c = unmasked(pointwiseCall(cellOp, [i, f, g, c]), mask);
      h = unmasked(this.output(pointwiseCall(gateOp, [o, c])), mask);
      return h;
    });
    return { outputs: stack(outputs, 0), states: [h, c] };
  }
}

/**
 * Long short-term memory over a whole sequence: `[i, f, o, g] = [x, h] @ weight + bias`, `c' = sigmoid(f) * c + sigmoid(i) * tanh(g)` and
 * `h' = sigmoid(o) * tanh(c')` for each step. It computes what a {@link Sequencer} of a {@link FastLSTM} does, which `toFastLSTM()` makes of it.
 *
 * First states are zeros unless they are given: `forward([h0, x])` or `forward([c0, h0, x])`, or after `remember()` the values that the sequence before
 * ended with.
 *
 * Shapes: [L, N, inputSize] -> [L, N, outputSize] ([N, L, ...] with `batchFirst`); first states [N, outputSize]. Parameters: `weight` [inputSize +
 * outputSize, 4 * outputSize], normal with a deviation of `1 / sqrt(inputSize + outputSize)`, and `bias` [4 * outputSize], 1 for the forget gate and 0
 * for the others.
 *
 * @throws ArgumentError from the constructor when a size is no positive integer; ShapeError when `x` does not fit `inputSize` or has no steps, or a
 * first state has another shape.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SeqLSTM
 * @example
 * const lstm = new SeqLSTM(4, 8);
 * const x = randn([5, 3, 4]);
 * lstm.forward(x).shape; // [5, 3, 8]
 * new Sequencer(lstm.toFastLSTM()).forward(x).allclose(lstm.forward(x), { atol: 1e-6 }); // true
 */
export class SeqLSTM extends AnySeqLSTM {
  constructor(inputSize: number, outputSize: number, options: SeqOptions = {}) {
    checkOptions("SeqLSTM", seqKinds, options);
    super(inputSize, outputSize, outputSize, options);
  }
  /** A {@link FastLSTM} with copies of the parameters. */
  toFastLSTM(): FastLSTM {
    const { inputSize, outputSize, weight, bias, made } = this;
    const out = new FastLSTM(inputSize, outputSize, { dtype: made.dtype, device: made.device });
    noGrad(() => {
      /** i, f, o, g as i, g, f, o. */
      const ordered = (x: Tensor): Tensor => {
        const [i, f, o, g] = chunk(x, 4, -1);
        return cat([i, g, f, o], -1);
      };
      copy_(out.i2g.weight, transposed(ordered(narrow(weight, 0, 0, inputSize))));
      copy_(out.o2g.weight, transposed(ordered(narrow(weight, 0, inputSize, outputSize))));
      if (out.i2g.bias) copy_(out.i2g.bias, ordered(bias));
    });
    return out;
  }
  /** Another one of the same sizes. @internal */
  fresh(): SeqLSTM {
    return new SeqLSTM(this.inputSize, this.outputSize, this.made);
  }
}

/**
 * Long short-term memory over a whole sequence with a projection: as {@link SeqLSTM}, with `r' = h' @ weightO` in the place of h', as output and for the
 * gates of the next step. So the cell may be much larger than the output.
 *
 * Torch7's code starts the biases `outputSize ... 2 * outputSize` with 1, here those of the forget gate are 1, as its documentation means.
 *
 * Shapes: [L, N, inputSize] -> [L, N, outputSize] ([N, L, ...] with `batchFirst`); first states r0 [N, outputSize] and c0 [N, hiddenSize]. Parameters:
 * `weight` [inputSize + outputSize, 4 * hiddenSize], `bias` [4 * hiddenSize] and `weightO` [hiddenSize, outputSize].
 *
 * @throws ArgumentError from the constructor when a size is no positive integer; ShapeError when `x` does not fit `inputSize` or has no steps, or a
 * first state has another shape.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SeqLSTMP
 * @see Sak et al., "Long Short-Term Memory Recurrent Neural Network Architectures for Large Scale Acoustic Modeling", 2014
 * @example
 * new SeqLSTMP(4, 32, 8).forward(randn([5, 3, 4])).shape; // [5, 3, 8]
 */
export class SeqLSTMP extends AnySeqLSTM {
  weightO: Parameter;
  constructor(inputSize: number, hiddenSize: number, outputSize: number, options: SeqOptions = {}) {
    checkOptions("SeqLSTMP", seqKinds, options);
    super(inputSize, hiddenSize, outputSize, options);
    const { dtype, device } = options;
    this.weightO = new Parameter(empty([hiddenSize, outputSize], { dtype, device }));
    normal_(this.weightO, 0, 1 / Math.sqrt(outputSize + hiddenSize));
  }
  protected override output(h: Tensor): Tensor {
    return matmul(h, this.weightO);
  }
  /** There is no {@link FastLSTM} with a projection. */
  toFastLSTM(): never {
    throw new ArgumentError("SeqLSTMP.toFastLSTM", "a FastLSTM has no projection");
  }
}
