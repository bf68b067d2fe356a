import { FlambeauError } from "@flambeau/tensor/functional";

/**
 * An address could not be read: no server, an answer that says so, or one that contradicts itself; `cause` is the platform's error, if any.
 *
 * @example
 * const error = await load("http://127.0.0.1:9/model.safetensors").catch((error) => error);
 * [error instanceof FetchError, error.status]; // [true, undefined]
 */
export class FetchError extends FlambeauError {
  static override readonly kind: string = "FetchError";
  /** The address, as it was given. */
  readonly url: string;
  /** The status of the answer; undefined when there was none. */
  readonly status: number | undefined;
  constructor(url: string, status: number | undefined, problem: string, hint?: string) {
    super(`${shortened(url)}: not read: ${problem}`, hint);
    this.url = url;
    this.status = status;
  }
}

/** Signed addresses are long, and what signs them is secret. */
export const shortened = (url: string): string => {
  const bare = url.split(/[?#]/, 1)[0];
  return bare.length > 200 ? `${bare.slice(0, 200)}...` : bare;
};
