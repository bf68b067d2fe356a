import { data, losses, manualSeed, nn, optim, registerBackend } from "flambeau";
import { afterAll, expect, test } from "vitest";
import { start } from "./start.ts";

const remote = registerBackend(start());
afterAll(() => remote.dispose());

/** Trains a network on handwritten digits: the losses, and the share of the test images that it then reads. */
async function train(device: string): Promise<{ curve: number[]; right: number }> {
  manualSeed(0);
  const model = new nn.Sequential(new nn.Flatten(), new nn.Linear(64, 32), new nn.ReLU(), new nn.Linear(32, 10));
  model.to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const curve: number[] = [];
  for (let epoch = 0; epoch < 6; epoch++) {
    const batches = new data.DataLoader(await data.digits({ split: "train" }), { batchSize: 64, shuffle: true });
    for await (const [images, labels] of batches) {
      const loss = losses.crossEntropy(model.forward(images.to(device)), labels.to(device));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      curve.push(await loss.itemAsync());
    }
  }
  const set = await data.digits({ split: "test" });
  let right = 0;
  for await (const [images, labels] of new data.DataLoader(set, { batchSize: 100 })) {
    const guesses = await model.forward(images.to(device)).argmax(1).toAsync("cpu");
    right += Number(guesses.eq(labels).sum().item());
  }
  return { curve, right: right / set.length };
}

test("the digits are learnt on the device, with the cpu's losses", async () => {
  const [ours, cpu] = [await train("remote"), await train("cpu")];
  expect(ours.curve.length).toBe(138);
  ours.curve.forEach((loss, i) => {
    expect(Math.abs(loss - cpu.curve[i]), `step ${i}`).toBeLessThan(1e-3);
  });
  expect(ours.right).toBeGreaterThan(0.85);
}, 600_000);
