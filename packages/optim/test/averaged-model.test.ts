import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { BatchNorm1d, Dropout, InstanceNorm1d, Linear, Sequential } from "@flambeau/nn";
import { ArgumentError, memory, noGrad, randn, registerBackend, type Tensor, tensor, tidy } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import { AveragedModel, getEmaMultiAvgFn, updateBn } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const values = (t: Tensor | null | undefined) => [...(t as Tensor).detach().dataSync()].map(Number);
const net = () => new Sequential(new Linear(2, 3), new BatchNorm1d(3), new Dropout(0.5), new Linear(3, 1));
/** A model whose weights have moved since its averages were made. */
function moved() {
  const model = net();
  const averaged = new AveragedModel(model);
  averaged.updateParameters(model);
  noGrad(() => {
    for (const p of model.parameters()) p.mul_(3).add_(1);
  });
  return { model, averaged };
}

describe("an averaged model", () => {
  it("computes with the averages, in its own mode, and leaves the model as it is", () => {
    const { model, averaged } = moved();
    const x = randn([4, 2]);
    const [before, mine] = [[...model.parameters()].map(values), averaged.parameters().map(values)];
    model.train();
    const y = averaged.eval().forward(x);
    expect(y.requiresGrad).toBe(false);
    expect([...model.modules()].every((m) => m.training)).toBe(true);
    expect([...model.parameters()].map(values)).toEqual(before);
    expect(averaged.parameters().map(values)).toEqual(mine);
    expect(values(averaged.forward(x))).toEqual(values(y)); // no dropout
    averaged.swap(model);
    expect(values(model.eval().forward(x))).toEqual(values(y));
  });

  it("comes back also when forward throws, and keeps no memory", () => {
    const { model, averaged } = moved();
    const before = [...model.parameters()].map(values);
    averaged.forward(randn([4, 2]));
    const tensors = memory().cpu.tensors;
    tidy(() => void averaged.forward(randn([4, 2])));
    expect(memory().cpu.tensors).toBe(tensors);
    expect(() => averaged.forward(randn([4, 5]))).toThrow();
    expect([...model.parameters()].map(values)).toEqual(before);
  });

  it("goes on from a state dict with PyTorch's keys", () => {
    const [one, other] = [moved(), moved()];
    const state = one.averaged.stateDict();
    expect([...state.keys()].slice(0, 3)).toEqual(["n_averaged", "module.0.weight", "module.0.bias"]);
    expect([state.get("n_averaged")?.dtype, state.get("n_averaged")?.item()]).toEqual(["int64", 1]);
    other.averaged.updateParameters(other.model);
    other.averaged.loadStateDict(state);
    expect(other.averaged.nAveraged).toBe(1);
    expect(other.averaged.parameters().map(values)).toEqual(one.averaged.parameters().map(values));
    const { n_averaged: _, ...rest } = Object.fromEntries(state);
    expect(() => other.averaged.loadStateDict(rest)).toThrow("missing keys: n_averaged; unexpected keys: none");
    expect(() => other.averaged.loadStateDict(new Map(state).set("x", tensor([1])))).toThrow("unexpected keys: x");
    expect(() => other.averaged.loadStateDict(new Map(state).set("module.0.bias", tensor([1])))).toThrow(
      '"module.0.bias" has shape [1], the average\'s is [3]',
    );
  });
});

describe("updateBn", () => {
  const batches = [randn([5, 2]), randn([5, 2]), randn([5, 2])];
  it("gives each batch norm the plain averages of the batches, and nothing else", async () => {
    const norm = new BatchNorm1d(2, { momentum: 0.3 });
    const other = new InstanceNorm1d(2, { trackRunningStats: true });
    const model = new Sequential(norm).eval();
    noGrad(() => norm.runningMean?.fill_(7));
    await updateBn(batches, model);
    const mean = (f: (b: Tensor) => Tensor) => [0, 1].map((c) => batches.reduce((s, b) => s + values(f(b))[c] / 3, 0));
    values(norm.runningMean).forEach((v, c) => {
      expect(v).toBeCloseTo(mean((b) => b.mean(0))[c], 5);
    });
    values(norm.runningVar).forEach((v, c) => {
      expect(v).toBeCloseTo(mean((b) => b.var(0))[c], 5);
    });
    expect([norm.momentum, norm.training, norm.numBatchesTracked?.item()]).toEqual([0.3, false, 3]);
    const untouched = values(other.runningMean);
    await updateBn([randn([2, 2, 4])], new Sequential(other));
    expect(values(other.runningMean)).toEqual(untouched);
  });

  it("reaches the averages and not the model, also with batches that come in time", async () => {
    const { model, averaged } = moved();
    const before = [...model.buffers()].map(values);
    async function* later() {
      for (const b of batches) yield [b, "label"] as const;
    }
    await updateBn(later() as never, averaged, { device: "cpu" });
    expect([...model.buffers()].map(values)).toEqual(before);
    const [mean] = averaged.buffers();
    const own = averaged.parameters().slice(0, 2);
    const expected = batches.map((b) => values(b.matmul(own[0].t()).add(own[1]).mean(0)));
    values(mean).forEach((v, c) => {
      expect(v).toBeCloseTo(
        expected.reduce((s, e) => s + e[c] / 3, 0),
        5,
      );
    });
  });

  it("refuses what is no batch and no model", async () => {
    await expect(updateBn([3] as never, net())).rejects.toThrow(
      "a batch is a tensor, or a list that begins with one, got 3",
    );
    await expect(updateBn(batches, {})).rejects.toThrow(ArgumentError);
    await expect(updateBn(3 as never, net())).rejects.toThrow("loader must be an iterable of batches, got 3");
  });

  it("averages buffers where they are asked for, with the rest", () => {
    const model = net();
    const averaged = new AveragedModel(model, { multiAvgFn: getEmaMultiAvgFn(0.5), useBuffers: true });
    averaged.updateParameters(model);
    noGrad(() => [...model.buffers()][0].fill_(4));
    averaged.updateParameters(model);
    expect(values(averaged.buffers()[0])).toEqual([2, 2, 2]);
  });
});
