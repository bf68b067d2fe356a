import { readFileSync } from "node:fs";
import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { AdamW, lrScheduler, SGD } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const figures: Record<string, [lr: number, momentum: number][]> = JSON.parse(
  readFileSync(new URL("./figures/schedulers.json", import.meta.url), "utf8"),
);
const { StepLR, MultiStepLR, ExponentialLR, LinearLR, LambdaLR, CosineAnnealingLR, OneCycleLR } = lrScheduler;
const { MultiplicativeLR, ConstantLR, PolynomialLR, CosineAnnealingWarmRestarts, CyclicLR, SWALR } = lrScheduler;
const { ChainedScheduler, SequentialLR, ReduceLROnPlateau } = lrScheduler;
const parameter = () => [zeros([1], { requiresGrad: true })];
const sgd = (momentum = 0) => new SGD(parameter(), { lr: 0.1, momentum });

const makers = {
  StepLR: () => of(sgd(), (o) => new StepLR(o, 3, { gamma: 0.5 })),
  MultiStepLR: () => of(sgd(), (o) => new MultiStepLR(o, [2, 5, 5, 11], { gamma: 0.3 })),
  ExponentialLR: () => of(sgd(), (o) => new ExponentialLR(o, 0.9)),
  LinearLR: () => of(sgd(), (o) => new LinearLR(o, { startFactor: 0.25, totalIters: 6 })),
  LambdaLR: () => of(sgd(), (o) => new LambdaLR(o, (t) => 1 / (1 + t))),
  CosineAnnealingLR: () => of(sgd(), (o) => new CosineAnnealingLR(o, 7, { etaMin: 0.01 })),
  OneCycleLR: () => of(sgd(0.9), (o) => new OneCycleLR(o, 0.5, { totalSteps: 20 })),
  "OneCycleLR three phases": () =>
    of(
      new AdamW(parameter(), { lr: 0.1 }),
      (o) => new OneCycleLR(o, 0.5, { totalSteps: 20, threePhase: true, annealStrategy: "linear" }),
    ),
  MultiplicativeLR: () => of(sgd(), (o) => new MultiplicativeLR(o, (t) => 1 - 0.01 * t)),
  ConstantLR: () => of(sgd(), (o) => new ConstantLR(o, { factor: 0.5, totalIters: 4 })),
  PolynomialLR: () => of(sgd(), (o) => new PolynomialLR(o, { totalIters: 12, power: 2 })),
  CosineAnnealingWarmRestarts: () =>
    of(sgd(), (o) => new CosineAnnealingWarmRestarts(o, 3, { tMult: 2, etaMin: 0.01 })),
  "CosineAnnealingWarmRestarts equal": () => of(sgd(), (o) => new CosineAnnealingWarmRestarts(o, 4)),
  CyclicLR: () => of(sgd(0.5), (o) => new CyclicLR(o, 0.01, 0.2, { stepSizeUp: 3, stepSizeDown: 4 })),
  "CyclicLR triangular2": () =>
    of(new AdamW(parameter(), { lr: 0.1 }), (o) => new CyclicLR(o, 0.01, 0.2, { stepSizeUp: 3, mode: "triangular2" })),
  "CyclicLR exp_range": () =>
    of(sgd(), (o) => new CyclicLR(o, 0.01, 0.2, { stepSizeUp: 3, mode: "expRange", gamma: 0.9, cycleMomentum: false })),
  "CyclicLR scale_fn": () =>
    of(
      sgd(0.5),
      (o) => new CyclicLR(o, 0.01, 0.2, { stepSizeUp: 3, scaleFn: (x) => 1 / (1 + x), scaleMode: "iterations" }),
    ),
  ChainedScheduler: () =>
    of(
      sgd(),
      (o) => new ChainedScheduler([new ConstantLR(o, { factor: 0.1, totalIters: 4 }), new ExponentialLR(o, 0.9)], o),
    ),
  SequentialLR: () =>
    of(sgd(), (o) => {
      const first = new LinearLR(o, { startFactor: 0.1, totalIters: 4 });
      return new SequentialLR(o, [first, new StepLR(o, 2, { gamma: 0.5 }), new CosineAnnealingLR(o, 5)], [5, 11]);
    }),
  "SequentialLR factors": () =>
    of(sgd(), (o) => {
      const first = new ConstantLR(o, { factor: 0.5, totalIters: 3 });
      const last = [new MultiplicativeLR(o, () => 0.95), new PolynomialLR(o, { totalIters: 6 })];
      return new SequentialLR(o, [first, ...last], [4, 9]);
    }),
  SWALR: () => of(sgd(), (o) => new SWALR(o, 0.02, { annealEpochs: 6 })),
  "SWALR linear": () => of(sgd(), (o) => new SWALR(o, 0.02, { annealEpochs: 6, annealStrategy: "linear" })),
  "SWALR at once": () => of(sgd(), (o) => new SWALR(o, 0.02, { annealEpochs: 0 })),
};
function of<O extends lrScheduler.Scheduled>(optimizer: O, make: (o: O) => lrScheduler.LRScheduler) {
  return { group: optimizer.paramGroups[0], scheduler: make(optimizer) };
}

describe("schedulers set PyTorch's rates", () => {
  it.each(Object.entries(makers))("%s", (name, make) => {
    const { group, scheduler } = make();
    figures[name].forEach(([lr, momentum], step) => {
      expect(group.lr, `rate at step ${step}`).toBeCloseTo(lr, 10);
      if (/^(One|Cyclic)/.test(name))
        expect(group.momentum ?? group.betas?.[0], `momentum at step ${step}`).toBeCloseTo(momentum, 10);
      if (step < 19) scheduler.step();
    });
  });

  it("a one-cycle schedule refuses steps beyond its end", () => {
    const { scheduler } = makers.OneCycleLR();
    for (let i = 0; i < 20; i++) scheduler.step(); // PyTorch allows the one after the last batch
    expect(() => scheduler.step()).toThrow("OneCycleLR: step 21 is beyond the cycle of 20 steps");
  });

  it.each(Object.entries(makers))("%s goes on from a saved state", (_, make) => {
    const first = make();
    const second = make();
    for (let i = 0; i < 7; i++) first.scheduler.step();
    second.scheduler.loadStateDict(first.scheduler.stateDict());
    for (let i = 0; i < 7; i++) {
      first.scheduler.step();
      second.scheduler.step();
      expect(second.group.lr).toBe(first.group.lr);
    }
  });

  const metrics = {
    ReduceLROnPlateau: {
      options: { factor: 0.5, patience: 1, cooldown: 2, minLr: 0.01 },
      metric: (t: number) => [5, 4, 4, 4, 4, 3, 3, 3, 3, 3][t % 10],
    },
    "ReduceLROnPlateau max": {
      options: { mode: "max", factor: 0.2, patience: 2, threshold: 0.5, thresholdMode: "abs" },
      metric: (t: number) => t * 0.2,
    },
  } as const;
  it.each(Object.entries(metrics))("%s, also resumed in between", (name, { options, metric }) => {
    const optimizer = sgd();
    let scheduler = new ReduceLROnPlateau(optimizer, options);
    figures[name].forEach(([lr], step) => {
      expect(optimizer.paramGroups[0].lr, `rate at step ${step}`).toBeCloseTo(lr, 10);
      scheduler.step(metric(step));
      const saved = scheduler.stateDict();
      scheduler = new ReduceLROnPlateau(optimizer, options);
      scheduler.loadStateDict(saved);
    });
  });

  it.each<[string, () => unknown]>([
    ["ConstantLR: factor must be between 0 and 1, got 2", () => new ConstantLR(sgd(), { factor: 2 })],
    [
      "CosineAnnealingWarmRestarts: t0 must be a whole number of at least 1, got 0",
      () => new CosineAnnealingWarmRestarts(sgd(), 0),
    ],
    ["CyclicLR: maxLr has 2 values for 1 parameter groups", () => new CyclicLR(sgd(0.9), 0.1, [1, 2])],
    ["ReduceLROnPlateau: factor must be less than 1, got 1", () => new ReduceLROnPlateau(sgd(), { factor: 1 })],
    ["ChainedScheduler: needs at least one scheduler", () => new ChainedScheduler([], sgd())],
    [
      "ChainedScheduler: scheduler 0 belongs to another optimizer",
      () => new ChainedScheduler([new ExponentialLR(sgd(), 0.9)], sgd()),
    ],
    [
      "SequentialLR: 1 schedulers need 0 milestones, got 1",
      () => of(sgd(), (o) => new SequentialLR(o, [new ExponentialLR(o, 0.9)], [3])),
    ],
    [
      "SWALR: annealEpochs must be a whole number of at least 0, got -1",
      () => new SWALR(sgd(), 1, { annealEpochs: -1 }),
    ],
  ])("%s", (message, make) => {
    expect(make).toThrow(message);
  });
});
