import {
  type Compiled,
  compile,
  IndexError,
  isTensor,
  losses,
  manualSeed,
  memory,
  nn,
  ones,
  optim,
  randn,
  reclaim,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { expect, test, vi } from "vitest";

type Make = (params: Iterable<Tensor>) => optim.FirstOrderOptimizer<{ lr: number }>;
const optimizers: { readonly [name: string]: Make } = {
  Adam: (params) => new optim.Adam(params, { lr: 1e-2 }),
  // the others' steps are in ops, whose numbers are the options' and the counts'
  Adadelta: (params) => new optim.Adadelta(params, { lr: 0.5 }),
  Adagrad: (params) => new optim.Adagrad(params, { lr: 0.05, lrDecay: 0.01 }),
  Adamax: (params) => new optim.Adamax(params, { lr: 1e-2 }),
  ASGD: (params) => new optim.ASGD(params, { lr: 0.05, t0: 60 }),
  NAdam: (params) => new optim.NAdam(params, { lr: 1e-2 }),
  RAdam: (params) => new optim.RAdam(params, { lr: 1e-2 }),
  RMSprop: (params) => new optim.RMSprop(params, { lr: 1e-2, momentum: 0.5 }),
  Rprop: (params) => new optim.Rprop(params, { lr: 1e-2 }),
};

/** A step of a small model, and how often the function itself ran. */
function training(make: Make = optimizers.Adam) {
  manualSeed(5);
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 3));
  const optimizer = make(model.parameters());
  const seen = { runs: 0 };
  const step = (x: Tensor, y: Tensor): Tensor => {
    seen.runs++;
    optimizer.zeroGrad();
    const loss = losses.crossEntropy(model.forward(x), y);
    loss.backward();
    optim.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return loss;
  };
  return { model, optimizer, step, seen };
}
type Step = (x: Tensor, y: Tensor) => Tensor;
const batch = (call: number): [Tensor, Tensor] => {
  manualSeed(100 + call);
  return [randn([6, 4]), tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" })];
};

test.each(Object.keys(optimizers))(
  "a step of %s without its JavaScript: a rate that changes, counts, gradients",
  (name) => {
    const run = (wrap: (step: Step) => Step) => {
      const { model, optimizer, step, seen } = training(optimizers[name]);
      const wrapped = wrap(step);
      const scheduler = new optim.lrScheduler.StepLR(optimizer, 7, { gamma: 0.5 });
      const values: number[] = [];
      let held = 0;
      for (let call = 0; call < 200; call++) {
        tidy(() => {
          values.push(wrapped(...batch(call)).item() as number);
          scheduler.step();
        });
        // the plan of the second call keeps the gradient of the loss, a single number
        if (call <= 2) held = memory().cpu.tensors;
        expect(memory().cpu.tensors).toBe(held);
      }
      const grads = model.parameters().map((p) => p.grad?.tolist());
      const state = Object.values(optimizer.stateDict().state).map((s) =>
        Object.entries(s).map(([key, value]) => [key, isTensor(value) ? value.tolist() : value]),
      );
      return { values, grads, state, seen };
    };
    const eager = run((step) => step);
    let compiled = null as Compiled<Step> | null;
    const replayed = run((step) => (compiled = compile(step, { replay: true })));
    expect(replayed.values).toEqual(eager.values);
    expect(replayed.grads).toEqual(eager.grads);
    expect(replayed.state).toEqual(eager.state);
    expect(replayed.seen.runs).toBeLessThan(20);
    expect(compiled?.stats()).toMatchObject({ calls: 200, replays: 200 - replayed.seen.runs });
    expect(compiled?.explain()).toMatch(/replay: ready$/);
  },
);

test.each(["Adam", "NAdam"])("a state of %s that is loaded between steps is the one that is used", (name) => {
  const run = (wrap: (step: Step) => Step) => {
    const { optimizer, step, seen } = training(optimizers[name]);
    const wrapped = wrap(step);
    const values: number[] = [];
    const saved: optim.OptimizerState[] = [];
    for (let call = 0; call < 60; call++) {
      if (call === 10) saved.push(copyOf(optimizer.stateDict()));
      if (call === 25 || call === 40) optimizer.loadStateDict(saved[0]);
      values.push(tidy(() => wrapped(...batch(call)).item() as number));
    }
    return { values, seen };
  };
  const eager = run((step) => step);
  const replayed = run((step) => compile(step, { replay: true }));
  expect(replayed.values).toEqual(eager.values);
  expect(replayed.seen.runs).toBeLessThan(30);
});
/** What a state is now: its tensors go on being written. */
const copyOf = ({ state, paramGroups }: optim.OptimizerState): optim.OptimizerState => ({
  paramGroups,
  state: Object.fromEntries(
    Object.entries(state).map(([i, entries]) => [
      i,
      Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, isTensor(value) ? value.clone() : value])),
    ]),
  ),
});

test("nothing is left behind, and results are the caller's", () => {
  const w = ones([3]);
  const f = compile((x: Tensor) => ({ y: x.mul(w).add(1), parts: [x.sub(w).view([3, 1]), 4] as const, x }), {
    replay: true,
  });
  reclaim();
  const before = memory().cpu.tensors;
  for (let i = 0; i < 20; i++) {
    const x = tensor([i, 1, 2]);
    const { y, parts, x: same } = f(x);
    expect([y.tolist(), parts[0].tolist(), parts[1], same === x]).toEqual([
      [i + 1, 2, 3],
      [[i - 1], [0], [1]],
      4,
      true,
    ]);
    for (const t of [x, y, parts[0]]) t.dispose();
    expect(memory().cpu.tensors).toBe(before);
  }
  expect(f.stats().replays).toBeGreaterThan(10);
});

test.each<[string, () => (x: Tensor) => unknown]>([
  ["a read", () => (x) => x.sum().item()],
  [
    "numbers differ from call to call",
    () => {
      let n = 0;
      return (x) => x.mul(n++);
    },
  ],
  ["numbers differ from call to call", () => (x) => x.dropout(0.5)],
  [
    "a result has a graph",
    () => {
      const w = ones([2], { requiresGrad: true });
      return (x) => x.mul(w);
    },
  ],
  [
    "a step of Own",
    () => {
      class Own extends optim.FirstOrderOptimizer<{ lr: number }> {
        protected check(): void {}
        protected update(p: Tensor, grad: Tensor, { lr }: { lr: number }): void {
          p.sub_(grad, { alpha: lr });
        }
      }
      const w = ones([2], { requiresGrad: true });
      const optimizer = new Own([w], { lr: 0.1 });
      return (x) => {
        optimizer.zeroGrad();
        w.mul(x).sum().backward();
        optimizer.step();
      };
    },
  ],
  [
    "an argument is disposed of",
    () => (x) => {
      const y = x.add(1);
      x.dispose();
      return y;
    },
  ],
  [
    "memory()",
    () => (x) => {
      memory();
      return x.add(1);
    },
  ],
  [
    "what a call leaves behind stays",
    () => {
      const all: Tensor[] = [];
      const w = ones([2], { requiresGrad: true });
      return (x) => {
        w.grad = null;
        w.mul(x).sum().backward();
        all.push(w.grad as never);
      };
    },
  ],
])("the function runs at each call where there is %s", (why, make) => {
  const eager = make();
  const f = compile(make(), { replay: true });
  for (let i = 0; i < 8; i++)
    tidy(() => {
      manualSeed(i);
      const wanted = eager(tensor([1, 2]));
      manualSeed(i);
      const got = f(tensor([1, 2]));
      expect(String(got)).toBe(String(wanted));
    });
  expect(f.stats().replays).toBe(0);
  expect(f.explain()).toContain(why);
});

test("other arguments, other modes and memory that is gone are not replayed", () => {
  let w = ones([2]);
  const f = compile((x: Tensor, factor: number) => x.mul(w).mul(factor), { replay: true });
  const call = (x: number[], factor: number) => tidy(() => f(tensor(x), factor).tolist());
  for (let i = 0; i < 6; i++) expect(call([i, 1], 2)).toEqual([2 * i, 2]);
  expect(f.stats().replays).toBe(2);
  expect(call([1, 2], 3)).toEqual([3, 6]);
  expect(call([5], 3)).toEqual([15, 15]);
  for (let i = 0; i < 6; i++) expect(call([i, 1], 2)).toEqual([2 * i, 2]);
  w.dispose();
  w = tensor([2, 3]);
  expect(call([1, 1], 2)).toEqual([4, 6]);
});

test("every so often the function is run again, and given up where it does something else", () => {
  let isOther = false;
  const f = compile((x: Tensor) => (isOther ? x.mul(3) : x.mul(2)), { replay: true });
  const call = () => tidy(() => f(tensor([1])).item());
  for (let i = 0; i < 10; i++) expect(call()).toBe(2);
  isOther = true; // what such a function is not to do
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const values = Array.from({ length: 100 }, call);
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
  expect(values.indexOf(3)).toBeLessThan(66);
  expect(values.lastIndexOf(2)).toBe(values.indexOf(3) - 1);
  expect(f.explain()).toContain(
    "replay: given up, for the function did something else: numbers differ from call to call",
  );
});

test("errors of kernels leave what came before, and what was held before", () => {
  const w = zeros([1]);
  const embedding = new nn.Embedding(3, 2);
  const f = compile(
    (ids: Tensor) => {
      w.add_(1);
      const x = embedding.forward(ids).detach();
      w.add_(1);
      return x.mul(2);
    },
    { replay: true },
  );
  reclaim();
  const before = memory().cpu.tensors;
  const call = (...ids: number[]) => tidy(() => f(tensor(ids, { dtype: "int32" })).tolist());
  for (let i = 0; i < 8; i++) call(1, 2);
  expect(f.stats().replays).toBeGreaterThan(0);
  expect(w.item()).toBe(16);
  for (let i = 0; i < 3; i++) {
    expect(() => call(1, 3)).toThrow(IndexError);
    expect(w.item()).toBe(17 + i);
  }
  call(0, 1);
  expect(w.item()).toBe(21);
  expect(memory().cpu.tensors).toBe(before);
});
