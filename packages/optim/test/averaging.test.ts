import { readFileSync } from "node:fs";
import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { ArgumentError, noGrad, registerBackend, type Tensor, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import {
  AveragedModel,
  type AveragedOptions,
  clipGradsWithNorm_,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  getTotalNorm,
} from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const figures = JSON.parse(readFileSync(new URL("./figures/averaging.json", import.meta.url), "utf8"));
const close = (x: Tensor, expected: readonly number[]) =>
  (x.tolist() as number[]).forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i], 5);
  }); // x is a vector

function model() {
  const w = tensor([1, -2], { requiresGrad: true });
  const b = tensor([0.5]);
  return { w, b, parameters: () => [w], buffers: () => [b] };
}

describe("averages of weights are PyTorch's", () => {
  it.each<[string, AveragedOptions]>([
    ["swa", {}],
    ["swa", { avgFn: getSwaAvgFn() }],
    ["swa", { multiAvgFn: getSwaMultiAvgFn() }],
    ["ema", { avgFn: getEmaAvgFn(0.9) }],
    ["ema", { multiAvgFn: getEmaMultiAvgFn(0.9), device: "cpu" }],
    ["ema with buffers", { avgFn: getEmaAvgFn(0.9), useBuffers: true }],
    ["ema with buffers", { multiAvgFn: getEmaMultiAvgFn(0.9), useBuffers: true }],
  ])("%s: %o", (name, options) => {
    const m = model();
    const averaged = new AveragedModel(m, options);
    for (const [t, [w, b]] of figures[name].entries()) {
      noGrad(() => {
        m.w.mul_(0.7).add_(t);
        m.b.add_(t);
      });
      averaged.updateParameters(m);
      close(averaged.parameters()[0], w);
      close(averaged.buffers()[0], b);
    }
    expect(averaged.nAveraged).toBe(4);
  });

  it("swap exchanges them with the model's, and back", () => {
    const m = model();
    const averaged = new AveragedModel(m);
    noGrad(() => m.w.mul_(3));
    averaged.swap(m);
    expect(m.w.tolist()).toEqual([1, -2]);
    expect(averaged.parameters()[0].tolist()).toEqual([3, -6]);
    averaged.swap(m);
    expect(m.w.tolist()).toEqual([3, -6]);
    expect(m.w.requiresGrad).toBe(true);
  });

  it("refuses another model and a decay out of range", () => {
    const averaged = new AveragedModel(model());
    const other = { parameters: () => [zeros([3])], buffers: () => [zeros([1])] };
    expect(() => averaged.updateParameters(other)).toThrow(ArgumentError);
    expect(() => averaged.updateParameters(other)).toThrow("tensor 0 has shape [2], the model's [3]");
    expect(() => new AveragedModel(model(), { avgFn: getSwaAvgFn(), multiAvgFn: getSwaMultiAvgFn() })).toThrow(
      "AveragedModel: takes one of avgFn and multiAvgFn, got both",
    );
    expect(() => getEmaMultiAvgFn(-1)).toThrow("getEmaMultiAvgFn: decay must be between 0 and 1, got -1");
    expect(() => getEmaAvgFn(1.5)).toThrow("getEmaAvgFn: decay must be between 0 and 1, got 1.5");
  });
});

describe("clipping by a norm that is known", () => {
  it.each([
    ["clip 2", 2, 1],
    ["clip 1", 1, 100],
    ["clip inf", Number.POSITIVE_INFINITY, 2],
  ] as const)("%s", (name, normType, limit) => {
    const params = [zeros([2]), zeros([3]), zeros([1])];
    params[0].grad = tensor([3, -4]);
    params[1].grad = tensor([1, 2, -2]);
    const total = getTotalNorm([params[0].grad, params[1].grad], { normType });
    clipGradsWithNorm_(params, limit, total);
    const [norm, grads] = figures[name];
    expect(total.item()).toBeCloseTo(norm, 5);
    grads.forEach((g: number[], i: number) => {
      close(params[i].grad as Tensor, g);
    }); // set above
  });
  it("refuses a norm that is not finite when asked to", () => {
    expect(() => getTotalNorm([tensor([Number.NaN])], { errorIfNonfinite: true })).toThrow("norm is NaN");
    expect(getTotalNorm([]).item()).toBe(0);
  });
});
