import type { DataLoaderState, Position } from "./loader-state.ts";

/** A batch by the indices of its samples. */
export type Wanted = readonly [number: number, indices: readonly number[]];

/** What a pass is made of. */
export interface Pass {
  readonly position: Position;
  /** Of the first worker. */
  readonly seed: bigint;
  readonly wanted: IterableIterator<Wanted> | undefined;
  readonly resumed: DataLoaderState | null;
  /** The default generator as the program left it. */
  readonly now: Uint8Array;
}

/** An iterator whose first step was made. */
export function* startingWith<T>(first: IteratorResult<T> | undefined, rest: IterableIterator<T>): IterableIterator<T> {
  if (first?.done) return;
  if (first) yield first.value;
  yield* rest;
}

let registry: FinalizationRegistry<() => void> | undefined;
/** Ends the workers of what nobody holds any more. */
export const forgotten = (): FinalizationRegistry<() => void> => {
  registry ??= new FinalizationRegistry((end) => end());
  return registry;
};
