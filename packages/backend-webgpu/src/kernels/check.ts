import type { View } from "@flambeau/tensor/plugin";
import { Care } from "../engine/doubts.ts";
import type { Engine } from "../engine/engine.ts";
import { type Fail, reportBad } from "../engine/findings.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { load } from "../wgsl/elements.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { Nest, unfold } from "./nest.ts";

/** Parameter words: the fold's width, elements, the bound, where the finding goes, the offset, then the loops. */
const firstLoop = 5;

/** Whether all elements of an int32 view lie in 0..size-1: asked now, answered by the reads of what is computed with it. */
export class CheckKernel {
  readonly #engine: Engine;
  readonly #nest = new Nest();
  readonly #views: View[] = [];
  readonly #kernels: (Kernel | undefined)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(index: View, size: number, fail: Fail): void {
    const engine = this.#engine;
    this.#views[0] = index;
    const nest = this.#nest.collapse(this.#views, 1);
    let n = 1;
    for (const s of index.shape) n *= s;
    if (n === 0) return;
    let kernel = this.#kernels[nest.rank];
    if (kernel === undefined) this.#kernels[nest.rank] = kernel = engine.kernel(checkShader(nest.rank));
    const doubt = engine.findings.raise(fail);
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    const block = blockOf(index.buffer);
    blocks[0] = doubt.page.block;
    blocks[1] = block;
    u32[at + 1] = n;
    u32[at + 2] = size;
    u32[at + 3] = doubt.word;
    u32[at + 4] = index.offset;
    nest.write(u32, at + firstLoop);
    engine.dispatchLine(kernel, at, firstLoop + nest.words, Math.ceil(n / workgroup));
    block.care ??= new Care();
    block.care.doubtAsIndex(doubt, size);
  }
}

const checkShader = (loops: number) =>
  shader({
    label: "check indices",
    writes: ["atomic<u32>"],
    reads: ["u32"],
    declarations: reportBad("w0", word(3)),
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  var place = ${word(4)};
  ${unfold(loops, ["place"], "i", firstLoop, word)}
  let value = ${load({ name: "r0", atomic: false }, "int32", "place", new Set())};
  if (bitcast<u32>(value) >= ${word(2)}) { report_bad(value); }`,
  });
