import { type Interrupts, Pace, type Progress, type RunFolder } from "@flambeau/app-job";
import { io } from "flambeau";
import type { Training } from "../training.ts";
import type { RunRecord } from "./records.ts";

/** Train and test epoch by epoch until the last one is done or a signal comes. */
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
      const [loss, accuracy] = [pace.mean("loss", result.loss), pace.mean("accuracy", result.accuracy)];
      progress.update({
        head: `epoch ${epoch}/${recipe.epochs}`,
        step: training.stepInEpoch,
        steps,
        figures: [`loss ${loss.toFixed(4)}`, `acc ${accuracy.toFixed(3)}`],
        rate: pace.rate,
        eta: (recipe.epochs * steps - training.step) / pace.rate,
      });
      return goOn();
    });
    if (!goOn()) break;
    const test = await training.testEpoch(goOn);
    if (!test) break;
    const trained = {
      trainLoss: training.epochLoss / steps,
      trainAccuracy: training.epochAccuracy / steps,
      seconds: training.epochSeconds,
    };
    const better = training.endEpoch(test);
    if (better) await io.save(training.model.stateDict(), folder.model);
    folder.record({
      kind: "epoch",
      epoch,
      step: training.step,
      ...trained,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
    });
    folder.flush();
    await training.save(folder.checkpoint);
    progress.print(
      `epoch ${epoch}/${recipe.epochs}  train loss ${trained.trainLoss.toFixed(4)} acc ${trained.trainAccuracy.toFixed(4)}  ` +
        `test loss ${test.loss.toFixed(4)} acc ${test.accuracy.toFixed(4)}  ${trained.seconds.toFixed(1)} s`,
    );
  }
}
