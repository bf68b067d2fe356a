import { describe, expect, it } from "vitest";
import { type Chart, ranges, smoothed, ticks } from "../src/chart/chart.ts";
import { escapeXml } from "../src/chart/svg.ts";
import { lineChart } from "../src/chart/svg-chart.ts";
import { terminalChart } from "../src/chart/terminal-chart.ts";

describe("ticks", () => {
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1407, 8, [0, 200, 400, 600, 800, 1000, 1200, 1400]],
    [0.13, 0.32, 4, [0.15, 0.2, 0.25, 0.3]],
    [3, 3, 4, [3]],
  ])("of %d to %d are round numbers", (min, max, count, expected) => {
    expect(ticks(min, max, count)).toEqual(expected);
  });
});

describe("lineChart", () => {
  const chart = (points: [number, number][]) =>
    lineChart({
      title: "Loss",
      xLabel: "step",
      yLabel: "nats",
      series: [{ label: "test", style: "dots", color: 1, points }],
    });
  /** The corners of the plot: where the smallest and largest values must lie. */
  const [left, right, top, bottom] = [64, 624, 16, 308];

  it("puts the extremes into the corners of the plot, y upwards", () => {
    const svg = chart([
      [0, 1],
      [10, 3],
    ]);
    expect(svg).toContain(`d="M${left} ${bottom}L${right} ${top}"`);
    expect(svg).toContain(`<circle class="dot c1" cx="${right}" cy="${top}" r="4"/>`);
  });

  it("breaks the line at what is no number", () => {
    expect(
      chart([
        [0, 1],
        [5, Number.NaN],
        [10, 3],
      ]),
    ).toContain(`d="M${left} ${bottom}M${right} ${top}"`);
  });

  it("draws a single point, and none, without NaN", () => {
    expect(chart([[1, 1]])).not.toContain("NaN");
    expect(chart([])).not.toContain("NaN");
  });
});

describe("escapeXml", () => {
  it("covers what can end an element or an attribute", () => {
    expect(escapeXml(`a<b>&"'`)).toBe("a&lt;b&gt;&amp;&quot;&#39;");
  });
});

describe("terminalChart", () => {
  const screen = { columns: 20, write: () => undefined };
  const chart: Chart = {
    title: "Loss",
    xLabel: "step",
    yLabel: "nats",
    series: [
      { label: "each batch", style: "faint", color: 1, points: [[0, 99]] },
      {
        label: "training",
        style: "line",
        color: 1,
        points: [
          [0, 3],
          [10, 1],
        ],
      },
      { label: "test", style: "dots", color: 2, points: [[10, 3]] },
    ],
  };

  it("goes from the upper left to the lower right where the values do, one row after the other", () => {
    const lines = terminalChart(chart, screen);
    expect(lines[0]).toBe("Loss   ⠤⠤ training   o test");
    const plot = lines.slice(1, 13);
    expect(plot.map((line) => line.slice(0, 3))).toEqual(["3 │", ...Array(10).fill("  │"), "1 │"]);
    // the first and the last dots of braille's eight
    expect(plot[0][3].codePointAt(0)).toSatisfy((code: number) => (code & 0x01) !== 0);
    expect(plot[11].at(-1)?.codePointAt(0)).toSatisfy((code: number) => (code & 0x80) !== 0);
    expect(plot[0].at(-1)).toBe("o");
    const firsts = plot.map((line) => line.slice(3).search(/[^ ]/));
    expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    expect(lines.at(-1)).toMatch(/^ {3}0 +step +10$/);
    for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(20);
  });

  it("is coloured on a terminal, unless NO_COLOR is set", () => {
    const tty = { ...screen, isTTY: true };
    const kept = process.env.NO_COLOR;
    delete process.env.NO_COLOR;
    expect(terminalChart(chart, tty).join("")).toContain("\x1b[33mo\x1b[0m");
    process.env.NO_COLOR = "1";
    expect(terminalChart(chart, tty).join("")).not.toContain("\x1b");
    if (kept === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = kept;
  });

  it("takes what is no number, and values far outside of the frame", () => {
    const wild = { ...chart, yMin: 0, yMax: 1 };
    const points: [number, number][] = [
      [0, 1e300],
      [1, Number.NaN],
      [2, -1e300],
      [3, 0.5],
    ];
    const lines = terminalChart({ ...wild, series: [{ label: "l", style: "line", color: 1, points }] }, screen);
    expect(lines.join("")).not.toContain("NaN");
    expect(lines[12]).toMatch(/[\u2801-\u28ff]/);
  });
});

describe("ranges", () => {
  it("cover what is drawn, but not the noise, and are never empty", () => {
    const one = (style: "line" | "faint", points: [number, number][]): Chart => ({
      ...{ title: "", xLabel: "", yLabel: "" },
      series: [{ label: "", style, color: 1, points }],
    });
    expect(
      ranges(
        one(
          "line",
          Array.from({ length: 200_000 }, (_, i) => [i, 1 - i]),
        ),
      ),
    ).toEqual({
      x: [0, 199_999],
      y: [-199_998, 1],
    });
    expect(ranges(one("line", [[5, 2]]))).toEqual({ x: [4.5, 5.5], y: [1.5, 2.5] });
    expect(ranges(one("faint", [[5, 2]]))).toEqual({ x: [0, 1], y: [0, 1] });
  });
});

describe("smoothed", () => {
  it("leaves short curves and constant ones as they are, and averages long ones", () => {
    expect(
      smoothed([
        [1, 5],
        [2, 7],
      ]),
    ).toEqual([
      [1, 5],
      [2, 7],
    ]);
    const flat = Array.from({ length: 1000 }, (_, i): [number, number] => [i, 3]);
    for (const [, y] of smoothed(flat)) expect(y).toBeCloseTo(3, 12);
    // weights 0.9^k over the steps before, as the formula of an exponential average has them
    const jump = smoothed(flat.map(([x], i) => [x, i < 999 ? 0 : 1]));
    expect(jump[999][1]).toBeCloseTo(1 / ((1 - 0.9 ** 1000) / 0.1), 12);
  });
});
