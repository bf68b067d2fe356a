import { readFileSync } from "node:fs";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { SGD, lrScheduler as s } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

// Rates of PyTorch's schedules over 40 steps, for one group and for two, and the state dicts behind them.

interface Case {
  readonly scheduler: string;
  readonly groups: number;
  readonly metrics: readonly number[] | null;
  readonly lr: readonly (readonly number[])[];
  readonly momentum: readonly (readonly number[])[] | null;
  readonly state: { readonly [key: string]: unknown };
}
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("./figures/torch-schedulers.json", import.meta.url), "utf8"),
);

type Schedule = s.LRScheduler | s.ReduceLROnPlateau;
const makers: { readonly [name: string]: (o: SGD) => Schedule } = {
  StepLR: (o) => new s.StepLR(o, 7, { gamma: 0.5 }),
  MultiStepLR: (o) => new s.MultiStepLR(o, [5, 12, 12, 30], { gamma: 0.3 }),
  ConstantLR: (o) => new s.ConstantLR(o, { factor: 0.2, totalIters: 6 }),
  LinearLR: (o) => new s.LinearLR(o, { startFactor: 0.1, endFactor: 1, totalIters: 10 }),
  ExponentialLR: (o) => new s.ExponentialLR(o, 0.9),
  PolynomialLR: (o) => new s.PolynomialLR(o, { totalIters: 20, power: 2 }),
  CosineAnnealingLR: (o) => new s.CosineAnnealingLR(o, 15, { etaMin: 0.01 }),
  CosineAnnealingWarmRestarts: (o) => new s.CosineAnnealingWarmRestarts(o, 5, { tMult: 2, etaMin: 0.001 }),
  CyclicLR: (o) =>
    new s.CyclicLR(o, 0.01, 0.1, {
      stepSizeUp: 4,
      stepSizeDown: 6,
      mode: "expRange",
      gamma: 0.95,
      cycleMomentum: true,
    }),
  CyclicLR_triangular2: (o) => new s.CyclicLR(o, 0.01, 0.1, { stepSizeUp: 5, mode: "triangular2" }),
  OneCycleLR: (o) => new s.OneCycleLR(o, 0.5, { totalSteps: 41 }),
  OneCycleLR_three_phase_linear: (o) =>
    new s.OneCycleLR(o, 0.5, { totalSteps: 41, annealStrategy: "linear", threePhase: true, divFactor: 10 }),
  LambdaLR: (o) => new s.LambdaLR(o, (e) => 0.95 ** e),
  MultiplicativeLR: (o) => new s.MultiplicativeLR(o, (e) => (e % 3 ? 0.9 : 1)),
  SequentialLR: (o) => {
    const first = new s.LinearLR(o, { startFactor: 0.1, endFactor: 1, totalIters: 5 });
    return new s.SequentialLR(o, [first, new s.ExponentialLR(o, 0.9), new s.CosineAnnealingLR(o, 10)], [5, 15]);
  },
  ChainedScheduler: (o) =>
    new s.ChainedScheduler([new s.ConstantLR(o, { factor: 0.1, totalIters: 4 }), new s.ExponentialLR(o, 0.95)]),
  ReduceLROnPlateau: (o) => new s.ReduceLROnPlateau(o, { factor: 0.5, patience: 2, cooldown: 1, minLr: 0.001 }),
  SWALR: (o) => new s.SWALR(o, 0.02, { annealEpochs: 8 }),
};
function optimizer(groups: number): SGD {
  const p = [zeros([1], { requiresGrad: true }), zeros([1], { requiresGrad: true })];
  const given = groups === 1 ? p : [{ params: p.slice(0, 1) }, { params: p.slice(1), lr: 0.03 }];
  return new SGD(given as never, { lr: 0.1, momentum: 0.9 });
}
function advance(o: SGD, schedule: Schedule, metric: number | undefined): void {
  o.step();
  if (schedule instanceof s.ReduceLROnPlateau)
    schedule.step(metric as number); // recorded for it
  else schedule.step();
}
/** `T_max` is tMax. */
const ours = (key: string) => key.replace(/^T_/, "t_").replace(/_([a-z0-9])/gi, (_, c: string) => c.toUpperCase());
/** PyTorch's own bookkeeping. */
const internal = new Set(["mode_worse", "default_min_lr"]);

describe("schedules set PyTorch's rates for 40 steps", () => {
  it("of every schedule", () => {
    expect(new Set(cases.map((c) => c.scheduler))).toEqual(new Set(Object.keys(makers)));
    expect(cases).toHaveLength(36);
  });
  it.each(cases.map((c) => [c.scheduler, c.groups, c] as const))("%s, %i groups", (name, groups, c) => {
    const o = optimizer(groups);
    const schedule = makers[name](o);
    const same = (values: readonly number[], expected: readonly number[], what: string) =>
      values.forEach((v, g) => {
        expect(Math.abs(v - expected[g]), `${what} of group ${g}: ${v}, not ${expected[g]}`).toBeLessThan(1e-12);
      });
    for (const [step, lr] of c.lr.entries()) {
      same(
        o.paramGroups.map((g) => g.lr),
        lr,
        `rate at step ${step}`,
      );
      if (c.momentum)
        same(
          o.paramGroups.map((g) => g.momentum),
          c.momentum[step],
          `momentum at step ${step}`,
        );
      if (step < c.lr.length - 1) advance(o, schedule, c.metrics?.[step]);
    }
    const state = schedule.stateDict();
    for (const [key, value] of Object.entries(c.state))
      if (!internal.has(key)) {
        const own = state[ours(key)];
        expect(typeof own === "string" ? own.replace("expRange", "exp_range") : own, key).toEqual(value);
      }
  });
  it.each(cases.map((c) => [c.scheduler, c.groups, c] as const))(
    "%s, %i groups: go on from a state dict, whatever options they were made with",
    (name, groups, c) => {
      const first = optimizer(groups);
      const schedule = makers[name](first);
      for (let i = 0; i < 17; i++) advance(first, schedule, c.metrics?.[i]);
      const second = optimizer(groups);
      const others: { readonly [name: string]: (o: SGD) => Schedule } = {
        ...makers,
        StepLR: (o) => new s.StepLR(o, 2),
        MultiStepLR: (o) => new s.MultiStepLR(o, [3]),
        ExponentialLR: (o) => new s.ExponentialLR(o, 0.1),
        CyclicLR: (o) => new s.CyclicLR(o, 0.3, 0.4),
        OneCycleLR_three_phase_linear: (o) => new s.OneCycleLR(o, 0.1, { totalSteps: 100 }),
        ReduceLROnPlateau: (o) => new s.ReduceLROnPlateau(o),
        SWALR: (o) => new s.SWALR(o, 1, { annealStrategy: "linear" }),
      };
      const other = others[name](second);
      other.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())));
      second.loadStateDict(first.stateDict()); // momenta, and the rates of ReduceLROnPlateau
      for (let i = 17; i < 40; i++) {
        advance(second, other, c.metrics?.[i]);
        c.lr[i + 1].forEach((lr, g) => {
          expect(second.paramGroups[g].lr).toBeCloseTo(lr, 12);
        });
      }
    },
  );
});

it("functions may be one for each group", () => {
  const [o, p] = [optimizer(2), optimizer(2)];
  new s.LambdaLR(o, [(t) => 1 / (1 + t), () => 2]).step();
  expect(o.paramGroups.map((g) => g.lr)).toEqual([0.05, 0.06]);
  new s.MultiplicativeLR(p, [() => 1, () => 0.5]).step();
  expect(p.paramGroups.map((g) => g.lr)).toEqual([0.1, 0.015]);
  expect(() => new s.LambdaLR(o, [() => 1])).toThrow("LambdaLR: lambda has 1 functions for 2 parameter groups");
});

it("a state of another schedule is refused, and changes nothing", () => {
  const o = optimizer(1);
  const schedule = new s.StepLR(o, 3);
  const before = schedule.stateDict();
  const other = new s.PolynomialLR(optimizer(1)).stateDict();
  expect(() => schedule.loadStateDict(other)).toThrow("not a state of this scheduler (StepLR): it holds totalIters: 5");
  expect(() => schedule.loadStateDict({ ...before, gamma: "x" })).toThrow('it holds gamma: "x"');
  expect(schedule.stateDict()).toEqual(before);
});
