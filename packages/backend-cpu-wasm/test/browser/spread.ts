import { createEngine } from "../../src/engine/engine.ts";
import { kernel, writeE } from "../engine/emitted.ts";

/** Run small tasks on two threads until both have taken part, or for ten seconds. */
export async function spread(): Promise<{ info: string; threads: number }> {
  const engine = createEngine({ threads: 2 });
  try {
    // each thread has a private work area: its address, written for each index, tells who did the index
    const id = engine.addKernel(kernel(engine.shared, writeE, "scratchAddress"));
    const out = engine.alloc(800);
    engine.i32[engine.desc / 4] = out;
    const seen = new Set<number>();
    const end = performance.now() + 300_000;
    while (seen.size < 2 && performance.now() < end) {
      engine.run(id, engine.desc, 100, 1);
      for (let i = 0; i < 100; i++) seen.add(engine.f64[out / 8 + i]);
      // a browser starts workers between tasks of the thread that asked for them
      await new Promise((resolve) => setTimeout(resolve));
    }
    return { info: engine.info, threads: seen.size };
  } finally {
    engine.dispose();
  }
}
