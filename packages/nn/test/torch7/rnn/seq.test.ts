// SeqLSTM, SeqLSTMP, SeqGRU and SeqBRNN: against nn.LSTM with its weights in another order, and against the modules that go step by step.
import { cat, gradcheck, manualSeed, nn, noGrad, ones, randn, type Tensor, tensor, zeros } from "flambeau";
import { GRU, JoinTable, SeqBRNN, SeqGRU, SeqLSTM, SeqLSTMP, Sequencer } from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(7));
const double = { dtype: "float64" } as const;
const random = (...shape: number[]): Tensor => randn(shape, double);
const leaf = (...shape: number[]): Tensor => random(...shape).requiresGrad_();
const close = (a: Tensor, b: Tensor, atol = 1e-10) => expect(a.allclose(b, { atol, rtol: 0 })).toBe(true);

/** i, f, o, g, one beside the other, as PyTorch's i, f, g, o below each other. */
function pytorchs(weight: Tensor): Tensor {
  const [i, f, o, g] = weight.chunk(4, -1);
  const all = [i, f, g, o];
  return cat(weight.ndim === 1 ? all : all.map((x) => x.t()));
}
function asTorch(seq: SeqLSTM | SeqLSTMP, inputSize: number): nn.LSTM {
  const { outputSize, hiddenSize, weight, bias } = seq;
  const projSize = seq instanceof SeqLSTMP ? outputSize : 0;
  const lstm = new nn.LSTM(inputSize, hiddenSize, { ...double, projSize });
  noGrad(() => {
    lstm.getParameter("weight_ih_l0").copy_(pytorchs(weight.narrow(0, 0, inputSize)));
    lstm.getParameter("weight_hh_l0").copy_(pytorchs(weight.narrow(0, inputSize, outputSize)));
    lstm.getParameter("bias_ih_l0").copy_(pytorchs(bias));
    lstm.getParameter("bias_hh_l0").zero_();
    if (seq instanceof SeqLSTMP) lstm.getParameter("weight_hr_l0").copy_(seq.weightO.t());
  });
  return lstm;
}

describe("SeqLSTM", () => {
  test("is nn.LSTM with its weights in another order, with and without first states", () => {
    const seq = new SeqLSTM(3, 4, double);
    const lstm = asTorch(seq, 3);
    const [x, h0, c0] = [random(6, 2, 3), random(2, 4), random(2, 4)];
    close(seq.forward(x), lstm.forward(x)[0]);
    close(seq.forward([c0, h0, x]), lstm.forward(x, [h0.unsqueeze(0), c0.unsqueeze(0)])[0]);
    close(seq.forward([h0, x]), lstm.forward(x, [h0.unsqueeze(0), c0.mul(0).unsqueeze(0)])[0]);
  });
  test("is a Sequencer of a FastLSTM, which it makes", () => {
    const seq = new SeqLSTM(3, 4, double);
    const x = random(6, 2, 3);
    const fast = seq.toFastLSTM();
    close(new Sequencer(fast).forward(x), seq.forward(x));
    noGrad(() => void seq.weight.mul_(0));
    expect(fast.i2g.weight.any().item()).toBe(1); // copies
  });
  test("takes batches first", () => {
    const [seq, first] = [new SeqLSTM(3, 4, double), new SeqLSTM(3, 4, { ...double, batchFirst: true })];
    first.loadStateDict(seq.stateDict());
    const x = random(6, 2, 3);
    close(first.forward(x.transpose(0, 1)), seq.forward(x).transpose(0, 1));
  });
  test("starts with normal weights and open forget gates", () => {
    const seq = new SeqLSTM(60, 40);
    expect(seq.bias.tolist()).toEqual(Array.from({ length: 160 }, (_, i) => (i >= 40 && i < 80 ? 1 : 0)));
    expect(seq.weight.std().item()).toBeCloseTo(0.1, 2);
    expect(seq.weight.shape).toEqual([100, 160]);
  });
  test("remembers values when it is told to", () => {
    const [seq, whole] = [new SeqLSTM(3, 4, double), new SeqLSTM(3, 4, double)];
    whole.loadStateDict(seq.stateDict());
    const x = leaf(6, 2, 3);
    const [a, b] = [x.narrow(0, 0, 4), x.narrow(0, 4, 2)];
    const y = whole.forward(x);
    seq.remember();
    close(seq.forward(a), y.narrow(0, 0, 4));
    const later = seq.forward(b);
    close(later, y.narrow(0, 4, 2));
    later.sum().backward(); // not beyond the forward
    expect(x.grad?.narrow(0, 0, 4).any().item()).toBe(0);
    expect(() => seq.forward(random(2, 5, 3))).toThrow("call forget() before a batch of another size");
    close(seq.forget().forward(a), y.narrow(0, 0, 4));
    close(seq.remember("neither").forward(a), y.narrow(0, 0, 4));
    seq.remember("eval");
    expect([seq.hasMemory(), seq.eval().hasMemory()]).toEqual([false, true]);
    seq.forward(a);
    close(seq.forward(b), y.narrow(0, 4, 2));
    expect(() => seq.remember("always" as never)).toThrow('mode is "both" or "eval" or "train" or "neither"');
  });
  test("masks as a FastLSTM does", () => {
    const seq = new SeqLSTM(3, 4, { ...double, maskZero: true });
    const fast = seq.toFastLSTM().maskZero(1);
    const mask = tensor(
      [
        [[1], [1]],
        [[0], [1]],
        [[1], [0]],
        [[0], [0]],
        [[1], [1]],
      ],
      double,
    );
    const x = random(5, 2, 3).mul(mask);
    const y = seq.forward(x);
    close(y, new Sequencer(fast).forward(x));
    close(y.mul(mask.neg().add(1)), zeros([5, 2, 4], double));
    close(y.at(4), new Sequencer(seq.toFastLSTM()).forward(x.narrow(0, 4, 1)).at(0)); // all had forgotten
  });
  test("gradients", () => {
    const seq = new SeqLSTM(2, 3, { ...double, maskZero: true });
    const run = (c: Tensor, h: Tensor, x: Tensor) => seq.forward([c, h, x]);
    expect(gradcheck(run, [leaf(2, 3), leaf(2, 3), leaf(3, 2, 2), ...seq.parameters()])).toBe(true);
  });
  test("what is wrong is said", () => {
    const seq = new SeqLSTM(3, 4);
    expect(() => seq.forward(ones([2, 3]))).toThrow("expected input [L, N, 3], got [2,3]");
    expect(() => seq.forward([ones([2, 5]), ones([6, 2, 3])])).toThrow("the first state must have shape [2,4]");
    expect(() => seq.forward([ones([6, 2, 3])])).toThrow("got a list of 1");
  });
});

describe("SeqLSTMP", () => {
  test("is nn.LSTM with a projection", () => {
    const seq = new SeqLSTMP(3, 7, 4, double);
    const [x, h0, c0] = [random(6, 2, 3), random(2, 4), random(2, 7)];
    const lstm = asTorch(seq, 3);
    close(seq.forward(x), lstm.forward(x)[0]);
    close(seq.forward([c0, h0, x]), lstm.forward(x, [h0.unsqueeze(0), c0.unsqueeze(0)])[0]);
    expect(() => seq.toFastLSTM()).toThrow("a FastLSTM has no projection");
    expect([...seq.parameters()].map((p) => p.shape)).toEqual([[7, 28], [28], [7, 4]]);
  });
  test("gradients", () => {
    const seq = new SeqLSTMP(2, 4, 3, { ...double, maskZero: true });
    expect(gradcheck((x: Tensor) => seq.forward(x), [leaf(3, 2, 2), ...seq.parameters()])).toBe(true);
  });
});

describe("SeqGRU", () => {
  /** A GRU with copies of the parameters. */
  function asGRU({ inputSize, outputSize, weight, bias }: SeqGRU): GRU {
    const gru = new GRU(inputSize, outputSize, double);
    const n = 2 * outputSize;
    noGrad(() => {
      const [ofInput, ofState] = [weight.narrow(0, 0, inputSize).t(), weight.narrow(0, inputSize, outputSize).t()];
      gru.i2g.weight.copy_(ofInput.narrow(0, 0, n));
      gru.o2g.weight.copy_(ofState.narrow(0, 0, n));
      gru.i2g.bias?.copy_(bias.narrow(0, 0, n));
      gru.i2h.weight.copy_(ofInput.narrow(0, n, outputSize));
      gru.o2h.weight.copy_(ofState.narrow(0, n, outputSize));
      gru.i2h.bias?.copy_(bias.narrow(0, n, outputSize));
    });
    return gru;
  }
  test("is a Sequencer of a GRU, masked too", () => {
    const seq = new SeqGRU(3, 4, double);
    const x = random(6, 2, 3).mul(
      tensor(
        [
          [[1], [1]],
          [[0], [1]],
          [[1], [1]],
          [[0], [0]],
          [[1], [1]],
          [[1], [0]],
        ],
        double,
      ),
    );
    close(seq.forward(x), new Sequencer(asGRU(seq)).forward(x));
    close(seq.maskZero().forward(x), new Sequencer(asGRU(seq).maskZero(1)).forward(x));
    expect(seq.bias.tolist()).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]);
  });
  test("goes on from a state that is given or remembered", () => {
    const seq = new SeqGRU(3, 4, double);
    const x = random(6, 2, 3);
    const y = seq.forward(x);
    close(seq.forward([y.at(3), x.narrow(0, 4, 2)]), y.narrow(0, 4, 2));
    seq.remember("both").forward(x.narrow(0, 0, 4));
    close(seq.forward(x.narrow(0, 4, 2)), y.narrow(0, 4, 2));
  });
  test("gradients", () => {
    const seq = new SeqGRU(2, 3, double);
    const run = (h: Tensor, x: Tensor) => seq.forward([h, x]);
    expect(gradcheck(run, [leaf(2, 3), leaf(3, 2, 2), ...seq.parameters()])).toBe(true);
  });
});

describe("SeqBRNN", () => {
  test("sums both directions", () => {
    const net = new SeqBRNN(5, 4);
    expect(net.forward(randn([1, 1, 5])).shape).toEqual([1, 1, 4]); // the README's example
    const x = randn([3, 2, 5]);
    const back = net.backwardModule.forward(x.flip([0])).flip([0]);
    close(net.forward(x), net.forwardModule.forward(x).add(back), 1e-6);
  });
  test("gradients", () => {
    const net = new SeqBRNN(2, 3).double();
    expect(gradcheck((x: Tensor) => net.forward(x), [leaf(3, 2, 2), ...net.parameters()])).toBe(true);
  });
  test("joins them when it is told to, and takes batches first", () => {
    const x = randn([3, 2, 5]);
    const joined = new SeqBRNN(5, 4, { merge: new JoinTable(2) });
    expect(joined.forward(x).shape).toEqual([3, 2, 8]);
    const first = new SeqBRNN(5, 4, { batchFirst: true });
    const plain = new SeqBRNN(5, 4);
    plain.loadStateDict(first.stateDict());
    close(first.forward(x.transpose(0, 1)), plain.forward(x).transpose(0, 1), 1e-6);
  });
});
