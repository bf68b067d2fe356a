import { Interrupts, newRunPath, Progress, RunFolder, runProgram, terminalChart, useDevice } from "@flambeau/app-job";
import { FlambeauError, io } from "flambeau";
import { perClass } from "./confusion.ts";
import { testGallery } from "./gallery.ts";
import { loadImages } from "./images.ts";
import { checkRecipe, help, parseOptions, recipeFor } from "./options.ts";
import { percent } from "./report/matrix.ts";
import { charts, reportPage } from "./report/page.ts";
import { trainToEnd } from "./run/loop.ts";
import type { RunRecord } from "./run/records.ts";
import { summarize } from "./run/summary.ts";
import { Training } from "./training.ts";

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  const threads = await useDevice(options.device, options.threads);
  const progress = new Progress(process.stdout);
  const print = (line: string) => progress.print(line);

  const resumed = options.resume === undefined ? undefined : RunFolder.open<RunRecord>(options.resume);
  const begun = resumed?.readRecipe(checkRecipe);
  const wanted = begun?.dataset ?? options.dataset;
  const images = await loadImages(wanted, { root: options.data, log: print });
  const found = images.train.name === "digits" ? "digits" : "fashion-mnist";
  if (resumed && found !== wanted) throw new FlambeauError(`the run was begun on ${wanted}: ${images.train.reason}`);
  if (found !== wanted) {
    print(`NOTE: no Fashion-MNIST here, training on the bundled 8x8 digits instead.\n  ${images.train.reason}`);
  }
  const { train, test } = images;
  print(
    `data: ${found}, ${count(train.length)} training and ${count(test.length)} test images (${found === wanted ? train.reason : "bundled"})`,
  );

  const recipe = begun ?? recipeFor(options, found);
  const training = new Training(recipe, train, test);
  const folder = resumed ?? RunFolder.create<RunRecord>(options.out ?? newRunPath(recipe.seed));
  if (resumed) {
    await training.restore(folder.checkpoint);
    await folder.restoreMetrics((record) =>
      record.kind === "step" ? record.step <= training.step : record.epoch <= training.epochsDone,
    );
    print(`resumed: ${folder.path} after step ${training.step} of ${recipe.epochs * training.steps}`);
  } else {
    await folder.writeRecipe(recipe);
  }
  const parameters = [...training.model.parameters()].reduce((sum, p) => sum + p.size, 0);
  print(
    `run: ${folder.path} (${count(parameters)} parameters, ${recipe.epochs} epochs of ${training.steps} steps, seed ${recipe.seed}, ${options.device} with ${threads} threads)`,
  );

  using interrupts = new Interrupts(() => print("stopping after this step (Ctrl-C again: at once)"));
  await trainToEnd(training, folder, progress, interrupts);
  const interrupted = training.epochsDone < recipe.epochs;
  if (interrupted) await training.save(folder.checkpoint);
  if (!training.best) await io.save(training.model.stateDict(), folder.model);

  const confusion = training.best && { classes: test.classes, counts: training.best.counts };
  const summary = summarize(training, images, { device: options.device, threads, parameters, confusion });
  const [steps, epochs] = [folder.metrics("step"), folder.metrics("epoch")];
  await folder.finish(summary, reportPage({ summary, steps, epochs, confusion }));
  if (confusion) {
    for (const chart of charts(steps, epochs))
      for (const line of ["", ...terminalChart(chart, process.stdout)]) print(line);
    print("");
    for (const { name, accuracy } of perClass(confusion))
      print(`  ${name.padEnd(12)} ${percent(accuracy).padStart(7)}`);
    print("");
    training.model.loadStateDict(await io.load(folder.model));
    for (const line of await testGallery(training, test, process.stdout)) print(line);
  }
  print(
    `test accuracy ${summary.testAccuracy === null ? "not measured yet" : summary.testAccuracy.toFixed(4)} in ${summary.seconds.toFixed(1)} s on ${found}`,
  );
  if (summary.waiting !== null) print(`waiting for data: ${percent(summary.waiting)} of the training loop's time`);
  print(`report: ${folder.report}`);
  if (!interrupted) return 0;
  print(`interrupted; go on with: npm start -- --resume ${folder.path}`);
  return interrupts.exitCode ?? 1;
}

const count = (n: number): string => n.toLocaleString("en");

runProgram(main);
