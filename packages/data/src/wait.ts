import { UnavailableError } from "@flambeau/tensor/functional";

/** Timers count milliseconds in 31 bits; beyond that, which is 24 days, they would ring at once. */
export const timer = (seconds: number, ring: () => void): ReturnType<typeof setTimeout> =>
  setTimeout(ring, Math.min(1000 * seconds, 2 ** 31 - 1));

/** How long a loader waits, and what ends it before. */
export interface Patience {
  /** 0: as long as it takes. */
  readonly seconds: number;
  readonly signal: AbortSignal | undefined;
}

/** What a promise gives, if it does so in time and nobody aborts. @throws UnavailableError when it is late; the signal's reason. */
export async function inTime<T>(promise: Promise<T>, { seconds, signal }: Patience): Promise<T> {
  if (seconds === 0 && !signal) return promise;
  signal?.throwIfAborted();
  let late: ReturnType<typeof setTimeout> | undefined;
  let abort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    if (seconds > 0)
      late = timer(seconds, () =>
        reject(new UnavailableError(`DataLoader: the data set took more than ${seconds} s for a batch`)),
      );
    abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(late);
    if (abort) signal?.removeEventListener("abort", abort);
  }
}
