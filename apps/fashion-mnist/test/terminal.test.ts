import { describe, expect, it } from "vitest";
import { drawGallery, drawPicture } from "../src/draw.ts";
import { duration, Progress, progressLine, type Status } from "../src/progress.ts";

const status: Status = {
  epoch: 2,
  epochs: 3,
  step: 50,
  steps: 200,
  loss: 0.31234,
  accuracy: 0.8884,
  rate: 41.25,
  eta: 66.4,
};

describe("progressLine", () => {
  it("says epoch, steps, rate, loss, accuracy and time left", () => {
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

describe("drawPicture", () => {
  const picture = { pixels: [0, 1, 0.5, 1, 1, 0], width: 2, height: 3 };

  it("takes two rows to a line of characters, heavier where it is brighter", () => {
    // (0 + 0.5) / 2, (1 + 1) / 2; then a last row alone: (1 + 0) / 2, 0
    expect(drawPicture(picture, false)).toEqual([":@", "+ "]);
  });

  it("uses the upper half block with the greys of both rows on a terminal", () => {
    expect(drawPicture({ pixels: [0, 1], width: 1, height: 2 }, true)).toEqual(["\x1b[38;5;232;48;5;255m▀\x1b[0m"]);
  });
});

describe("drawGallery", () => {
  const item = (name: string) => ({ picture: { pixels: [1, 1, 1, 1], width: 2, height: 2 }, caption: [name] });

  it("breaks rows at the width of the terminal", () => {
    const lines = drawGallery([item("bag"), item("coat"), item("shirt")], { columns: 12, color: false });
    expect(lines).toEqual(["@@     @@", "bag    coat", "", "@@", "shirt", ""]);
  });
});
