import type { View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";

const low = (x: bigint): number => Number(BigInt.asUintN(32, x));

/**
 * The `random` primitive: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). An invocation
 * encrypts one counter, which gives four words.
 */
export class RandomKernel {
  readonly #engine: Engine;
  readonly #kernel: Kernel;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#kernel = engine.kernel(philox());
  }

  run(output: View, seed: bigint, offset: bigint): void {
    let n = 1;
    for (const size of output.shape) n *= size;
    if (n === 0) return;
    const engine = this.#engine;
    const at = engine.begin(512);
    const { u32 } = engine;
    engine.blocks[0] = blockOf(output.buffer);
    u32[at + 1] = n;
    u32[at + 2] = output.offset;
    u32[at + 3] = low(seed);
    u32[at + 4] = low(seed >> 32n);
    u32[at + 5] = low(offset);
    u32[at + 6] = low(offset >> 32n);
    engine.dispatchLine(this.#kernel, at, 7, Math.ceil(n / (4 * workgroup)));
  }
}

const philox = () =>
  shader({
    label: "random",
    writes: ["u32"],
    reads: [],
    uses: ["mul64"],
    body: `
  let item = group * ${workgroup}u + local;
  let first = item * 4u;
  let n = ${word(1)};
  if (first >= n) { return; }
  let counter = ${word(5)} + item;
  var c = vec4<u32>(counter, ${word(6)} + select(0u, 1u, counter < item), 0u, 0u);
  var key = vec2<u32>(${word(3)}, ${word(4)});
  for (var round = 0u; round < 10u; round++) {
    let a = mul64(c.x, 0xd2511f53u);
    let b = mul64(c.z, 0xcd9e8d57u);
    c = vec4<u32>(b.y ^ c.y ^ key.x, b.x, a.y ^ c.w ^ key.y, a.x);
    key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  for (var k = 0u; k < min(4u, n - first); k++) { w0[${word(2)} + first + k] = c[k]; }`,
  });
