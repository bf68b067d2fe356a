import { cells, remarks } from "../table.ts";
import type { CudaReport } from "./run.ts";

const rules = `Ops are enqueued twenty at a time, and one small read waits for them all; a training step ends with reading its loss. float32 products are of
float32, without tf32, but where a name says so.`;

const row = (line: readonly string[]) => `| ${line.join(" | ")} |`;

/** The section for docs/benchmarks.md; `machine` is the line that says where and when. */
export function cudaMarkdown(report: CudaReport, machine: string): string {
  const versions = report.rivals.flatMap((rival) => ("version" in rival ? [`${rival.name} ${rival.version}`] : []));
  const [heading, ...lines] = cells(report);
  const table = [heading, heading.map((_, i) => (i === 0 ? "---" : "---:")), ...lines].map(row).join("\n");
  const notes = remarks(report).map((note) => `- ${note}\n`);
  const parts = [`## CUDA (${report.card}): ${versions.join(", ")}`, machine, rules, table];
  if (notes.length > 0) parts.push(notes.join("").trimEnd());
  return `${parts.join("\n\n")}\n`;
}
