import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { manualSeed, ones, registerBackend, type Tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

class Net extends nn.Module {
  conv = new nn.Conv2d(1, 4, 3, { padding: "same" });
  norm = new nn.BatchNorm2d(4);
  blocks = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4, { bias: false })]);
  scale = new nn.Parameter(ones([1]));
  forward(x: Tensor): Tensor {
    const pooled = this.norm.forward(this.conv.forward(x)).mean([2, 3]);
    let out = pooled.mul(this.scale);
    for (const block of this.blocks) out = block.forward(out).relu();
    return out;
  }
}

describe("Module", () => {
  it("names parameters and buffers as PyTorch's state_dict does, in its order", () => {
    expect([...new Net().stateDict().keys()]).toEqual([
      "scale",
      "conv.weight",
      "conv.bias",
      "norm.weight",
      "norm.bias",
      "norm.running_mean",
      "norm.running_var",
      "norm.num_batches_tracked",
      "blocks.0.weight",
      "blocks.0.bias",
      "blocks.1.weight",
    ]);
  });

  it("finds shared parameters once", () => {
    const a = new nn.Linear(2, 2, { bias: false });
    const tied = new nn.Sequential(a, new nn.Identity(), a);
    expect([...tied.parameters()]).toEqual([a.weight]);
  });

  it("loads into new memory where another backend has taken the place of its own, be that lost", () => {
    const first = cpuWasm({ threads: 1 });
    registerBackend(first);
    const model = new Net();
    model.conv.weight.grad = ones(model.conv.weight.shape);
    const { weight } = model.conv;
    const state = new Map([...model.stateDict()].map(([k, t]) => [k, t.detach().clone()] as const));
    const expected = model
      .eval()
      .forward(ones([1, 1, 5, 5]))
      .tolist();
    const elsewhere = cpuWasm({ threads: 1 });
    const gone = () => {
      throw new Error("lost");
    };
    Object.assign(first, {
      write: gone,
      kernels: Object.fromEntries(Object.keys(first.kernels).map((k) => [k, gone])),
    });
    expect(() => model.loadStateDict(state)).toThrow("lost");
    registerBackend(elsewhere);
    // what holds on to the first one's memory is read from there, as tensors of the cpu are
    expect(model.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(model.conv.weight).toBe(weight);
    expect(weight.grad).toBeNull();
    expect(weight.requiresGrad).toBe(true);
    for (const t of model.stateDict().values()) expect(t.backend).toBe(elsewhere);
    expect(model.forward(ones([1, 1, 5, 5])).tolist()).toEqual(expected);
    registerBackend(cpuWasm({ threads: 1 }));
  });

  it("loads what it saved, and nothing of a dictionary that does not fit", () => {
    manualSeed(1);
    const from = new Net();
    const to = new Net();
    const state = new Map([...from.stateDict()].map(([k, t]) => [k, t.clone()] as const));
    expect(to.loadStateDict(state)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(to.conv.weight.tolist()).toEqual(from.conv.weight.tolist());

    const before = to.scale.tolist();
    state.set("scale", zeros([1]));
    state.set("conv.bias", zeros([5]));
    expect(() => to.loadStateDict(state)).toThrow('loadStateDict: "conv.bias" has shape [5], the module\'s is [4]');
    expect(to.scale.tolist()).toEqual(before);

    state.delete("conv.bias");
    state.set("extra", zeros([1]));
    expect(() => to.loadStateDict(state)).toThrow("loadStateDict: missing keys: conv.bias; unexpected keys: extra");
    expect(to.loadStateDict(state, { strict: false })).toEqual({
      missingKeys: ["conv.bias"],
      unexpectedKeys: ["extra"],
    });
    expect(to.scale.tolist()).toEqual([0]);
  });

  it("switches all submodules between training and evaluation", () => {
    const net = new Net();
    net.eval();
    expect([...net.modules()].map((m) => m.training)).toEqual([false, false, false, false, false, false]);
    const mean = net.norm.runningMean?.tolist();
    net.forward(ones([2, 1, 5, 5]));
    expect(net.norm.runningMean?.tolist()).toEqual(mean);
    net.train().forward(ones([2, 1, 5, 5]));
    expect(net.norm.runningMean?.tolist()).not.toEqual(mean);
    expect(net.norm.numBatchesTracked?.item()).toBe(1);
  });

  it("runs hooks around forward, and only until they are removed", () => {
    const layer = new nn.Linear(2, 2);
    const seen: string[] = [];
    const removePre = layer.registerForwardPreHook((_, [x]) => {
      seen.push("before");
      return [(x as Tensor).mul(0)];
    });
    const remove = layer.registerForwardHook((_, __, output) => {
      seen.push("after");
      return (output as Tensor).mul(2);
    });
    const bias = layer.bias as Tensor;
    expect(layer.forward(ones([1, 2])).tolist()).toEqual([bias.mul(2).tolist()]);
    expect(seen).toEqual(["before", "after"]);
    removePre();
    remove();
    layer.forward(ones([1, 2]));
    expect(seen.length).toBe(2);
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
  });

  it("converts floating-point parameters in place", () => {
    const net = new Net();
    const { weight } = net.conv;
    net.to("float64");
    expect(net.conv.weight).toBe(weight);
    expect(weight.dtype).toBe("float64");
    expect(net.norm.numBatchesTracked?.dtype).toBe("int32");
  });

  it("prints its tree", () => {
    expect(String(new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Sequential(new nn.Dropout(0.2))))).toBe(
      "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n  (2): Sequential(\n    (0): Dropout(p=0.2, inplace=False)\n  )\n)",
    );
  });

  it("refuses names that would hide its own methods, and lists what there is when a path is wrong", () => {
    const net = new Net();
    expect(() => net.registerModule("forward", new nn.ReLU())).toThrow('"forward" is the name of a Module method');
    expect(() => net.registerModule("a.b", new nn.ReLU())).toThrow("must not be empty or hold a dot");
    expect(() => net.getSubmodule("blocks.2")).toThrow(
      'there is no submodule "blocks.2"\n  hint: submodules: conv, norm, blocks, blocks.0, blocks.1',
    );
    expect(net.getSubmodule("blocks.1")).toBe(net.blocks.get(-1));
  });
});
