import type { Training } from "../training.ts";
import type { Sample, Summary } from "./records.ts";

/** What summary.json says of a run. */
export function summarize(
  { recipe, sets, best, step, epochsDone, seconds, network }: Training,
  rest: { readonly device: string; readonly threads: number; readonly samples: readonly Sample[] },
): Summary {
  const { job: _, epochs, ...made } = recipe;
  return {
    validationLoss: best?.loss ?? null,
    bestEpoch: best?.epoch ?? null,
    seconds,
    epochs,
    epochsDone,
    steps: step,
    interrupted: epochsDone < epochs,
    ...made,
    trainNames: sets.train.length,
    validationNames: sets.validation.length,
    parameters: Array.from(network.parameters()).reduce((sum, { size }) => sum + size, 0),
    ...rest,
  };
}
