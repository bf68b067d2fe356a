import type { Figure } from "../measure.ts";
import type { Part } from "../protocol.ts";
import type { Rival } from "../table.ts";
import type { Kernels } from "./columns.ts";
import type { Limit } from "./limits.ts";
import type { ScalingRow } from "./row.ts";

export type ScalingFigure = { row: ScalingRow; figures: { readonly [column: string]: Figure } };
/** What one run found with so many threads. */
export interface ScalingReport {
  readonly threads: number;
  readonly rivals: readonly Rival[];
  readonly limits: readonly { limit: Limit; figure: Figure }[];
  readonly rows: readonly ScalingFigure[];
  /** Where the time of rows goes that miss what is asked of them. */
  readonly explained: readonly { readonly row: string; readonly kernels: Kernels; readonly parts: readonly Part[] }[];
}
