import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsOf, runSource } from "@flambeau/app-job/testing";
import { expect, test } from "vitest";
import type { RunRecord } from "../src/run/records.ts";

const read = async (path: string) => JSON.parse(await readFile(path, "utf8"));
// minutes on an idle machine, many more on a busy one
const timeout = 7_200_000;

test.each(["gru"])("the whole job with %s comes within 0.02 nats of PyTorch's", { timeout }, async (cell) => {
  const record = await read(join(import.meta.dirname, `../records/${cell}.json`));
  const folder = await mkdtemp(join(tmpdir(), "flambeau-names-"));
  try {
    const out = join(folder, "run");
    const { code, err } = await runSource(join(import.meta.dirname, "../src/main.ts"), ["--cell", cell, "--out", out]);
    expect([code, err]).toEqual([0, ""]);
    expect(await read(join(out, "recipe.json"))).toEqual({ job: "names", ...record.recipe });
    const epochs = (await metricsOf<RunRecord>(out)).filter((metric) => metric.kind === "epoch");
    const losses = record.epochs.map(({ validationLoss }: { validationLoss: number }) => validationLoss);
    expect(epochs).toHaveLength(losses.length);
    const summary = await read(join(out, "summary.json"));
    expect(Math.abs(epochs[epochs.length - 1].validationLoss - losses[losses.length - 1])).toBeLessThan(0.02);
    expect(Math.abs(summary.validationLoss - Math.min(...losses))).toBeLessThan(0.02);
  } finally {
    await rm(folder, { recursive: true });
  }
});
