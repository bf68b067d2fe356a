import { Passing } from "./answer.ts";

/** How often in a row a server may fail without sending anything new. */
const most = 3;
/** Milliseconds before the second try; each one waits twice as long as the one before. */
const firstWait = 200;

/**
 * Call `attempt` until it is done. What came before a failure counts: one that got further starts the tries anew.
 *
 * @param attempt tells how far it is by `far()`.
 * @throws the last failure, when there were {@link most} in a row; the signal's reason.
 */
export async function tries<T>(attempt: () => Promise<T>, far: () => number, signal?: AbortSignal): Promise<T> {
  for (let failures = 0; ; ) {
    const before = far();
    try {
      signal?.throwIfAborted();
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      failures = far() > before ? 1 : failures + 1;
      if (failures >= most) throw error.error;
      await pause(firstWait * 2 ** (failures - 1), signal);
    }
  }
}

const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
