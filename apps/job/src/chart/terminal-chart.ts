import type { Screen } from "../terminal/progress.ts";
import { type Chart, ranges } from "./chart.ts";

const rows = 12;
const mostColumns = 100;
const colors = { 1: "\x1b[34m", 2: "\x1b[33m" } as const;
/** The bits of a braille character's dots, by column and row. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/**
 * The lines of a chart for a terminal, as {@link lineChart} draws it: lines in braille dots, series with dots as "o", noise left out.
 * @param screen gives the width, and whether there are colours
 */
export function terminalChart(chart: Chart, screen: Screen): string[] {
  const color = screen.isTTY === true && !process.env.NO_COLOR;
  const { x, y } = ranges(chart);
  const ends = [label(y[1]), label(y[0])];
  const margin = Math.max(...ends.map((text) => text.length));
  const width = Math.max(10, Math.min(mostColumns, (screen.columns ?? 80) - margin - 3));
  const cells = Array.from({ length: rows }, () =>
    Array.from({ length: width }, () => ({ bits: 0, mark: "", color: 0 as 0 | 1 | 2 })),
  );
  const at = (point: readonly [number, number]) => ({
    column: Math.round(((point[0] - x[0]) / (x[1] - x[0])) * (2 * width - 1)),
    // what lies outside of the frame stays just outside
    row: Math.min(4 * rows, Math.max(-1, Math.round((1 - (point[1] - y[0]) / (y[1] - y[0])) * (4 * rows - 1)))),
  });
  for (const { points, style, color } of chart.series) {
    if (style === "faint") continue;
    let last: ReturnType<typeof at> | undefined;
    for (const point of points) {
      const next = Number.isFinite(point[1]) ? at(point) : undefined;
      if (next && style === "line") for (const { column, row } of between(last ?? next, next)) dot(column, row, color);
      if (next && style === "dots") {
        const cell = cells[next.row >> 2]?.[next.column >> 1];
        if (cell) Object.assign(cell, { mark: "o", color });
      }
      last = next;
    }
  }
  function dot(column: number, row: number, color: 1 | 2): void {
    const cell = cells[row >> 2]?.[column >> 1]; // absent outside of the frame
    if (!cell) return;
    cell.bits |= dots[column & 1][row & 3];
    cell.color ||= color;
  }
  const painted = (text: string, which: 0 | 1 | 2) => (color && which ? `${colors[which]}${text}\x1b[0m` : text);
  const named = chart.series.filter(({ style, points }) => style !== "faint" && points.length > 0);
  const legend = named.map(({ label, style, color }) => painted(`${style === "dots" ? "o" : "⠤⠤"} ${label}`, color));
  const [from, to] = x.map(label);
  const gap = Math.max(1, width - from.length - to.length - chart.xLabel.length);
  return [
    [chart.title, ...legend].join("   "),
    ...cells.map((line, row) => {
      const head = row === 0 ? ends[0] : row === rows - 1 ? ends[1] : "";
      const drawn = line.map(({ mark, bits, color }) =>
        mark || bits ? painted(mark || String.fromCodePoint(0x2800 + bits), color) : " ",
      );
      return `${head.padStart(margin)} │${drawn.join("").trimEnd()}`;
    }),
    `${" ".repeat(margin)} └${"─".repeat(width)}`,
    `${" ".repeat(margin + 2)}${from}${" ".repeat(Math.ceil(gap / 2))}${chart.xLabel}${" ".repeat(Math.floor(gap / 2))}${to}`,
  ];
}

/** The dots from one to another; in x every one, in y as many as a line without holes needs. */
function* between(
  a: { readonly column: number; readonly row: number },
  b: { readonly column: number; readonly row: number },
): Generator<{ column: number; row: number }> {
  const steps = Math.max(1, Math.abs(b.column - a.column), Math.abs(b.row - a.row));
  for (let i = 0; i <= steps; i++) {
    const part = i / steps;
    yield {
      column: Math.round(a.column + part * (b.column - a.column)),
      row: Math.round(a.row + part * (b.row - a.row)),
    };
  }
}

const label = (value: number): string => `${Number(value.toPrecision(3))}`;
