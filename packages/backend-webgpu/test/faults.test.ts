// What goes wrong on a device stays with those who depend on it, also where tasks run at once.

import { compileProgram, type Expr, input } from "@flambeau/tensor/plugin";
import {
  embedding,
  type IndexError,
  io,
  losses,
  manualSeed,
  nn,
  ones,
  optim,
  registerBackend,
  type Tensor,
  tensor,
} from "flambeau";
import { afterEach, describe, expect, test } from "vitest";
import type { WebGpuBackend, WebGpuOptions } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const gpu = { device: "webgpu" } as const;
const ints = (values: number[]): Tensor => tensor(Int32Array.from(values), gpu);
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const tasks = <T>(fn: (task: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 8 }, (_, k) => fn(k)));
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: Error) => error.name);

describe.skipIf(await adapterMissing())("faults", () => {
  let backend: WebGpuBackend;
  const open = async (options: WebGpuOptions = {}): Promise<WebGpuBackend> =>
    (backend = registerBackend(await openBackend({ syncReads: false, ...options })));
  afterEach(() => backend.dispose());

  describe("an index that is none", () => {
    test("the read of what was looked up rejects, however late; another one goes on", async () => {
      await open();
      const table = tensor(
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        gpu,
      );
      const y = embedding(table, ints([999])).mul(2);
      const innocent = embedding(table, ints([2])).mul(2);
      const error: Partial<IndexError> = { name: "IndexError" };
      await turn();
      const [first, second] = await Promise.allSettled([y.data(), innocent.data()]);
      expect(first).toMatchObject({ status: "rejected", reason: error });
      expect(second).toMatchObject({ value: Float32Array.of(10, 12) });
      await expect(y.toAsync("cpu")).rejects.toThrow("index 999 is out of range for size 3");
      expect(await table.data()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    });

    test("a gradient that depends on the index alone is in doubt, too", async () => {
      await open();
      const table = ones([3, 2], { ...gpu, requiresGrad: true });
      embedding(table, ints([3]))
        .sum()
        .backward();
      await expect((table.grad as Tensor).data()).rejects.toMatchObject({ name: "IndexError" });
    });

    test.each(["fused", "decomposed"])(
      "a %s loss of no class taints the step: weights and state, until they are overwritten",
      async (form) => {
        await open();
        manualSeed(0);
        const model = new nn.Linear(4, 3).to("webgpu");
        const untouched = new nn.Linear(4, 3).to("webgpu");
        const adam = new optim.Adam(model.parameters(), { lr: 0.1 });
        const saved = new Map<string, Tensor>();
        for (const [name, t] of model.stateDict()) saved.set(name, await t.toAsync("cpu"));
        const options = form === "fused" ? {} : { labelSmoothing: 0.1 };
        const step = (target: number): Tensor => {
          adam.zeroGrad();
          const loss = losses.crossEntropy(model.forward(ones([2, 4], gpu)), ints([0, target]), options);
          loss.backward();
          adam.step();
          return loss;
        };
        const bad = step(7);
        const next = step(1);
        for (const t of [bad, next, model.weight, model.bias as Tensor])
          await expect(t.data()).rejects.toMatchObject({ name: "IndexError" });
        expect(await outcome(untouched.weight.data())).toBeInstanceOf(Float32Array);
        model.loadStateDict(saved);
        expect(await outcome(model.weight.data())).toEqual(await saved.get("weight")?.data());
        // the optimizer's state still comes from the bad step
        step(1);
        await expect(model.weight.data()).rejects.toMatchObject({ name: "IndexError" });
      },
    );
  });

  test("eight tasks train at once, every other one with a bad target: each hears of its own", async () => {
    await open();
    manualSeed(0);
    const results = await tasks(async (k) => {
      const model = new nn.Sequential(new nn.Embedding(10, 4), new nn.Linear(4, 3)).to("webgpu");
      const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
      let loss = 0;
      for (let i = 0; i < 6; i++) {
        sgd.zeroGrad();
        const bad = i === 3 ? k % 4 : 0;
        const l = losses.crossEntropy(model.forward(ints([k, bad === 1 ? 10 : i])), ints([1, bad === 3 ? 3 : 0]));
        l.backward();
        sgd.step();
        try {
          loss = await l.itemAsync();
        } catch (error) {
          return (error as Error).message.slice(0, 40);
        }
        await turn();
      }
      return Number.isFinite(loss);
    });
    expect(results).toEqual(
      [0, 1].flatMap(() => [
        true,
        expect.stringContaining("embedding: index 10"),
        true,
        expect.stringContaining("crossEntropy: target 3"),
      ]),
    );
  });

  describe("memory", () => {
    test("a tensor that the device has no room for is a MemoryError for those who depend on it", async () => {
      await open();
      const before = tensor([1, 2, 3], gpu).mul(2);
      const huge = ones([2 ** 28 - 64], gpu);
      const sum = huge.sum();
      const after = before.add(1);
      const both = sum.add(after);
      expect(await Promise.all([sum, before, after, both].map((t) => outcome(t.data())))).toEqual([
        "MemoryError",
        Float32Array.of(2, 4, 6),
        Float32Array.of(3, 5, 7),
        "MemoryError",
      ]);
      huge.dispose();
      expect(await ones([1000], gpu).sum().itemAsync()).toBe(1000);
    });

    test("a loop that yields holds a bounded part of what it drops", async () => {
      await open();
      let most = 0;
      for (let i = 0; i < 200; i++) {
        ones([2_500_000], gpu).add(1);
        await turn();
        most = Math.max(most, backend.memory().reservedBytes);
      }
      expect(most).toBeLessThan(1e9); // of 4e9; the collector is asked for at each 192 to 512 MiB
    });

    test("eight tasks under a limit", async () => {
      await open({ memoryLimit: 100e6 });
      const sums = await tasks(async (k) => {
        for (let i = 0; i < 10; i++) expect(await ones([1e6], gpu).add(k).sum().itemAsync()).toBe(1e6 * (k + 1));
        return k;
      });
      expect(sums).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(backend.memory().reservedBytes).toBeLessThanOrEqual(100e6);
    });

    test("pipelines that were not used for long are dropped, and made again", async () => {
      await open();
      const [a, b] = [ones([4], gpu), ones([4], gpu)];
      /** x + x + ... or x * x * ..., by the bits of `k`: another program for each. */
      const run = (k: number): void => {
        let formula: Expr = input(0);
        for (let bit = 0; bit < 10; bit++) formula = (k >> bit) & 1 ? formula.add(input(0)) : formula.mul(input(0));
        backend.kernels.map(compileProgram(formula, ["float32"], 0, "float32", "float32"), [a], [], b, true);
      };
      const count = 600;
      for (let k = 0; k < count; k++) run(k);
      expect(backend.counters.pipelinesCompiled).toBeGreaterThanOrEqual(count);
      expect(backend.counters.pipelines).toBeLessThanOrEqual(512);
      run(1);
      expect(await b.data()).toEqual(Float32Array.of(2, 2, 2, 2));
    });
  });

  describe("a lost device", () => {
    const net = (): nn.Sequential =>
      new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.ReLU(), new nn.Linear(8, 2)).to("webgpu");
    const train = async (model: nn.Module, adam: optim.Adam, from: number, to: number): Promise<number[]> => {
      const found: number[] = [];
      for (let i = from; i < to; i++) {
        adam.zeroGrad();
        const x = tensor(
          Float32Array.from({ length: 12 }, (_, k) => Math.sin(i + k)),
          { shape: [3, 4], ...gpu },
        );
        const loss = losses.crossEntropy((model as nn.Sequential).forward(x), ints([0, 1, i % 2]));
        loss.backward();
        adam.step();
        found.push(await loss.itemAsync());
      }
      return found;
    };
    const start = (): [nn.Sequential, optim.Adam] => {
      manualSeed(1);
      const model = net();
      return [model, new optim.Adam(model.parameters(), { lr: 0.05 })];
    };

    test("one call brings model and optimizer back, and training goes on with the same numbers", async () => {
      const lost = await open();
      const undisturbed = await train(...start(), 0, 8);
      const [model, adam] = start();
      const { weight } = model.get(0) as nn.Linear;
      await train(model, adam, 0, 4);
      const held = await io.snapshot({ adam, model }, { step: 4 });
      await train(model, adam, 4, 6);
      lost.device.destroy();
      await expect(train(model, adam, 6, 8)).rejects.toMatchObject({ name: "DeviceLostError" });
      await expect(io.restore(held, { adam, model })).rejects.toMatchObject({ name: "DeviceLostError" });
      await open();
      expect(await io.restore(held, { adam, model })).toEqual({ step: 4 });
      expect((model.get(0) as nn.Linear).weight).toBe(weight);
      expect(await train(model, adam, 4, 8)).toEqual(undisturbed.slice(4));
    });

    test("eight tasks lose it at once, and go on with what they hold on the cpu", async () => {
      const lost = await open();
      let [ready, gone, tell] = [0, false, (): void => {}];
      const again = new Promise<void>((resolve) => (tell = resolve));
      const all = tasks(async (k) => {
        const model = net();
        const held = new Map<string, Tensor>();
        for (const [name, t] of model.stateDict()) held.set(name, await t.detach().toAsync("cpu"));
        const x = ones([2 + k, 4]);
        const run = async (): Promise<ArrayLike<number | bigint>> => model.eval().forward(x.to("webgpu")).data();
        const before = await run();
        ready++;
        while (!gone) await turn();
        await expect(run()).rejects.toMatchObject({ name: "DeviceLostError" });
        await again;
        model.loadStateDict(held);
        expect(await run()).toEqual(before);
        return k;
      });
      while (ready < 8) await turn();
      lost.device.destroy();
      await lost.device.lost;
      gone = true;
      for (let i = 0; i < 10; i++) await turn();
      await open();
      tell();
      expect(await all).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    test("a snapshot also undoes a step that failed on the device", async () => {
      await open();
      const [model, adam] = start();
      const held = await io.snapshot({ model, adam });
      const losses8 = await train(model, adam, 0, 2);
      losses.crossEntropy((model as nn.Sequential).forward(ones([1, 4], gpu).expand([2, 4])), ints([0, 9])).backward();
      adam.step();
      await expect(train(model, adam, 2, 3)).rejects.toMatchObject({ name: "IndexError" });
      await io.restore(held, { model, adam });
      expect(await train(model, adam, 0, 2)).toEqual(losses8);
    });
  });
});
