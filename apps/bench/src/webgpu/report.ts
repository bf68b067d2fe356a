import type { CountAnswer } from "../protocol.ts";
import { cells, remarks, shown, type Table } from "../table.ts";
import { countedWorkload } from "./workloads.ts";

/** What the run on WebGPU found, or why there was none. */
export type WebGPUReport =
  | (Table & {
      adapter: string;
      counts: { [rival: string]: CountAnswer };
      steps: { warmUp: number; steps: number };
    })
  | { unavailable: string };
type Found = Exclude<WebGPUReport, { unavailable: string }>;

/** A mean count: whole where it is whole. */
const mean = (value: number) => (Number.isInteger(value) ? value.toLocaleString("en-US") : value.toFixed(2));

/** Microseconds of the CPU for each dispatch. */
function perDispatch(answer: CountAnswer | undefined): number {
  if (!answer || "unsupported" in answer) return Number.NaN;
  return (answer.counted.encodeMs * 1e3) / answer.counted.perStep.dispatches;
}

/** How much longer our step takes than a rival's, where both ran. */
function ratio({ rows }: Found, workload: string, rival: string): number {
  const figures = rows.find((row) => row.workload.name === workload)?.figures;
  const [ours, theirs] = [figures?.flambeau, figures?.[rival]];
  if (!ours || !theirs || "unsupported" in ours || "unsupported" in theirs) return Number.NaN;
  return ours.ms / theirs.ms;
}

/** The cells of the table of calls: a heading, then a line for each rival that was counted. */
export function callCells(report: Found): string[][] {
  const heading = ["", "step ms", "ours ÷", "submits", "new buffers", "new pipelines", "new bind groups", "writes"];
  const lines = Object.entries(report.counts).map(([name, answer]) => {
    const figure = report.rows.find(({ workload }) => workload.name === countedWorkload)?.figures[name];
    const times = ratio(report, countedWorkload, name);
    const head = [
      name,
      figure && "ms" in figure ? shown(figure.ms) : "–",
      Number.isNaN(times) || name === "flambeau" ? "–" : times.toFixed(2),
    ];
    if ("unsupported" in answer) return [...head, ...Array.from({ length: 8 }, () => "–")];
    const { perStep, encodeMs } = answer.counted;
    const { submits, buffers, pipelines, bindGroups, writes, dispatches } = perStep;
    const calls = [submits, buffers, pipelines, bindGroups, writes, dispatches].map(mean);
    return [...head, ...calls, shown(encodeMs), shown(perDispatch(answer))];
  });
  return [[...heading, "dispatches", "encoding ms", "µs per dispatch"], ...lines];
}

/** What the tables cannot say. */
export function callRemarks(report: Found): string[] {
  const uncounted = Object.entries(report.counts).flatMap(([name, answer]) =>
    "unsupported" in answer ? [`${name}, calls of ${countedWorkload}: ${answer.unsupported}`] : [],
  );
  return [...remarks(report), ...uncounted];
}

/** Where our engine costs more than it may; empty when all is well. */
export function violations(report: WebGPUReport): string[] {
  if ("unavailable" in report) return [`nothing could be checked: ${report.unavailable}`];
  const found: string[] = [];
  const ours = report.counts.flambeau;
  if (!ours) found.push("flambeau was not counted");
  else if ("unsupported" in ours) found.push(`flambeau was not counted: ${ours.unsupported}`);
  else {
    const { buffers, pipelines, submits } = ours.counted.perStep;
    if (buffers > 0) found.push(`${mean(buffers)} buffers are created in a step, expected none`);
    if (pipelines > 0) found.push(`${mean(pipelines)} pipelines are compiled in a step, expected none`);
    if (submits > 2) found.push(`${mean(submits)} submits in a step, expected at most 2`);
    const encoding = perDispatch(ours);
    if (!(encoding <= 10)) found.push(`encoding takes ${shown(encoding)} µs for each dispatch, expected at most 10`);
  }
  for (const { workload } of report.rows) {
    if (workload.unit !== "ms") continue;
    for (const { name } of report.rivals) {
      const times = ratio(report, workload.name, name);
      if (times > 1) found.push(`${workload.name} takes ${times.toFixed(2)} times as long as ${name}'s`);
    }
  }
  return found;
}

const how = ({ warmUp, steps }: Found["steps"]) =>
  `Calls of one step of \`${countedWorkload}\`, means of ${steps} steps after at least ${warmUp} and ten seconds. Encoding is the time from the start of a
step to its first \`mapAsync\` without that of the submits, the median of the steps: what the CPU does before it waits for the device,
which may already be at work beside it. Some 10 µs of it per dispatch are Dawn's own.`;

const rules = `A training step ends with reading its loss; ops are enqueued many at a time, and one small read waits for them all.
Frameworks find WebGPU as in a page, in \`navigator.gpu\` (Dawn in Node), and run on the same adapter. jax-js is jitted, but for the 8×8
additions.`;

/** The section for docs/benchmarks.md; `machine` is the line that says where and when. */
export function webgpuMarkdown(report: WebGPUReport, machine: string): string {
  if ("unavailable" in report) return `## WebGPU\n\n${machine}\n\nNot measured: ${report.unavailable}.\n`;
  const notes = callRemarks(report).map((note) => `- ${note}\n`);
  const parts = [`## ${title(report)}`, machine, rules, table(cells(report))];
  if (Object.keys(report.counts).length > 0) parts.push(how(report.steps), table(callCells(report)));
  if (notes.length > 0) parts.push(notes.join("").trimEnd());
  return `${parts.join("\n\n")}\n`;
}

function table([heading, ...lines]: string[][]): string {
  const row = (line: string[]) => `| ${line.join(" | ")} |`;
  return [heading, heading.map((_, i) => (i === 0 ? "---" : "---:")), ...lines].map(row).join("\n");
}

export function title({ adapter, rivals }: Found): string {
  const versions = rivals.flatMap((rival) => ("version" in rival ? [`${rival.name} ${rival.version}`] : []));
  return `WebGPU (${adapter}): ${versions.join(", ")}`;
}
