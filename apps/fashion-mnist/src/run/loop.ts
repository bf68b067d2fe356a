import { io } from "flambeau";
import type { Interrupts } from "../interrupts.ts";
import type { Progress } from "../progress.ts";
import type { Training } from "../training.ts";
import type { RunFolder } from "./folder.ts";

/** Train and test epoch by epoch until the last one is done or a signal comes. */
export async function trainToEnd(
  training: Training,
  folder: RunFolder,
  progress: Progress,
  interrupts: Interrupts,
): Promise<void> {
  const { recipe, steps } = training;
  const goOn = () => interrupts.exitCode === undefined;
  while (training.epochsDone < recipe.epochs && goOn()) {
    const epoch = training.epochsDone + 1;
    let [rate, last] = [Number.NaN, performance.now()];
    let [loss, accuracy] = [Number.NaN, Number.NaN];
    await training.trainEpoch((result) => {
      const now = performance.now();
      const lately = 1000 / (now - last);
      last = now;
      const blend = (old: number, value: number) => (Number.isNaN(old) ? value : 0.95 * old + 0.05 * value);
      [rate, loss, accuracy] = [blend(rate, lately), blend(loss, result.loss), blend(accuracy, result.accuracy)];
      folder.record({ kind: "step", step: training.step, epoch, ...result });
      const eta = (recipe.epochs * steps - training.step) / rate;
      progress.update({ epoch, epochs: recipe.epochs, step: training.stepInEpoch, steps, loss, accuracy, rate, eta });
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
