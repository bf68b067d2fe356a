// One thread of a limit's measurement: it runs so much of one loop, as it is told to, and answers when it is done.
import { parentPort } from "node:worker_threads";
import { limitsModule } from "./limits-module.ts";

/** Twice so much is copied from and to: more than caches hold, on any machine that this runs on. */
export const copiedBytes = 64 * 2 ** 20;
/** Turns of the loop of multiply-adds in one call. */
export const turns = 100_000;

export type Order = { what: "fma" | "copy"; iterations: number };

function work(): (order: Order) => void {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(limitsModule((2 * copiedBytes) >> 16)));
  // what `limitsModule` says it exports
  const { memory, fma, copy } = exports as {
    memory: WebAssembly.Memory;
    fma(turns: number): number;
    copy(to: number, from: number, bytes: number): void;
  };
  new Float32Array(memory.buffer).fill(0.5);
  return ({ what, iterations }) => {
    for (let i = 0; i < iterations; i++) {
      if (what === "fma") fma(turns);
      else copy(copiedBytes, 0, copiedBytes);
    }
  };
}

if (parentPort) {
  const port = parentPort;
  const run = work();
  port.on("message", (order: Order) => {
    run(order);
    port.postMessage("done");
  });
  port.postMessage("ready");
}
