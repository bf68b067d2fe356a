import { readFileSync } from "node:fs";
import {
  argmax,
  data,
  losses,
  manualSeed,
  memory,
  nn,
  optim,
  randn,
  reclaim,
  slice,
  type Tensor,
  tensor,
  tidy,
} from "flambeau";
import { afterEach, describe, expect, it, vi } from "vitest";

const figures = (name: string) => JSON.parse(readFileSync(new URL(`./figures/${name}`, import.meta.url), "utf8"));

const mlp = () => new nn.Sequential(new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 10));

describe("training", () => {
  it("follows PyTorch's first 50 losses", () => {
    const expected: number[] = figures("curve_torch213.json").loss;
    manualSeed(0);
    const model = mlp();
    const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
    for (const [i, reference] of expected.entries()) {
      const x = randn([32, 64]);
      const y = argmax(slice(x, 1, 0, 10), 1);
      const loss = losses.crossEntropy(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      expect(Math.abs(loss.item() - reference) / reference, `step ${i}`).toBeLessThan(1e-4);
    }
  });

  describe.each(["0", "7", "2026"])("initial values, seed %s", (seed) => {
    const golden: Record<string, number[]> = figures("init_torch213.json")[seed];
    const close = (t: Tensor, values: number[]) => {
      const got = [...t.flatten().dataSync()] as number[];
      expect(got.length).toBe(values.length);
      got.forEach((v, i) => {
        expect(Math.abs(v - values[i])).toBeLessThan(1e-6);
      });
    };
    it.each([
      ["linear_weight_3x4", () => new nn.Linear(4, 3).weight],
      ["linear_bias", () => new nn.Linear(4, 3).bias as Tensor],
      ["conv_weight", () => new nn.Conv2d(2, 3, 3).weight],
      ["embedding", () => new nn.Embedding(5, 4).weight],
    ])("%s", (key, make) => {
      manualSeed(Number(seed));
      close(make(), golden[key]);
    });
  });
});

/** One training step's worth of tensors that a user's code drops. */
function trainer() {
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(784, 256), new nn.ReLU(), new nn.Linear(256, 10));
  const optimizer = new optim.Adam(model.parameters());
  return (x: Tensor, y: Tensor) => {
    const loss = losses.crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
}

/** Live tensors after the collector has found what was dropped. */
async function settled(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    reclaim();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return memory().cpu.tensors;
}

describe("memory", () => {
  afterEach(() => vi.restoreAllMocks());

  const images = () => new data.TensorDataset(randn([2048, 784]), tensor(new Int32Array(2048).map((_, i) => i % 10)));

  it("holds a steady state over 1,000 steps of a plain loop, without scope or dispose", async () => {
    const before = await settled();
    const step = trainer();
    const dataset = images();
    let [done, made, peak] = [0, 0, 0];
    // where collecting takes long it is asked for less often: by this clock it takes no time
    vi.spyOn(Date, "now").mockImplementation(() => 1000 * done);
    // in a function of its own, so that its last batch is dropped with it
    async function run(steps: number): Promise<void> {
      while (done < steps)
        for await (const [x, y] of new data.DataLoader(dataset, { batchSize: 64, shuffle: true })) {
          if (done === steps) break;
          const held = memory().cpu.bytes;
          step(x, y);
          made += Math.max(memory().cpu.bytes - held, 0);
          peak = Math.max(peak, memory().cpu.bytes);
          done++;
        }
    }
    await run(1000);
    // 192 MB may be dropped before it is asked for (memory/reclaim.ts); beside them are the data, parameters and their moments, 15 MB, and a step's
    expect(made).toBeGreaterThan(700 * 2 ** 20);
    expect(peak).toBeLessThanOrEqual((192 + 32) * 2 ** 20);

    // once the collector has looked, what is left: two data tensors; four parameters, each with its gradient and two moments
    expect((await settled()) - before).toBe(2 + 4 * 4);
  });

  it("frees everything but parameters, gradients and optimizer state in a synchronous loop inside tidy", () => {
    const before = memory().cpu.tensors;
    const x = randn([64, 784]);
    const y = tensor(new Int32Array(64).map((_, i) => i % 10));
    const step = trainer();
    const peaks: number[] = [];
    for (let i = 0; i < 1000; i++) {
      tidy(() => void step(x, y));
      peaks[Math.floor(i / 100)] = Math.max(peaks[Math.floor(i / 100)] ?? 0, memory().cpu.bytes);
    }
    expect(peaks[9]).toBeLessThanOrEqual(1.1 * peaks[1]);
    // two inputs; four parameters, each with its gradient and two moments
    expect(memory().cpu.tensors - before).toBe(2 + 4 * 4);
  });
});
