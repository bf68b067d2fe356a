import type { Figure } from "./measure.ts";
import { gflops } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** A rival as it presented itself for one thread count, or why it is missing. */
export type Rival = { name: string; threads: number } & ({ version: string } | { unavailable: string });
export type Row = { workload: Workload; figures: { [rival: string]: Figure } };
/** Everything one run found. */
export type Report = {
  date: string;
  machine: { cpu: string; cores: number; memoryGB: number; system: string; node: string; load: number };
  rounds: number;
  runs: { threads: number; rivals: Rival[]; rows: Row[] }[];
};

/** A number with three significant digits, and separators from a thousand on. */
export function shown(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function time(figure: Figure | undefined, workload: Workload): string {
  if (!figure || "unsupported" in figure) return "–";
  const text = shown(workload.unit === "us" ? figure.ms * 1e3 : figure.ms);
  return workload.flops ? `${text} (${gflops(workload.flops, figure.ms).toFixed(0)})` : text;
}

/** How much longer we take than the rival: below 1 we are the faster. */
export function ratio(ours: Figure | undefined, theirs: Figure | undefined): string {
  if (!ours || !theirs || "unsupported" in ours || "unsupported" in theirs) return "–";
  return (ours.ms / theirs.ms).toFixed(2);
}

/** The cells of one run's table: a heading, then a line for each workload. */
export function cells({ rivals, rows }: Report["runs"][number]): string[][] {
  const present = rivals.filter((rival) => "version" in rival);
  const [ours, ...others] = ["flambeau", ...present.map(({ name }) => name).filter((name) => name !== "flambeau")];
  const heading = ["workload", ours, ...others.flatMap((name) => [name, "ours ÷"])];
  const byName = new Map(rows.map((row) => [row.workload.name, row]));
  const lines = rows.map(({ workload, figures }) => {
    const opposite = workload.against ? (byName.get(workload.against)?.figures ?? {}) : figures;
    const theirs = others.flatMap((name) => [time(opposite[name], workload), ratio(figures[ours], opposite[name])]);
    return [workload.name, time(figures[ours], workload), ...theirs];
  });
  return [heading, ...lines];
}

/** What the tables cannot say: who is missing, what could not run and how a rival had to deviate. */
export function remarks({ rivals, rows }: Report["runs"][number]): string[] {
  const missing = rivals.flatMap((rival) =>
    "unavailable" in rival ? [`${rival.name} is not here: ${rival.unavailable}`] : [],
  );
  const details = rows.flatMap(({ workload, figures }) =>
    Object.entries(figures).flatMap(([name, figure]) => {
      if ("unsupported" in figure) return [`${name}, ${workload.name}: ${figure.unsupported}`];
      return figure.note ? [`${name}, ${workload.name}: ${figure.note}`] : [];
    }),
  );
  return [...missing, ...details];
}

/** The tables for a terminal. */
export function text(report: Report): string {
  const parts = [`${machine(report)}\n`];
  for (const run of report.runs) {
    const table = cells(run);
    const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
    const align = (line: string[]) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
    parts.push(`${title(run)}\n\n${table.map(align).join("\n")}\n`);
    const notes = remarks(run);
    if (notes.length > 0) parts.push(`${notes.map((note) => `  · ${note}`).join("\n")}\n`);
  }
  parts.push(legend);
  return `${parts.join("\n")}\n`;
}

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
## The workloads

${what.map(([name, title]) => `- \`${name}\`: ${title}`).join("\n")}

Float32 on the CPU. A rival is a process of its own; the processes take turns batch by batch, in turning order, and the median of
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

function machine({ date, machine: { cpu, cores, memoryGB, system, node, load } }: Report): string {
  const line = `${date}, ${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${node}.`;
  if (load < cores / 2) return line;
  return `${line} The machine was busy with other work (load ${load.toFixed(1)} at the start): expect times that are too long.`;
}
