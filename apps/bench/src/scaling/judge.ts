import type { Figure } from "../measure.ts";
import { gflops } from "../statistics.ts";
import { type Kernels, kernelKinds } from "./columns.ts";
import type { ScalingFigure, ScalingReport } from "./found.ts";
import { rateOf } from "./limits.ts";

/** What is asked of a row that names no target of its own; so many of them may be over `usual`. */
export const general = { most: 5, usual: 3, over: 10 };

const ms = (figure: Figure | undefined): number => (figure && "ms" in figure ? figure.ms : Number.NaN);

/** Our time by PyTorch's; not a number where one of them is missing. */
export const timesTorch = ({ figures }: ScalingFigure, kernels: Kernels): number =>
  ms(figures[kernels]) / ms(figures.torch);

/** What the ratio is to come down to. */
export const targetOf = ({ row }: ScalingFigure, kernels: Kernels): number => row.target?.[kernels] ?? general.most;

/** The machine's limit of multiply-adds in wasm, in GFLOP/s, of all threads together. */
export function simdLimit({ limits, threads }: Pick<ScalingReport, "limits" | "threads">): number {
  const found = limits.find(({ limit }) => limit.what === "fma");
  return found ? rateOf(found.limit, ms(found.figure), threads) : Number.NaN;
}

/** What two multiply-adds of four floats come to. */
const flopsPerCycle = 16;

/**
 * The least that a row's time can be of PyTorch's, if its multiply-adds (or its wasm kernel's vector operations) were all: those of wasm at the SIMD
 * limit, native ones at the best rate of any row of the run. Not a number where a row does not count them.
 */
export function floorOf(
  report: Pick<ScalingReport, "limits" | "threads" | "rows">,
  name: string,
  kernels: Kernels,
): number {
  const figure = report.rows.find(({ row }) => row.name === name);
  const { flops: counted = Number.NaN, cycles } = figure?.row ?? {};
  const flops = kernels === "wasm" && cycles !== undefined ? cycles * flopsPerCycle : counted;
  const rates = report.rows.map(({ row, figures }) => gflops(row.flops ?? Number.NaN, ms(figures.native)));
  const best = kernels === "wasm" ? simdLimit(report) : Math.max(...rates.filter((rate) => rate > 0));
  return flops / best / 1e6 / ms(figure?.figures.torch);
}

/** The share of the SIMD limit that a row reaches with wasm kernels. */
export const shareOf = ({ row, figures }: ScalingFigure, limit: number): number =>
  gflops(row.flops ?? Number.NaN, ms(figures.wasm)) / limit;

/** What one row misses, or for want of a row's name all rows together. */
export interface Miss {
  readonly kernels: Kernels;
  readonly row?: string;
  readonly text: string;
}

/** Which rows miss what is asked of them; columns that are not here miss nothing. */
export function misses(report: Omit<ScalingReport, "explained">): Miss[] {
  const here = kernelKinds.filter((kind) => report.rivals.some((rival) => rival.name === kind && "version" in rival));
  return here.flatMap((kernels) => missesOf(report, kernels));
}

function missesOf(report: Omit<ScalingReport, "explained">, kernels: Kernels): Miss[] {
  const limit = simdLimit(report);
  const found: Miss[] = [];
  const slow: string[] = [];
  for (const figure of report.rows) {
    const { row, figures } = figure;
    const own = figures[kernels];
    if (!own || "unsupported" in own) {
      found.push({ kernels, text: `${row.name}, ${kernels}: ${own ? own.unsupported : "no figure"}` });
      continue;
    }
    const ratio = timesTorch(figure, kernels);
    const target = targetOf(figure, kernels);
    const missed = (what: string) => found.push({ kernels, row: row.name, text: `${row.name}, ${kernels}: ${what}` });
    if (ratio > target) missed(`${ratio.toFixed(2)} × PyTorch's time, target ${target}`);
    else if (!row.target && ratio > general.usual) {
      const floor = floorOf(report, row.name, kernels);
      slow.push(`${row.name} ${ratio.toFixed(2)}${floor > 0 ? ` (multiply-adds ${floor.toFixed(2)})` : ""}`);
    }
    if (row.within) {
      const other = report.rows.find(({ row: { name } }) => name === row.within?.row);
      const times = own.ms / ms(other?.figures[kernels]);
      if (times > row.within.times)
        missed(`${times.toFixed(2)} × the time of ${row.within.row}, target ${row.within.times}`);
    }
    const share = shareOf(figure, limit);
    if (kernels === "wasm" && row.share && share < row.share)
      missed(`${share.toFixed(2)} of the SIMD limit, target ${row.share}`);
  }
  if (slow.length > general.over)
    found.push({
      kernels,
      text: `${kernels}: ${slow.length} rows over ${general.usual}, target ${general.over}: ${slow.join(", ")}`,
    });
  return found;
}
