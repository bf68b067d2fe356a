// A warm-up leaves no trace in a training run.
import "@flambeau/autograd";
import { FlambeauError, full, losses, manualSeed, nn, optim, randint, randn, registerBackend } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../src/index.ts";
import { adapterMissing, openBackend } from "../support/adapter.ts";

const device = "webgpu";

describe.skipIf(await adapterMissing())("a run that was warmed up", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  /** Losses of four steps. */
  async function run(make: (params: Iterable<nn.Parameter>) => optim.Adam | optim.SGD | optim.RMSprop, warm: boolean) {
    manualSeed(0);
    const model = new nn.Sequential(
      new nn.Linear(4, 8),
      new nn.BatchNorm1d(8),
      new nn.Dropout(0.2),
      new nn.Linear(8, 2),
    ).to(device);
    const optimizer = make(model.parameters());
    const [x, y] = [randn([16, 4], { device }), randint(0, 2, [16], { device })];
    const step = () => {
      const loss = losses.crossEntropy(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    // what a warm-up takes from the pool is full of numbers
    const used = [2, 8, 16, 32].flatMap((n) => Array.from({ length: 20 }, () => full([n], 777, { device })));
    for (const t of used) t.dispose();
    if (warm) await backend.warmUp(() => void step());
    const found: number[] = [];
    for (let i = 0; i < 4; i++) found.push(await step().itemAsync());
    return found;
  }

  it.each([
    ["Adam", (p: Iterable<nn.Parameter>) => new optim.Adam(p, { lr: 0.1, amsgrad: true })],
    ["SGD", (p: Iterable<nn.Parameter>) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 })],
    ["RMSprop", (p: Iterable<nn.Parameter>) => new optim.RMSprop(p, { lr: 0.1 })],
  ])("gives the same losses: %s, dropout and batch normalization", async (_, make) => {
    expect(await run(make, true)).toEqual(await run(make, false));
  });

  it("refuses an asynchronous function", async () => {
    await expect(backend.warmUp(async () => {})).rejects.toThrow(FlambeauError);
    expect(backend.warming).toBe(false);
  });
});
