// LSTM, FastLSTM, GRU and MuFuRu against their formulas in plain numbers, and their gradients against differences.
import { gradcheck, manualSeed, nn, noGrad, optim, randn, type Tensor, tensor } from "flambeau";
import { type AbstractRecurrent, FastLSTM, type GateModule, GRU, LSTM, MuFuRu, Sequencer } from "flambeau/torch7";
import { beforeEach, describe, expect, test } from "vitest";

beforeEach(() => void manualSeed(11));
const random = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" });
const leaf = (...shape: number[]): Tensor => random(...shape).requiresGrad_();
const close = (a: Tensor, b: Tensor, atol = 1e-10) => expect(a.allclose(b, { atol, rtol: 0 })).toBe(true);
const double = { dtype: "float64" } as const;

type Vector = readonly number[];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const values = (m: nn.Module): Map<string, number[][] | number[]> =>
  new Map([...m.stateDict()].map(([key, t]) => [key, t.tolist() as number[][]]));
const product = (w: unknown, x: Vector): number[] =>
  (w as number[][]).map((row) => row.reduce((sum, each, i) => sum + each * x[i], 0));
const plus = (...terms: readonly unknown[]): number[] =>
  (terms[0] as number[]).map((_, i) => terms.reduce<number>((sum, t) => sum + (t as number[])[i], 0));
const times = (a: unknown, b: Vector): number[] => (a as number[]).map((each, i) => each * b[i]);
const rows = (t: Tensor): number[] => t.tolist() as number[];

describe("LSTM", () => {
  test("is the README's formula, with peepholes", () => {
    const lstm = new LSTM(3, 2, double);
    const w = values(lstm);
    const at = (key: string) => w.get(key);
    let [h, c]: [Vector, Vector] = [
      [0, 0],
      [0, 0],
    ];
    for (let step = 0; step < 3; step++) {
      const x = random(3);
      const y = lstm.forward(x);
      const gate = (name: string, cell: Vector | null) =>
        plus(
          product(at(`${name}.input.weight`), rows(x)),
          at(`${name}.input.bias`),
          product(at(`${name}.output.weight`), h),
          cell === null ? [0, 0] : times(at(`${name}.cell`), cell),
        );
      const i = gate("inputGate", c).map(sigmoid);
      const f = gate("forgetGate", c).map(sigmoid);
      const z = gate("hidden", null).map(Math.tanh);
      c = plus(times(f, c), times(i, z));
      const o = gate("outputGate", c).map(sigmoid); // the peephole of the output gate sees the new cell
      h = times(o, c.map(Math.tanh));
      close(y, tensor([...h], double));
    }
  });
  test("without peepholes is FastLSTM, which is nn.LSTMCell", () => {
    const [plain, fast, cell] = [
      new LSTM(3, 2, { ...double, cell2gate: false }),
      new FastLSTM(3, 2, double),
      new nn.LSTMCell(3, 2, double),
    ];
    const part = (name: string, i: number) => fast.getParameter(name).narrow(0, 2 * i, 2);
    noGrad(() => {
      for (const [i, name] of ["inputGate", "hidden", "forgetGate", "outputGate"].entries()) {
        plain.getParameter(`${name}.input.weight`).copy_(part("i2g.weight", i));
        plain.getParameter(`${name}.input.bias`).copy_(part("i2g.bias", i));
        plain.getParameter(`${name}.output.weight`).copy_(part("o2g.weight", i));
        // PyTorch's order is i, f, z, o
        const to = [0, 2, 1, 3][i] * 2;
        cell.weightIh.narrow(0, to, 2).copy_(part("i2g.weight", i));
        cell.biasIh?.narrow(0, to, 2).copy_(part("i2g.bias", i));
        cell.weightHh.narrow(0, to, 2).copy_(part("o2g.weight", i));
      }
      cell.biasHh?.zero_();
    });
    expect([...plain.parameters()].length).toBe(12);
    let state: [Tensor, Tensor] | null = null;
    for (let step = 0; step < 4; step++) {
      const x = random(5, 3);
      state = cell.forward(x, state);
      close(plain.forward(x), state[0]);
      close(fast.forward(x), state[0]);
    }
  });
  test("parts are replaced by overriding their builders", () => {
    class Open extends nn.Module {
      forward([, h]: readonly [Tensor, Tensor, Tensor]): Tensor {
        return h.mul(0).add(1);
      }
    }
    class Never extends LSTM {
      protected override buildForgetGate(): GateModule {
        return new Open();
      }
      protected override buildInputGate(): GateModule {
        return new Open();
      }
    }
    const lstm = new Never(1, 1);
    const cell = (): number => Number((lstm.getHiddenState() as readonly Tensor[])[1].item());
    let before = 0;
    const z = [0, 1].map(() => {
      lstm.forward(tensor([[1]]));
      const added = cell() - before;
      before = cell();
      return added;
    });
    for (const each of z) expect(Math.abs(each)).toBeLessThan(1); // c' = c + tanh(...)
    expect([...lstm.parameters()].length).toBe(3 + 4);
  });
  test("gradients", () => {
    for (const lstm of [new LSTM(2, 3, double), new FastLSTM(2, 3, double), new GRU(2, 3, double)]) {
      const parameters = [...lstm.parameters()];
      const run = (a: Tensor, b: Tensor) => {
        lstm.forget();
        return lstm.forward(a).add(lstm.forward(b));
      };
      expect(gradcheck(run, [leaf(2, 2), leaf(2, 2), ...parameters])).toBe(true);
    }
  });
  test("what is wrong is said", () => {
    expect(() => new LSTM(0, 2)).toThrow("LSTM: inputSize must be a positive integer, got 0");
    expect(() => new LSTM(2, 2, { p: 1 })).toThrow("p must be a probability in [0, 1), got 1");
    expect(() => new LSTM(2, 2).forward(randn([4, 3]))).toThrow("expected input [N, 2] or [2], got [4,3]");
    expect(() => new GRU(2, 2, { rho: 0 })).toThrow("rho must be a positive integer");
  });
});

describe("dropout inside", () => {
  test("is drawn once for a sequence, and not in evaluation", () => {
    for (const rnn of [new LSTM(40, 30, { p: 0.5 }), new FastLSTM(40, 30, { p: 0.5 }), new GRU(40, 30, { p: 0.5 })]) {
      const x = randn([2, 40]);
      const first = () => rnn.forget().forward(x).detach();
      const [a, b] = [first(), first()];
      expect(a.equal(b)).toBe(false); // drawn anew
      const later = rnn.forget() && [rnn.forward(x), rnn.forward(x)];
      rnn.setHiddenState(rnn instanceof GRU ? [randn([2, 30]).mul(0)] : [randn([2, 30]).mul(0), randn([2, 30]).mul(0)]);
      close(rnn.forward(x), later[0], 1e-6); // with the masks of the sequence's first step
      rnn.eval();
      expect(first().equal(first())).toBe(true);
    }
  });
  test("mono draws once for all examples, so that trimming changes nothing", () => {
    const gru = new GRU(4, 3, { p: 0.5, mono: true, dtype: "float64" }).trimZero(1);
    const x = random(1, 4).expand([3, 4]).clone();
    const y = gru.forward(x);
    close(y.at(0), y.at(2));
    gru.setHiddenState([y.mul(0)]);
    const trimmed = gru.forward(x.mul(tensor([[1], [0], [1]], double)));
    close(trimmed, y.mul(tensor([[1], [0], [1]], double)));
  });
});

describe("FastLSTM with batch normalization", () => {
  test("normalizes both sums and the cell, as the paper has it", () => {
    const lstm = new FastLSTM(3, 2, { ...double, bn: true, eps: 1e-3 });
    const norm = (x: Tensor): Tensor => {
      const [mean, variance] = [x.mean(0), x.sub(x.mean(0)).square().mean(0)];
      return x.sub(mean).div(variance.add(1e-3).sqrt()).mul(0.1);
    };
    let [h, c] = [random(5, 2).mul(0), random(5, 2).mul(0)];
    for (let step = 0; step < 2; step++) {
      const x = random(5, 3);
      const y = lstm.forward(x);
      const sums = norm(lstm.i2g.forward(x)).add(norm(lstm.o2g.forward(h)), { alpha: 1 });
      const [i, z, f, o] = sums.add(lstm.bias as Tensor).chunk(4, -1);
      c = f.sigmoid().mul(c).add(i.sigmoid().mul(z.tanh()));
      h = o.sigmoid().mul(norm(c).tanh());
      close(y, h);
    }
    const run = (a: Tensor, b: Tensor) => {
      lstm.forget();
      return lstm.forward(a).add(lstm.forward(b));
    };
    expect(gradcheck(run, [leaf(3, 3), leaf(3, 3), ...lstm.parameters()])).toBe(true);
    lstm.forget().eval().forward(random(5, 3)); // by running statistics
    expect(lstm.bnInput?.runningMean?.any().item()).toBe(1);
    expect(new FastLSTM(3, 2, { bn: true, affine: false }).bnCell?.weight).toBeNull();
  });
});

describe("GRU", () => {
  test("is the README's formula", () => {
    const gru = new GRU(3, 2, double);
    const w = values(gru);
    let s: Vector = [0, 0];
    for (let step = 0; step < 3; step++) {
      const x = random(3);
      const y = gru.forward(x);
      const gates = plus(product(w.get("i2g.weight"), rows(x)), w.get("i2g.bias"), product(w.get("o2g.weight"), s)).map(
        sigmoid,
      );
      const [r, z] = [gates.slice(0, 2), gates.slice(2)];
      const h = plus(
        product(w.get("i2h.weight"), rows(x)),
        w.get("i2h.bias"),
        product(w.get("o2h.weight"), times(r, s)),
      ).map(Math.tanh);
      s = h.map((each, i) => (1 - z[i]) * each + z[i] * s[i]);
      close(y, tensor([...s], double));
    }
  });
});

describe("MuFuRu", () => {
  test("is a mean of its operations, weighted by a softmax over them", () => {
    const unit = new MuFuRu(3, 2, double);
    expect(unit.ops).toEqual(["keep", "replace", "mul", "diff", "forget", "sqrt_diff", "max", "min"]);
    const w = values(unit);
    const operations = [
      (s: number) => s,
      (_: number, v: number) => v,
      (s: number, v: number) => s * v,
      (s: number, v: number) => s - v,
      () => 0,
      (s: number, v: number) => 0.25 * Math.sqrt(Math.abs(s - v)),
      Math.max,
      Math.min,
    ];
    let s: Vector = [0, 0];
    for (let step = 0; step < 3; step++) {
      const x = random(3);
      const y = unit.forward(x);
      const r = plus(
        product(w.get("resetInput.weight"), rows(x)),
        w.get("resetInput.bias"),
        product(w.get("resetState.weight"), s),
        w.get("resetState.bias"),
      ).map(sigmoid);
      const v = plus(product(w.get("feature.weight"), [...rows(x), ...times(r, s)]), w.get("feature.bias")).map(
        Math.tanh,
      );
      const p = plus(product(w.get("weights.weight"), [...rows(x), ...s]), w.get("weights.bias")).map(Math.exp);
      s = s.map((before, i) => {
        const shares = operations.map((_, j) => p[2 * j + i]);
        const whole = shares.reduce((a, b) => a + b);
        return operations.reduce((sum, op, j) => sum + (shares[j] / whole) * op(before, v[i]), 0);
      });
      close(y, tensor([...s], double));
    }
  });
  test("gradients, and a choice of operations", () => {
    const unit = new MuFuRu(2, 3, { ...double, ops: ["keep", "replace", "diff", "max"] });
    const run = (a: Tensor, b: Tensor) => {
      unit.forget();
      unit.forward(a);
      return unit.forward(b);
    };
    expect(gradcheck(run, [leaf(2, 2), leaf(2, 2), ...unit.parameters()])).toBe(true);
    expect(String(unit)).toContain("{ keep replace diff max }");
    expect(() => new MuFuRu(2, 3, { ops: [] })).toThrow("ops must name an operation");
    expect(() => new MuFuRu(2, 3, { ops: ["add" as never] })).toThrow("the option ops is");
  });
});

test("all of them learn to tell the first of five inputs", () => {
  for (const make of [() => new LSTM(1, 8), () => new FastLSTM(1, 8), () => new GRU(1, 8), () => new MuFuRu(1, 8)]) {
    manualSeed(5);
    const rnn: AbstractRecurrent = make();
    const head = new nn.Linear(8, 1);
    const sequencer = new Sequencer(rnn);
    const adam = new optim.Adam([...rnn.parameters(), ...head.parameters()], { lr: 0.03 });
    let loss = 0;
    for (let step = 0; step < 120; step++) {
      const x = randn([5, 32, 1]);
      const error = head.forward(sequencer.forward(x).at(4)).sub(x.at(0)).square().mean();
      adam.zeroGrad();
      error.backward();
      adam.step();
      loss = error.item() as number;
    }
    expect(loss, rnn.constructor.name).toBeLessThan(0.35); // 1 is the variance of what is to be told
  }
});
