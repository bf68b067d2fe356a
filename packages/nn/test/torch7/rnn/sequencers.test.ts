// What goes over whole sequences, masks and criterions of rnn, as its README and its tests have them.
import {
  cat,
  grad,
  gradcheck,
  losses,
  manualSeed,
  nn,
  noGrad,
  ones,
  randn,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "flambeau";
import {
  BiSequencer,
  BiSequencerLM,
  CAddTable,
  CopyGrad,
  ExpandAs,
  FastLSTM,
  LinearNoBias,
  LookupTableMaskZero,
  LSTM,
  MaskZero,
  MaskZeroCriterion,
  NormStabilizer,
  Recurrent,
  Repeater,
  RepeaterCriterion,
  remember,
  SAdd,
  SeqLSTM,
  SeqReverseSequence,
  Sequencer,
  SequencerCriterion,
  Sequential,
  TrimZero,
} from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(23));
const double = { dtype: "float64" } as const;
const random = (...shape: number[]): Tensor => randn(shape, double);
const leaf = (...shape: number[]): Tensor => random(...shape).requiresGrad_();
const close = (a: Tensor, b: Tensor, atol = 1e-10) => expect(a.allclose(b, { atol, rtol: 0 })).toBe(true);

describe("Sequencer", () => {
  test("gives of a list a list and of a tensor a tensor, as step by step", () => {
    const lstm = new LSTM(4, 3, double);
    const sequencer = new Sequencer(lstm);
    const xs = [random(3, 4), random(3, 4), random(3, 4)];
    const listed = sequencer.forward(xs);
    const stacked = sequencer.forward(stack(xs));
    lstm.forget();
    xs.forEach((x, i) => {
      const y = lstm.forward(x);
      close(listed[i], y);
      close(stacked.at(i), y);
    });
  });
  test("takes modules that are not recurrent, and sequences of any length", () => {
    const sequencer = new Sequencer(new nn.Linear(4, 2));
    for (const n of [1, 4, 2]) expect(sequencer.forward(randn([n, 3, 4])).shape).toEqual([n, 3, 2]);
    expect(() => sequencer.forward([])).toThrow("the sequence has no steps");
    expect(() => sequencer.forward("x" as never)).toThrow("a sequence is a tensor or a list of steps");
    expect(() => new Sequencer(3 as never)).toThrow("module must be a module, got 3");
  });
  test("remembers as it is told, and forgets where training and evaluation change", () => {
    const lstm = new LSTM(2, 2);
    const sequencer = new Sequencer(lstm);
    const x = randn([3, 1, 2]);
    const steps = () => {
      sequencer.forward(x);
      return lstm.step;
    };
    expect([steps(), steps()]).toEqual([3, 3]);
    expect(sequencer.remember("train")).toBe(sequencer);
    expect([steps(), steps()]).toEqual([6, 9]);
    sequencer.eval();
    expect([steps(), steps()]).toEqual([3, 3]);
    remember(new Sequential(sequencer), "eval");
    expect([steps(), steps()]).toEqual([6, 9]);
    sequencer.train();
    expect([steps(), steps()]).toEqual([3, 3]);
    sequencer.remember();
    expect([steps(), sequencer.eval() && steps(), steps()]).toEqual([6, 3, 6]);
    sequencer.forget();
    expect(lstm.step).toBe(0);
    expect(() => sequencer.remember("never" as never)).toThrow("mode is");
  });
  test("gradients go back to the start of a forward and not beyond", () => {
    const sequencer = new Sequencer(new LSTM(2, 2, double)).remember("both");
    const [a, b] = [leaf(3, 1, 2), leaf(3, 1, 2)];
    sequencer.forward(a);
    sequencer.forward(b).at(2).sum().backward();
    expect(a.grad).toBeNull();
    expect(b.grad?.at(0).all().item()).toBe(1);
  });
  test("gradients", () => {
    const sequencer = new Sequencer(new Sequential(new FastLSTM(2, 3, double), new nn.Linear(3, 2, double)));
    expect(gradcheck((x: Tensor) => sequencer.forward(x), [leaf(3, 2, 2), ...sequencer.parameters()])).toBe(true);
  });
});

describe("both directions", () => {
  test("BiSequencer merges the outputs of either, step by step", () => {
    const [fwd, bwd] = [new FastLSTM(2, 3, double), new FastLSTM(2, 3, double)];
    const xs = [random(4, 2), random(4, 2), random(4, 2)];
    const there = new Sequencer(fwd).forward(xs);
    const back = new Sequencer(bwd).forward([...xs].reverse()).reverse();
    new BiSequencer(fwd, bwd).forward(xs).forEach((y, i) => {
      close(y, cat([there[i], back[i]], 1));
    });
    new BiSequencer(fwd, bwd, new CAddTable()).forward(xs).forEach((y, i) => {
      close(y, there[i].add(back[i]));
    });
  });
  test("gradients of both", () => {
    for (const make of [BiSequencer, BiSequencerLM]) {
      const net = new make(new FastLSTM(2, 2, double), new FastLSTM(2, 2, double));
      const run = (a: Tensor, b: Tensor, c: Tensor) => net.forward([a, b, c]);
      expect(gradcheck(run, [leaf(2, 2), leaf(2, 2), leaf(2, 2), ...net.parameters()])).toBe(true);
    }
  });
  test("the way back is another one of the same sizes", () => {
    const net = new BiSequencer(new FastLSTM(2, 3));
    expect([...net.parameters()].length).toBe(6);
    const [a, b] = [net.fwdSeq.getParameter("module.i2g.weight"), net.bwdSeq.getParameter("module.i2g.weight")];
    expect(a.shape).toEqual(b.shape);
    expect(a.equal(b)).toBe(false);
    expect(() => new BiSequencer(new nn.Linear(2, 2))).toThrow("a Linear cannot make another one of itself");
    expect(() => net.forward(randn([3, 4, 2]) as never)).toThrow("takes a list of steps");
  });
  test("remember goes to both ways, and the way back can forget alone", () => {
    const net = new BiSequencer(new LSTM(2, 3)).remember("both");
    net.forward([randn([1, 2]), randn([1, 2])]);
    net.bwdSeq.forget();
    expect([net.fwdSeq.module.step, net.bwdSeq.module.step]).toEqual([2, 0]);
  });
  test("BiSequencerLM leaves out the step itself, with zeros at the ends", () => {
    const [fwd, bwd] = [new FastLSTM(2, 3, double), new FastLSTM(2, 3, double)];
    const xs = Array.from({ length: 4 }, () => leaf(1, 2));
    const y = new BiSequencerLM(fwd, bwd).forward(xs);
    const there = new Sequencer(fwd).forward(xs.slice(0, 3));
    const back = new Sequencer(bwd).forward(xs.slice(1).reverse()).reverse();
    const nothing = zeros([1, 3], double);
    y.forEach((each, i) => {
      close(each, cat([i === 0 ? nothing : there[i - 1], i === 3 ? nothing : back[i]], 1));
    });
    // the output of step 1 says nothing of the input of step 1
    const touched = xs.map((x) => grad([y[1].sum()], [x], { retainGraph: true, allowUnused: true })[0]);
    expect(touched.map((g) => g !== null && g.any().item() === 1)).toEqual([true, false, true, true]);
    expect(() => new BiSequencerLM(fwd, bwd).forward([xs[0]])).toThrow("takes at least two steps");
  });
  test("BiSequencerLM takes stacks of sequencers", () => {
    const stackOf = () => new Sequential(new Sequencer(new LSTM(2, 3)), new Sequencer(new LSTM(3, 3)));
    const net = new BiSequencerLM(stackOf(), stackOf());
    expect(net.forward([randn([1, 2]), randn([1, 2])]).map((y) => y.shape)).toEqual([
      [1, 6],
      [1, 6],
    ]);
  });
});

describe("Repeater", () => {
  test("hands one input on, several times, from a new start each time", () => {
    const rnn = new Recurrent(2, new nn.Linear(2, 2), new nn.Linear(2, 2));
    const x = randn([3, 2]);
    const repeated = new Repeater(rnn, 4);
    const y = repeated.forward(x);
    expect(y.length).toBe(4);
    expect(rnn.rho).toBe(4);
    rnn.forget();
    for (const each of y) close(each, rnn.forward(x), 1e-6);
    repeated.forward(x).forEach((each, i) => {
      close(each, y[i], 1e-6);
    });
    expect(() => new Repeater(rnn, 0)).toThrow("nStep must be a positive integer");
  });
});

describe("criterions", () => {
  test("SequencerCriterion sums, or averages, over the steps", () => {
    const mse = new losses.MSELoss();
    const [xs, ts] = [
      [leaf(4, 2), leaf(4, 2), leaf(4, 2)],
      [random(4, 2), random(4, 2), random(4, 2)],
    ];
    const sum = xs.map((x, i) => mse.forward(x, ts[i])).reduce((a, b) => a.add(b));
    const criterion = new SequencerCriterion(mse);
    close(criterion.forward(xs, ts), sum);
    close(criterion.forward(stack(xs), stack(ts)), sum);
    close(new SequencerCriterion(mse, { sizeAverage: true }).forward(xs, ts), sum.div(3));
    const [expected] = grad([sum], [xs[1]]);
    close(grad([criterion.forward(xs, ts)], [xs[1]])[0], expected);
    expect(() => criterion.forward(xs, ts.slice(1))).toThrow("the input has 3 steps and the target 2");
    expect(() => new SequencerCriterion({} as never)).toThrow("criterion");
  });
  test("RepeaterCriterion has one target for all steps", () => {
    const nll = new losses.NLLLoss();
    const xs = [randn([4, 3]), randn([4, 3])];
    const target = tensor([0, 2, 1, 1], { dtype: "int32" });
    const sum = nll.forward(xs[0], target).add(nll.forward(xs[1], target));
    close(new RepeaterCriterion(nll).forward(xs, target), sum, 1e-6);
    close(new RepeaterCriterion(nll).forward(stack(xs), target), sum, 1e-6);
  });
  test("MaskZeroCriterion leaves out rows of zeros, of the loss and of the gradient", () => {
    const criterion = new MaskZeroCriterion(new losses.NLLLoss(), 1);
    const x = tensor(
      [
        [-1, -2],
        [0, 0],
        [-3, -0.5],
        [0, 0],
      ],
      { requiresGrad: true },
    );
    const target = tensor([0, 1, 1, 0], { dtype: "int32" });
    const loss = criterion.forward(x, target);
    expect(loss.item()).toBeCloseTo((1 + 0.5) / 2);
    loss.backward();
    expect(x.grad?.tolist()).toEqual([
      [-0.5, 0],
      [0, 0],
      [0, -0.5],
      [0, 0],
    ]);
    const none = zeros([2, 2]).requiresGrad_();
    const nothing = criterion.forward(none, target.narrow(0, 0, 2));
    expect(nothing.item()).toBe(0);
    nothing.backward();
    expect(none.grad?.tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(() => criterion.forward(tensor([1, 2]), target)).toThrow("takes batches");
  });
});

describe("zeros", () => {
  test("MaskZero and TrimZero zero the outputs and gradients of examples that are zeros", () => {
    for (const make of [MaskZero, TrimZero]) {
      const layer =
        make === MaskZero ? new MaskZero(new nn.Linear(3, 2, double), 1) : new TrimZero(new nn.Linear(3, 2, double), 1);
      const mask = tensor([[1], [0], [1], [0]], double);
      const masked = random(4, 3).mul(mask).requiresGrad_();
      const y = layer.forward(masked);
      const plain = (layer.module as nn.Linear).forward(masked);
      close(y, plain.mul(mask));
      const [g] = grad([y.square().sum()], [masked]);
      close(g, grad([plain.mul(mask).square().sum()], [masked])[0]);
      expect(g.at(1).any().item()).toBe(0);
      // of the shift, too: padding counts for nothing
      layer.zeroGrad();
      layer.forward(masked).sum().backward();
      expect(layer.getParameter("module.bias").grad?.tolist()).toEqual([2, 2]);
      expect(layer.forward(zeros([2, 3], double)).tolist()).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(layer.forward(zeros([3], double)).tolist()).toEqual([0, 0]);
      expect(
        layer
          .forward(ones([3], double))
          .all()
          .item(),
      ).toBe(1);
      expect(() => layer.forward(ones([2, 2, 3], double))).toThrow("takes 1 dimensions, or one more for the batch");
    }
  });
  test("they look at the first tensor of a table, and zero all of one", () => {
    class Both extends nn.Module {
      forward([a, [b]]: readonly [Tensor, readonly [Tensor]]): readonly [Tensor, readonly [Tensor]] {
        return [a.add(1), [b.add(1)]];
      }
    }
    for (const layer of [new MaskZero(new Both(), 1), new TrimZero(new Both(), 1)]) {
      const [a, [b]] = layer.forward<readonly [Tensor, readonly [Tensor]]>([
        tensor([
          [0, 0],
          [0, 1],
        ]),
        [
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ],
      ]);
      expect(a.tolist()).toEqual([
        [0, 0],
        [1, 2],
      ]);
      expect(b.tolist()).toEqual([
        [0, 0],
        [4, 5],
      ]);
    }
  });
  test("LookupTableMaskZero: number 0 is padding", () => {
    const table = new LookupTableMaskZero(10, 4);
    expect(table.weight.shape).toEqual([11, 4]);
    const index = tensor(
      [
        [0, 1],
        [10, 0],
      ],
      { dtype: "int32" },
    );
    const y = table.forward(index);
    expect(y.at(0, 0).any().item()).toBe(0);
    close(y.at(1, 0), table.weight.at(10));
    y.sum().backward();
    expect(table.weight.grad?.at(0).any().item()).toBe(0);
    expect(table.weight.grad?.at(10).tolist()).toEqual([1, 1, 1, 1]);
    noGrad(() => void table.weight.add_(1)); // an optimizer that moves every row
    expect(table.forward(index).at(0, 0).any().item()).toBe(0);
    expect(() => table.forward(tensor([11], { dtype: "int32" }))).toThrow();
  });
});

describe("NormStabilizer", () => {
  test("passes its input through, and adds the gradient of beta times the squared differences of norms", () => {
    for (const beta of [1, 0.3]) {
      const stabilizer = new NormStabilizer(beta);
      const xs = [leaf(4, 3), leaf(4, 3), leaf(4, 3)];
      const sequencer = new Sequencer(stabilizer);
      const ys = sequencer.forward(xs);
      ys.forEach((y, i) => {
        close(y, xs[i]);
      });
      const norms = xs.map((x) => x.square().sum(1).sqrt());
      const penalty = norms[1].sub(norms[0]).square().mean().add(norms[2].sub(norms[1]).square().mean()).mul(beta);
      close(stabilizer.updateLoss(), penalty.div(3)); // by the steps; the gradient is not
      const outer = ys.map((y) => y.sum()).reduce((a, b) => a.add(b));
      const expected = grad([penalty.add(xs.map((x) => x.sum()).reduce((a, b) => a.add(b)))], xs);
      grad([outer], xs).forEach((g, i) => {
        close(g, expected[i]);
      });
    }
  });
  test("does nothing in evaluation", () => {
    const stabilizer = new NormStabilizer();
    const sequencer = new Sequencer(stabilizer).eval();
    const x = leaf(3, 2, 2);
    sequencer.forward(x).sum().backward();
    expect(x.grad?.sub(1).any().item()).toBe(0);
    expect(stabilizer.updateLoss().item()).toBe(0);
  });
  test("steadies the hidden states of a net that it stands behind", () => {
    const run = (beta: number): number => {
      manualSeed(2);
      const [lstm, stabilizer] = [new SeqLSTM(2, 4, double), new NormStabilizer(beta)];
      const net = new Sequential(lstm, new Sequencer(stabilizer));
      const x = random(6, 8, 2);
      for (let step = 0; step < 100; step++) {
        net.zeroGrad();
        net.forward<Tensor>(x).sum().mul(0).backward(); // nothing but the penalty
        for (const p of net.parameters()) if (p.grad) noGrad(() => p.sub_(p.grad as Tensor, { alpha: 0.5 }));
      }
      net.forward(x);
      const loss = stabilizer.updateLoss().item() as number;
      return loss / (beta || 1);
    };
    expect(run(1)).toBeLessThan(0.2 * run(1e-9));
  });
});

describe("small modules", () => {
  test("SAdd, CopyGrad, ExpandAs, LinearNoBias, SeqReverseSequence", () => {
    const x = leaf(2, 3);
    close(new SAdd(3).forward(x), x.add(3));
    close(new SAdd(-1, true).forward(x), x.neg().add(1));
    expect(gradcheck((t: Tensor) => new SAdd(-1, true).forward(t), [x])).toBe(true);
    close(new CopyGrad().forward(x), x);
    expect(gradcheck((t: Tensor) => new CopyGrad().forward(t), [x])).toBe(true);
    const b = leaf(2, 1);
    const [same, wide] = new ExpandAs().forward([x, b]);
    expect(same).toBe(x);
    close(wide, b.add(zeros([2, 3], double)));
    wide.sum().backward();
    expect(b.grad?.tolist()).toEqual([[3], [3]]);
    const linear = new LinearNoBias(3, 4, double);
    close(linear.forward(x), x.matmul(linear.weight.t()));
    expect(linear.bias).toBeNull();
    const y = randn([2, 3, 4]);
    for (const dim of [0, 1, 2]) close(new SeqReverseSequence(dim).forward(y), y.flip([dim]));
    expect(() => new SeqReverseSequence(3)).toThrow("dim must be an integer from 0 to 2, got 3");
    expect(() => new SeqReverseSequence(2).forward(randn([2, 2]))).toThrow("takes 3 to 3 dimensions");
  });
});
