import type { Figure } from "../measure.ts";
import { aligned } from "../report.ts";
import { gflops } from "../statistics.ts";
import { shown } from "../table.ts";
import { kernelKinds } from "./columns.ts";
import type { ScalingFigure, ScalingReport } from "./found.ts";
import { floorOf, type Miss, misses, shareOf, simdLimit, targetOf, timesTorch } from "./judge.ts";
import { rateOf } from "./limits.ts";

function time(figure: Figure | undefined, flops?: number): string {
  if (!figure || "unsupported" in figure) return "–";
  const text = figure.ms < 10 ? `${shown(figure.ms * 1e3)} µs` : `${shown(figure.ms)} ms`;
  return flops ? `${text} (${shown(gflops(flops, figure.ms))})` : text;
}

function line(figure: ScalingFigure): string[] {
  const { row, figures } = figure;
  const ours = kernelKinds.flatMap((kernels) => {
    const [ratio, target] = [timesTorch(figure, kernels), targetOf(figure, kernels)];
    const mark = ratio > target ? " ✗" : "";
    return [
      time(figures[kernels], row.flops),
      Number.isNaN(ratio) ? "–" : `${ratio.toFixed(2)}${mark}`,
      row.target ? String(target) : "",
    ];
  });
  return [row.name, time(figures.torch, row.flops), ...ours];
}

/** A heading, then a line for each row. */
export const scalingCells = ({ rows }: ScalingReport): string[][] => [
  ["row", "torch", ...kernelKinds.flatMap((kernels) => [kernels, "÷ torch", "target"])],
  ...rows.map(line),
];

/** The machine's limits, the columns that are missing, what could not run, what is relative to other rows, and what misses its target. */
export function scalingRemarks(report: ScalingReport): string[] {
  const bounds = report.limits.map(({ limit, figure }) =>
    "ms" in figure
      ? `${limit.title}: ${shown(rateOf(limit, figure.ms, report.threads))} ${limit.rate}`
      : `${limit.title}: not measured: ${figure.unsupported}`,
  );
  const missing = report.rivals.flatMap((rival) =>
    "unavailable" in rival ? [`${rival.name} is not here: ${rival.unavailable}`] : [],
  );
  const refused = report.rows.flatMap(({ row, figures }) =>
    Object.entries(figures).flatMap(([name, figure]) =>
      "unsupported" in figure ? [`${name}, ${row.name}: ${figure.unsupported}`] : [],
    ),
  );
  const limit = simdLimit(report);
  const shares = report.rows.flatMap((figure) => {
    const share = shareOf(figure, limit);
    return figure.row.share && share > 0 ? [`${figure.row.name}, wasm: ${share.toFixed(2)} of the SIMD limit`] : [];
  });
  return [...bounds, ...missing, ...refused, ...shares];
}

/** A row that misses its target: by how much, where its time goes, and what its products alone would take. */
function missed(report: ScalingReport, { row, kernels, text }: Miss): string {
  if (row === undefined) return text;
  const found = report.explained.find((e) => e.row === row && e.kernels === kernels);
  const parts = [...(found?.parts ?? [])].sort((a, b) => b.share - a.share).slice(0, 4);
  const profile = parts.map(({ name, share }) => `${name} ${Math.round(100 * share)}%`).join(", ");
  const floor = floorOf(report, row, kernels);
  const isCounted =
    kernels === "wasm" && report.rows.some((figure) => figure.row.name === row && figure.row.cycles !== undefined);
  const products =
    floor > 0 ? `its ${isCounted ? "vector operations" : "multiply-adds"} alone ${floor.toFixed(2)}` : "";
  return [text, products, profile].filter((part) => part !== "").join("; ");
}

const legend =
  "Medians of batches, the columns in turn; GFLOP/s in parentheses. A row without a target is to stay under 5, all but ten of them under 3; ✗ marks what does not.";

function title({ threads, rivals }: ScalingReport): string {
  const versions = rivals.flatMap((rival) => ("version" in rival ? [`${rival.name} ${rival.version}`] : []));
  return `${threads} ${threads === 1 ? "thread" : "threads"}: ${versions.join(", ")}`;
}

const verdict = (missed: readonly string[]): string =>
  missed.length === 0 ? "Every row meets its target." : `Below their targets, ${missed.length}:`;

/** The tables for a terminal. */
export function scalingText(reports: readonly ScalingReport[]): string {
  const parts = reports.flatMap((report) => {
    const lines = misses(report).map((miss) => missed(report, miss));
    return [
      `${title(report)}\n\n${aligned(scalingCells(report))}\n`,
      ...scalingRemarks(report).map((remark) => `  · ${remark}`),
      `\n${verdict(lines)}`,
      ...lines.map((miss) => `  ✗ ${miss}`),
      "",
    ];
  });
  return `${parts.join("\n")}\n${legend}\n`;
}

/** The section for docs/benchmarks.md; `machine` is the line that says where and when. */
export function scalingMarkdown(reports: readonly ScalingReport[], machine: string): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const list = (lines: readonly string[]) => lines.map((text) => `- ${text}`).join("\n");
  const sections = reports.map((report) => {
    const [heading, ...lines] = scalingCells(report);
    const table = [heading, heading.map((_, i) => (i === 0 ? "---" : "---:")), ...lines].map(row).join("\n");
    const below = misses(report).map((miss) => missed(report, miss));
    return `### ${title(report)}\n\n${table}\n\n${list(scalingRemarks(report))}\n\n${verdict(below)}\n\n${list(below)}`;
  });
  return `## Scaling\n\n${machine}\n\n${legend}\n\n${sections.map((text) => text.trimEnd()).join("\n\n")}\n`;
}
