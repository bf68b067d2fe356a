import {
  add,
  cat,
  chunk,
  empty,
  fill_,
  matmul,
  mul,
  narrow,
  noGrad,
  sigmoid,
  stack,
  sub,
  type Tensor,
  tanh,
  unbind,
} from "@flambeau/tensor/functional";
import { checkOptions } from "@flambeau/tensor/plugin";
import { normal_, zeros_ } from "../../init.ts";
import { Parameter } from "../../parameter.ts";
import { SeqModule, type SeqOptions, seqKinds, unmasked } from "./seq-states.ts";

/**
 * Gated recurrent units over a whole sequence: `[r, u] = sigmoid([x, s] @ weight_ru + bias_ru)`, `h = tanh([x, r * s] @ weight_h + bias_h)` and
 * `s' = (1 - u) * h + u * s` for each step. It computes what a {@link Sequencer} of a {@link GRU} does.
 *
 * The first state is zeros unless it is given, `forward([s0, x])`, or after `remember()` the values that the sequence before ended with.
 *
 * Shapes: [L, N, inputSize] -> [L, N, outputSize] ([N, L, ...] with `batchFirst`); the first state [N, outputSize]. Parameters: `weight` [inputSize +
 * outputSize, 3 * outputSize], normal with a deviation of `1 / sqrt(inputSize + outputSize)`, and `bias` [3 * outputSize], 1 for u and 0 for the others,
 * which hold r, u and h in this order.
 *
 * @throws ArgumentError from the constructor when a size is no positive integer; ShapeError when `x` does not fit `inputSize` or has no steps, or the
 * first state has another shape.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SeqGRU
 * @example
 * new SeqGRU(4, 8, { batchFirst: true }).forward(randn([3, 5, 4])).shape; // [3, 5, 8]
 */
export class SeqGRU extends SeqModule {
  weight: Parameter;
  bias: Parameter;
  constructor(inputSize: number, outputSize: number, options: SeqOptions = {}) {
    checkOptions("SeqGRU", seqKinds, options);
    super(inputSize, outputSize, options);
    const { dtype, device } = options;
    this.weight = new Parameter(empty([inputSize + outputSize, 3 * outputSize], { dtype, device }));
    this.bias = new Parameter(empty([3 * outputSize], { dtype, device }));
    normal_(this.weight, 0, 1 / Math.sqrt(inputSize + outputSize));
    zeros_(this.bias);
    noGrad(() => fill_(narrow(this.bias, 0, outputSize, outputSize), 1));
  }
  protected get widths(): readonly number[] {
    return [this.outputSize];
  }
  protected steps(x: Tensor, [s0]: readonly Tensor[], masked: Tensor | null) {
    const { inputSize, outputSize, weight, bias } = this;
    const shares = unbind(add(matmul(x, narrow(weight, 0, 0, inputSize)), bias));
    const ofState = narrow(weight, 0, inputSize, outputSize);
    const ofGates = narrow(ofState, 1, 0, 2 * outputSize);
    const ofCandidate = narrow(ofState, 1, 2 * outputSize, outputSize);
    const masks = masked && unbind(masked);
    let s = s0;
    const outputs = shares.map((share, step) => {
      const [rx, ux, hx] = chunk(share, 3, -1);
      const [r, u] = chunk(sigmoid(add(cat([rx, ux], -1), matmul(s, ofGates))), 2, -1);
      const h = tanh(add(hx, matmul(mul(r, s), ofCandidate)));
      s = unmasked(add(h, mul(u, sub(s, h))), masks?.[step] ?? null);
      return s;
    });
    return { outputs: stack(outputs, 0), states: [s] };
  }
}
