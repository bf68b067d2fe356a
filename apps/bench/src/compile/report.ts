import type { CompileFigure } from "./run.ts";

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);

/** A heading, then a line for each row. */
export function compileCells(figures: readonly CompileFigure[]): string[][] {
  const heading = ["", "eager ms", "compiled ms", "÷", "limit", "replayed ms", "÷", "limit", "kernels", "MiB"];
  const lines = figures.map(({ row, ms, ratio, kernels, bytes }) => [
    row.title,
    ms.eager.toFixed(2),
    ms.compiled.toFixed(2),
    ratio.compiled.toFixed(2),
    String(row.limit),
    ms.replayed.toFixed(2),
    ratio.replayed.toFixed(2),
    String(row.replayLimit ?? "–"),
    `${kernels.asked} → ${kernels.run}`,
    `${mebibytes(bytes.asked)} → ${mebibytes(bytes.held)}`,
  ]);
  return [heading, ...lines];
}

/** A table as text, columns aligned. */
export function aligned(cells: readonly (readonly string[])[]): string {
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const show = (line: readonly string[]) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return `${cells.map(show).join("\n")}\n`;
}

/** What is over its limit. */
export const overLimit = (figures: readonly CompileFigure[]): string[] =>
  figures.flatMap(({ row, ratio }) => {
    const found: string[] = [];
    if (!(ratio.compiled <= row.limit))
      found.push(`${row.name}: compiled takes ${ratio.compiled.toFixed(2)} of eager, limit ${row.limit}`);
    if (row.replayLimit !== undefined && !(ratio.replayed <= row.replayLimit))
      found.push(`${row.name}: replayed takes ${ratio.replayed.toFixed(2)} of eager, limit ${row.replayLimit}`);
    return found;
  });
