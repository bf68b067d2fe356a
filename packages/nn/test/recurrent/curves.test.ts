import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { crossEntropy, ctc } from "@flambeau/losses";
import { Adam, clipGradNorm_, RMSprop, SGD } from "@flambeau/optim";
import { cat, logSoftmax, registerBackend, type Tensor } from "@flambeau/tensor";
import { expect, test } from "vitest";
import * as nn from "../../src/index.ts";
import { type Curve, curve } from "./figures.ts";

registerBackend(cpuWasm({ threads: 1 }));
const { packPaddedSequence } = nn.utils.rnn;

/** Fifty losses as PyTorch's, from the same start: within ten times what float32 alone does to the run, or 1e-5. */
function follows({ loss, max_abs_difference }: Curve, step: (i: number) => Tensor): void {
  const found = loss.map((_, i) => step(i).item() as number);
  const bound = Math.max(10 * max_abs_difference, 1e-5);
  expect(loss.length).toBe(50);
  expect(Math.max(...found.map((l, i) => Math.abs(l - loss[i])))).toBeLessThanOrEqual(bound);
}

test("a GRU that reads packed sequences from both ends", () => {
  const figures = curve("gru_packed");
  class Net extends nn.Module {
    rnn = new nn.GRU(5, 8, { batchFirst: true, bidirectional: true });
    fc = new nn.Linear(16, 3);
    forward(x: Tensor, lengths: Tensor): Tensor {
      const packed = packPaddedSequence(x, lengths, { batchFirst: true, enforceSorted: false });
      const [, h] = this.rnn.forward(packed);
      return this.fc.forward(cat([h.at(0), h.at(1)], 1));
    }
  }
  const net = new Net();
  net.loadStateDict(figures.init.net);
  const optimizer = new Adam(net.parameters(), { lr: 0.01 });
  const { x, lengths, y } = figures.data;
  follows(figures, (i) => {
    const loss = crossEntropy(net.forward(x.at(i % 10), lengths.at(i % 10)), y.at(i % 10));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
});

test("a language model of two layers of LSTM, whose state goes on", () => {
  const figures = curve("lstm_lm");
  class Model extends nn.Module {
    emb = new nn.Embedding(20, 12);
    rnn = new nn.LSTM(12, 16, { numLayers: 2 });
    out = new nn.Linear(16, 20);
    forward(x: Tensor, h: [Tensor, Tensor] | null): [Tensor, [Tensor, Tensor]] {
      const [y, state] = this.rnn.forward(this.emb.forward(x), h);
      return [this.out.forward(y), state];
    }
  }
  const model = new Model();
  model.loadStateDict(figures.init.lm);
  const optimizer = new SGD(model.parameters(), { lr: 1 });
  const { tokens } = figures.data;
  let state: [Tensor, Tensor] | null = null;
  follows(figures, (i) => {
    const [y, after] = model.forward(tokens.at({ from: 7 * i, to: 7 * i + 7 }), state);
    state = [after[0].detach(), after[1].detach()];
    const loss = crossEntropy(y.reshape([-1, 20]), tokens.at({ from: 7 * i + 1, to: 7 * i + 8 }).reshape([-1]));
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm_(model.parameters(), 0.25);
    optimizer.step();
    return loss;
  });
});

test("two plain layers, under a CTC loss", () => {
  const figures = curve("rnn_ctc");
  const rnn = new nn.RNN(6, 10, { numLayers: 2 });
  const fc = new nn.Linear(10, 5);
  rnn.loadStateDict(figures.init.rnn);
  fc.loadStateDict(figures.init.fc);
  const optimizer = new RMSprop([...rnn.parameters(), ...fc.parameters()], { lr: 3e-3, momentum: 0.5 });
  const { x, targets } = figures.data;
  follows(figures, () => {
    const scores = logSoftmax(fc.forward(rnn.forward(x)[0]), 2);
    const loss = ctc(scores, targets, [12, 12, 10, 8], [4, 3, 2, 1], { blank: 0, zeroInfinity: true });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
});
