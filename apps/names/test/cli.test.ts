import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAtRandom, metricsOf, type Outcome, runSource } from "@flambeau/app-job/testing";
import { io } from "flambeau";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { long } from "../../../test/support/long.ts";
import type { RunRecord, Summary } from "../src/run/records.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const timeout = 600_000 * (long ? 6 : 1);
const run = (args: readonly string[], watch?: Parameters<typeof runSource>[2]) => runSource(main, args, watch);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-names-"));
});
afterAll(() => rm(folder, { recursive: true }));

const [epochs, steps] = [3, 16];
const small = (out: string) => [
  ..."--hidden 8 --epochs 3 --batch-size 512 --lr 0.02 --seed 3 --threads 1 --out".split(" "),
  out,
];
const at = (...names: string[]) => join(folder, ...names);
const summaryOf = async (out: string): Promise<Summary> =>
  JSON.parse(await readFile(join(out, "summary.json"), "utf8"));
/** What a run has come to, without what depends on the clock. */
const resultOf = async (out: string) => [
  (await metricsOf<RunRecord>(out)).map((record) => (record.kind === "epoch" ? { ...record, seconds: 0 } : record)),
  { ...(await summaryOf(out)), seconds: 0 },
  await readFile(join(out, "model.safetensors")),
];

describe("learning names", { timeout }, () => {
  let whole: Outcome;
  beforeAll(async () => {
    whole = await run(small(at("whole")));
  }, timeout);

  it("ends well, with a summary of what was done", async () => {
    expect([whole.code, whole.err]).toEqual([0, ""]);
    const summary = await summaryOf(at("whole"));
    expect(summary).toMatchObject({
      ...{ epochs, epochsDone: epochs, steps: epochs * steps, interrupted: false, seed: 3, cell: "gru", hidden: 8 },
      ...{ trainNames: 7958, validationNames: 891 },
    });
    // letters that are drawn evenly cost log 28 = 3.33 nats
    expect(summary.validationLoss).toBeLessThan(3);
    expect(summary.samples).toHaveLength(20);
  });

  it("shows progress, names and the curve, and plainly where there is no terminal", () => {
    expect(whole.out).toMatch(/^epoch 3\/3 {2}train loss \d\.\d{4} {2}validation loss \d\.\d{4}/m);
    expect(whole.out.match(/^ {2}female: \S+/gm)).toHaveLength(epochs);
    expect(whole.out).toMatch(/^male: {3}\S+/m);
    expect(whole.out).toMatch(/^Loss .*validation/m);
    expect(whole.out).toMatch(/^validation loss \d\.\d{4} nats a letter in \d+\.\d s$/m);
    expect(whole.out).not.toContain("\x1b");
  });

  it("leaves a run folder with weights, metrics and report", async () => {
    const files = ["checkpoint.safetensors", "metrics.jsonl", "model.safetensors", "recipe.json", "report.html"];
    expect((await readdir(at("whole"))).sort()).toEqual([...files, "summary.json"]);
    const metrics = await metricsOf<RunRecord>(at("whole"));
    expect(metrics.filter(({ kind }) => kind === "step").map(({ step }) => step)).toEqual(
      Array.from({ length: epochs * steps }, (_, i) => i + 1),
    );
    const weights = await io.load(at("whole", "model.safetensors"));
    expect(weights["rnn.weight_hh_l1"].shape).toEqual([24, 8]);
    const page = await readFile(at("whole", "report.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(1);
    for (const { name } of (await summaryOf(at("whole"))).samples) expect(page).toContain(name);
  });

  it("stops at Ctrl-C after the step, and --resume gives the very curve of a run that was not stopped", async () => {
    let told = false;
    const stopped = await run(small(at("stopped")), (out, kill) => {
      if (told || !out.includes("epoch 2/3  train")) return;
      told = true;
      kill("SIGINT");
    });
    expect([stopped.code, stopped.err]).toEqual([130, ""]);
    expect(stopped.out).toContain(`interrupted; go on with: npm run names -- --resume ${at("stopped")}`);
    expect((await summaryOf(at("stopped"))).interrupted).toBe(true);

    const resumed = await run(["--resume", at("stopped"), "--threads", "1"]);
    expect([resumed.code, resumed.err]).toEqual([0, ""]);
    expect(await resultOf(at("stopped"))).toEqual(await resultOf(at("whole")));
  });

  it("goes on from where a kill at a random moment left it, to the very same curve and weights", async () => {
    const { whole, resumed, left } = await killAtRandom({
      program: main,
      begin: small,
      resume: (out) => ["--resume", out, "--threads", "1"],
      folder,
      kills: long ? 100 : 3,
      stepOf: ({ epochsDone, stepInEpoch }) => Number(epochsDone) * steps + Number(stepInEpoch),
      result: resultOf,
    });
    expect(left).toHaveLength(long ? 100 : 3);
    for (const result of resumed) expect(result).toEqual(whole);
  });

  it("makes up names with a run that is trained, and tells the new ones", async () => {
    const args = ["--generate", "12", "--prefix", "Ma", "--run", at("whole"), "--threads", "1"];
    const { code, err, out } = await run(args);
    expect([code, err]).toEqual([0, ""]);
    const lines = out.trimEnd().split("\n");
    const names = lines.slice(0, -1).map((line) => /^ {2}(Ma[-A-Za-z]*) +(female|male) +(.+)$/.exec(line));
    expect(names).toHaveLength(12);
    const fresh = names.filter((found) => found?.[3] === "new");
    for (const found of names) expect(["new", "held out", "trained on"]).toContain(found?.[3]);
    expect(lines[12]).toBe(`${fresh.length} of 12 are new`);
    expect((await run(args)).out).toBe(out);
    expect((await run([...args, "--seed", "1"])).out).not.toBe(out);
  });

  it.each([
    [["--generate", "1", "--run", "nowhere"], "checkpoint.safetensors does not exist"],
    [["--out", import.meta.dirname], "is not empty: name another folder"],
    [["--epochs", "0"], '--epochs must be an integer from 1 to 1000000, got "0"'],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, err } = await run(args);
    expect(err).toContain(message);
    expect(err).toContain("Run with --help for the options.");
    expect(code).toBe(2);
  });
});
