import { cpuWasm, data, registerBackend } from "flambeau";
import { median } from "../statistics.ts";
import { Pictures } from "./images.ts";

/** Samples in a pass. */
const length = 320;
const batchSize = 32;
/** What two workers must bring on two cores, one of which also takes the batches. */
const least = 1.6;

export interface LoaderFigure {
  readonly numWorkers: number;
  /** The median over the rounds. */
  readonly samplesPerSecond: number;
}

/** Passes of a loader that decodes pictures, by itself and with workers, which take turns round by round. Workers are up before it is timed. */
export async function runLoader(
  { rounds }: { readonly rounds: number },
  progress: (line: string) => void,
): Promise<LoaderFigure[]> {
  registerBackend(cpuWasm({ threads: 1 }));
  const pictures = new Pictures(length);
  const loaders = [0, 1, 2].map((numWorkers) => ({
    numWorkers,
    rates: [] as number[],
    loader: new data.DataLoader(pictures, {
      ...{ batchSize, numWorkers, worker: new URL("./worker.ts", import.meta.url), workerArgs: { length } },
      ...(numWorkers > 0 && { persistentWorkers: true }),
    }),
  }));
  for (let round = 0; round <= rounds; round++)
    for (const { numWorkers, loader, rates } of loaders) {
      const started = performance.now();
      let seen = 0;
      for await (const [images, labels] of loader) {
        seen += labels.size;
        images.dispose();
        labels.dispose();
      }
      const rate = (1000 * seen) / (performance.now() - started);
      progress(`${numWorkers} workers, ${round === 0 ? "warm-up" : `round ${round}`}: ${rate.toFixed(0)} samples/s`);
      if (round > 0) rates.push(rate);
    }
  for (const { loader } of loaders) await loader.close();
  return loaders.map(({ numWorkers, rates }) => ({ numWorkers, samplesPerSecond: median(rates) }));
}

const gain = (figures: readonly LoaderFigure[], { samplesPerSecond }: LoaderFigure): number =>
  samplesPerSecond / figures[0].samplesPerSecond;

export function loaderCells(figures: readonly LoaderFigure[]): string[][] {
  const rows = figures.map((figure) => [
    figure.numWorkers === 0 ? "the loader itself" : `numWorkers: ${figure.numWorkers}`,
    figure.samplesPerSecond.toFixed(0),
    gain(figures, figure).toFixed(2),
  ]);
  return [["loading pictures", "samples/s", "by that of the loader itself"], ...rows];
}

/** What is over its limit, in words. */
export function tooSlow(figures: readonly LoaderFigure[]): string[] {
  const two = figures.find(({ numWorkers }) => numWorkers === 2);
  if (!two) return ["two workers were not measured"];
  const found = gain(figures, two);
  return found < least ? [`two workers load ${found.toFixed(2)} times as fast, expected ${least}`] : [];
}
