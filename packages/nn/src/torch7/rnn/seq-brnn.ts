import { add, flip, type Tensor, transpose } from "@flambeau/tensor/functional";
import { checkOptions, checkTensor, type Kinds, option } from "@flambeau/tensor/plugin";
import { Module } from "../../module.ts";
import { checkModule, whole } from "../table.ts";
import { SeqLSTM } from "./seq-lstm.ts";

export interface SeqBRNNOptions {
  /** Inputs and outputs are [N, L, features] instead of [L, N, features] (default false). */
  readonly batchFirst?: boolean | undefined;
  /** What makes one tensor of the list of both directions' outputs, [L, N, outputSize] each (default: their sum). */
  readonly merge?: Module | undefined;
}
const kinds: Kinds<SeqBRNNOptions> = { batchFirst: option.boolean, merge: option.object };

/**
 * A bidirectional recurrent net of two {@link SeqLSTM}s: `y = merge([forward(x), reverse(backward(reverse(x)))])`, the sum unless `merge` says otherwise.
 *
 * Shapes: [L, N, inputSize] -> [L, N, outputSize] ([N, L, ...] with `batchFirst`). Parameters: those of `forwardModule` and `backwardModule`.
 *
 * @throws ArgumentError from the constructor when a size is no positive integer or `merge` no module; ShapeError when `x` does not fit.
 * @see https://github.com/Element-Research/rnn/blob/master/README.md#rnn.SeqBRNN
 * @example
 * new SeqBRNN(5, 5).forward(rand([1, 1, 5])).shape; // [1, 1, 5]
 * new SeqBRNN(5, 5, { merge: new JoinTable(2) }).forward(rand([7, 1, 5])).shape; // [7, 1, 10]
 */
export class SeqBRNN extends Module {
  readonly forwardModule: SeqLSTM;
  readonly backwardModule: SeqLSTM;
  readonly merge: Module | null;
  readonly batchFirst: boolean;
  constructor(inputSize: number, outputSize: number, options: SeqBRNNOptions = {}) {
    super();
    checkOptions("SeqBRNN", kinds, options);
    this.forwardModule = new SeqLSTM(inputSize, outputSize);
    this.backwardModule = new SeqLSTM(inputSize, outputSize);
    this.batchFirst = options.batchFirst ?? false;
    this.merge = options.merge ?? null;
    if (this.merge !== null) checkModule("SeqBRNN", "merge", this.merge);
  }
  forward(x: Tensor): Tensor {
    checkTensor("SeqBRNN", "x", x);
    const [there, back] = whole(() => {
      const sequence = this.batchFirst && x.ndim > 1 ? transpose(x, 0, 1) : x;
      return [this.forwardModule.forward(sequence), flip(this.backwardModule.forward(flip(sequence, [0])), [0])];
    });
    const merged: Tensor = this.merge === null ? add(there, back) : this.merge.forward([there, back]);
    return this.batchFirst ? transpose(merged, 0, 1) : merged;
  }
}
