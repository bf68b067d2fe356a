import { FlambeauError } from "@flambeau/tensor/functional";
import type { Failure } from "./protocol.ts";

/**
 * A worker of a `DataLoader` failed, or is gone. `cause` is its own error, with the stack of the worker.
 *
 * @example
 * const loader = new DataLoader([1, 2], { numWorkers: 1, worker: new URL("file:///no-such-module.js") });
 * const error = await Array.fromAsync(loader).catch((error) => error);
 * [error instanceof WorkerError, error.worker]; // [true, 0]
 */
export class WorkerError extends FlambeauError {
  static override readonly kind: string = "WorkerError";
  /** The worker, from 0. */
  readonly worker: number;
  /** The sample that could not be had, where it is one. */
  readonly index: number | null;
  constructor(worker: number, problem: string, index: number | null = null, cause?: unknown, hint?: string) {
    super(`DataLoader: worker ${worker}: ${problem}`, hint);
    this.worker = worker;
    this.index = index;
    if (cause !== undefined) this.cause = cause;
  }
}

/** What a worker told of an error, as one. */
export function errorOf(worker: number, { at, index, name, message, stack }: Failure): WorkerError {
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  return new WorkerError(worker, `${at} failed: ${name}: ${message}`, index, cause);
}
