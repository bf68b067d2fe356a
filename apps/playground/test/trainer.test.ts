import { data, memory } from "flambeau";
import { expect, test } from "vitest";
import type { Report } from "../src/digits/protocol.ts";
import { DigitTrainer } from "../src/digits/trainer.ts";

const of = <T extends Report["type"]>(reports: readonly Report[], type: T) =>
  reports.filter((report): report is Extract<Report, { type: T }> => report.type === type);

test("learns, reports each loss once, pauses and goes on, and leaves no tensors behind", async () => {
  const [train, test_] = [await data.digits({ split: "train" }), await data.digits({ split: "test" })];
  const reports: Report[] = [];
  const trainer = new DigitTrainer(train, test_, (report) => {
    reports.push(report);
    if (report.type === "progress" && report.step >= 30 && of(reports, "stopped").length === 0) trainer.pause();
  });
  trainer.set({ learningRate: 0.003, batchSize: 64, epochs: 5 });
  await trainer.run();
  expect(of(reports, "stopped").map(({ reason }) => reason)).toEqual(["paused"]);
  const held = memory().cpu.tensors;
  await trainer.run();
  expect(of(reports, "stopped").map(({ reason }) => reason)).toEqual(["paused", "finished"]);

  const progress = of(reports, "progress");
  let steps = 0;
  for (const report of progress) {
    steps += report.losses.length;
    expect(report.step).toBe(steps);
    expect(report.perSecond).toBeGreaterThan(0);
    for (const loss of report.losses) expect(loss).toBeLessThan(10);
  }
  const accuracies = of(reports, "measured").map(({ value }) => value);
  expect(accuracies[0]).toBeLessThan(0.3); // chance is a tenth
  expect(accuracies[accuracies.length - 1]).toBeGreaterThan(0.85);
  expect(memory().cpu.tensors).toBe(held);

  const zero = Array.from({ length: test_.length }, (_, i) => i).filter((i) => test_.label(i) === 0);
  let right = 0;
  for (const i of zero) {
    const probabilities = await trainer.classify(Float32Array.from(await test_.get(i)[0].data(), Number));
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    if (probabilities[0] === Math.max(...probabilities)) right++;
  }
  expect(right / zero.length).toBeGreaterThan(0.85);
  const sample = await trainer.sample(7);
  expect(test_.label(sample.index)).toBe(7);
  expect(Array.from(sample.pixels)).toEqual(Array.from(await test_.get(sample.index)[0].data(), Number));
});
