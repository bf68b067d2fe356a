import { appendFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newestRun, newRunPath, RunFolder } from "../src/folder.ts";
import { UsageError } from "../src/options.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-run-"));
});
afterEach(() => rm(folder, { recursive: true }));

interface Step {
  readonly kind: "step";
  readonly step: number;
  readonly loss: number;
}
interface Test {
  readonly kind: "test";
  readonly step: number;
  readonly accuracy: number;
}
const step = (n: number): Step => ({ kind: "step", step: n, loss: 1 / n });
const tested = (at: number): Test => ({ kind: "test", step: at, accuracy: 0.5 });

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
    const killed = RunFolder.create<Step | Test>(path);
    for (const record of [step(1), step(2), tested(2), step(3), step(4), tested(4)]) killed.record(record);
    killed.flush();
    appendFileSync(join(path, "metrics.jsonl"), '{"kind":"step","st');
    await writeFile(join(path, "checkpoint.safetensors"), "");

    const resumed = RunFolder.open<Step | Test>(path);
    await resumed.restoreMetrics((metric) => metric.step <= 3);
    resumed.record(step(4));
    resumed.flush();
    const lines = (await readFile(join(path, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([step(1), step(2), tested(2), step(3), step(4)]);
    expect(resumed.metrics("step")).toEqual([step(1), step(2), step(3), step(4)]);
    expect(resumed.metrics("test")).toEqual([tested(2)]);
  });

  it("keeps the recipe, and says when it cannot be read", async () => {
    const run = RunFolder.create(join(folder, "run"));
    const recipe = { epochs: 2, lr: 0.01 };
    await run.writeRecipe(recipe);
    const check = ({ epochs, lr }: { readonly [name: string]: unknown }) => {
      if (typeof epochs !== "number" || typeof lr !== "number") throw new Error("a value is missing");
      return { epochs, lr };
    };
    expect(run.readRecipe(check)).toEqual(recipe);
    await writeFile(join(run.path, "recipe.json"), '{"epochs":2}');
    await writeFile(run.checkpoint, "");
    const resumed = RunFolder.open(run.path);
    expect(() => resumed.readRecipe(check)).toThrow(UsageError);
    expect(() => resumed.readRecipe(check)).toThrow(/--resume: .*recipe\.json cannot be read \(a value is missing\)/);
  });
});

describe("newestRun", () => {
  const check = ({ job }: { readonly [name: string]: unknown }) => {
    if (job !== "ours") throw new Error("another job");
  };
  const run = async (name: string, job: string, time: number) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "recipe.json"), JSON.stringify({ job }));
    await writeFile(join(folder, name, "model.safetensors"), "");
    await utimes(join(folder, name, "model.safetensors"), time, time);
  };

  it("is the one of the job whose weights were written last", async () => {
    expect(() => newestRun(check, folder)).toThrow(UsageError);
    expect(() => newestRun(check, join(folder, "nowhere"))).toThrow("there is no trained run of this program");
    await run("a", "ours", 2000);
    await run("b", "ours", 1000);
    await run("c", "theirs", 3000);
    await mkdir(join(folder, "d"));
    expect(newestRun(check, folder)).toBe(join(folder, "a"));
  });

  it("is one with weights: a folder without them is refused by name", () => {
    expect(() => RunFolder.trained(folder)).toThrow(`--run: ${join(folder, "model.safetensors")} does not exist`);
  });
});
