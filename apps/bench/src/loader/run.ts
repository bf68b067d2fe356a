import { cpuWasm, data, registerBackend } from "flambeau";
import { setJpegDecoder } from "flambeau/vision";
import { median } from "../statistics.ts";
import { type Decoder, decoders, Pictures } from "./images.ts";

/** Samples in a pass. */
const length = 320;
const batchSize = 32;
/** What two workers must bring on two cores, one of which also takes the batches. */
const least = 1.6;

export interface LoaderFigure {
  readonly decoder: Decoder;
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
  const worker = new URL("./worker.ts", import.meta.url);
  const loaders = decoders.flatMap((decoder) =>
    [0, 1, 2].map((numWorkers) => ({
      ...{ decoder, numWorkers, rates: [] as number[] },
      loader: new data.DataLoader(pictures, {
        ...{ batchSize, numWorkers, worker, workerArgs: { length, decoder } },
        ...(numWorkers > 0 && { persistentWorkers: true }),
      }),
    })),
  );
  for (let round = 0; round <= rounds; round++)
    for (const { decoder, numWorkers, loader, rates } of loaders) {
      setJpegDecoder(decoder === "jpeg-js" ? decoder : null);
      const started = performance.now();
      let seen = 0;
      for await (const [images, labels] of loader) {
        seen += labels.size;
        images.dispose();
        labels.dispose();
      }
      const rate = (1000 * seen) / (performance.now() - started);
      const what = round === 0 ? "warm-up" : `round ${round}`;
      progress(`${decoder}, ${numWorkers} workers, ${what}: ${rate.toFixed(0)} samples/s`);
      if (round > 0) rates.push(rate);
    }
  setJpegDecoder(null);
  for (const { loader } of loaders) await loader.close();
  return loaders.map(({ decoder, numWorkers, rates }) => ({ decoder, numWorkers, samplesPerSecond: median(rates) }));
}

/** By the loader without workers and with the same decoder. */
const gain = (figures: readonly LoaderFigure[], { decoder, samplesPerSecond }: LoaderFigure): number =>
  samplesPerSecond / (figures.find((each) => each.decoder === decoder)?.samplesPerSecond ?? Number.NaN);

export function loaderCells(figures: readonly LoaderFigure[]): string[][] {
  const rows = figures.map((figure) => [
    figure.decoder,
    figure.numWorkers === 0 ? "the loader itself" : `numWorkers: ${figure.numWorkers}`,
    figure.samplesPerSecond.toFixed(0),
    gain(figures, figure).toFixed(2),
  ]);
  return [["decoder", "loading pictures", "samples/s", "by that of the loader itself"], ...rows];
}

/** What is over its limit, in words. */
export function tooSlow(figures: readonly LoaderFigure[]): string[] {
  return decoders.flatMap((decoder) => {
    const two = figures.find((each) => each.decoder === decoder && each.numWorkers === 2);
    if (!two) return [`two workers with ${decoder} were not measured`];
    const found = gain(figures, two);
    return found < least
      ? [`two workers with ${decoder} load ${found.toFixed(2)} times as fast, expected ${least}`]
      : [];
  });
}
