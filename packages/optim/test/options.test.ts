import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { ArgumentError, noGrad, registerBackend, type Tensor, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as optim from "../src/index.ts";

const { lrScheduler } = optim;

registerBackend(cpuWasm({ threads: 1 }));

const leaf = () => zeros([2, 2], { requiresGrad: true });
/** An argument that the types refuse. */
const wrong = (x: unknown) => x as never;

describe("options are given by name", () => {
  const sgd = () => new optim.SGD([leaf()]);
  it.each<[string, () => unknown]>([
    ["SGD: options are given by name, got 0.1\n  hint: write { lr: 0.1 }", () => new optim.SGD([leaf()], wrong(0.1))],
    [
      "AdamW: options are given by name, got 0.1\n  hint: write { lr: 0.1 }",
      () => new optim.AdamW([leaf()], wrong(0.1)),
    ],
    [
      "zeroGrad: options are given by name, got false\n  hint: write { setToNone: false }",
      () => sgd().zeroGrad(wrong(false)),
    ],
    [
      "StepLR: options are given by name, got 0.5\n  hint: write { gamma: 0.5 }",
      () => new lrScheduler.StepLR(sgd(), 3, wrong(0.5)),
    ],
    [
      "OneCycleLR: options are given by name, got 100\n  hint: write { totalSteps: 100 }",
      () => new lrScheduler.OneCycleLR(sgd(), 1, wrong(100)),
    ],
    [
      'ReduceLROnPlateau: options are given by name, got "max"\n  hint: write { mode: "max" }',
      () => new lrScheduler.ReduceLROnPlateau(sgd(), wrong("max")),
    ],
    [
      "clipGradNorm_: options are given by name, got Infinity\n  hint: write { normType: Infinity }",
      () => optim.clipGradNorm_([], 1, wrong(Infinity)),
    ],
  ])("%s", (message, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
  });
});

describe("parameter groups are read like options", () => {
  it("and keep the defaults for what is missing or undefined", () => {
    const optimizer = new optim.SGD(
      [
        { params: [leaf()], lr: undefined, momentum: 0.5 },
        { params: [leaf()], lr: 1 },
      ],
      {
        lr: 0.1,
        momentum: undefined,
      },
    );
    expect(optimizer.defaults).toMatchObject({ lr: 0.1, momentum: 0 });
    expect(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).toEqual([
      [0.1, 0.5],
      [1, 0],
    ]);
  });
  it.each<[string, object]>([
    ['SGD: there is no option "weight_decay"\n  hint: did you mean weightDecay?', { params: [], weight_decay: 0 }],
    ['SGD: there is no option "param"\n  hint: did you mean params?', { param: [] }],
    ['SGD: the option lr is a number, got "0.1"', { params: [], lr: "0.1" }],
    ["SGD: the option params is an iterable, got 3", { params: 3 }],
    ["SGD: lr must be at least 0, got -1", { params: [], lr: -1 }],
    ["SGD: a parameter group needs params", { lr: 0.1 }],
  ])("and refuse: %s", (message, group) => {
    const call = () => new optim.SGD(wrong([group]));
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(message);
    expect(() => new optim.SGD([leaf()]).addParamGroup(wrong(group))).toThrow(message);
  });
  it("and take those of another optimizer, with the base rates of its schedules", () => {
    const optimizer = new optim.SGD([leaf()], { lr: 1 });
    new lrScheduler.StepLR(optimizer, 1).step();
    const again = new optim.SGD(optimizer.paramGroups);
    expect(again.paramGroups).toMatchObject([{ lr: 0.1, initialLr: 1 }]);
  });
});

it("AdamW decays apart from the gradient, and nothing changes that but another optimizer", () => {
  expect(new optim.AdamW([leaf()], { weightDecay: undefined }).defaults).toMatchObject({
    weightDecay: 0.01,
    decoupledWeightDecay: true,
  });
  expect(() => new optim.AdamW([leaf()], wrong({ decoupledWeightDecay: false }))).toThrow(
    'AdamW: there is no option "decoupledWeightDecay"',
  );
});

describe("an optimizer of one's own", () => {
  class SignDescent extends optim.FirstOrderOptimizer<{ lr: number }> {
    protected check() {}
    protected update(p: Tensor, grad: Tensor, { lr }: { lr: number }) {
      p.sub_(grad.sign(), { alpha: lr });
    }
  }
  it("needs no kinds: its groups take the options that have a default", () => {
    const p = tensor([1, -2], { requiresGrad: true });
    const optimizer = new SignDescent([{ params: [p], lr: 0.25 }], { lr: 1 });
    p.grad = noGrad(() => p.mul(2));
    optimizer.step();
    expect(p.tolist()).toEqual([0.75, -1.75]);
    expect(() => optimizer.addParamGroup(wrong({ params: [leaf()], rate: 1 }))).toThrow(
      'SignDescent: there is no option "rate"',
    );
  });
});

it("undefined is the default in schedules", () => {
  const optimizer = new optim.SGD([leaf()], { lr: 1 });
  const plateau = new lrScheduler.ReduceLROnPlateau(optimizer, { factor: undefined, patience: 0, minLr: undefined });
  plateau.step(1);
  plateau.step(1);
  expect(optimizer.paramGroups[0].lr).toBe(0.1);
  new lrScheduler.ExponentialLR(optimizer, 0.5);
  new lrScheduler.StepLR(optimizer, 1, { gamma: undefined }).step();
  expect(optimizer.paramGroups[0].lr).toBeCloseTo(0.01);
});
