import { inFull } from "./outcome.ts";
import type { Report } from "./run.ts";

/** The table that a run prints: per folder, the files that pass in full and the cases. */
export function summaryOf({ files, totals }: Report): string {
  const folders = [...new Set(Object.keys(files).map((name) => name.split("/")[0]))];
  const lines = folders.map((folder) => {
    const own = Object.entries(files).flatMap(([name, r]) => (name.startsWith(`${folder}/`) ? [r] : []));
    const sum = (key: "passed" | "failed" | "unmapped" | "skipped") => own.reduce((n, r) => n + r[key], 0);
    return [
      folder,
      `${own.filter(inFull).length} / ${own.length}`,
      sum("passed"),
      sum("failed"),
      sum("unmapped"),
      sum("skipped"),
    ];
  });
  const rows = [
    ["", "files in full", "passed", "failed", "unmapped", "skipped"],
    ...lines,
    ["all", `${totals.filesInFull} / ${totals.files}`, totals.passed, totals.failed, totals.unmapped, totals.skipped],
  ].map((row) => row.map(String));
  const width = rows[0].map((_, i) => Math.max(...rows.map((r) => r[i].length)));
  return rows
    .map((r) =>
      r
        .map((cell, i) => (i === 0 ? cell.padEnd(width[i]) : cell.padStart(width[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
