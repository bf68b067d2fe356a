import type { Training } from "../training.ts";
import type { Summary } from "./records.ts";

/** What summary.json says of a run. */
export function summarize(
  { recipe, corpus, best, step, seconds, isFinished }: Training,
  rest: { device: string; threads: number; parameters: number; text: string | null },
): Summary {
  const { seed, batchSize, block, layers, heads, width, lr, steps } = recipe;
  return {
    validationLoss: best?.loss ?? null,
    bestStep: best?.step ?? null,
    seconds,
    steps,
    stepsDone: step,
    interrupted: !isFinished,
    ...{ seed, batchSize, block, layers, heads, width, lr },
    dataset: corpus.source.name,
    source: corpus.source.source,
    reason: corpus.source.reason,
    trainCharacters: corpus.train.length,
    validationCharacters: corpus.validation.length,
    vocabulary: corpus.tokenizer.vocabSize,
    ...rest,
  };
}
