import { equal, Tensor, takeAlongDim, unsqueeze } from "@flambeau/tensor";
import { type Row, run } from "../call.ts";

/**
 * A row for an op that gives values and their positions along a dimension. Which of several equal elements a position names is
 * the implementation's affair, so the positions are checked here: they must lead to the values.
 */
export const pointing =
  (row: string, parameters: readonly string[]): Row =>
  (c) => {
    const result = run(row, c) as { values: Tensor; indices: Tensor }; // as the rows that use this return
    const { input, dim } = c.bind(parameters);
    if (!(input instanceof Tensor) || input.ndim === 0) return result;
    const along = typeof dim === "number" ? dim : -1;
    const kept = (t: Tensor): Tensor => (t.ndim < input.ndim ? unsqueeze(t, along) : t);
    if (!equal(takeAlongDim(input, kept(result.indices), along), kept(result.values)))
      throw new Error("the positions do not lead to the values");
    return result;
  };
