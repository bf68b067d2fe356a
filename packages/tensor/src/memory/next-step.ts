import { backendOf, context } from "../context.ts";
import { pressing, relieve } from "./reclaim.ts";

/**
 * A turn of the event loop, once the devices have caught up with what was asked of them: tensors that were dropped are freed
 * in it, pages draw, servers answer. For loops that await nothing else; the data loader does it between batches.
 *
 * @example
 * import { nextStep, ones } from "flambeau";
 * for (let i = 0; i < 3; i++) {
 *   ones([100, 100]).mul(2).sum();
 *   await nextStep();
 * }
 */
export async function nextStep(): Promise<void> {
  if (pressing()) relieve(backendOf());
  // a loop that never reads must not run ahead of a device that works on its own
  for (const backend of context.backends.values()) if (backend.pace) await backend.pace();
  await macrotask();
}

/** Finalizers run between macrotasks, never within a chain of promises. */
function macrotask(): Promise<void> {
  return new Promise<void>((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    // timers are slowed down in browsers, messages are not
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
