import { describe, expect, it } from "vitest";
import { lossChart, reportPage } from "../src/report/page.ts";
import type { StepRecord, Summary, TestRecord } from "../src/run/records.ts";

const summary: Summary = {
  ...{ validationLoss: Math.LN2, bestStep: 2, seconds: 1.5, steps: 4, stepsDone: 2, interrupted: true, seed: 3 },
  ...{ batchSize: 2, block: 8, layers: 1, heads: 2, width: 4, lr: 0.01, device: "cpu", threads: 1 },
  ...{ dataset: "moby-dick-excerpt", source: "bundled", reason: "no <network>" },
  ...{ trainCharacters: 9000, validationCharacters: 1000, vocabulary: 77, parameters: 30_400, text: null },
};
const steps: StepRecord[] = [
  { kind: "step", step: 1, loss: 4, lr: 0.01 },
  { kind: "step", step: 2, loss: 3, lr: 0.02 },
];
const tests: TestRecord[] = [{ kind: "test", step: 2, trainLoss: 3.5, validationLoss: 0.7, sample: "\nthe <whale>\n" }];

describe("reportPage", () => {
  const page = reportPage({ summary, steps, tests });

  it("says what the run was, what stood in for what, and what was written", () => {
    for (const text of ["2 of 4 (interrupted)", "30,400", "no &lt;network&gt;", "<td>the &lt;whale&gt;</td>"])
      expect(page).toContain(text);
    // ln 2 nats are one bit
    expect(page).toContain("<dd>1.000</dd>");
    expect(page.match(/<figure>/g)).toHaveLength(2);
  });

  it("needs nothing from outside", () => {
    expect(page).not.toMatch(/(src|href)=|url\((?!#)|@import|<script/);
  });

  it("leaves out what an early stop has not made", () => {
    const early = reportPage({ summary: { ...summary, validationLoss: null }, steps: [], tests: [] });
    expect(early).not.toContain("<svg");
    expect(early).not.toContain("<table");
    expect(early).toContain("<dd>–</dd>");
  });

  it("shows the text of the best weights, once there is one", () => {
    expect(reportPage({ summary: { ...summary, text: "Ahab & co" }, steps, tests })).toContain("Ahab &amp; co");
  });
});

describe("lossChart", () => {
  it("has the validation losses as dots", () => {
    expect(lossChart(steps, tests).series.at(-1)).toMatchObject({ style: "dots", points: [[2, 0.7]] });
  });
});
