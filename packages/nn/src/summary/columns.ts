import type { SummaryRow } from "./row.ts";

export const columnNames = [
  "inputSize",
  "outputSize",
  "numParams",
  "paramsPercent",
  "kernelSize",
  "groups",
  "multAdds",
  "trainable",
] as const;
/** What a column of a summary shows. */
export type SummaryColumn = (typeof columnNames)[number];

/** What a table shows: rows, columns, totals. */
export interface SummaryTable {
  readonly rows: readonly SummaryRow[];
  readonly depth: number;
  readonly columns: readonly SummaryColumn[];
  readonly columnWidth: number;
  readonly names: boolean;
  readonly weights: boolean;
  readonly called: boolean;
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly totalMultAdds: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly paramBytes: number;
}
