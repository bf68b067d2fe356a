import type { Part, Series } from "./compare.ts";
import { judge } from "./report.ts";

/**
 * Measure what is over its limit once more, and let the second figures decide. Among many rows chance puts one over its limit
 * now and then, hardly the same one twice; what is slower stays so.
 */
export async function secondLook(
  series: readonly Series[],
  measure: (parts: Part[]) => Promise<Series[]>,
): Promise<Series[]> {
  const over = series.filter((one) => judge(one).verdict === "over");
  if (over.length === 0) return [...series];
  const second = await measure(partsAround(over, series));
  return series.map((one) => {
    if (!over.includes(one) || !("figures" in one)) return one;
    const found = second.find(({ row, threads }) => row === one.row && threads === one.threads);
    return found ? { ...found, first: one.figures } : one;
  });
}

/** The rows over their limits; for an op all ops that ran, as what the compiler learns from one bears on the others. */
function partsAround(over: readonly Series[], series: readonly Series[]): Part[] {
  const taken = series.filter(
    (one) =>
      over.includes(one) ||
      (one.row.kind === "op" &&
        "figures" in one &&
        over.some(({ row, threads }) => row.kind === "op" && threads === one.threads)),
  );
  const threads = [...new Set(taken.map((one) => one.threads))];
  return threads.map((count) => ({
    threads: count,
    rows: taken.filter((one) => one.threads === count).map(({ row }) => row),
  }));
}
