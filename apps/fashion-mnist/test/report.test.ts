import { describe, expect, it } from "vitest";
import { accuracyOf, confusionOf, perClass } from "../src/confusion.ts";
import { confusionMatrix } from "../src/report/matrix.ts";
import { reportPage } from "../src/report/page.ts";
import type { Summary } from "../src/run/records.ts";

const confusion = confusionOf(["cat", "dog & <co>"], [0, 0, 0, 1], [0, 1, 0, 1]);

describe("confusion", () => {
  it("counts truths by rows and predictions by columns", () => {
    expect(confusion.counts).toEqual([
      [2, 1],
      [0, 1],
    ]);
    expect(accuracyOf(confusion)).toBe(0.75);
    expect(perClass(confusion).map(({ accuracy }) => accuracy)).toEqual([2 / 3, 1]);
  });
});

describe("confusionMatrix", () => {
  it("shows each count, names the classes on both sides and escapes them", () => {
    const svg = confusionMatrix(confusion);
    expect(svg).toContain("<title>cat taken for dog &amp; &lt;co&gt;: 1 of 3</title>");
    expect(svg.match(/>dog &amp; &lt;co&gt;<\/text>/g)).toHaveLength(2);
    expect(svg).toContain(">66.7 %</text>");
  });
});

describe("reportPage", () => {
  const summary: Summary = {
    testAccuracy: 0.75,
    testLoss: 0.5,
    bestEpoch: 1,
    waiting: 0.01,
    seconds: 1.5,
    epochs: 2,
    epochsDone: 1,
    steps: 2,
    interrupted: true,
    seed: 3,
    batchSize: 4,
    lr: 0.01,
    device: "cpu",
    threads: 2,
    dataset: "digits",
    source: "bundled",
    reason: "no <network>",
    trainImages: 60_000,
    testImages: 4,
    parameters: 105_866,
    perClass: {},
  };
  const page = reportPage({
    summary,
    steps: [{ kind: "step", step: 1, epoch: 1, loss: 2, accuracy: 0.1, lr: 0.01 }],
    epochs: [],
    confusion,
  });

  it("says what the run was, that it was interrupted, and what stood in for what", () => {
    for (const text of ["75.0 %", "1 of 2 (interrupted)", "60,000 training", "105,866", "no &lt;network&gt;"]) {
      expect(page).toContain(text);
    }
  });

  it("needs nothing from outside", () => {
    expect(page).not.toMatch(/(src|href)=|url\((?!#)|@import|<script/);
  });

  it("is well-formed: every element that is opened is closed", () => {
    const open: string[] = [];
    for (const [, close, name, self] of page.matchAll(/<(\/?)([a-zA-Z]\w*)[^>]*?(\/?)>/g)) {
      if (name === "meta" || self) continue;
      if (close) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it("leaves out what an early stop has not made", () => {
    const early = reportPage({
      summary: { ...summary, testAccuracy: null },
      steps: [],
      epochs: [],
      confusion: undefined,
    });
    expect(early).not.toContain("<svg");
    expect(early).toContain("<dd>–</dd>");
  });
});
