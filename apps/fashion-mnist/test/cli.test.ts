import { mkdtemp, readdir, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAtRandom, metricsOf as metricsIn, type Outcome, runSource } from "@flambeau/app-job/testing";
import { io } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { long } from "../../../test/support/long.ts";
import type { RunRecord, Summary } from "../src/run/records.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const timeout = 600_000;

const run = (args: readonly string[], watch?: Parameters<typeof runSource>[2]) => runSource(main, args, watch);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, ...names);
const digits = (out: string) => [
  "--dataset",
  "digits",
  "--epochs",
  "4",
  "--seed",
  "3",
  "--threads",
  "1",
  "--out",
  at(out),
];
const summaryOf = async (name: string): Promise<Summary> =>
  JSON.parse(await readFile(at(name, "summary.json"), "utf8"));
const metricsOf = (name: string) => metricsIn<RunRecord>(at(name));
/** What must not depend on the clock. */
const curve = (metrics: readonly RunRecord[]) =>
  metrics.map((record) => (record.kind === "epoch" ? { ...record, seconds: 0 } : record));

describe("training on the digits", { timeout }, () => {
  let whole: Outcome;
  beforeAll(async () => {
    whole = await run(digits("whole"));
  }, timeout);

  it("ends well, with a summary of what was done", async () => {
    expect(whole.err).toBe("");
    expect(whole.code).toBe(0);
    const summary = await summaryOf("whole");
    expect(summary).toMatchObject({
      epochs: 4,
      epochsDone: 4,
      steps: 4 * 45,
      interrupted: false,
      seed: 3,
      device: "cpu",
      threads: 1,
      dataset: "digits",
      source: "bundled",
      trainImages: 1437,
      testImages: 360,
    });
    // the same network in PyTorch gets there in 2 epochs
    expect(summary.testAccuracy).toBeGreaterThan(0.9);
    expect(summary.seconds).toBeGreaterThan(0);
    expect(summary.waiting).toBeGreaterThan(0);
    expect(summary.waiting).toBeLessThan(1);
  });

  it("follows PyTorch: the losses of the same network with the same seed", async () => {
    // PyTorch 2.13, this network and recipe written out in Python, manual_seed(3), one thread
    const first = [
      2.42171, 2.29143, 2.34174, 2.29519, 2.29082, 2.28479, 2.26004, 2.2919, 2.18925, 2.16948, 2.17347, 2.1068,
    ];
    const steps = (await metricsOf("whole")).filter((record) => record.kind === "step");
    expect(steps.slice(0, 3).map(({ lr }) => lr)).toEqual(
      [0.0004, 0.0004084300875312561, 0.00043369073913511816].map((lr) => expect.closeTo(lr, 12)),
    );
    steps.slice(0, first.length).forEach(({ loss }, i) => {
      expect(loss).toBeCloseTo(first[i], 4);
    });
  });

  it("prints progress, the accuracy of each class, and test images with truth and prediction", () => {
    expect(whole.out).toMatch(/^epoch 4\/4 {2}train loss \d\.\d{4} acc \d\.\d{4} {2}test loss/m);
    for (const digit of "0123456789") expect(whole.out).toMatch(new RegExp(`^  ${digit} +\\d+\\.\\d %$`, "m"));
    expect(whole.out).toMatch(/^right +right/m);
    expect(whole.out).toMatch(/^waiting for data: \d+\.\d+ % of the training loop's time$/m);
    expect(whole.out).toMatch(/test accuracy 0\.\d{4} in \d+\.\d s on digits/);
    expect(whole.out).not.toContain("\x1b");
  });

  it("leaves a run folder with weights, metrics and report", async () => {
    expect((await readdir(at("whole"))).sort()).toEqual([
      "checkpoint.safetensors",
      "metrics.jsonl",
      "model.safetensors",
      "recipe.json",
      "report.html",
      "summary.json",
    ]);
    const metrics = await metricsOf("whole");
    expect(metrics.filter(({ kind }) => kind === "step").map(({ step }) => step)).toEqual(
      Array.from({ length: 180 }, (_, i) => i + 1),
    );
    expect(metrics.filter(({ kind }) => kind === "epoch").map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const weights = await io.load(at("whole", "model.safetensors"));
    expect(weights["features.0.weight"].shape).toEqual([16, 1, 3, 3]);
    const page = await readFile(at("whole", "report.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(3);
  });

  it("stops at Ctrl-C after the step, and --resume gives the very curve of a run that was not stopped", async () => {
    let told = false;
    const stopped = await run(digits("stopped"), (out, kill) => {
      if (told || !out.includes("epoch 2/4  train")) return;
      told = true;
      kill("SIGINT");
    });
    expect([stopped.code, stopped.err]).toEqual([130, ""]);
    expect(stopped.out).toContain(`interrupted; go on with: npm start -- --resume ${at("stopped")}`);
    const partial = await summaryOf("stopped");
    expect(partial.interrupted).toBe(true);
    expect(partial.testAccuracy).toBeGreaterThan(0.5);
    expect(partial.steps).toBeLessThan(180);
    expect(await readdir(at("stopped"))).toContain("model.safetensors");

    const resumed = await run(["--resume", at("stopped"), "--threads", "1"]);
    expect([resumed.code, resumed.err]).toEqual([0, ""]);
    expect(curve(await metricsOf("stopped"))).toEqual(curve(await metricsOf("whole")));
    const [done, reference] = [await summaryOf("stopped"), await summaryOf("whole")];
    expect({ ...done, seconds: 0, waiting: 0 }).toEqual({ ...reference, seconds: 0, waiting: 0 });
    expect(await readFile(at("stopped", "model.safetensors"))).toEqual(
      await readFile(at("whole", "model.safetensors")),
    );
  });

  it("goes on from where a kill at a random moment left it, to the very same curve and weights", async () => {
    const { whole, resumed } = await killAtRandom({
      program: main,
      begin: (out) => [...digits("").slice(0, -1), out],
      resume: (out) => ["--resume", out, "--threads", "1"],
      folder,
      kills: long ? 20 : 2,
      stepOf: ({ epochsDone, stepInEpoch }) => Number(epochsDone) * 45 + Number(stepInEpoch),
      result: async (out) => [curve(await metricsIn(out)), await readFile(join(out, "model.safetensors"))],
    });
    for (const result of resumed) expect(result).toEqual(whole);
  });

  it("does not go on from a damaged checkpoint, and names it", async () => {
    const args = digits("damaged");
    expect((await run(args.with(3, "1"))).code).toBe(0);
    const checkpoint = at("damaged", "checkpoint.safetensors");
    await truncate(checkpoint, 1000);
    const resumed = await run(["--resume", at("damaged")]);
    expect(resumed.code).toBe(1);
    expect(resumed.err).toContain(`${checkpoint}: the header needs`);
    expect(resumed.err).not.toContain("    at ");
  });
});

describe("the command line", { timeout }, () => {
  it("shows help", async () => {
    const { code, out } = await run(["--help"]);
    expect(code).toBe(0);
    for (const option of [
      "--epochs",
      "--batch-size",
      "--lr",
      "--seed",
      "--device",
      "--threads",
      "--data",
      "--out",
      "--resume",
    ]) {
      expect(out).toContain(`  ${option} `);
    }
  });

  it.each([
    [["--epochs", "none"], '--epochs must be an integer from 1 to 1000000, got "none"'],
    [["--dataset", "digits", "--device", "abacus"], '--device: no backend is registered for device "abacus"'],
    [["--resume", "/nowhere"], "--resume: /nowhere/checkpoint.safetensors does not exist"],
    [["--dataset", "digits", "--out", import.meta.dirname], "is not empty: name another folder"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, err } = await run(args);
    expect(err).toContain(message);
    expect(err).toContain("Run with --help for the options.");
    expect(code).toBe(2);
  });
});
