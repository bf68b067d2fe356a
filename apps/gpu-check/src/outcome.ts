/** What became of a part. */
export interface Outcome {
  readonly is: "passed" | "failed" | "skipped" | "late";
  /** What it found, in lines. */
  readonly says: string;
}
export const passed = (says: string): Outcome => ({ is: "passed", says });
export const failed = (says: string): Outcome => ({ is: "failed", says });
export const skipped = (says: string): Outcome => ({ is: "skipped", says });
