import type { Packed } from "./packing.ts";

// What a loader and its workers tell each other. All messages carry the mark, so that a worker may have others of its own.

/** To a worker. */
export type Order =
  | {
      readonly kind: "open";
      readonly id: number;
      readonly numWorkers: number;
      readonly seed: bigint;
      readonly args: unknown;
    }
  | {
      readonly kind: "start";
      readonly pass: number;
      readonly seed: bigint;
      /** The generator and the stream as they were after the worker's last batch, when a pass is taken up again. */
      readonly generator: Uint8Array | null;
      readonly stream: StreamOrder | null;
    }
  | {
      readonly kind: "fetch";
      readonly pass: number;
      readonly number: number;
      readonly indices: readonly number[] | null;
    }
  | { readonly kind: "stop"; readonly pass: number };

export interface StreamOrder {
  readonly batchSize: number;
  readonly dropLast: boolean;
  /** Batches that were had before: read over where the stream cannot say where it stands. */
  readonly had: number;
  /** Whether the stream was over behind them. */
  readonly over: boolean;
  readonly state: unknown;
}

/** From a worker. */
export type Reply =
  | { readonly kind: "hello" }
  // The length of its data set; null for a stream.
  | { readonly kind: "ready"; readonly length: number | null }
  | {
      readonly kind: "batch";
      readonly pass: number;
      readonly number: number;
      readonly batch: Packed;
      readonly generator: Uint8Array;
      readonly state: unknown;
      /** Whether it is what was left of a stream that is over. */
      readonly over: boolean;
    }
  | { readonly kind: "end"; readonly pass: number }
  // `pass` is null when it could not be set up.
  | { readonly kind: "failed"; readonly pass: number | null; readonly failure: Failure };

/** An error in words: classes do not survive the way, and some not even their fields. */
export interface Failure {
  /** What the worker was at: "sample 3", "its data set". */
  readonly at: string;
  readonly index: number | null;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

const mark = "flambeau.data";

export const marked = <T extends Order | Reply>(message: T): { readonly mark: string; readonly message: T } => ({
  mark,
  message,
});
/** The message, if it is one of ours. */
export const unmarked = <T extends Order | Reply>(data: unknown): T | null =>
  typeof data === "object" && data !== null && Reflect.get(data, "mark") === mark
    ? (data as { message: T }).message // nobody else sends the mark
    : null;
