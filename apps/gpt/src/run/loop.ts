import { type Interrupts, Pace, type Progress, type RunFolder } from "@flambeau/app-job";
import { io, nextStep } from "flambeau";
import { usualWriting } from "../options.ts";
import { type Training, write } from "../training.ts";
import type { RunRecord } from "./records.ts";

/** What the model writes each time that it is validated. */
const sampled = { ...usualWriting, length: 200 };

/** Train and validate until the last step is done or a signal comes. */
export async function trainToEnd(
  training: Training,
  folder: RunFolder<RunRecord>,
  progress: Progress,
  interrupts: Interrupts,
): Promise<void> {
  const goOn = () => interrupts.exitCode === undefined;
  const pace = new Pace();
  for (;;) {
    if (training.isTestDue) {
      await test(training, folder, progress, goOn);
      pace.restart();
    }
    await nextStep(); // lets signals in
    if (training.isDone || !goOn()) return;
    const result = await training.trainStep();
    pace.step();
    const { step, recipe, best } = training;
    folder.record({ kind: "step", step, ...result });
    const figures = [`loss ${pace.mean("loss", result.loss).toFixed(4)}`];
    if (best) figures.push(`val ${best.loss.toFixed(4)}`);
    const eta = (recipe.steps - step) / pace.rate;
    progress.update({ head: "training", step, steps: recipe.steps, figures, rate: pace.rate, eta });
  }
}

/** Validate, show what the model writes, keep the best weights, and save all; nothing of it when a signal comes in between. */
async function test(
  training: Training,
  folder: RunFolder<RunRecord>,
  progress: Progress,
  goOn: () => boolean,
): Promise<void> {
  const { step, recipe, model, corpus } = training;
  const validationLoss = await training.validate(goOn);
  if (validationLoss === undefined) return;
  const sample = await write(model, corpus.tokenizer, sampled, recipe.seed, goOn);
  if (!goOn()) return;
  const { better, trainLoss } = training.endTest(validationLoss);
  if (better) await io.save(model.stateDict(), folder.model);
  folder.record({ kind: "test", step, trainLoss, validationLoss, sample });
  folder.flush();
  await training.save(folder.checkpoint);
  progress.print(
    `step ${step}/${recipe.steps}  train loss ${trainLoss.toFixed(4)}  validation loss ${validationLoss.toFixed(4)}  ${training.seconds.toFixed(1)} s`,
  );
  for (const line of indented(sample)) progress.print(line);
}

/** The lines of a text, moved to the right. */
export const indented = (text: string): string[] =>
  text
    .trim()
    .split("\n")
    .map((line) => `    ${line}`.trimEnd());
