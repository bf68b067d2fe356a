import { aligned } from "../report.ts";
import { shown } from "../table.ts";
import type { Series, Side } from "./compare.ts";
import type { Comparison } from "./comparison.ts";
import { decide, spreadByChance } from "./decision.ts";
import type { Commit } from "./git.ts";
import { kinds } from "./rows.ts";

/** A row with its verdict. `absent`: the other commit cannot run it, which is no failure; `broken`: the working tree cannot. */
export type Judged = { name: string; threads: number; unit: "us" | "ms" | "bytes" } & (
  | ({
      verdict: "ok" | "over";
      old: number;
      new: number;
      ratio: number;
      again: number;
      spread: number;
      limit: number;
    } & {
      /** The ratio that put the row over its limit before it was measured once more. */
      first?: number;
    })
  | { verdict: "absent" | "broken"; reason: string }
);

/** Judge a row: new by old, and the working tree by its second copy. */
export function judge(series: Series): Judged {
  const { row, threads } = series;
  const { name, unit, kind } = row;
  if ("unsupported" in series) {
    return { name, threads, unit, verdict: series.side === "old" ? "absent" : "broken", reason: series.unsupported };
  }
  const { figure, ratio: ratioOf, limit } = kinds[kind];
  const { old, new: current, again } = series.figures;
  const ratio = ratioOf(current, old);
  const spread = spreadByChance(ratioOf, again, current);
  const decision = decide(ratio, limit, spread);
  return {
    ...{ name, threads, unit, verdict: decision.over ? "over" : "ok" },
    ...{ old: figure(old), new: figure(current), ratio },
    ...{ again: ratioOf(again, current), spread, limit: decision.limit },
    ...(series.first && { first: ratioOf(series.first.new, series.first.old) }),
  };
}

/** Why the command fails, a line each; none when it succeeds. */
export function failures(judged: readonly Judged[]): string[] {
  if (!judged.some(({ verdict }) => verdict === "ok" || verdict === "over")) return ["no row could be compared"];
  return judged.flatMap((row) => {
    if (row.verdict === "broken") return [`${title(row)} does not run in the working tree: ${row.reason}`];
    if (row.verdict !== "over") return [];
    return [`${title(row)} is over its limit: ${row.ratio.toFixed(3)} > ${row.limit.toFixed(3)}`];
  });
}

/** What was compared with what. */
export function heading({ old, new: current, pairs }: Pick<Comparison, "old" | "new" | "pairs">): string {
  const named = ({ sha, subject }: Commit) => `${sha.slice(0, 12)} ${subject}`;
  const tree = `new: the working tree, ${named(current)}${current.changed ? ", with changes" : ""}`;
  return `${tree}\nold: ${named(old)}\n${pairs} ${pairs === 1 ? "turn" : "turns"} of each, a process each, in turn`;
}

/** The tables for a terminal. */
export function tables(judged: readonly Judged[]): string {
  const threads = [...new Set(judged.map((row) => row.threads))];
  const parts = threads.map((count) => {
    const rows = judged.filter((row) => row.threads === count);
    const heading = [countOf(count), "old", "new", "new ÷ old", "A ÷ A", "spread", "limit", ""];
    return `${aligned([heading, ...rows.map(cells)])}\n`;
  });
  const notes = judged.flatMap((row) => {
    if (row.verdict === "absent") return [`${title(row)}: not in old: ${row.reason}`];
    if (!("first" in row) || row.first === undefined) return [];
    return [`${title(row)}: measured twice, ${row.first.toFixed(3)} before`];
  });
  const noisy = judged.flatMap((row) => ("limit" in row && row.limit === 1 + row.spread ? [title(row)] : []));
  if (noisy.length > 0) notes.push(`limit widened by the spread: ${noisy.join(", ")}`);
  if (notes.length > 0) parts.push(`${notes.map((note) => `  · ${note}`).join("\n")}\n`);
  return `${parts.join("\n")}\n${legend}\n`;
}

function cells(row: Judged): string[] {
  if ("reason" in row) return [row.name, "–", "–", "–", "–", "–", "–", row.verdict];
  const value = (figure: number) => shown(row.unit === "us" ? figure * 1e3 : figure);
  const spread = `±${(100 * row.spread).toFixed(1)} %`;
  const ratios = [row.ratio, row.again].map((ratio) => ratio.toFixed(3));
  return [row.name, value(row.old), value(row.new), ...ratios, spread, row.limit.toFixed(3), row.verdict];
}

const countOf = (threads: number) => `${threads} ${threads === 1 ? "thread" : "threads"}`;
const title = ({ name, threads }: Judged) => `${name} (${countOf(threads)})`;

const legend = `Names in \`_us\` and \`_ms\` are times, those in \`_bytes\` bytes of the JavaScript heap. Ops are decided by the minima over all turns,
training steps and heap by the median of the turns' ratios. A ÷ A is the working tree by a second copy of it; the spread is what chance makes of such a ratio.`;

/** A row for `--json`: its verdict, and the figure of every turn. Times are milliseconds. */
export function record(
  judged: Judged,
  series: Series,
): Judged & { figures?: Record<Side, number[]>; firstFigures?: Record<Side, number[]> } {
  if (!("figures" in series)) return judged;
  return { ...judged, figures: series.figures, ...(series.first && { firstFigures: series.first }) };
}
