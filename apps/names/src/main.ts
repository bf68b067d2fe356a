import { Interrupts, newRunPath, Progress, RunFolder, runProgram, terminalChart, useDevice } from "@flambeau/app-job";
import { data, io } from "flambeau";
import { generate } from "./generate.ts";
import { nameSets } from "./model/index.ts";
import { checkRecipe, help, parseOptions } from "./options.ts";
import { count, lossChart, reportPage } from "./report.ts";
import { trainToEnd } from "./run/loop.ts";
import type { RunRecord } from "./run/records.ts";
import { summarize } from "./run/summary.ts";
import { legend, nameList, sampleLines } from "./samples.ts";
import { Training } from "./training.ts";

/** Names of each kind that are shown at the end. */
const lastOfEach = 10;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  const threads = await useDevice(options.device, options.threads);
  const progress = new Progress(process.stdout);
  const print = (line: string) => progress.print(line);

  const sets = nameSets(await data.firstNames());
  if (options.wish) {
    for (const line of nameList(await generate(options.wish, options.seed, sets))) print(line);
    return 0;
  }
  print(`data: ${count(sets.train.length)} training and ${count(sets.validation.length)} validation names`);

  const resumed = options.resume === undefined ? undefined : RunFolder.open<RunRecord>(options.resume);
  const recipe = resumed?.readRecipe(checkRecipe) ?? options.recipe;
  const training = new Training(recipe, sets);
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
  const parameters = Array.from(training.network.parameters()).reduce((sum, { size }) => sum + size, 0);
  print(
    `run: ${folder.path} (${recipe.cell.toUpperCase()}, ${count(parameters)} parameters, ${recipe.epochs} epochs of ${training.steps} steps, seed ${recipe.seed}, ${options.device} with ${threads} threads)`,
  );
  print(`names: ${legend}`);

  using interrupts = new Interrupts(() => print("stopping after this step (Ctrl-C again: at once)"));
  await trainToEnd(training, folder, progress, interrupts);
  const interrupted = training.epochsDone < recipe.epochs;
  if (interrupted) await training.save(folder.checkpoint);
  if (training.best) training.network.loadStateDict(await io.load(folder.model));
  else await io.save(training.network.stateDict(), folder.model);

  const samples = await training.samples(lastOfEach);
  const summary = summarize(training, { device: options.device, threads, samples });
  const [steps, epochs] = [folder.metrics("step"), folder.metrics("epoch")];
  await folder.finish(summary, reportPage({ summary, steps, epochs }));
  if (steps.length > 0)
    for (const line of ["", ...terminalChart(lossChart({ steps, epochs }), process.stdout)]) print(line);
  print("");
  for (const line of sampleLines(samples)) print(line);
  print("");
  const loss = summary.validationLoss;
  print(
    `validation loss ${loss === null ? "not measured yet" : `${loss.toFixed(4)} nats a letter`} in ${summary.seconds.toFixed(1)} s`,
  );
  print(`report: ${folder.report}`);
  if (!interrupted) {
    print(`more: npm run names -- --generate 20 --prefix Ma --run ${folder.path}`);
    return 0;
  }
  print(`interrupted; go on with: npm run names -- --resume ${folder.path}`);
  return interrupts.exitCode ?? 1;
}

runProgram(main);
