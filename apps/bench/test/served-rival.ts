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
    counted: () => ({
      run: timed(() => {}),
      count: async ({ warmUp, steps }) => ({
        perStep: { submits: 1, buffers: 0, pipelines: 0, bindGroups: 0, dispatches: 3, writes: 2, maps: 1 },
        encodeMs: warmUp + steps,
      }),
    }),
    throws: () => {
      throw new Error("Kernel 'X' not registered\nand a stack");
    },
    diverges: () => ({ run: timed(() => {}), loss: () => Number.NaN }),
  },
}));
