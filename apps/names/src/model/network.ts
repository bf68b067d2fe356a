import { nn, type Tensor } from "flambeau";
import { outputs, tokens } from "./alphabet.ts";

export type Cell = "gru" | "lstm";

const embedded = 32;
const layers = 2;
const dropped = 0.3;

/** What a network remembers of what it has read: h of a GRU, h and c of an LSTM. */
export type Memory = readonly Tensor[];

/** Reads a name token by token and says after each one what may follow. */
export class NameNetwork extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly rnn: nn.GRU | nn.LSTM;
  readonly dropout = new nn.Dropout(dropped);
  readonly head: nn.Linear;

  constructor(cell: Cell, hidden: number) {
    super();
    const Layers = { gru: nn.GRU, lstm: nn.LSTM }[cell];
    this.embedding = new nn.Embedding(tokens, embedded);
    this.rnn = new Layers(embedded, hidden, { numLayers: layers, batchFirst: true, dropout: dropped });
    this.head = new nn.Linear(hidden, outputs);
  }

  /** @param inputs [N, L] @returns logits [N, L, outputs] */
  forward(inputs: Tensor): Tensor {
    return this.read(inputs, null)[0];
  }

  /** @param inputs [N, L], which go on from what is remembered @returns logits [N, L, outputs], and what is remembered then */
  read(inputs: Tensor, memory: Memory | null): [logits: Tensor, memory: Memory] {
    const [output, after] = this.#run(this.embedding.forward(inputs), memory);
    return [this.head.forward(this.dropout.forward(output)), after];
  }

  #run(x: Tensor, memory: Memory | null): [output: Tensor, memory: Memory] {
    if (this.rnn instanceof nn.LSTM) return this.rnn.forward(x, memory && [memory[0], memory[1]]);
    const [output, h] = this.rnn.forward(x, memory?.[0]);
    return [output, [h]];
  }
}
