import { readFileSync } from "node:fs";
import { data, manualSeed, optim, tidy } from "flambeau";
import { describe, expect, it } from "vitest";
import { batches, nameSets } from "../src/model/names.ts";
import { NameNetwork } from "../src/model/network.ts";
import { learn, nameOptimizer } from "../src/model/step.ts";

// what scripts/names_torch.py wrote: PyTorch 2.13, the same program with the same seed
const recordOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../records/${name}.json`, import.meta.url), "utf8"));

describe.each(["gru", "lstm"] as const)("%s", (cell) => {
  it("follows PyTorch's losses over its first hundred steps", async () => {
    const { recipe, losses, names, parameters } = recordOf(`short-${cell}`);
    const sets = nameSets(await data.firstNames());
    expect({ train: sets.train.length, validation: sets.validation.length }).toEqual(names);
    manualSeed(recipe.seed);
    const network = new NameNetwork(cell, recipe.hidden);
    expect(Array.from(network.parameters()).reduce((sum, { size }) => sum + size, 0)).toBe(parameters);
    const optimizer = nameOptimizer(network, recipe.lr);
    const totalSteps = recipe.epochs * Math.ceil(sets.train.length / recipe.batchSize);
    const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, recipe.lr, { totalSteps });
    const ours: number[] = [];
    for await (const batch of batches(sets.train, { batchSize: recipe.batchSize, shuffle: true })) {
      ours.push(tidy(() => learn(network, optimizer, batch)).item());
      scheduler.step();
      if (ours.length === 100) break;
    }
    const off = ours.map((loss, i) => Math.abs(loss - losses[i]));
    expect(ours[99]).toBeLessThan(ours[0] - 0.3);
    expect(Math.max(...off)).toBeLessThan(1e-4);
  });
});
