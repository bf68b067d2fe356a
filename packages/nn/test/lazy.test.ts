import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { Adagrad, Adam, LBFGS, RMSprop, SGD } from "@flambeau/optim";
import {
  defaultGenerator,
  full,
  manualSeed,
  memory,
  noGrad,
  ones,
  registerBackend,
  type Tensor,
  tidy,
  withDevice,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import * as nn from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));
const withoutShape =
  /of an uninitialized parameter\n {2}hint: a lazy module has its parameters after its first forward/;

const optimizers = {
  SGD: (params: Iterable<Tensor>) => new SGD(params, { lr: 0.05, momentum: 0.5 }),
  Adam: (params: Iterable<Tensor>) => new Adam(params),
  Adagrad: (params: Iterable<Tensor>) => new Adagrad(params),
  RMSprop: (params: Iterable<Tensor>) => new RMSprop(params),
  LBFGS: (params: Iterable<Tensor>) => new LBFGS(params),
};

describe("a lazy layer", () => {
  // as printed by torch 2.13: torch.manual_seed(0); l = nn.LazyLinear(3); l(torch.ones(2, 4)); l
  test("is the plain one after its first call, with the values that this has with that seed", () => {
    manualSeed(0);
    const layer = new nn.LazyLinear(3);
    expect(String(layer)).toBe("LazyLinear(in_features=0, out_features=3, bias=True)");
    expect(layer.hasUninitializedParams()).toBe(true);
    const [weight, bias] = layer.parameters();
    const y = layer.forward(ones([2, 4]));
    const row = [-0.9927, -0.0031, -0.3676];
    (y.tolist() as number[][]).forEach((found) => {
      found.forEach((v, i) => {
        expect(v).toBeCloseTo(row[i], 4);
      });
    });
    expect(String(layer)).toBe("Linear(in_features=4, out_features=3, bias=True)");
    expect([layer.constructor, layer instanceof nn.LazyLinear, layer.inFeatures]).toEqual([nn.Linear, false, 4]);
    // the parameters are the same objects
    expect([...layer.parameters()]).toEqual([weight, bias]);
    expect([weight.constructor, nn.isLazy(weight), weight.shape]).toEqual([nn.Parameter, false, [3, 4]]);
    manualSeed(0);
    expect(new nn.Linear(4, 3).weight.equal(layer.weight)).toBe(true);
    expect(grad(layer.forward(ones([2, 4])).sum(), weight)[0].tolist()).toEqual(full([3, 4], 2).tolist());
  });

  // C(6, 3, groups=2, stride=2) after manual_seed(0), of ones of 4 channels: the printed layer before and after, weight.flatten()[:3],
  // bias[:3], y.sum()
  const convs = [
    [
      "LazyConv1d",
      [2, 4, 9],
      "0, 6, kernel_size=(3,), stride=(2,), groups=2",
      [6, 2, 3],
      [-0.0030564817134290934, 0.21900218725204468, -0.3360067903995514],
      [-0.2383110523223877, 0.3509294390678406, 0.1821678876876831],
      -11.60966968536377,
    ],
    [
      "LazyConv2d",
      [2, 4, 9, 9],
      "0, 6, kernel_size=(3, 3), stride=(2, 2), groups=2",
      [6, 2, 3, 3],
      [-0.0017646604683250189, 0.12644097208976746, -0.19399359822273254],
      [-0.012987101450562477, 0.035389527678489685, -0.09652721136808395],
      -24.93920135498047,
    ],
    [
      "LazyConv3d",
      [2, 4, 5, 5, 5],
      "0, 6, kernel_size=(3, 3, 3), stride=(2, 2, 2), groups=2",
      [6, 2, 3, 3, 3],
      [-0.0010188271990045905, 0.07300072908401489, -0.11200226098299026],
      [0.09423321485519409, 0.12262605130672455, 0.07998277246952057],
      -27.70576286315918,
    ],
    [
      "LazyConvTranspose1d",
      [2, 4, 9],
      "0, 6, kernel_size=(3,), stride=(2,), groups=2",
      [4, 3, 3],
      [-0.0024956068955361843, 0.17881453037261963, -0.2743483781814575],
      [-0.19458016753196716, 0.2865327000617981, 0.14873945713043213],
      -16.350614547729492,
    ],
    [
      "LazyConvTranspose2d",
      [2, 4, 9, 9],
      "0, 6, kernel_size=(3, 3), stride=(2, 2), groups=2",
      [4, 3, 3, 3],
      [-0.0014408392598852515, 0.10323861986398697, -0.15839511156082153],
      [-0.01060392428189516, 0.028895428404211998, -0.07881414145231247],
      -40.82405471801758,
    ],
    [
      "LazyConvTranspose3d",
      [2, 4, 5, 5, 5],
      "0, 6, kernel_size=(3, 3, 3), stride=(2, 2, 2), groups=2",
      [4, 3, 3, 3, 3],
      [-0.0008318689069710672, 0.059604842215776443, -0.09144946187734604],
      [0.0769410952925682, 0.10012374818325043, 0.06530565768480301],
      261.8302917480469,
    ],
  ] as const;
  const lazyConvs = {
    LazyConv1d: nn.LazyConv1d,
    LazyConv2d: nn.LazyConv2d,
    LazyConv3d: nn.LazyConv3d,
    LazyConvTranspose1d: nn.LazyConvTranspose1d,
    LazyConvTranspose2d: nn.LazyConvTranspose2d,
    LazyConvTranspose3d: nn.LazyConvTranspose3d,
  };
  test.each(convs)("%s", (name, shape, text, weightShape, weight, bias, sum) => {
    manualSeed(0);
    const layer = new lazyConvs[name](6, 3, { groups: 2, stride: 2 });
    expect(String(layer)).toBe(`${name}(${text})`);
    const y = layer.forward(ones(shape));
    expect(String(layer)).toBe(`${name.slice(4)}(${text.replace("0, 6", "4, 6")})`);
    expect(layer.weight.shape).toEqual(weightShape);
    expect(layer.weight.flatten().at({ to: 3 }).tolist()).toEqual(weight.map((v) => Math.fround(v)));
    expect(layer.bias?.at({ to: 3 }).tolist()).toEqual(bias.map((v) => Math.fround(v)));
    expect(Math.abs((y.sum().item() as number) - sum)).toBeLessThan(1e-4);
    expect(new lazyConvs[name](6, 3).forward(ones(shape.slice(1))).ndim).toBe(shape.length - 1);
  });

  const norms = [
    ["BatchNorm1d", [2, 4]],
    ["BatchNorm2d", [2, 4, 3, 3]],
    ["BatchNorm3d", [2, 4, 3, 3, 3]],
    ["InstanceNorm1d", [2, 4, 3]],
    ["InstanceNorm2d", [2, 4, 3, 3]],
    ["InstanceNorm3d", [2, 4, 3, 3, 3]],
  ] as const;
  const lazyNorms = {
    BatchNorm1d: [nn.LazyBatchNorm1d, nn.BatchNorm1d],
    BatchNorm2d: [nn.LazyBatchNorm2d, nn.BatchNorm2d],
    BatchNorm3d: [nn.LazyBatchNorm3d, nn.BatchNorm3d],
    InstanceNorm1d: [nn.LazyInstanceNorm1d, nn.InstanceNorm1d],
    InstanceNorm2d: [nn.LazyInstanceNorm2d, nn.InstanceNorm2d],
    InstanceNorm3d: [nn.LazyInstanceNorm3d, nn.InstanceNorm3d],
  } as const;
  test.each(norms)("Lazy%s", (name, shape) => {
    const rest = "eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True";
    const [Lazy, Plain] = lazyNorms[name];
    const layer = new Lazy({ affine: true, trackRunningStats: true });
    const keys = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
    expect(String(layer)).toBe(`Lazy${name}(0, ${rest})`);
    expect([...layer.stateDict()].map(([key, t]) => `${key} ${nn.isLazy(t) ? String(t) : t.shape}`)).toEqual([
      "weight <UninitializedParameter>",
      "bias <UninitializedParameter>",
      "running_mean <UninitializedBuffer>",
      "running_var <UninitializedBuffer>",
      "num_batches_tracked ",
    ]);
    const plain = new Plain(4, { affine: true, trackRunningStats: true });
    const x = ones(shape).mul(3);
    expect(layer.forward(x).equal(plain.forward(x))).toBe(true);
    expect(String(layer)).toBe(`${name}(4, ${rest})`);
    expect([...layer.stateDict().keys()]).toEqual(keys);
    for (const [key, t] of plain.stateDict()) expect(layer.stateDict().get(key)?.tolist()).toEqual(t.tolist());
    expect([...layer.buffers()].map((b) => b.constructor)).toEqual([nn.Buffer, nn.Buffer, nn.Buffer]);

    const bare = new Lazy({ affine: false, trackRunningStats: false });
    expect([bare.hasUninitializedParams(), bare.stateDict().size]).toEqual([false, 0]);
    expect(bare.forward(x).shape).toEqual(shape);
    expect(bare.constructor).toBe(Plain);
  });

  test("stands in a model, whose types and devices it keeps", () => {
    const model = new nn.Sequential(new nn.LazyLinear(3), new nn.ReLU(), new nn.LazyLinear(2, { bias: false }));
    model.to("float64").eval();
    expect([...model.parameters()].map((p) => p.dtype)).toEqual(["float64", "float64", "float64"]);
    expect(model.forward(ones([1, 7], { dtype: "float64" })).dtype).toBe("float64");
    expect([...model.stateDict()].map(([key, t]) => [key, t.shape])).toEqual([
      ["0.weight", [3, 7]],
      ["0.bias", [3]],
      ["2.weight", [2, 3]],
    ]);
    expect(model.get(0).training).toBe(false);
    const elsewhere = new nn.LazyLinear(3).to("meta");
    expect([elsewhere.weight.device, elsewhere.forward(withDevice("meta", () => ones([2, 5]))).device]).toEqual([
      "meta",
      "meta",
    ]);
    expect(new nn.LazyLinear(3).toEmpty({ device: "meta" }).weight.device).toBe("meta");
  });
  test("moves when it is waited for, too", async () => {
    const layer = await new nn.LazyLinear(2).toAsync("float64");
    expect(layer.forward(ones([1, 3], { dtype: "float64" })).dtype).toBe("float64");
  });
  test("keeps what requires no gradient, its hooks and its mode", () => {
    const layer = new nn.LazyLinear(2).requiresGrad_(false).eval();
    let seen = 0;
    layer.registerForwardHook(() => void seen++);
    layer.forward(ones([1, 3]));
    layer.forward(ones([1, 3]));
    expect([seen, layer.weight.requiresGrad, layer.training]).toEqual([2, false, false]);
  });
  test("may be copied before and after", () => {
    const layer = new nn.LazyLinear(2);
    const copy = layer.clone();
    expect(String(copy)).toBe("LazyLinear(in_features=0, out_features=2, bias=True)");
    manualSeed(1);
    const y = copy.forward(ones([1, 5]));
    expect([String(copy), nn.isLazy(layer.weight), Object.hasOwn(copy, "forward")]).toEqual([
      "Linear(in_features=5, out_features=2, bias=True)",
      true,
      false,
    ]);
    manualSeed(1);
    expect(layer.forward(ones([1, 5])).equal(y)).toBe(true);
    expect(layer.clone().weight.equal(copy.weight)).toBe(true);
  });
  test("makes its parameters outside of scopes, and leaves nothing else", () => {
    const layer = new nn.LazyLinear(2);
    const before = memory().cpu.tensors;
    tidy(() => void layer.forward(ones([1, 3])));
    expect(memory().cpu.tensors).toBe(before);
    expect(layer.weight.shape).toEqual([2, 3]);
    expect(layer.forward(ones([1, 3])).shape).toEqual([1, 2]);
  });
});

describe("states", () => {
  // a = nn.LazyLinear(3); a.load_state_dict(nn.Linear(4, 3).state_dict()): all keys matched; a is LazyLinear still, and Linear after a(ones(1, 4));
  // a(ones(1, 5)) raises
  test("of a plain layer give a lazy one its shapes", () => {
    const plain = new nn.Linear(4, 3);
    const layer = new nn.LazyLinear(3);
    const result = layer.loadStateDict(plain.stateDict());
    expect(result).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(layer.weight.equal(plain.weight)).toBe(true);
    expect([layer.hasUninitializedParams(), layer instanceof nn.LazyLinear]).toEqual([false, true]);
    expect(() => layer.forward(ones([1, 5]))).toThrow(
      "LazyLinear: the input [1,5] asks for a weight of [3,5], and that which was loaded has [3,4]",
    );
    const state = String(defaultGenerator.getState());
    expect(layer.forward(ones([1, 4])).equal(plain.forward(ones([1, 4])))).toBe(true);
    expect([layer.constructor, layer.inFeatures]).toEqual([nn.Linear, 4]);
    expect(String(defaultGenerator.getState())).toBe(state);
  });
  test("of convolutions and norms, with their buffers", () => {
    const plain = new nn.Sequential(new nn.Conv2d(4, 6, 3), new nn.BatchNorm2d(6));
    noGrad(() => (plain.get(1) as nn.BatchNorm2d).runningMean?.fill_(7));
    const model = new nn.Sequential(new nn.LazyConv2d(6, 3), new nn.LazyBatchNorm2d());
    model.loadStateDict(plain.stateDict());
    const x = ones([1, 4, 5, 5]);
    expect(model.eval().forward(x).equal(plain.eval().forward(x))).toBe(true);
    expect(String(model)).toBe(String(plain));
  });
  test("are taken as they are, where they are assigned", () => {
    const plain = new nn.Linear(4, 3);
    const layer = new nn.LazyLinear(3);
    layer.loadStateDict(plain.stateDict(), { assign: true });
    expect([layer.weight === plain.weight, layer.hasUninitializedParams()]).toEqual([true, false]);
    expect(layer.forward(ones([1, 4])).equal(plain.forward(ones([1, 4])))).toBe(true);
  });
  test("of a lazy layer load into a lazy one, and not into a plain one", () => {
    const lazy = new nn.LazyLinear(3);
    expect(new nn.LazyLinear(3).loadStateDict(lazy.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    const plain = new nn.Linear(4, 3);
    const before = plain.weight.tolist();
    expect(() => plain.loadStateDict(lazy.stateDict())).toThrow(withoutShape);
    expect(plain.weight.tolist()).toEqual(before);
  });
});

describe("an uninitialized parameter", () => {
  const weight = (): nn.Parameter => new nn.LazyLinear(3).weight;
  test("has a dtype, a device and no gradient", () => {
    expect([weight().dtype, weight().device, weight().requiresGrad, weight().grad, weight().isLeaf]).toEqual([
      "float32",
      "cpu",
      true,
      null,
      true,
    ]);
  });
  test.each<[string, (w: nn.Parameter) => unknown]>([
    ["its shape", (w) => w.shape],
    ["its number of dimensions", (w) => w.ndim],
    ["its size", (w) => w.size],
    ["a sum", (w) => w.sum()],
    ["an addition", (w) => w.add(1)],
    ["the other operand", (w) => ones([2]).add(w)],
    ["a copy", (w) => w.clone()],
    ["a view", (w) => w.detach()],
    ["its values", (w) => w.tolist()],
    ["its data", (w) => w.dataSync()],
    ["a write", (w) => noGrad(() => w.zero_())],
    ["an initialization", (w) => nn.init.zeros_(w)],
    ["a parameter of it", (w) => new nn.Parameter(w)],
    ["another dtype", (w) => w.to("float64")],
  ])("throws what is to be done, asked for %s", (_, use) => {
    expect(() => use(weight())).toThrow(withoutShape);
  });
  test("becomes a parameter", () => {
    const p = new nn.UninitializedParameter(false, { dtype: "float64" });
    p.materialize([2, 3]);
    expect([p.constructor, p.shape, p.dtype, p.requiresGrad]).toEqual([nn.Parameter, [2, 3], "float64", false]);
    expect(p.fill_(2).sum().item()).toBe(12);
    const b = new nn.UninitializedBuffer({}, false);
    b.materialize([2], { dtype: "int32" });
    expect([b.constructor, b.shape, b.dtype, b.persistent]).toEqual([nn.Buffer, [2], "int32", false]);
  });
  // torch: all but Adagrad, which makes its state at once, take them, pass over what has no gradient, and train what they have become
  test.each(Object.entries(optimizers))("is taken by %s, which trains what it becomes", (_, make) => {
    const layer = new nn.LazyLinear(2);
    const optimizer = make(layer.parameters());
    optimizer.zeroGrad();
    const closure = (): Tensor => {
      optimizer.zeroGrad();
      const loss = layer
        .forward(ones([1, 3]))
        .square()
        .sum();
      loss.backward();
      return loss;
    };
    const first = closure().item() as number;
    for (let i = 0; i < 5; i++) optimizer.step(closure);
    expect(closure().item()).toBeLessThan(first);
  });
  test("is passed over by a step that comes too early", () => {
    const optimizer = new SGD(new nn.LazyLinear(2).parameters(), { lr: 0.1 });
    optimizer.step();
    expect(nn.isLazy(optimizer.paramGroups[0].params[0])).toBe(true);
  });
});

describe("own lazy modules", () => {
  class Scale extends nn.Module {
    by: nn.Parameter;
    constructor(size: number) {
      super();
      this.by = new nn.Parameter(ones([size]));
    }
    forward(x: Tensor): Tensor {
      return x.mul(this.by);
    }
  }
  class LazyScale extends nn.LazyModuleMixin(Scale) {
    constructor() {
      super(0);
      this.by = new nn.UninitializedParameter();
    }
    override get clsToBecome() {
      return Scale;
    }
    override initializeParameters(x: Tensor): void {
      (this.by as nn.UninitializedParameter).materialize([x.shape[1]]);
      this.by.fill_(2);
    }
  }
  test("have a class that they become", () => {
    const layer = new LazyScale();
    expect(layer.forward(ones([1, 3])).tolist()).toEqual([[2, 2, 2]]);
    expect([layer.constructor, layer instanceof LazyScale]).toEqual([Scale, false]);
    expect(grad(layer.forward(ones([1, 3])).sum(), layer.by)[0].tolist()).toEqual([1, 1, 1]);
  });
  test("say what they lack", () => {
    class Forgetful extends LazyScale {
      override initializeParameters(): void {}
    }
    expect(() => new Forgetful().forward(ones([1, 3]))).toThrow(withoutShape);
    class Without extends nn.LazyModuleMixin(Scale) {}
    expect(() => new Without(2).forward(ones([1, 2]))).toThrow(
      "Without: a lazy module needs a method initializeParameters(...inputs)",
    );
  });
});

describe("messages", () => {
  test.each<[string, () => unknown, string]>([
    ["no features", () => new nn.LazyLinear(2).forward(ones([])), "LazyLinear: the input has no dimension of features"],
    [
      "no input",
      () => new nn.LazyLinear(2).forward(undefined as never),
      "LazyLinear: x must be a tensor, got undefined",
    ],
    [
      "dimensions",
      () => new nn.LazyConv2d(6, 3).forward(ones([9, 9])),
      "LazyConv2d: expected input [N, C, ...] or [C, ...] with 2 more dimensions, got [9,9]",
    ],
    [
      "groups",
      () => new nn.LazyConv2d(6, 3, { groups: 3 }).forward(ones([1, 4, 9, 9])),
      "groups (3) must divide inChannels (4)",
    ],
    [
      "a rank",
      () => new nn.LazyBatchNorm2d().forward(ones([2, 3])),
      "LazyBatchNorm2d: expected an input of 4 dimensions, got [2,3]",
    ],
    ["an option", () => new nn.LazyLinear(2, { bais: false } as never), 'LazyLinear: there is no option "bais"'],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
  test("leave the layer as it was", () => {
    const layer = new nn.LazyConv2d(6, 3);
    expect(() => layer.forward(ones([9, 9]))).toThrow();
    expect(layer.forward(ones([1, 2, 9, 9])).shape).toEqual([1, 6, 7, 7]);
  });
});
