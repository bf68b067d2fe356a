import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricsOf, runSource } from "@flambeau/app-job/testing";
import { expect, it } from "vitest";
import type { RunRecord } from "../src/run/records.ts";
import type { TorchRecord } from "./torch-record.ts";

it("learns from the whole book what the same program in PyTorch does", { timeout: 7_200_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "flambeau-gpt-"));
  try {
    const out = join(folder, "run");
    const { code, err } = await runSource(join(import.meta.dirname, "../src/main.ts"), ["--out", out]);
    expect([code, err]).toEqual([0, ""]);
    const record: TorchRecord = JSON.parse(await readFile(join(import.meta.dirname, "../record.json"), "utf8"));
    const metrics = await metricsOf<RunRecord>(out);
    const tests = metrics.filter((metric) => metric.kind === "test");
    expect(tests.map(({ step }) => step)).toEqual(record.validation.map(([step]) => step));
    tests.forEach(({ validationLoss }, i) => {
      expect(Math.abs(validationLoss - record.validation[i][1])).toBeLessThan(0.02);
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
