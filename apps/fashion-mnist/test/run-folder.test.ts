import { appendFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../src/options.ts";
import { newRunPath, RunFolder } from "../src/run/folder.ts";
import type { EpochRecord, StepRecord } from "../src/run/records.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-run-"));
});
afterEach(() => rm(folder, { recursive: true }));

const step = (n: number): StepRecord => ({ kind: "step", step: n, epoch: 1, loss: 1 / n, accuracy: 0.5, lr: 0.01 });
const epoch = (n: number, at: number): EpochRecord => ({
  ...{ kind: "epoch", epoch: n, step: at, seconds: 1 },
  ...{ trainLoss: 1, trainAccuracy: 0.5, testLoss: 1, testAccuracy: 0.5 },
});

describe("newRunPath", () => {
  const now = new Date(2026, 2, 4, 5, 6, 7);

  it("is named after time and seed", () => {
    expect(newRunPath(42, now, () => false)).toBe(join("runs", "2026-03-04-050607-42"));
  });

  it("counts on where a run of the same second stands already", () => {
    const taken = new Set(["2026-03-04-050607-0", "2026-03-04-050607-0-2"].map((name) => join("runs", name)));
    expect(newRunPath(0, now, (path) => taken.has(path))).toBe(join("runs", "2026-03-04-050607-0-3"));
  });
});

describe("RunFolder", () => {
  it("makes a new folder, and never writes into one that holds something", async () => {
    RunFolder.create(join(folder, "a", "b"));
    await writeFile(join(folder, "a", "b", "notes"), "mine");
    expect(() => RunFolder.create(join(folder, "a", "b"))).toThrow(UsageError);
  });

  it("takes up the metrics up to the checkpoint, without what a killed run wrote after it", async () => {
    const path = join(folder, "run");
    const killed = RunFolder.create(path);
    for (const record of [step(1), step(2), epoch(1, 2), step(3), step(4), epoch(2, 4)]) killed.record(record);
    killed.flush();
    appendFileSync(join(path, "metrics.jsonl"), '{"kind":"step","st');
    await writeFile(join(path, "checkpoint.safetensors"), "");

    const resumed = RunFolder.open(path);
    await resumed.restoreMetrics({ step: 3, epochsTested: 1 });
    resumed.record(step(4));
    resumed.flush();
    const lines = (await readFile(join(path, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([step(1), step(2), epoch(1, 2), step(3), step(4)]);
    expect([resumed.steps.length, resumed.epochs.length]).toEqual([4, 1]);
  });

  it("keeps the recipe, and says when it cannot be read", async () => {
    const run = RunFolder.create(join(folder, "run"));
    const recipe = { dataset: "digits", epochs: 2, batchSize: 32, lr: 0.01, seed: 5 } as const;
    await run.writeRecipe(recipe);
    expect(run.readRecipe()).toEqual(recipe);
    await writeFile(join(run.path, "recipe.json"), '{"epochs":2}');
    expect(() => run.readRecipe()).toThrow(/--resume: .*recipe\.json cannot be read \(a value is missing\)/);
  });
});
