// The same program on both devices: what a user moves to the GPU gives the same losses.
import { DataLoader, digits, type ImageDataset } from "@flambeau/data";
import { crossEntropy } from "@flambeau/losses";
import {
  BatchNorm2d,
  Conv2d,
  Embedding,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
} from "@flambeau/nn";
import { Adam, AdamW, SGD } from "@flambeau/optim";
import { argmax, manualSeed, randint, randn, registerBackend, type Tensor } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterMissing, openBackend } from "./support/adapter.ts";

interface Program {
  readonly model: () => Module & { forward(x: Tensor): Tensor };
  readonly optimizer: (parameters: Iterable<Tensor>) => { zeroGrad(): void; step(): unknown };
  /** Draws a batch on the host, the same on both devices. */
  readonly batch: (step: number) => { readonly x: Tensor; readonly y: Tensor };
}

/** The losses of `steps` training steps from seed 0. */
async function train({ model: make, optimizer: choose, batch }: Program, device: string, steps: number) {
  manualSeed(0);
  const model = make();
  model.to(device);
  const optimizer = choose(model.parameters());
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { x, y } = batch(step);
    const loss = crossEntropy(model.forward(x.to(device)), y.to(device));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    found.push(await loss.itemAsync());
  }
  return found;
}

describe.skipIf(await adapterMissing())("training on cpu and on webgpu", () => {
  let backend: Awaited<ReturnType<typeof openBackend>>;
  let set: ImageDataset;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
    set = await digits();
  });
  afterAll(() => backend.dispose());

  it("an MLP on digits: 100 losses equal to 1e-4", async () => {
    const batches: { x: Tensor; y: Tensor }[] = [];
    manualSeed(1);
    for (let epoch = 0; epoch < 3; epoch++)
      for await (const [x, y] of new DataLoader(set, { batchSize: 32, shuffle: true }))
        batches.push({ x: x.flatten(1), y });
    const program: Program = {
      model: () => new Sequential(new Linear(64, 48), new ReLU(), new Linear(48, 10)),
      optimizer: (parameters) => new AdamW(parameters, { lr: 3e-3 }),
      batch: (step) => batches[step],
    };
    const cpu = await train(program, "cpu", 100);
    const gpu = await train(program, "webgpu", 100);
    expect(cpu[99]).toBeLessThan(cpu[0] / 3);
    const worst = Math.max(...cpu.map((loss, i) => Math.abs(loss - gpu[i])));
    expect(worst).toBeLessThan(1e-4);
    expect(await train(program, "webgpu", 20), "the same bits again").toEqual(gpu.slice(0, 20));
  });

  it.each<[string, Program]>([
    [
      "a CNN with batch norm and pooling",
      {
        model: () =>
          new Sequential(
            new Conv2d(1, 4, 3, { padding: 1 }),
            new BatchNorm2d(4),
            new ReLU(),
            new MaxPool2d(2),
            new Conv2d(4, 8, 3),
            new ReLU(),
            new Flatten(),
            new Linear(8 * 2 * 2, 5),
          ),
        optimizer: (parameters) => new SGD(parameters, { lr: 0.05, momentum: 0.9 }),
        batch: () => {
          const x = randn([16, 1, 8, 8]);
          return { x, y: argmax(x.flatten(1).narrow(1, 0, 5), 1) };
        },
      },
    ],
    [
      "an embedding with a linear layer",
      {
        model: () => new Sequential(new Embedding(20, 8), new Flatten(), new Linear(32, 6)),
        optimizer: (parameters) => new Adam(parameters, { lr: 0.02 }),
        batch: () => ({ x: randint(0, 20, [24, 4]), y: randint(0, 6, [24]) }),
      },
    ],
  ])("%s: 20 losses equal to 1e-4", async (_, program) => {
    const cpu = await train(program, "cpu", 20);
    const gpu = await train(program, "webgpu", 20);
    expect(Math.max(...cpu.map((loss, i) => Math.abs(loss - gpu[i])))).toBeLessThan(1e-4);
  });
});
