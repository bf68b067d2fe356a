import { defaultCollate } from "./collate.ts";
import type { Dataset, SampleStream } from "./dataset.ts";

/** What a loader reads from. */
export type Source<Sample> = Dataset<Sample> | readonly Sample[] | SampleStream<Sample>;

/** Whether its samples have numbers. */
export const isIndexed = <Sample>(dataset: Source<Sample>): dataset is Dataset<Sample> | readonly Sample[] =>
  Array.isArray(dataset) || (typeof dataset === "object" && dataset !== null && "get" in dataset);
/** Whether it can be gone through. */
export const isStream = (dataset: unknown): boolean =>
  typeof dataset === "object" && dataset !== null && (Symbol.iterator in dataset || Symbol.asyncIterator in dataset);

/** A data set that says where it stands, and goes on from there: of streams alone, since samples by number have no place. */
export interface StatefulSource {
  stateDict(): unknown;
  loadStateDict(state: unknown): unknown;
}
export const isStateful = (x: unknown): x is StatefulSource =>
  typeof x === "object" &&
  x !== null &&
  typeof Reflect.get(x, "stateDict") === "function" &&
  typeof Reflect.get(x, "loadStateDict") === "function";

export type Collate<Sample> = ((samples: Sample[]) => unknown) | undefined;

/** Samples put together as the user says, or as usual. */
export const together = <Sample>(collate: Collate<Sample>, samples: Sample[]): unknown =>
  collate ? collate(samples) : defaultCollate(samples);

/**
 * The batch of some samples: at once, or a promise of it where a sample is one.
 * @param lost told of the sample that threw, before the error goes on
 */
export function fetchBatch<Sample>(
  dataset: Dataset<Sample> | readonly Sample[],
  collate: Collate<Sample>,
  indices: readonly number[],
  lost?: (index: number) => void,
): unknown {
  if (!isArray(dataset) && dataset.getBatch && !collate) return dataset.getBatch(indices);
  const one = isArray(dataset) ? (i: number) => dataset[i] : (i: number) => dataset.get(i);
  const get = lost ? watched(one, lost) : one;
  const samples = Array.from(indices, get);
  return samples.some((sample) => sample instanceof Promise)
    ? Promise.all(samples).then((all) => together(collate, all))
    : together(collate, samples as Sample[]); // no promise among them
}

const isArray = <Sample>(dataset: Dataset<Sample> | readonly Sample[]): dataset is readonly Sample[] =>
  Array.isArray(dataset);

function watched<Sample>(get: (i: number) => Sample | Promise<Sample>, lost: (index: number) => void) {
  return (index: number): Sample | Promise<Sample> => {
    const fail = (error: unknown): never => {
      lost(index);
      throw error;
    };
    try {
      const sample = get(index);
      return sample instanceof Promise ? sample.catch(fail) : sample;
    } catch (error) {
      return fail(error);
    }
  };
}
