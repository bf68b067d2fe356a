import { describe, expect, it } from "vitest";
import { type Chart, ranges, smoothed } from "../src/chart/chart.ts";
import { lineChart } from "../src/chart/svg-chart.ts";
import { terminalChart } from "../src/chart/terminal-chart.ts";

describe("lineChart", () => {
  const series = (style: "line" | "faint" | "dots", points: [number, number][]) =>
    ({ label: style, style, color: 2, points }) as const;
  const chart = { title: "Loss & co", xLabel: "step", yLabel: "nats" };

  it("is a figure with a caption, whose series have their looks, colours and names", () => {
    const points: [number, number][] = [
      [0, 1],
      [10, 3],
    ];
    const html = lineChart({
      ...chart,
      series: [series("faint", points), series("line", points), series("dots", points)],
    });
    expect(html).toMatch(/^<figure><figcaption>Loss &amp; co<\/figcaption>\n<svg .*<\/svg><\/figure>$/);
    expect(html).toContain("<title>Loss &amp; co: nats by step</title>");
    expect(html.match(/class="faint colour-1"/g)).toHaveLength(1);
    expect(html.match(/class="line colour-1"/g)).toHaveLength(2);
    expect(html.match(/class="dot colour-1"/g)).toHaveLength(2);
    expect([">faint<", ">line<", ">dots<"].map((name) => html.includes(name))).toEqual([false, true, true]);
  });

  it("names no series without points", () => {
    expect(lineChart({ ...chart, series: [series("dots", [])] })).not.toContain(">dots<");
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
