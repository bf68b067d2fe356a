import type { Backend } from "../contract/backend.ts";
import { backendOf, context } from "../core/context.ts";
import { collector } from "./collector.ts";
import { pressure, reclaim, relieve } from "./reclaim.ts";

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
  if (pressure.due) relieve(backendOf());
  // a loop that never reads must not run ahead of a device that works on its own
  for (const backend of context.backends.values()) if (backend.pace) await backend.pace();
  pressure.turn = false;
  await macrotask();
  if (!collector().synchronous) for (const backend of context.backends.values()) await makeRoom(backend);
}

/** A device so full that the program waits for the collector, as a part of what it holds at most. */
const full = 0.6;
/** Turns of the event loop to wait. */
const turns = 16;
/** Bytes from which it is tried again where it was in vain. */
let vain = 0;

/** Where collecting takes time to show it is given some, before a device has no room for what comes. */
async function makeRoom(backend: Backend): Promise<void> {
  const { bytes, limitBytes = Number.POSITIVE_INFINITY } = backend.memory();
  const enough = full * limitBytes;
  if (bytes < Math.max(enough, vain)) return;
  for (let i = 0; i < turns && backend.memory().bytes >= enough; i++) {
    reclaim();
    await macrotask();
  }
  const left = backend.memory().bytes;
  vain = left < enough ? 0 : left + limitBytes / 16;
}

/** Finalizers run between macrotasks, never within a chain of promises. */
function macrotask(): Promise<void> {
  return new Promise<void>((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void }; // Node has it
    if (setImmediate) {
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
