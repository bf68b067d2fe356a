import {
  Interrupts,
  newestRun,
  newRunPath,
  Progress,
  RunFolder,
  runProgram,
  terminalChart,
  UsageError,
  useDevice,
} from "@flambeau/app-job";
import { FlambeauError, io, text } from "flambeau";
import { loadCorpus } from "./corpus.ts";
import { checkRecipe, help, type Options, parseOptions, usualWriting } from "./options.ts";
import { lossChart, reportPage } from "./report/page.ts";
import { indented, trainToEnd } from "./run/loop.ts";
import type { RunRecord } from "./run/records.ts";
import { summarize } from "./run/summary.ts";
import { newModel, Training, write } from "./training.ts";

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  const threads = await useDevice(options.device, options.threads);
  return options.write ? generate(options, options.write.run) : train(options, threads);
}

async function train(options: Options, threads: number): Promise<number> {
  const progress = new Progress(process.stdout);
  const print = (line: string) => progress.print(line);
  const resumed = options.resume === undefined ? undefined : RunFolder.open<RunRecord>(options.resume);
  const begun = resumed?.readRecipe(checkRecipe);
  const wanted = begun?.dataset ?? options.recipe.dataset;
  const corpus = await loadCorpus(wanted, { root: options.data, log: print });
  const found = corpus.source.name === "moby-dick" ? "moby-dick" : "moby-dick-excerpt";
  if (begun && found !== wanted) throw new FlambeauError(`the run was begun on ${wanted}: ${corpus.source.reason}`);
  if (found !== wanted)
    print(`NOTE: the book is not here, training on its first chapters instead.\n  ${corpus.source.reason}`);
  const { train, validation, tokenizer } = corpus;
  print(
    `data: ${found}, ${count(train.length)} training and ${count(validation.length)} validation characters, ${tokenizer.vocabSize} different ones (${found === wanted ? corpus.source.reason : "bundled"})`,
  );

  const recipe = begun ?? { ...options.recipe, dataset: found };
  const training = new Training(recipe, corpus);
  const folder = resumed ?? RunFolder.create<RunRecord>(options.out ?? newRunPath(recipe.seed));
  if (resumed) {
    await training.restore(folder.checkpoint);
    await folder.restoreMetrics(({ kind, step }) => step <= (kind === "step" ? training.step : training.tested));
    print(`resumed: ${folder.path} after step ${training.step} of ${recipe.steps}`);
  } else {
    await folder.writeRecipe({ ...recipe, characters: tokenizer.tokens.join("") });
    await training.save(folder.checkpoint);
  }
  using interrupts = new Interrupts(() => print("stopping after this step (Ctrl-C again: at once)"));
  const parameters = [...training.model.parameters()].reduce((sum, p) => sum + p.size, 0);
  print(
    `run: ${folder.path} (${count(parameters)} parameters, ${recipe.steps} steps of ${recipe.batchSize} x ${recipe.block} characters, seed ${recipe.seed}, ${options.device} with ${threads} threads)`,
  );

  await trainToEnd(training, folder, progress, interrupts);
  const interrupted = !training.isFinished;
  if (interrupted) await training.save(folder.checkpoint);
  if (training.best) training.model.loadStateDict(await io.load(folder.model));
  else await io.save(training.model.stateDict(), folder.model);

  const written = interrupted ? null : await write(training.model, tokenizer, usualWriting, recipe.seed);
  const summary = summarize(training, { device: options.device, threads, parameters, text: written });
  const [steps, tests] = [folder.metrics("step"), folder.metrics("test")];
  await folder.finish(summary, reportPage({ summary, steps, tests }));
  if (written !== null) for (const line of ["", ...indented(written)]) print(line);
  if (steps.length > 0)
    for (const line of ["", ...terminalChart(lossChart(steps, tests), process.stdout), ""]) print(line);
  print(
    `validation loss ${summary.validationLoss === null ? "not measured yet" : summary.validationLoss.toFixed(4)} in ${summary.seconds.toFixed(1)} s on ${found}`,
  );
  print(`report: ${folder.report}`);
  if (interrupted) {
    print(`interrupted; go on with: npm run gpt -- --resume ${folder.path}`);
    return interrupts.exitCode ?? 1;
  }
  print(`write with it: npm run gpt -- --run ${folder.path} --prompt "The whale"`);
  return 0;
}

/** Write with the weights of a run, on the standard output as it comes. */
async function generate({ writing, seed }: Options, run: string | undefined): Promise<number> {
  const folder = RunFolder.trained(run ?? newestRun(checkRecipe));
  const { recipe, tokenizer } = folder.readRecipe((values) => {
    if (typeof values.characters !== "string") throw new Error('there are no "characters"');
    return { recipe: checkRecipe(values), tokenizer: new text.CharTokenizer(values.characters) };
  });
  const unknown = Array.from(writing.prompt).find((character) => !tokenizer.tokens.includes(character));
  if (unknown !== undefined) throw new UsageError(`--prompt: the text of this run has no ${JSON.stringify(unknown)}`);
  const model = newModel(recipe, tokenizer.vocabSize);
  model.loadStateDict(await io.load(folder.model));
  process.stdout.write(writing.prompt.trimStart());
  await write(model, tokenizer, writing, seed, (piece) => {
    process.stdout.write(piece);
    return true;
  });
  process.stdout.write("\n");
  return 0;
}

const count = (n: number): string => n.toLocaleString("en");

runProgram(main);
