import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cpuWasm, memory, registerBackend } from "flambeau";
import { beforeAll, describe, expect, it } from "vitest";
import { loadCorpus } from "../src/corpus.ts";
import type { Recipe } from "../src/options.ts";
import { Training } from "../src/training.ts";
import type { TorchRecord } from "./torch-record.ts";

// scripts/gpt_torch.py: the same program in PyTorch, the same seed
const record: TorchRecord = JSON.parse(readFileSync(join(import.meta.dirname, "small-record.json"), "utf8"));
const { settings } = record;
const recipe: Recipe = {
  job: "gpt",
  dataset: "moby-dick-excerpt",
  steps: settings.steps,
  batchSize: settings.batch_size,
  block: settings.block,
  layers: settings.layers,
  heads: settings.heads,
  width: settings.width,
  position: settings.position,
  lr: settings.lr,
  warmup: settings.warmup,
  evalEvery: settings.eval_every,
  seed: settings.seed,
};

describe("beside the same program in PyTorch", () => {
  let training: Training;
  const curve: [number, number][] = [];
  const rates: [number, number][] = [];
  const tests: [number, number][] = [];
  const bytes: number[] = [];
  beforeAll(async () => {
    registerBackend(cpuWasm({ threads: 1 }));
    training = new Training(recipe, await loadCorpus(recipe.dataset, { root: undefined, log: () => undefined }));
    while (!training.isDone) {
      const { loss, lr } = await training.trainStep();
      curve.push([training.step, loss]);
      rates.push([training.step, lr]);
      bytes.push(memory().cpu.bytes);
      if (!training.isTestDue) continue;
      const loss_ = await training.validate(() => true);
      if (loss_ === undefined) throw new Error("nobody has stopped it");
      training.endTest(loss_);
      tests.push([training.step, loss_]);
    }
  });

  it("has the same parts", () => {
    expect(training.corpus.tokenizer.vocabSize).toBe(record.characters);
    expect([...training.model.parameters()].reduce((sum, p) => sum + p.size, 0)).toBe(record.parameters);
  });

  it("follows its losses step by step", () => {
    expect(curve.length).toBe(120);
    expect(record.train.length).toBe(120);
    record.train.forEach(([step, loss], i) => {
      expect(curve[i][0]).toBe(step);
      expect(curve[i][1]).toBeCloseTo(loss, 5);
    });
  });

  it("has its learning rates", () => {
    record.lr.forEach(([step, lr], i) => {
      expect(rates[i]).toEqual([step, expect.closeTo(lr, 12)]);
    });
  });

  it("has its validation losses", () => {
    expect(tests.map(([step]) => step)).toEqual([40, 80, 120]);
    record.validation.forEach(([step, loss], i) => {
      expect(tests[i]).toEqual([step, expect.closeTo(loss, 5)]);
    });
  });

  it("holds no more memory after the last step than after the third", () => {
    expect(Math.max(...bytes.slice(2))).toBe(bytes[2]);
  });
});
