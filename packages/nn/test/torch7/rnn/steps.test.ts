// What rnn's README says of AbstractRecurrent, Recurrent, Recurrence and Recursor.
import {
  grad,
  gradcheck,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  randn,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import {
  AbstractRecurrent,
  CAddTable,
  FastLSTM,
  forget,
  GRU,
  LSTM,
  ParallelTable,
  Recurrence,
  Recurrent,
  Recursor,
  Sequencer,
  Sequential,
  type Table,
} from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(3));
const random = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" });
const leaf = (...shape: number[]): Tensor => random(...shape).requiresGrad_();
const close = (a: Tensor, b: Tensor, atol = 1e-10) => expect(a.allclose(b, { atol, rtol: 0 })).toBe(true);

/** A step whose derivative is easy to see: h' = 2 h + x. */
class Doubling extends AbstractRecurrent {
  protected next(x: Tensor, states: readonly Table[] | null): readonly Table[] {
    return [states === null ? x : x.add((states[0] as Tensor).mul(2))];
  }
}

describe("a sequence, step by step", () => {
  test("steps count from 0, and forget goes back to the start", () => {
    const rnn = new Doubling();
    expect(rnn.step).toBe(0);
    expect([1, 1, 1].map((x) => rnn.forward(tensor([x])).item())).toEqual([1, 3, 7]);
    expect(rnn.step).toBe(3);
    expect(rnn.forget()).toBe(rnn);
    expect(rnn.step).toBe(0);
    expect(rnn.forward(tensor([1])).item()).toBe(1);
  });
  test("one backward goes through all steps", () => {
    const rnn = new Doubling();
    const xs = [1, 1, 1, 1].map((x) => tensor([x], { requiresGrad: true }));
    const out = xs.map((x) => rnn.forward(x));
    out[3].sum().backward();
    expect(xs.map((x) => x.grad?.item())).toEqual([8, 4, 2, 1]);
  });
  test("with rho = 3 and four steps, only the last three are used for the backward", () => {
    const rnn = new Doubling().maxBPTTstep(3);
    const xs = [1, 1, 1, 1].map((x) => tensor([x], { requiresGrad: true }));
    const out = xs.map((x) => rnn.forward(x));
    expect(out[3].item()).toBe(15);
    // of all outputs: the first step takes no part, neither by its own output
    out
      .reduce((a, b) => a.add(b))
      .sum()
      .backward();
    expect(xs.map((x) => x.grad?.item() ?? null)).toEqual([null, 7, 3, 1]);
    expect(() => rnn.maxBPTTstep(0)).toThrow("rho must be a positive integer, got 0");
  });
  test("a backward uses up the graph, and the next step goes on from the values", () => {
    const rnn = new Doubling();
    const [a, b] = [tensor([1], { requiresGrad: true }), tensor([1], { requiresGrad: true })];
    rnn.forward(a).sum().backward();
    const y = rnn.forward(b);
    expect(y.item()).toBe(3);
    y.sum().backward();
    expect([a.grad?.item(), b.grad?.item()]).toEqual([1, 1]);
  });
  test("evaluation remembers values alone", () => {
    const rnn = new Doubling();
    rnn.eval();
    const x = tensor([1], { requiresGrad: true });
    rnn.forward(x);
    const y = rnn.forward(x);
    expect(y.item()).toBe(3);
    y.sum().backward();
    expect(x.grad?.item()).toBe(1);
  });
  test("a long sequence in evaluation holds one state", () => {
    const lstm = new LSTM(2, 3);
    lstm.eval();
    const empty = memory().cpu.tensors;
    const steps = () => tidy(() => void Array.from({ length: 20 }, () => lstm.forward(ones([1, 2]))));
    noGrad(steps);
    expect(memory().cpu.tensors).toBe(empty + 2); // h and c
    steps();
    expect(memory().cpu.tensors).toBe(empty + 2);
    noGrad(steps);
    lstm.forget();
    expect(memory().cpu.tensors).toBe(empty);
  });
  test("states outlive the tidy around a step", () => {
    const [a, b] = [new LSTM(2, 3), new LSTM(2, 3)];
    b.loadStateDict(a.stateDict());
    const xs = [randn([4, 2]), randn([4, 2]), randn([4, 2])];
    const apart = xs.map((x) => tidy(() => a.forward(x).detach()));
    const together = xs.map((x) => b.forward(x));
    apart.forEach((y, i) => {
      close(y, together[i], 1e-6);
    });
  });
  test("a batch of another size wants a forget", () => {
    for (const rnn of [new LSTM(2, 3), new GRU(2, 3), new Recurrence(new CAddTable(), 2, 1)]) {
      rnn.forward(randn([4, 2]));
      expect(() => rnn.forward(randn([5, 2]))).toThrow("call forget()");
      rnn.forget().forward(randn([5, 2]));
    }
  });
  test("hidden states are handed on, with their gradients: an encoder and a decoder", () => {
    const [encoder, decoder] = [new FastLSTM(2, 3, { dtype: "float64" }), new FastLSTM(4, 3, { dtype: "float64" })];
    const x = leaf(5, 2);
    expect(encoder.getHiddenState()).toBeNull();
    encoder.forward(x);
    decoder.setHiddenState(encoder.getHiddenState() ?? []);
    const y = decoder.forward(random(5, 4));
    y.sum().backward();
    expect(x.grad?.any().item()).toBe(1);
    const [h, c] = encoder.getHiddenState() as readonly Tensor[];
    expect([h.shape, c.shape]).toEqual([
      [5, 3],
      [5, 3],
    ]);
  });
  test("a copy of a module is in no sequence yet", () => {
    const lstm = new LSTM(2, 3, { p: 0.2 });
    const x = ones([1, 2]);
    lstm.forward(x);
    const copy = lstm.clone();
    expect(copy.step).toBe(0);
    const y = lstm.forward(x);
    copy.forward(x);
    copy.forget();
    expect([lstm.step, copy.step]).toEqual([2, 0]);
    expect(lstm.forward(x).equal(y)).toBe(false);
  });
  test("forget reaches what stands below", () => {
    const lstm = new LSTM(2, 2);
    const rnn = new Recursor(new Sequential(lstm, new nn.Linear(2, 2)));
    rnn.forward(ones([1, 2]));
    rnn.forward(ones([1, 2]));
    expect([rnn.step, lstm.step]).toEqual([2, 2]);
    rnn.maxBPTTstep(7);
    expect(lstm.rho).toBe(7);
    forget(new Sequential(rnn));
    expect([rnn.step, lstm.step]).toEqual([0, 0]);
  });
});

describe("masks", () => {
  const cases = {
    LSTM: () => new LSTM(2, 3, { dtype: "float64" }),
    FastLSTM: () => new FastLSTM(2, 3, { dtype: "float64" }),
    GRU: () => new GRU(2, 3, { dtype: "float64" }),
  };
  for (const [name, make] of Object.entries(cases)) {
    test(`${name}: a step of zeros gives zeros and parts sequences; trimming gives the same`, () => {
      const [masked, trimmed, plain] = [make().maskZero(1), make().trimZero(1), make()];
      trimmed.loadStateDict(masked.stateDict());
      plain.loadStateDict(masked.stateDict());
      const xs = Array.from({ length: 4 }, () => random(3, 2));
      // the second example pauses at step 1, all do at step 2
      xs[1] = xs[1].mul(tensor([[1], [0], [1]], { dtype: "float64" }));
      xs[2] = zeros([3, 2], { dtype: "float64" });
      const out = xs.map((x) => masked.forward(x));
      const cut = xs.map((x) => trimmed.forward(x));
      out.forEach((y, i) => {
        close(y, cut[i]);
      });
      expect(out[1].at(1).any().item()).toBe(0);
      expect(out[1].at(0).all().item()).toBe(1);
      expect(out[2].any().item()).toBe(0);
      close(out[3], plain.forward(xs[3])); // as at the start of a sequence
    });
    test(`${name}: masked examples pass no gradient`, () => {
      const rnn = make().maskZero(1);
      const x = leaf(2, 2);
      const padded = x.mul(tensor([[1], [0]], { dtype: "float64" }));
      const y = rnn.forward(padded).add(rnn.forward(ones([2, 2], { dtype: "float64" })));
      const [g] = grad([y.sum()], [padded]);
      expect(g.at(1).any().item()).toBe(0);
      expect(g.at(0).all().item()).toBe(1);
    });
  }
  test("Recurrent has another module for the first step, and cannot mask", () => {
    const rnn = new Recurrent(2, new nn.Identity(), new nn.Identity());
    expect(() => rnn.maskZero(1)).toThrow("use a Recurrence");
    expect(() => rnn.trimZero(1)).toThrow("use a Recurrence");
  });
});

describe("Recurrent", () => {
  test("starts with start, and goes on with feedback", () => {
    const [input, feedback] = [new nn.Linear(2, 3), new nn.Linear(3, 3)];
    const rnn = new Recurrent(3, input, feedback, { transfer: new nn.Tanh() });
    const [x0, x1] = [randn([4, 2]), randn([4, 2])];
    const y0 = rnn.forward(x0);
    close(y0, input.forward(x0).add(rnn.getSubmodule("start").getParameter("bias")).tanh(), 1e-6);
    close(rnn.forward(x1), input.forward(x1).add(feedback.forward(y0)).tanh(), 1e-6);
    expect([...rnn.stateDict().keys()].length).toBe(5);
  });
  test("merges as it is told, and has a sigmoid unless it is told otherwise", () => {
    class Product extends nn.Module {
      forward([a, b]: readonly [Tensor, Tensor]): Tensor {
        return a.mul(b);
      }
    }
    const rnn = new Recurrent(new nn.Identity(), new nn.Identity(), new nn.Identity(), { merge: new Product() });
    const y0 = rnn.forward(tensor([[2]]));
    close(y0, tensor([[2]]).sigmoid());
    close(rnn.forward(tensor([[3]])), y0.mul(3).sigmoid(), 1e-6);
  });
  test("gradients through time", () => {
    const rnn = new Recurrent(3, new nn.Linear(2, 3), new nn.Linear(3, 3));
    rnn.double();
    const run = (a: Tensor, b: Tensor, c: Tensor) => {
      rnn.forget();
      rnn.forward(a);
      rnn.forward(b);
      return rnn.forward(c);
    };
    expect(gradcheck(run, [leaf(2, 2), leaf(2, 2), leaf(2, 2)])).toBe(true);
  });
});

describe("Recurrence", () => {
  test("builds the README's simple net, whose first state is zeros", () => {
    const rm = new Sequential(
      new ParallelTable(new nn.Embedding(20, 5), new nn.Linear(5, 5)),
      new CAddTable(),
      new nn.Sigmoid(),
    );
    const rnn = new Sequencer(new Sequential(new Recurrence(rm, 5, 0), new nn.Linear(5, 4), new nn.LogSoftmax(-1)));
    const words = [0, 1, 2].map(() => tensor([3, 7], { dtype: "int32" }));
    const out = rnn.forward(words);
    expect(out.map((y) => y.shape)).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
    ]);
  });
  test("is the LSTM of its step", () => {
    const lstm = new FastLSTM(2, 3, { dtype: "float64" });
    class Step extends nn.Module {
      forward([x, [h, c]]: readonly [Tensor, readonly [Tensor, Tensor]]): Table {
        const [i, z, f, o] = lstm.i2g.forward(x).add(lstm.o2g.forward(h)).chunk(4, -1);
        const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(z.tanh()));
        return [o.sigmoid().mul(cell.tanh()), cell];
      }
    }
    const made = new Recurrence<Tensor, readonly Tensor[]>(new Step(), [[3], [3]], 1);
    const xs = [random(4, 2), random(4, 2), random(4, 2)];
    for (const x of xs) close(made.forward(x)[0], lstm.forward(x));
  });
  test("a single example has no batch", () => {
    const rnn = new Recurrence(new CAddTable(), 3, 1);
    expect(rnn.forward(ones([3])).tolist()).toEqual([1, 1, 1]);
    expect(rnn.forward(ones([3])).tolist()).toEqual([2, 2, 2]);
    expect(() => rnn.forget().forward(ones([1, 2, 3]))).toThrow("takes 1 dimensions");
  });
});

describe("Recursor", () => {
  test("stacks two LSTMs in one sequencer as two sequencers do", () => {
    const [a, b] = [new LSTM(2, 3, { dtype: "float64" }), new LSTM(3, 2, { dtype: "float64" })];
    const one = new Sequencer(new Recursor(new Sequential(a, b)));
    const two = new Sequential(new Sequencer(a), new Sequencer(b));
    const x = random(5, 4, 2);
    const y = one.forward(x);
    expect(y.shape).toEqual([5, 4, 2]);
    close(y, two.forward(x));
  });
  test("has the states of the modules in it", () => {
    const rnn = new Recursor(new Sequential(new LSTM(2, 3), new GRU(3, 2)));
    expect(rnn.getHiddenState()).toBeNull();
    rnn.forward(ones([1, 2]));
    const states = rnn.getHiddenState() as readonly (readonly Tensor[])[];
    expect(states.map((each) => each.map((t) => t.shape))).toEqual([
      [
        [1, 3],
        [1, 3],
      ],
      [[1, 2]],
    ]);
    const y = rnn.forward(ones([1, 2]));
    rnn.setHiddenState(states);
    close(rnn.forward(ones([1, 2])) as Tensor, y as Tensor, 1e-6);
  });
});
