import type { Figure } from "../measure.ts";
import { gflops } from "../statistics.ts";
import { type Kernels, kernelKinds } from "./columns.ts";
import { rateOf } from "./limits.ts";
import type { ScalingFigure, ScalingReport } from "./run.ts";

/** What is asked of a row that names no target of its own; so many of them may be over `usual`. */
export const general = { most: 5, usual: 3, over: 10 };

const ms = (figure: Figure | undefined): number => (figure && "ms" in figure ? figure.ms : Number.NaN);

/** Our time by PyTorch's; not a number where one of them is missing. */
export const timesTorch = ({ figures }: ScalingFigure, kernels: Kernels): number =>
  ms(figures[kernels]) / ms(figures.torch);

/** What the ratio is to come down to. */
export const targetOf = ({ row }: ScalingFigure, kernels: Kernels): number => row.target?.[kernels] ?? general.most;

/** The machine's limit of multiply-adds in wasm, in GFLOP/s, of all threads together. */
export function simdLimit({ limits, threads }: ScalingReport): number {
  const found = limits.find(({ limit }) => limit.what === "fma");
  return found ? rateOf(found.limit, ms(found.figure), threads) : Number.NaN;
}

/** The share of the SIMD limit that a row reaches with wasm kernels. */
export const shareOf = ({ row, figures }: ScalingFigure, limit: number): number =>
  gflops(row.flops ?? Number.NaN, ms(figures.wasm)) / limit;

/** Which rows miss what is asked of them, a line each; columns that are not here miss nothing. */
export function misses(report: ScalingReport): string[] {
  const here = kernelKinds.filter((kind) => report.rivals.some((rival) => rival.name === kind && "version" in rival));
  return here.flatMap((kernels) => missesOf(report, kernels));
}

function missesOf(report: ScalingReport, kernels: Kernels): string[] {
  const limit = simdLimit(report);
  const found: string[] = [];
  const slow: string[] = [];
  for (const figure of report.rows) {
    const { row, figures } = figure;
    const own = figures[kernels];
    if (!own || "unsupported" in own) {
      found.push(`${row.name}, ${kernels}: ${own ? own.unsupported : "no figure"}`);
      continue;
    }
    const ratio = timesTorch(figure, kernels);
    const target = targetOf(figure, kernels);
    if (ratio > target) found.push(`${row.name}, ${kernels}: ${ratio.toFixed(2)} × PyTorch's time, target ${target}`);
    else if (!row.target && ratio > general.usual) slow.push(`${row.name} ${ratio.toFixed(2)}`);
    if (row.within) {
      const other = report.rows.find(({ row: { name } }) => name === row.within?.row);
      const times = own.ms / ms(other?.figures[kernels]);
      if (times > row.within.times)
        found.push(
          `${row.name}, ${kernels}: ${times.toFixed(2)} × the time of ${row.within.row}, target ${row.within.times}`,
        );
    }
    const share = shareOf(figure, limit);
    if (kernels === "wasm" && row.share && share < row.share)
      found.push(`${row.name}, wasm: ${share.toFixed(2)} of the SIMD limit, target ${row.share}`);
  }
  if (slow.length > general.over)
    found.push(`${kernels}: ${slow.length} rows over ${general.usual}, target ${general.over}: ${slow.join(", ")}`);
  return found;
}
