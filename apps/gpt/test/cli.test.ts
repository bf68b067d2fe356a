import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAtRandom, metricsOf, type Outcome, runSource } from "@flambeau/app-job/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { long } from "../../../test/support/long.ts";
import type { RunRecord, Summary } from "../src/run/records.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const timeout = 1_200_000;
const run = (args: readonly string[], watch?: Parameters<typeof runSource>[2]) => runSource(main, args, watch);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flambeau-gpt-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, ...names);
/** A training of seconds. */
const tiny = (out: string) => [
  ..."--dataset moby-dick-excerpt --steps 30 --eval-every 5 --batch-size 4 --block 16 --layers 1 --heads 2".split(" "),
  ..."--width 16 --warmup 5 --seed 3 --threads 1 --out".split(" "),
  out,
];
const resume = (out: string) => ["--resume", out, "--threads", "1"];
const summaryOf = async (name: string): Promise<Summary> =>
  JSON.parse(await readFile(at(name, "summary.json"), "utf8"));
/** What must not depend on the clock or on interruptions. */
const result = async (out: string) => [await metricsOf<RunRecord>(out), await readFile(join(out, "model.safetensors"))];

describe("training on the first chapters", { timeout }, () => {
  let whole: Outcome;
  beforeAll(async () => {
    whole = await run(tiny(at("whole")));
  }, timeout);

  it("ends well, with a summary of what was done", async () => {
    expect([whole.code, whole.err]).toEqual([0, ""]);
    const summary = await summaryOf("whole");
    expect(summary).toMatchObject({
      ...{ steps: 30, stepsDone: 30, bestStep: 30, interrupted: false, seed: 3, device: "cpu", threads: 1 },
      ...{ dataset: "moby-dick-excerpt", source: "bundled", vocabulary: 77, trainCharacters: 106_618 },
    });
    expect(summary.text).toHaveLength(500);
    // better than all characters alike, which ln 77 is
    expect(summary.validationLoss).toBeLessThan(4);
  });

  it("prints progress, what the model writes, the curve, and where the report is", () => {
    expect(whole.out).toMatch(/^step 30\/30 {2}train loss \d\.\d{4} {2}validation loss \d\.\d{4} {2}\d+\.\d s$/m);
    expect(whole.out).toMatch(/^ {4}\S/m);
    expect(whole.out).toMatch(/^Loss {3}⠤⠤ training, smoothed {3}o validation$/m);
    expect(whole.out).toContain(`report: ${at("whole", "report.html")}`);
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
    const metrics = await metricsOf<RunRecord>(at("whole"));
    expect(metrics.filter(({ kind }) => kind === "step").map(({ step }) => step)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    expect(metrics.filter(({ kind }) => kind === "test").map(({ step }) => step)).toEqual([5, 10, 15, 20, 25, 30]);
    const page = await readFile(at("whole", "report.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(2);
    expect(page.match(/<table/g)).toHaveLength(2);
  });

  it("stops at Ctrl-C after the step that is under way", async () => {
    const args = tiny(at("early")).with(3, "1000000").with(5, "1000000");
    let told = false;
    const { code, err } = await run(args, (out, kill) => {
      if (!told && out.includes("run: ")) kill("SIGINT");
      told ||= out.includes("run: ");
    });
    expect([code, err]).toEqual([130, ""]);
    expect(await summaryOf("early")).toMatchObject({ validationLoss: null, bestStep: null, interrupted: true });
    expect((await summaryOf("early")).stepsDone).toBeLessThan(1_000_000);
    expect((await readdir(at("early"))).sort()).toContain("model.safetensors");
  });

  it("stops at Ctrl-C, and --resume gives the very curve, texts and weights of a run that was not stopped", async () => {
    let told = false;
    const stopped = await run(tiny(at("stopped")), (out, kill) => {
      if (told || !out.includes("step 10/30  train")) return;
      told = true;
      kill("SIGINT");
    });
    expect([stopped.code, stopped.err]).toEqual([130, ""]);
    expect(stopped.out).toContain(`interrupted; go on with: npm run gpt -- --resume ${at("stopped")}`);
    const partial = await summaryOf("stopped");
    expect(partial).toMatchObject({ interrupted: true, text: null });
    expect(partial.stepsDone).toBeLessThan(30);
    expect(await readdir(at("stopped"))).toContain("report.html");

    const resumed = await run(resume(at("stopped")));
    expect([resumed.code, resumed.err]).toEqual([0, ""]);
    expect(await result(at("stopped"))).toEqual(await result(at("whole")));
    expect({ ...(await summaryOf("stopped")), seconds: 0 }).toEqual({ ...(await summaryOf("whole")), seconds: 0 });
  });

  it("goes on from where a kill at a random moment left it, to the very same curve, texts and weights", {
    timeout: long ? 7_200_000 : timeout,
  }, async () => {
    const { left, whole, resumed } = await killAtRandom({
      program: main,
      begin: tiny,
      resume,
      folder,
      kills: long ? 100 : 3,
      stepOf: ({ step }) => Number(step),
      result,
    });
    expect(left).toHaveLength(long ? 100 : 3);
    for (const each of resumed) expect(each).toEqual(whole);
  });

  it("writes on from a prompt with a run's weights, the same text for the same seed", async () => {
    const prompt = ["--run", at("whole"), "--prompt", "Call me", "--length", "40", "--threads", "1"];
    const [first, same, other] = [await run(prompt), await run(prompt), await run([...prompt, "--seed", "1"])];
    expect([first.code, first.err]).toEqual([0, ""]);
    expect(first.out).toMatch(/^Call me[\s\S]{40}\n$/);
    expect(same.out).toBe(first.out);
    expect(other.out).not.toBe(first.out);
    const greedy = await run([...prompt, "--temperature", "0"]);
    const narrow = await run([...prompt, "--top-k", "1", "--seed", "2"]);
    expect(narrow.out).toBe(greedy.out);
  });

  it.each([
    [["--prompt", "Ω"], '--prompt: the text of this run has no "Ω"'],
    [["--generate", "--run", "/nowhere"], "--run: /nowhere/model.safetensors does not exist"],
    [["--device", "abacus"], '--device: no backend is registered for device "abacus"'],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { code, err } = await run(args[0] === "--prompt" ? [...args, "--run", at("whole")] : args);
    expect(err).toContain(message);
    expect(err).toContain("Run with --help for the options.");
    expect(code).toBe(2);
  });
});
