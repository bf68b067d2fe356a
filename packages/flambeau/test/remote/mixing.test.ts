import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  at,
  cat,
  conv2d,
  DeviceError,
  indexPut,
  io,
  isin,
  layerNorm,
  linear,
  losses,
  manualSeed,
  nn,
  ones,
  optim,
  randint,
  randn,
  registerBackend,
  rmsNorm,
  scaledDotProductAttention,
  searchsorted,
  setAt_,
  setDefaultDevice,
  type Tensor,
  tensor,
  where,
  zeros,
} from "flambeau";
import { beforeEach, describe, expect, it } from "vitest";
import { RemoteDevice } from "../support/remote.ts";

const device = "remote";
beforeEach(() => {
  registerBackend(new RemoteDevice());
  manualSeed(0);
});

interface Place {
  readonly device: string;
}
// `a` and `b` are different devices, either way around
const calls: [what: string, call: (a: Place, b: Place) => unknown][] = [
  ["layerNorm", (a, b) => layerNorm(randn([4, 8], a), [8], { weight: ones([8], b), bias: zeros([8], b) })],
  ["rmsNorm", (a, b) => rmsNorm(randn([4, 8], a), [8], { weight: ones([8], b) })],
  ["batch norm", (a, b) => new nn.BatchNorm1d(8).to(a.device).forward(randn([4, 8], b))],
  ["convolution's bias", (a, b) => conv2d(randn([1, 1, 8, 8], a), randn([2, 1, 3, 3], a), randn([2], b))],
  ["linear's bias", (a, b) => linear(randn([1, 8], a), randn([2, 8], a), randn([2], b))],
  ["attention", (a, b) => scaledDotProductAttention(randn([2, 4, 8], a), randn([2, 4, 8], b), randn([2, 4, 8], b))],
  ["cross entropy", (a, b) => losses.crossEntropy(randn([4, 8], a), randint(0, 8, [4], b))],
  ["cat", (a, b) => cat([randn([2], a), randn([2], b)])],
  ["searchsorted", (a, b) => searchsorted(tensor([1, 2, 3], a), randn([2], b))],
  ["isin", (a, b) => isin(randn([4], a), randn([4], b))],
  ["in place", (a, b) => randn([2], a).add_(randn([2], b))],
  [
    "backward",
    (a, b) =>
      tensor([1, 2], { ...a, requiresGrad: true })
        .mul(2)
        .backward({ gradient: ones([2], b) }),
  ],
];

describe("tensors of different devices", () => {
  for (const [what, call] of calls)
    it(`are refused by ${what}, not read as if they were of one`, () => {
      expect(() => call({ device: "cpu" }, { device })).toThrow(DeviceError);
      expect(() => call({ device }, { device: "cpu" })).toThrow(DeviceError);
    });

  it("are refused with what to write", () => {
    const [here, there] = [ones([2]), ones([2], { device })];
    expect(() => here.add(there)).toThrow(
      'add: tensors are on different devices: cpu and remote\n  hint: move one of them: t.to("remote")',
    );
    expect(() => there.add(here)).toThrow('hint: move one of them: t.to("remote")');
  });

  it("of a numbered device are told that there is one", () => {
    expect(() => ones([1], { device: "remote:1" })).toThrow('write "remote": there is no other device of that kind');
    expect(ones([1], { device: "remote:0" }).device).toBe("remote");
  });

  it("are refused by optimizers, whose state stays where the parameters were", async () => {
    const layer = new nn.Linear(2, 2);
    const optimizer = new optim.Adam(layer.parameters());
    const step = (place: Place) => {
      optimizer.zeroGrad();
      layer
        .forward(ones([1, 2], place))
        .sum()
        .backward();
      optimizer.step();
    };
    step({ device: "cpu" });
    await layer.toAsync(device);
    expect(() => step({ device })).toThrow(
      'Adam: a parameter was moved to remote after its first step, its state "expAvg" is on cpu',
    );
    optimizer.loadStateDict(optimizer.stateDict());
    const before = await layer.weight.tolistAsync();
    step({ device });
    expect(await layer.weight.tolistAsync()).not.toEqual(before);

    const weight = tensor([1, 2], { requiresGrad: true });
    weight.grad = ones([2], { device });
    expect(() => new optim.SGD([weight], { lr: 1 }).step()).toThrow("a parameter is on cpu, its gradient on remote");
  });
});

describe("tensors on the cpu that go with those of any device, as in PyTorch", () => {
  const x = () =>
    tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { device },
    );
  const half = () => tensor(0.5);
  const both: [what: string, call: (x: Tensor) => Tensor][] = [
    ["a number's tensor", (t) => t.mul(half())],
    ["the number first", (t) => half().sub(t)],
    ["in place", (t) => t.mul_(half())],
    ["where", (t) => where(t.gt(2), t, tensor(0))],
    ["an index", (t) => t.at(tensor([1, 0, 1], { dtype: "int32" }))],
    ["an int64 index", (t) => t.at("...", tensor([2n, 0n]))],
    ["one position", (t) => t.at(tensor(1, { dtype: "int32" }))],
    [
      "a mask",
      (t) =>
        t.at(
          tensor([
            [true, false, true],
            [false, false, true],
          ]),
        ),
    ],
    ["a mask of rows", (t) => t.at(tensor([false, true]))],
    ["a list as a mask", (t) => t.at([false, true])],
    ["writing through a mask", (t) => setAt_(t, 9, tensor([false, true]))],
    [
      "writing several values through a mask",
      (t) => setAt_(t, tensor([7, 8, 9], { device: t.device }), tensor([false, true])),
    ],
    ["indexPut", (t) => indexPut(t, [tensor([1], { dtype: "int32" })], zeros([3], { device: t.device }))],
  ];
  it.each(both)("%s", async (_, call) => {
    const ours = call(x());
    expect(ours.device).toBe(device);
    expect(await ours.tolistAsync()).toEqual(
      call(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ).tolist(),
    );
  });

  it("values of a dtype that the device does not have become the target's on the way", async () => {
    const norm = new nn.BatchNorm1d(2).to(device);
    // as PyTorch writes them
    const state = new nn.BatchNorm1d(2).stateDict();
    for (const [key, value] of state) state.set(key, value.add(3).to(key.includes("num") ? "int64" : "float64"));
    setDefaultDevice(device);
    try {
      const path = join(tmpdir(), `flambeau-mixing-${process.pid}.safetensors`);
      await io.save(state, path);
      const loaded = await io.load(path);
      await rm(path);
      expect([loaded.num_batches_tracked.device, loaded.num_batches_tracked.dtype]).toEqual(["cpu", "int64"]);
      norm.loadStateDict(loaded);
    } finally {
      setDefaultDevice("cpu");
    }
    expect(await norm.weight?.tolistAsync()).toEqual([4, 4]);
    expect(await norm.numBatchesTracked?.itemAsync()).toBe(3);
    expect(norm.numBatchesTracked?.dtype).toBe("int32");
  });

  it("lets gradients through to the tensor of the other device", async () => {
    const t = tensor([1, 2], { device, requiresGrad: true });
    t.mul(half()).mul(t).sum().backward();
    expect(await t.grad?.tolistAsync()).toEqual([1, 2]);
    const scale = tensor(2, { requiresGrad: true });
    expect(() => t.mul(scale)).toThrow(DeviceError);
  });

  it("does not make devices of equal kind go together, nor larger tensors", () => {
    expect(() => ones([2]).add(tensor(1, { device }))).toThrow(DeviceError);
    expect(() => at(ones([2]), tensor([0], { device, dtype: "int32" }))).toThrow(DeviceError);
  });
});
