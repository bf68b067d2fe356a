import type { Figure } from "./measure.ts";
import { gflops } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** A rival as it presented itself, or why it is missing. */
export type Rival = { name: string } & ({ version: string } | { unavailable: string });
export type Row = { workload: Workload; figures: { [rival: string]: Figure } };
export type Table = { rivals: Rival[]; rows: Row[] };

/** A number with three significant digits, and separators from a thousand on. */
export function shown(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function time(figure: Figure | undefined, workload: Workload): string {
  if (!figure || "unsupported" in figure) return "–";
  const text = shown(workload.unit === "us" ? figure.ms * 1e3 : figure.ms);
  if (!workload.flops) return text;
  const rate = gflops(workload.flops, figure.ms);
  return `${text} (${rate < 10 ? rate.toPrecision(2) : rate.toFixed(0)})`;
}

/** How much longer we take than the rival: below 1 we are the faster. */
export function ratio(ours: Figure | undefined, theirs: Figure | undefined): string {
  if (!ours || !theirs || "unsupported" in ours || "unsupported" in theirs) return "–";
  return (ours.ms / theirs.ms).toFixed(2);
}

/** The cells of one run's table: a heading, then a line for each workload. */
export function cells({ rivals, rows }: Table): string[][] {
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

/** What the tables cannot say: who is missing, what could not run, how a rival had to deviate, and what a faster way of doing the same is worth. */
export function remarks({ rivals, rows }: Table): string[] {
  const missing = rivals.flatMap((rival) =>
    "unavailable" in rival ? [`${rival.name} is not here: ${rival.unavailable}`] : [],
  );
  const details = rows.flatMap(({ workload, figures }) =>
    Object.entries(figures).flatMap(([name, figure]) => {
      if ("unsupported" in figure) return [`${name}, ${workload.name}: ${figure.unsupported}`];
      return figure.note ? [`${name}, ${workload.name}: ${figure.note}`] : [];
    }),
  );
  const times = rows.flatMap(({ workload: { name, slowerThan }, figures }) => {
    const faster = rows.find(({ workload }) => workload.name === slowerThan)?.figures ?? {};
    return Object.keys(figures).flatMap((rival) => {
      const times = ratio(figures[rival], faster[rival]);
      return times === "–" ? [] : [`${rival}: ${name} takes ${times} times as long as ${slowerThan}`];
    });
  });
  return [...missing, ...details, ...times];
}
