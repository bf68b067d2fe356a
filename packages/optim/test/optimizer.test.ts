import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  FormatError,
  memory,
  noGrad,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor";
import { dispatch } from "@flambeau/tensor/plugin";
import { describe, expect, it } from "vitest";
import type { Optimizer } from "../src/index.ts";
import * as optim from "../src/index.ts";
import { optimOps } from "../src/ops.ts";

registerBackend(cpuWasm({ threads: 1 }));

const matrix = () =>
  tensor(
    [
      [0.5, -1.5, 2],
      [-0.25, 0.75, 1],
    ],
    { requiresGrad: true },
  );
const vector = () => tensor([1, -2], { requiresGrad: true });

const makers: Record<string, (params: Tensor[]) => Optimizer<object>> = {
  "SGD with momentum": (p) => new optim.SGD(p, { lr: 0.01, momentum: 0.9, nesterov: true }),
  Adam: (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p),
  Adafactor: (p) => new optim.Adafactor(p, { lr: 0.1 }),
  Adagrad: (p) => new optim.Adagrad(p, { lrDecay: 0.1, initialAccumulatorValue: 0.1 }),
  Adamax: (p) => new optim.Adamax(p),
  "ASGD while averaging": (p) => new optim.ASGD(p, { t0: 1 }),
  LBFGS: (p) => new optim.LBFGS(p, { lr: 0.1, maxIter: 3, historySize: 4 }),
  "LBFGS with line search": (p) => new optim.LBFGS(p, { maxIter: 2, historySize: 2, lineSearchFn: "strongWolfe" }),
  Muon: (p) => new optim.Muon(p.slice(0, 1), { adjustLrFn: "matchRmsAdamw" }),
  NAdam: (p) => new optim.NAdam(p),
  RAdam: (p) => new optim.RAdam(p, { betas: [0.9, 0.9] }),
  "RMSprop centered with momentum": (p) => new optim.RMSprop(p, { centered: true, momentum: 0.5 }),
  Rprop: (p) => new optim.Rprop(p),
};

const values = (params: readonly Tensor[]) => params.map((p) => p.tolist());
/** Steps down sum(p^4 / 4 + p), whose gradient is written by hand: p^3 + 1. */
function train(optimizer: Optimizer<object>, params: readonly Tensor[], steps: number): void {
  for (let i = 0; i < steps; i++)
    optimizer.step(() =>
      noGrad(() => {
        optimizer.zeroGrad();
        for (const p of params) p.grad = p.mul(p).mul(p).add(1);
        return params.map((p) => p.square().square().div(4).add(p).sum()).reduce((a, b) => a.add(b));
      }),
    );
}

describe("a resumed run goes on bit by bit", () => {
  it.each(Object.entries(makers))("%s", (_, make) => {
    const straight = [matrix(), vector()];
    train(make(straight), straight, 7);

    const params = [matrix(), vector()];
    const first = make(params);
    train(first, params, 3);
    const saved = first.stateDict();
    const copies = params.map((p) => {
      const copy = p.detach().clone();
      copy.requiresGrad = true;
      return copy;
    });
    const second = make(copies);
    second.loadStateDict(saved);
    expect(Object.keys(saved.state).length).toBeGreaterThan(0);
    train(first, params, 1); // what was loaded is a copy: going on with the first run does not reach the second
    train(second, copies, 4);
    expect(values(copies)).toEqual(values(straight));
  });
});

describe("a step that takes several parameters", () => {
  it.each([
    ["SGD", (p: Tensor[]) => new optim.SGD(p, { lr: 0.01, momentum: 0.9, weightDecay: 0.1 })],
    ["Adam", (p: Tensor[]) => new optim.Adam(p, { lr: 0.1, amsgrad: true, weightDecay: 0.1 })],
  ] as const)("%s: is that of each one, by whatever path the device takes it", (_, make) => {
    // float32 in one call, float64 and strided ones in ops
    const params = () => {
      const strided = matrix().detach().t();
      const wide = tensor([0.1, -0.2], { dtype: "float64", requiresGrad: true });
      strided.requiresGrad = true;
      return [vector(), wide, vector(), matrix(), strided, matrix()];
    };
    const [together, apart] = [params(), params()];
    train(make(together), together, 3);
    for (const p of apart) train(make([p]), [p], 3);
    expect(values(together)).toEqual(values(apart));
  });
  it("is an op whose decomposition gives the same", () => {
    const { adamStep } = optimOps;
    const attrs = {
      step: 2,
      lr: 0.1,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0.1,
      amsgrad: false,
      maximize: true,
      decoupledWeightDecay: true,
    } as const;
    const inputs = () => [3, -1, 0.5, -0.5, 0.1, 0.2, 1, 1].map((v) => tensor([v, 2 * v]));
    const [written, decomposed] = noGrad(() => [
      dispatch(adamStep, inputs(), attrs),
      adamStep.decompose?.(inputs(), attrs) as readonly Tensor[],
    ]);
    expect(written.length).toBe(6);
    for (const [i, t] of written.entries())
      for (const [k, v] of [...t.dataSync()].entries())
        expect(Number(v)).toBeCloseTo(Number(decomposed[i].dataSync()[k]), 6);
  });
});

describe("options out of range are refused", () => {
  const p = () => [matrix()];
  it.each<[string, () => unknown]>([
    ["Adadelta: lr must be at least 0, got -1", () => new optim.Adadelta(p(), { lr: -1 })],
    ["Adadelta: rho must be between 0 and 1, got 1.1", () => new optim.Adadelta(p(), { rho: 1.1 })],
    ["Adafactor: beta2Decay must be at most 0, got 0.8", () => new optim.Adafactor(p(), { beta2Decay: 0.8 })],
    ["Adafactor: d must be at least 1, got 0.5", () => new optim.Adafactor(p(), { d: 0.5 })],
    ["Adafactor: eps[1] must be at least 0, got -1", () => new optim.Adafactor(p(), { eps: [null, -1] })],
    ["Adagrad: lrDecay must be at least 0, got -0.5", () => new optim.Adagrad(p(), { lrDecay: -0.5 })],
    [
      "Adagrad: initialAccumulatorValue must be at least 0, got -1",
      () => new optim.Adagrad(p(), { initialAccumulatorValue: -1 }),
    ],
    ["Adamax: betas must be in [0, 1), got [0, 1]", () => new optim.Adamax(p(), { betas: [0, 1] })],
    ["ASGD: weightDecay must be at least 0, got -0.5", () => new optim.ASGD(p(), { weightDecay: -0.5 })],
    ["NAdam: momentumDecay must be at least 0, got -0.2", () => new optim.NAdam(p(), { momentumDecay: -0.2 })],
    ["RAdam: betas must be in [0, 1), got [1, 0]", () => new optim.RAdam(p(), { betas: [1, 0] })],
    ["RMSprop: momentum must be at least 0, got -1", () => new optim.RMSprop(p(), { momentum: -1 })],
    ["RMSprop: eps must be at least 0, got NaN", () => new optim.RMSprop(p(), { eps: Number.NaN })],
    [
      "Rprop: etas must satisfy 0 < etas[0] < 1 < etas[1], got [1, 0.5]",
      () => new optim.Rprop(p(), { etas: [1, 0.5] }),
    ],
    ["LBFGS: maxIter must be a whole number of at least 1, got 0", () => new optim.LBFGS(p(), { maxIter: 0 })],
    [
      'LBFGS: the option lineSearchFn is "strongWolfe" or null, got "armijo"',
      // @ts-expect-error the types refuse it too
      () => new optim.LBFGS(p(), { lineSearchFn: "armijo" }),
    ],
    [
      "LBFGS: takes one parameter group",
      () => new optim.LBFGS([{ params: [matrix()] }, { params: [matrix()], lr: 0.5 }]),
    ],
    ["LBFGS: step needs a closure", () => new optim.LBFGS(p()).step()],
    ["Muon: only matrices can be optimized, got a parameter of shape [2]", () => new optim.Muon([vector()])],
    ["Muon: nsSteps must be less than 100, got 100", () => new optim.Muon(p(), { nsSteps: 100 })],
    ["SGD: got no parameters", () => new optim.SGD([])],
  ])("%s", (message, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });
});

describe("a state dict that does not fit", () => {
  it("is refused and changes nothing", () => {
    const params = [matrix()];
    const optimizer = new optim.Adafactor(params);
    train(optimizer, params, 1);
    const before = optimizer.stateDict();
    const wrong = { ...before, state: { "0": { step: 1, rowVar: tensor([1, 2, 3]) } } };
    expect(() => optimizer.loadStateDict(wrong)).toThrow(FormatError);
    expect(() => optimizer.loadStateDict(wrong)).toThrow('"rowVar" of parameter 0 has shape [3], expected [2,1]');
    expect(optimizer.stateDict()).toEqual(before);
  });
  it("names entries inside lists", () => {
    const optimizer = new optim.LBFGS([matrix()]);
    const wrong = { ...optimizer.stateDict(), state: { "0": { oldDirs: [tensor([1, 2])] } } };
    expect(() => optimizer.loadStateDict(wrong)).toThrow('"oldDirs" of parameter 0 has shape [2], expected [6]');
  });
  it("leaves no older state behind", () => {
    const params = [vector()];
    const optimizer = new optim.Adam(params);
    const fresh = optimizer.stateDict();
    train(optimizer, params, 2);
    optimizer.loadStateDict(fresh);
    expect(optimizer.stateDict().state).toEqual({});
  });
});

it("LBFGS keeps no more than its history, direction and gradient", () => {
  const params = [matrix(), vector()];
  const optimizer = new optim.LBFGS(params, { maxIter: 3, historySize: 2, lineSearchFn: "strongWolfe" });
  const living = () => memory().cpu.tensors;
  tidy(() => train(optimizer, params, 3));
  const before = living();
  tidy(() => train(optimizer, params, 3));
  expect(living()).toBe(before);
  expect(optimizer.stateDict().state["0"].oldDirs).toHaveLength(2);
});
