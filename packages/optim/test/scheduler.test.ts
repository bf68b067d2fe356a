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
};
function of<O extends lrScheduler.Scheduled>(optimizer: O, make: (o: O) => lrScheduler.LRScheduler) {
  return { group: optimizer.paramGroups[0], scheduler: make(optimizer) };
}

describe("schedulers set PyTorch's rates", () => {
  it.each(Object.entries(makers))("%s", (name, make) => {
    const { group, scheduler } = make();
    figures[name].forEach(([lr, momentum], step) => {
      expect(group.lr, `rate at step ${step}`).toBeCloseTo(lr, 10);
      if (name.startsWith("One"))
        expect(group.momentum ?? group.betas?.[0], `momentum at step ${step}`).toBeCloseTo(momentum, 10);
      if (step < 19) scheduler.step();
    });
  });

  it("a one-cycle schedule refuses steps beyond its end", () => {
    const { scheduler } = makers.OneCycleLR();
    for (let i = 0; i < 20; i++) scheduler.step(); // PyTorch allows the one after the last batch
    expect(() => scheduler.step()).toThrow("OneCycleLR: step 21 is beyond the cycle of 20 steps");
  });

  it("goes on from a saved state", () => {
    const first = makers.CosineAnnealingLR();
    const second = makers.CosineAnnealingLR();
    for (let i = 0; i < 5; i++) first.scheduler.step();
    second.scheduler.loadStateDict(first.scheduler.stateDict());
    first.scheduler.step();
    second.scheduler.step();
    expect(second.group.lr).toBe(first.group.lr);
  });
});
