import { sizeOf, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import { compilePhilox } from "../emit/philox.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { withWorkspace } from "../engine/workspace.ts";

/** The `random` primitive: word i % 4 of Philox block offset + floor(i / 4). */
export class RandomKernel {
  private readonly engine: Engine;
  private id: KernelId = -1;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  run(output: View, seed: bigint, offset: bigint): void {
    const { engine } = this;
    const n = sizeOf(output.shape);
    const at = addressOf(output, 4);
    const blocks = Math.floor(n / 4);
    this.fill(at, blocks, seed, offset);
    if (n % 4 === 0) return;
    // the last block reaches beyond the output: only its first words are wanted
    withWorkspace(engine, "random", 16, (spare) => {
      this.fill(spare, 1, seed, offset + BigInt(blocks));
      for (let i = 4 * blocks; i < n; i++) engine.i32[at / 4 + i] = engine.i32[spare / 4 + (i % 4)];
    });
  }

  private fill(address: number, blocks: number, seed: bigint, counter: bigint): void {
    if (blocks === 0) return;
    const { engine } = this;
    if (this.id < 0) this.id = engine.addKernel(compilePhilox(engine));
    const { desc } = engine;
    engine.i32[desc >>> 2] = address;
    engine.i64[(desc >>> 3) + 1] = seed;
    engine.i64[(desc >>> 3) + 2] = counter;
    engine.run(this.id, desc, blocks, 1024);
  }
}
