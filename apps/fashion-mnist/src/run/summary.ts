import { accuracyOf, type Confusion, perClass } from "../confusion.ts";
import type { Images } from "../images.ts";
import type { Training } from "../training.ts";
import type { Summary } from "./records.ts";

/** What summary.json says of a run. */
export function summarize(
  { recipe, best, step, epochsDone, seconds, waiting }: Training,
  { train, test }: Images,
  rest: { device: string; threads: number; parameters: number; confusion: Confusion | undefined },
): Summary {
  const { confusion, device, threads, parameters } = rest;
  return {
    testAccuracy: confusion ? accuracyOf(confusion) : null,
    testLoss: best?.loss ?? null,
    bestEpoch: best?.epoch ?? null,
    seconds,
    waiting,
    epochs: recipe.epochs,
    epochsDone,
    steps: step,
    interrupted: epochsDone < recipe.epochs,
    seed: recipe.seed,
    batchSize: recipe.batchSize,
    lr: recipe.lr,
    device,
    threads,
    dataset: train.name,
    source: train.source,
    reason: train.reason,
    trainImages: train.length,
    testImages: test.length,
    parameters,
    perClass: Object.fromEntries(confusion ? perClass(confusion).map(({ name, accuracy }) => [name, accuracy]) : []),
  };
}
