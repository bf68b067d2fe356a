import { describe, expect, it } from "vitest";
import { duration, Progress, progressLine, type Status } from "../src/terminal/progress.ts";

const status: Status = {
  head: "epoch 2/3",
  step: 50,
  steps: 200,
  figures: ["loss 0.3123", "acc 0.888"],
  rate: 41.25,
  eta: 66.4,
};

describe("progressLine", () => {
  it("says what goes on, steps, rate, figures and time left", () => {
    expect(progressLine(status, 0)).toBe("epoch 2/3   50/200  41.3 it/s  loss 0.3123  acc 0.888  ETA 1:06");
  });

  it("fills a quarter of the bar after a quarter of the steps", () => {
    const line = progressLine(status, 120);
    expect(line).toContain(`epoch 2/3 ${"█".repeat(10)}${"░".repeat(30)}  50/200`);
  });

  it.each([20, 60, 72, 80, 100])("never reaches the last of %i columns", (columns) => {
    expect(progressLine(status, columns).length).toBeLessThan(columns);
    expect(progressLine({ ...status, step: 200 }, columns).length).toBeLessThan(columns);
  });

  it.each([
    [5, "0:05"],
    [59.6, "1:00"],
    [3725, "1:02:05"],
    [Number.NaN, "-:--"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe("Progress", () => {
  const screenOf = (isTTY: boolean) => {
    let written = "";
    return { isTTY, columns: 80, write: (text: string) => (written += text), written: () => written };
  };

  it("writes a plain line every five seconds where there is no terminal", () => {
    const screen = screenOf(false);
    let now = 0;
    const progress = new Progress(screen, () => now);
    for (; now < 12; now++) progress.update(status);
    expect(screen.written().match(/\n/g)).toHaveLength(3);
    expect(screen.written()).not.toContain("\r");
  });

  it("redraws one line on a terminal, and prints others above it", () => {
    const screen = screenOf(true);
    let now = 0;
    const progress = new Progress(screen, () => now);
    progress.update(status);
    now = 1;
    progress.update(status);
    expect(screen.written()).not.toContain("\n");
    progress.print("done");
    expect(screen.written().endsWith("\r\x1b[2Kdone\n")).toBe(true);
  });
});
