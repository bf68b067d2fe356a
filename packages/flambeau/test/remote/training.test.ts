import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { context, withoutFused } from "@flambeau/tensor/plugin";
import {
  bernoulli,
  data,
  defaultGenerator,
  detectAnomaly,
  dropout,
  IndexError,
  io,
  losses,
  manualSeed,
  multinomial,
  nn,
  noGrad,
  normal,
  optim,
  rand,
  randint,
  randn,
  randperm,
  registerBackend,
  type Tensor,
  tensor,
  UnavailableError,
  zeros,
} from "flambeau";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RemoteDevice } from "../support/remote.ts";

const device = "remote";
let remote: RemoteDevice;
beforeEach(() => {
  remote = new RemoteDevice();
  registerBackend(remote);
});
afterEach(() => {
  context.backends.delete(device);
});

/** What `make` gives on the remote device and on the CPU, with the same seed and without the CPU's fused kernels. */
async function both(make: (device: string) => Tensor[] | Promise<Tensor[]>): Promise<[unknown, unknown]> {
  manualSeed(0);
  const ours = await Promise.all((await make(device)).map((t) => t.tolistAsync()));
  manualSeed(0);
  const theirs = withoutFused(() => make("cpu"));
  return [ours, (await theirs).map((t) => t.tolist())];
}

class Net extends nn.Module {
  first = new nn.Linear(6, 5);
  norm: nn.BatchNorm1d;
  last = new nn.Linear(5, 3);
  constructor(momentum: number | null = 0.1) {
    super();
    this.norm = new nn.BatchNorm1d(5, { momentum });
  }
  forward(x: Tensor): Tensor {
    return this.last.forward(this.norm.forward(this.first.forward(x)).relu());
  }
}

type Params = Iterable<Tensor>;
const optimizers: Record<string, (p: Params) => optim.Optimizer<{ lr: number }>> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true }),
  Adam: (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p),
  Adafactor: (p) => new optim.Adafactor(p, { lr: 0.1 }),
  Adagrad: (p) => new optim.Adagrad(p, { lrDecay: 0.1 }),
  Adamax: (p) => new optim.Adamax(p),
  ASGD: (p) => new optim.ASGD(p, { t0: 1 }),
  Muon: (p) => new optim.Muon([...p].filter((t) => t.ndim === 2)),
  NAdam: (p) => new optim.NAdam(p),
  RAdam: (p) => new optim.RAdam(p, { betas: [0.9, 0.9] }),
  RMSprop: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.5 }),
  Rprop: (p) => new optim.Rprop(p),
};

describe("five steps give the CPU's parameters, bit for bit, without a read", () => {
  const steps = (on: string, make: (p: Params) => optim.Optimizer<{ lr: number }>, momentum?: null): Tensor[] => {
    const model = new Net(momentum).to(on);
    const optimizer = make(model.parameters());
    const scheduler = new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 });
    for (let i = 0; i < 5; i++) {
      const x = randn([8, 6], { device: on });
      const target = randint(0, 3, [8], { device: on });
      optimizer.zeroGrad();
      losses.crossEntropy(model.forward(x), target).backward();
      optim.clipGradNorm_(model.parameters(), 0.5);
      optim.clipGradValue_(model.parameters(), 0.1);
      optimizer.step();
      scheduler.step();
    }
    return [...model.stateDict().values()];
  };
  it.each(Object.entries(optimizers))("%s", async (_, make) => {
    const [ours, theirs] = await both((on) => {
      const state = steps(on, make);
      if (on === device) expect(remote.asked.reads).toBe(0);
      return state;
    });
    expect(ours).toEqual(theirs);
  });
  it("with batch norm that averages over all batches", async () => {
    const [ours, theirs] = await both((on) => steps(on, (p) => new optim.SGD(p, { lr: 0.1 }), null));
    expect(ours).toEqual(theirs);
  });
});

it("Muon rounds to bfloat16 where the device has none, too", async () => {
  registerBackend(new RemoteDevice(device, ["bfloat16"]));
  const [ours, theirs] = await both((on) => {
    const weights = [randn([6, 5], { device: on }), randn([3, 7], { device: on }), zeros([2, 2], { device: on })];
    const optimizer = new optim.Muon(weights);
    for (const w of weights) w.grad = w.mul(2);
    optimizer.step();
    return weights;
  });
  expect(ours).toEqual(theirs);
});

it("averages of weights, and learning rates that follow a metric, need no read", async () => {
  const [ours, theirs] = await both((on) => {
    const model = new nn.Linear(3, 2).to(on);
    const averaged = new optim.AveragedModel(model);
    const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
    const scheduler = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0 });
    for (const metric of [1, 2, 3]) {
      optimizer.zeroGrad();
      model
        .forward(randn([2, 3], { device: on }))
        .square()
        .sum()
        .backward();
      optimizer.step();
      averaged.updateParameters(model);
      scheduler.step(metric);
    }
    averaged.swap(model);
    if (on === device) expect(remote.asked.reads).toBe(0);
    return [...model.parameters(), ...averaged.parameters()];
  });
  expect(ours).toEqual(theirs);
});

it("random streams are the CPU's", async () => {
  const [ours, theirs] = await both((on) => [
    rand([5], { device: on }),
    randn([20], { device: on }),
    randint(0, 100, [5], { device: on }),
    randperm(9, { device: on }),
    rand([7], { device: on, dtype: "float16" }),
    bernoulli(rand([40], { device: on })),
    bernoulli(rand([40], { device: on, dtype: "bfloat16" })),
    zeros([4, 10], { device: on })
      .t()
      .bernoulli_(rand([10, 4], { device: on })),
    zeros([40], { device: on, dtype: "int32" }).bernoulli_(rand([40], { device: on })),
    dropout(randn([30], { device: on }), 0.3),
    normal(zeros([5], { device: on }), 2),
    nn.init.truncNormal_(zeros([5], { device: on })),
    rand([3], { device: on }),
  ]);
  expect(ours).toEqual(theirs);
});

describe("batch norm's average over all batches", () => {
  it("is the plain mean of the batches' statistics", () => {
    const layer = new nn.BatchNorm1d(2, { momentum: null });
    const batches = [0, 1, 2].map((i) =>
      tensor([
        [i, 1],
        [i + 2, 5],
      ]),
    );
    for (const x of batches) layer.forward(x);
    // means 1, 2, 3 and 3, 3, 3; unbiased variances 2 and 8
    expect(layer.runningMean?.tolist()).toEqual([2, 3]);
    const variance = layer.runningVar?.tolist() as number[]; // one dimension
    expect(variance[0]).toBeCloseTo(2, 5);
    expect(variance[1]).toBeCloseTo(8, 5);
  });
});

describe("Module.toAsync", () => {
  it("moves parameters, buffers and gradients there and back; the parameters stay the same objects", async () => {
    const model = new Net();
    const before = [...model.stateDict()].map(([name, t]) => [name, t.tolist()]);
    const [weight] = [...model.parameters()];
    model
      .forward(randn([4, 6]))
      .sum()
      .backward();
    const grad = weight.grad?.tolist();
    await model.toAsync(device);
    expect(new Set([...model.stateDict().values()].map((t) => t.device))).toEqual(new Set([device]));
    expect([...model.parameters()][0]).toBe(weight);
    expect(weight.grad?.device).toBe(device);
    expect(weight.isLeaf && weight.requiresGrad).toBe(true);
    await model.toAsync("cpu");
    expect(weight.grad?.tolist()).toEqual(grad);
    const parameters = [...model.namedParameters()].map(([name, t]) => [name, t.tolist()]);
    expect(parameters).toEqual(
      before.filter(([name]) => !String(name).startsWith("norm.running") && !String(name).endsWith("tracked")),
    );
  });
  it("converts only what is floating-point", async () => {
    const model = await new Net().toAsync("float16");
    expect(model.first.weight.dtype).toBe("float16");
    expect(model.norm.numBatchesTracked?.dtype).toBe("int32");
  });
  it("is what `to` asks for, before anything moved", () => {
    const model = new Net().to(device);
    expect(() => model.to("cpu")).toThrow(/cannot be read synchronously.*\n.*await module\.toAsync\("cpu"\)/);
    expect(model.first.weight.device).toBe(device);
  });
});

describe("state", () => {
  it("loads from the CPU, and refuses to come back without await, before anything is written", () => {
    const [here, there] = [new Net(), new Net().to(device)];
    there.loadStateDict(here.stateDict());
    const before = here.first.weight.tolist();
    noGrad(() => there.first.weight.add_(1));
    expect(() => here.loadStateDict(there.stateDict())).toThrow(UnavailableError);
    expect(here.first.weight.tolist()).toEqual(before);
  });
  it("an optimizer that cannot take its state keeps what it had", () => {
    const made = (on: string) => {
      const w = tensor([1, 2], { device: on, requiresGrad: true });
      const optimizer = new optim.Adam([w]);
      w.sum().backward();
      optimizer.step();
      return optimizer;
    };
    const [here, there] = [made("cpu"), made(device)];
    const { state } = here.stateDict();
    expect(() => here.loadStateDict(there.stateDict())).toThrow(UnavailableError);
    expect(here.stateDict().state).toEqual(state);
    there.loadStateDict(here.stateDict());
  });
  it("is saved from the device and loaded onto it: safetensors, npz, npy, checkpoints", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flambeau-"));
    try {
      const x = tensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { device },
      );
      const columns = { a: x, b: x.t(), half: x.to("float16") };
      await io.save(columns, join(folder, "x.safetensors"));
      await io.saveNpz(columns, join(folder, "x.npz"));
      await io.saveNpy(x.t(), join(folder, "x.npy"));
      for (const read of [
        await io.load(join(folder, "x.safetensors"), { device }),
        await io.loadNpz(join(folder, "x.npz"), { device }),
      ]) {
        expect(read.b.device).toBe(device);
        expect(await read.b.tolistAsync()).toEqual([
          [1, 4],
          [2, 5],
          [3, 6],
        ]);
        expect(await read.half.tolistAsync()).toEqual(await x.tolistAsync());
      }
      const npy = await io.loadNpy(join(folder, "x.npy"), { device });
      expect(await npy.tolistAsync()).toEqual([
        [1, 4],
        [2, 5],
        [3, 6],
      ]);

      const path = join(folder, "run.safetensors");
      const model = new Net().to(device);
      const optimizer = new optim.Adam(model.parameters());
      losses.mse(model.forward(randn([4, 6], { device })), zeros([4, 3], { device })).backward();
      optimizer.step();
      const parts = { model, optimizer, generator: defaultGenerator };
      const values = async () => Promise.all([...model.stateDict().values()].map((t) => t.tolistAsync()));
      const saved = await values();
      await io.saveCheckpoint(path, parts, { epoch: 3 });
      optimizer.step();
      expect(await values()).not.toEqual(saved);
      expect((await io.loadCheckpoint(path, parts)).epoch).toBe(3);
      expect(await values()).toEqual(saved);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the data loader", () => {
  const points = () => new data.TensorDataset(tensor([1, 2, 3, 4, 5, 6]));
  it("waits for every device that paces it, before each batch", async () => {
    let paced = 0;
    Object.assign(remote, {
      pace: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        paced++;
      },
    });
    const seen: number[] = [];
    for await (const [x] of new data.DataLoader(points(), { batchSize: 2 })) {
      seen.push(paced);
      expect(x.size).toBe(2);
    }
    expect(seen).toEqual([1, 2, 3]);
  });
  it("gives batches on the device of a data set that lives there", async () => {
    const set = new data.TensorDataset(tensor([1, 2, 3, 4], { device }));
    const seen: unknown[] = [];
    for await (const [x] of new data.DataLoader(set, { batchSize: 2 })) seen.push(await x.tolistAsync());
    expect(seen).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => set.get(4)).toThrow();
  });
});

describe("an index out of range is told of by the next read", () => {
  const weight = () => zeros([3, 2], { device });
  const index = (...values: number[]) => tensor(values, { dtype: "int32", device });
  it.each<[what: string, call: () => Tensor, value: number]>([
    ["embedding", () => new nn.Embedding(3, 2).to(device).forward(index(0, 3)), 3],
    ["at", () => weight().at(index(1, -4)), -4],
    ["gather", () => weight().gather(0, index(5, 0).reshape([1, 2])), 5],
    ["indexSelect", () => weight().indexSelect(0, index(-1)), -1],
    ["take", () => weight().take(index(6)), 6],
    ["crossEntropy", () => losses.crossEntropy(weight(), index(0, 7, 1)), 7],
    ["oneHot", () => index(0, 2).oneHot(2), 2],
  ])("%s", async (_, call, value) => {
    const out = call();
    await expect(out.data()).rejects.toThrow(IndexError);
    await expect(out.data()).resolves.toBeDefined();
    call();
    await expect(weight().data()).rejects.toThrow(`index ${value} is out of range for size`);
  });
  it("and one in range, negative or not, is not", async () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { device },
    );
    expect(await x.at(index(-1, 0)).tolistAsync()).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(await x.indexSelect(1, index(1)).tolistAsync()).toEqual([[2], [4]]);
  });
});

it("anomaly detection says that it cannot look, instead of not looking", () => {
  const w = tensor([1], { device, requiresGrad: true });
  expect(() => detectAnomaly(() => w.log().sum().backward())).toThrow(UnavailableError);
});
it("anomaly detection finds NaN in half floats", () => {
  const w = tensor([-1], { dtype: "float16", requiresGrad: true });
  expect(() => detectAnomaly(() => w.sqrt().sum().backward())).toThrow("made NaN");
});
it("categories are drawn on the host", async () => {
  manualSeed(0);
  const weights = tensor([1, 2, 3], { device });
  const drawn = multinomial(await weights.toAsync("cpu"), 2);
  manualSeed(0);
  expect(drawn.tolist()).toEqual(multinomial(tensor([1, 2, 3]), 2).tolist());
});
