import { type Interrupts, Pace, type Progress, type RunFolder } from "@flambeau/app-job";
import { io } from "flambeau";
import { sampleLines } from "../samples.ts";
import type { Training } from "../training.ts";
import type { RunRecord } from "./records.ts";

/** Names of each kind that are shown after an epoch. */
const shownOfEach = 8;

/** Train and validate epoch by epoch until the last one is done or a signal comes. */
export async function trainToEnd(
  training: Training,
  folder: RunFolder<RunRecord>,
  progress: Progress,
  interrupts: Interrupts,
): Promise<void> {
  const { recipe, steps } = training;
  const goOn = () => interrupts.exitCode === undefined;
  while (training.epochsDone < recipe.epochs && goOn()) {
    const epoch = training.epochsDone + 1;
    const pace = new Pace();
    await training.trainEpoch((result) => {
      pace.step();
      folder.record({ kind: "step", step: training.step, epoch, ...result });
      progress.update({
        head: `epoch ${epoch}/${recipe.epochs}`,
        step: training.stepInEpoch,
        steps,
        figures: [`loss ${pace.mean("loss", result.loss).toFixed(4)}`],
        rate: pace.rate,
        eta: (recipe.epochs * steps - training.step) / pace.rate,
      });
      return goOn();
    });
    if (!goOn()) break;
    const validationLoss = await training.validate(goOn);
    if (validationLoss === undefined) break;
    const trained = { trainLoss: training.epochLoss / steps, seconds: training.epochSeconds };
    const better = training.endEpoch(validationLoss);
    if (better) await io.save(training.network.stateDict(), folder.model);
    const samples = await training.samples(shownOfEach);
    folder.record({ kind: "epoch", epoch, step: training.step, ...trained, validationLoss, samples });
    folder.flush();
    await training.save(folder.checkpoint);
    progress.print(
      `epoch ${epoch}/${recipe.epochs}  train loss ${trained.trainLoss.toFixed(4)}  ` +
        `validation loss ${validationLoss.toFixed(4)}  ${trained.seconds.toFixed(1)} s`,
    );
    for (const line of sampleLines(samples)) progress.print(`  ${line}`);
  }
}
