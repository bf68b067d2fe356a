import { serve, timed, timedAsync } from "../src/protocol.ts";

let calls = 0;
await serve(async () => ({
  version: "9",
  workbench: {
    counts: () => ({
      run: timed(() => {
        calls++;
      }),
      loss: () => calls,
    }),
    sleeps: () => ({ run: timedAsync(() => new Promise((done) => setTimeout(done, 10))), note: "sleeps 10 ms" }),
    throws: () => {
      throw new Error("Kernel 'X' not registered\nand a stack");
    },
    diverges: () => ({ run: timed(() => {}), loss: () => Number.NaN }),
  },
}));
