import { cells, remarks, type Table } from "./table.ts";
import { callCells, callRemarks, type WebGPUReport, webgpuMarkdown, title as webgpuTitle } from "./webgpu/report.ts";

/** Everything one run found. */
export type Report = {
  date: string;
  machine: { cpu: string; cores: number; memoryGB: number; system: string; node: string; load: number };
  rounds: number;
  runs: (Table & { threads: number })[];
  webgpu?: WebGPUReport;
};

/** The tables for a terminal. */
export function text(report: Report): string {
  const parts = [`${machine(report)}\n`];
  for (const run of report.runs) parts.push(`${title(run)}\n\n${aligned(cells(run))}\n`, ...listed(remarks(run)));
  const { webgpu } = report;
  if (webgpu && "unavailable" in webgpu) parts.push(`WebGPU: not measured: ${webgpu.unavailable}\n`);
  else if (webgpu) {
    parts.push(`${webgpuTitle(webgpu)}\n\n${aligned(cells(webgpu))}\n`);
    if (Object.keys(webgpu.counts).length > 0) parts.push(`${aligned(callCells(webgpu))}\n`);
    parts.push(...listed(callRemarks(webgpu)));
  }
  parts.push(legend);
  return `${parts.join("\n")}\n`;
}

/** A table in columns: the first to the left, the others to the right. */
export function aligned(table: string[][]): string {
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const align = (line: string[]) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return table.map(align).join("\n");
}

const listed = (notes: string[]) => (notes.length > 0 ? [`${notes.map((note) => `  · ${note}`).join("\n")}\n`] : []);

/** The page docs/benchmarks.md. */
export function markdown(report: Report): string {
  const line = (row: string[]) => `| ${row.join(" | ")} |`;
  const sections = report.runs.map((run) => {
    const [heading, ...rows] = cells(run);
    const rule = heading.map((_, i) => (i === 0 ? "---" : "---:"));
    const notes = remarks(run).map((note) => `- ${note}`);
    return `## ${title(run)}\n\n${[heading, rule, ...rows].map(line).join("\n")}\n${notes.length > 0 ? `\n${notes.join("\n")}\n` : ""}`;
  });
  const names = report.runs.flatMap(({ rows }) => rows.map(({ workload }) => workload));
  const what = [...new Map(names.map((workload) => [workload.name, workload.title]))];
  return `# Benchmarks

Written by \`npm run bench -- --markdown\`; change nothing by hand.

${machine(report)}

${legend}

${sections.join("\n")}
${report.webgpu ? `${webgpuMarkdown(report.webgpu, machine(report))}\n` : ""}## The workloads

${what.map(([name, title]) => `- \`${name}\`: ${title}`).join("\n")}

Float32, on the CPU unless said otherwise. A rival is a process of its own; the processes take turns batch by batch, in turning order, and the median of
${report.rounds} batches counts (fewer where one batch takes many seconds). A training step is forward, cross-entropy, backward and optimizer. Times of ops
include freeing the result. jax-js is jitted, but for the 8×8 additions; PyTorch, tfjs and Flambeau run eagerly.
`;
}

const legend =
  "Times are µs for names in `_us` and ms for names in `_ms`, GFLOP/s in parentheses; “ours ÷” is our time by the rival’s: below 1 we are faster.";

function title({ threads, rivals }: Report["runs"][number]): string {
  const versions = rivals.flatMap((rival) => ("version" in rival ? [`${rival.name} ${rival.version}`] : []));
  return `${threads} ${threads === 1 ? "thread" : "threads"}: ${versions.join(", ")}`;
}

export function machine({ date, machine }: Pick<Report, "date" | "machine">): string {
  const { cpu, cores, memoryGB, system, node, load } = machine;
  const line = `${date}, ${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${node}.`;
  if (load < cores / 2) return line;
  return `${line} The machine was busy with other work (load ${load.toFixed(1)} at the start): expect times that are too long.`;
}
