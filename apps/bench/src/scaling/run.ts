import type { Child } from "../child.ts";
import { type Effort, type Figure, measure } from "../measure.ts";
import { scalingCommand } from "../rivals.ts";
import { type Running, start } from "../run.ts";
import { type Column, columns } from "./columns.ts";
import type { ScalingFigure, ScalingReport } from "./found.ts";
import { misses } from "./judge.ts";
import { limits } from "./limits.ts";
import type { ScalingRow } from "./row.ts";

// batches are shorter than those of the other tables: there are twenty times as many rows
const effort = { us: { batch: 25, limit: 2500 }, ms: { batch: 60, limit: 5000 } };

type Options = { threads: number; rounds: number; python?: string | undefined };

/** Time the rows on all columns that are here, in turn, and the machine's limits before and after them. */
export async function runScaling(
  rows: readonly ScalingRow[],
  { threads, rounds, python }: Options,
  progress: (line: string) => void,
): Promise<ScalingReport> {
  const running: Running[] = [];
  try {
    progress(`${threads} ${threads === 1 ? "thread" : "threads"}`);
    const command = (column: Column) => scalingCommand(column, threads, python);
    const rivals = await start(columns, command, { running, progress });
    const ours = running.filter(({ name }) => name !== "torch").slice(0, 1);
    const found: ScalingFigure[] = [];
    const bounds = [await bound(ours, rounds)];
    for (const row of rows) {
      progress(row.name);
      const figures = await measure(row, running, { rounds, ...effort[row.unit] });
      found.push({ row, figures: Object.fromEntries(figures) });
    }
    bounds.push(await bound(ours, rounds));
    const report = {
      threads,
      rivals,
      rows: found,
      limits: limits.map((limit, i) => ({ limit, figure: faster(bounds.map((b) => b[i])) })),
    };
    return { ...report, explained: await explain(report, running) };
  } finally {
    await Promise.all(running.map(({ child }: { child: Child }) => child.close()));
  }
}

/** Where the time goes of rows that miss what is asked of them. */
async function explain(
  report: Omit<ScalingReport, "explained">,
  running: readonly Running[],
): Promise<ScalingReport["explained"]> {
  const found: ScalingReport["explained"][number][] = [];
  for (const { row, kernels } of misses(report)) {
    const child = running.find(({ name }) => name === kernels)?.child;
    const figure = report.rows.find((r) => r.row.name === row)?.figures[kernels];
    if (row === undefined || !child || !figure || !("ms" in figure)) continue;
    // warm, and as long as a batch
    await child.ask({ run: row, iterations: figure.iterations });
    const answer = await child.explain({ explain: row, iterations: figure.iterations });
    if ("parts" in answer) found.push({ row, kernels, parts: answer.parts });
  }
  return found;
}

async function bound(ours: readonly Running[], rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  const full: Effort = { rounds, ...effort.us };
  for (const limit of limits) {
    const [figure] = [...(await measure(limit, ours, full)).values()];
    figures.push(figure ?? { unsupported: "Flambeau did not start" });
  }
  return figures;
}

/** A limit is what the machine can do when nothing disturbs it. */
function faster(figures: readonly Figure[]): Figure {
  const timed = figures.filter((figure) => "ms" in figure);
  return timed.sort((a, b) => a.ms - b.ms)[0] ?? figures[0];
}
