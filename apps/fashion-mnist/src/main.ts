import { availableParallelism } from "node:os";
import { cpuWasm, DeviceError, FlambeauError, io, registerBackend, setDefaultDevice } from "flambeau";
import { perClass } from "./confusion.ts";
import { testGallery } from "./gallery.ts";
import { loadImages } from "./images.ts";
import { Interrupts } from "./interrupts.ts";
import { help, parseOptions, recipeFor, UsageError } from "./options.ts";
import { Progress } from "./progress.ts";
import { percent } from "./report/matrix.ts";
import { reportPage } from "./report/page.ts";
import { newRunPath, RunFolder } from "./run/folder.ts";
import { trainToEnd } from "./run/loop.ts";
import { summarize } from "./run/summary.ts";
import { Training } from "./training.ts";

/** Threads beyond this bring nothing to a network this small. */
const mostThreads = 8;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  const threads = options.threads ?? Math.min(mostThreads, availableParallelism());
  useDevice(options.device, threads);
  const progress = new Progress(process.stdout);
  const print = (line: string) => progress.print(line);

  const resumed = options.resume === undefined ? undefined : RunFolder.open(options.resume);
  const wanted = resumed?.readRecipe().dataset ?? options.dataset;
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

  const recipe = resumed?.readRecipe() ?? recipeFor(options, found);
  const training = new Training(recipe, train, test);
  const folder = resumed ?? RunFolder.create(options.out ?? newRunPath(recipe.seed));
  if (resumed) {
    await training.restore(folder.checkpoint);
    await folder.restoreMetrics({ step: training.step, epochsTested: training.epochsDone });
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
  await folder.finish(summary, reportPage({ summary, steps: folder.steps, epochs: folder.epochs, confusion }));
  if (confusion) {
    print("");
    for (const { name, accuracy } of perClass(confusion))
      print(`  ${name.padEnd(12)} ${percent(accuracy).padStart(7)}`);
    print("");
    training.model.loadStateDict(await io.load(folder.model));
    for (const line of testGallery(training, test, process.stdout)) print(line);
  }
  print(
    `test accuracy ${summary.testAccuracy === null ? "not measured yet" : summary.testAccuracy.toFixed(4)} in ${summary.seconds.toFixed(1)} s on ${found}`,
  );
  print(`report: ${folder.report}`);
  if (!interrupted) return 0;
  print(`interrupted; go on with: npm start -- --resume ${folder.path}`);
  return interrupts.exitCode ?? 1;
}

const count = (n: number): string => n.toLocaleString("en");

/** Put the tensors on the named device. @throws UsageError when there is no such device. */
function useDevice(device: string, threads: number): void {
  registerBackend(cpuWasm({ threads }));
  try {
    setDefaultDevice(device);
  } catch (error) {
    if (error instanceof DeviceError) throw new UsageError(`--device: ${error.message}`);
    throw error;
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof UsageError;
    // a mistake of the user's or of the machine's is told in words, one of ours with its stack
    if (usage || error instanceof FlambeauError) process.stderr.write(`${error.message}\n`);
    else console.error(error);
    if (usage) process.stderr.write("Run with --help for the options.\n");
    process.exitCode = usage ? 2 : 1;
  },
);
