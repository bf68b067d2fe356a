// The table of an NVIDIA card: its options, its text, and a row of it on the emulated driver.
import { emulatedDriver, emulationMissing } from "@flambeau/backend-cuda-native/emulated";
import { expect, test } from "vitest";
import { cudaMarkdown } from "../src/cuda/report.ts";
import { runCuda } from "../src/cuda/run.ts";
import { parse } from "../src/options.ts";
import { replaceSection } from "../src/page.ts";

const missing = emulationMissing();
if (missing !== null) console.warn(`SKIPPED: the bench on a card: ${missing}`);

test("is asked for alone", () => {
  expect(parse(["--cuda", "--filter", "matmul", "--rounds", "3"])).toMatchObject({ cuda: true, filter: "matmul" });
  expect(() => parse(["--cuda", "--webgpu"])).toThrow("--cuda: a table of its own, which does not go with --webgpu");
  expect(() => parse(["--cuda", "--threads", "3"])).toThrow("--threads");
});

test.skipIf(missing !== null)("has a row for each workload, and replaces the section that a page has", async () => {
  const wishes = { filter: "add_8x8", rounds: 1, driver: emulatedDriver, python: "/nowhere/python", limit: 500 };
  const report = await runCuda("a card", wishes, () => {});
  expect(report.rows.map(({ figures }) => figures.flambeau)).toEqual([
    expect.objectContaining({ ms: expect.any(Number) }),
  ]);
  const text = cudaMarkdown(report, "here, today");
  expect(text).toMatch(/^## CUDA \(a card\): flambeau \d/);
  expect(text).toContain("| add_8x8_us | ");
  expect(text).toContain("- torch is not here: /nowhere/python cannot import torch");
  const page = "# B\n\n## CUDA (old)\n\nold\n\n## The workloads\n\nlist\n";
  const replaced = replaceSection(page, text);
  expect(replaced).toContain("a card");
  expect(replaced).not.toContain("old");
  expect(replaceSection(replaced, "## WebGPU x\n")).toContain("## CUDA (a card)");
  await expect(runCuda("a card", { ...wishes, filter: "weather" }, () => {})).rejects.toThrow("weather");
});
