import type { Series } from "./compare.ts";
import type { Commit } from "./git.ts";

/** What was compared, and every figure. */
export type Comparison = { old: Commit; new: Commit & { changed: boolean }; pairs: number; series: Series[] };
