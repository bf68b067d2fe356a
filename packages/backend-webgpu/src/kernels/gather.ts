import type { View } from "@flambeau/tensor/plugin";
import { sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { bytesIn, gpuDType } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";
import { Window } from "./window.ts";

/** Parameter words: the fold's width, elements, size and stride along the gathered dim, offsets, then the loops. */
const words = { n: 1, size: 2, stride: 3, output: 4, input: 5, index: 6, loops: 7 } as const;

/** The `gather` primitive: moves bits, so that dtypes differ by their width alone. One invocation an element, or a word of narrow ones. */
export class GatherKernel {
  readonly #engine: Engine;
  readonly #nest = new Nest();
  readonly #input = new Window();
  readonly #views: View[] = [];
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(input: View, index: View, output: View, dim: number): void {
    const n = sizeOf(index.shape);
    if (n === 0) return;
    const engine = this.#engine;
    const nest = this.#nest;
    const views = this.#views;
    views[0] = output;
    views[1] = this.#input.still(input, index, dim);
    views[2] = index;
    nest.collapse(views, 3);
    const bytes = bytesIn[gpuDType(input.dtype)];
    const per = 4 / bytes;
    const packed = per > 1 && output.offset % per === 0 && isDense(nest);

    const at = engine.begin(512);
    const { blocks, u32, i32 } = engine;
    blocks[0] = blockOf(output.buffer);
    blocks[1] = blockOf(input.buffer);
    blocks[2] = blockOf(index.buffer);
    const key = (nest.rank * 8 + bytes) * 2 + Number(packed);
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) this.#kernels.set(key, (kernel = engine.kernel(gatherShader(nest.rank, bytes, packed))));
    u32[at + words.n] = n;
    u32[at + words.size] = input.shape[dim] ?? 1;
    i32[at + words.stride] = input.strides[dim] ?? 0;
    u32[at + words.output] = output.offset;
    u32[at + words.input] = input.offset;
    u32[at + words.index] = index.offset;
    nest.write(u32, at + words.loops);
    const items = packed ? Math.ceil(n / per) : n;
    engine.indexSize = input.shape[dim] ?? 1;
    try {
      engine.dispatchLine(kernel, at, words.loops + nest.words, Math.ceil(items / workgroup));
    } finally {
      engine.indexSize = -1;
    }
  }
}

/** The output (the first view) is row-major. */
function isDense({ rank, sizes, steps, views }: Nest): boolean {
  let step = 1;
  for (let d = rank - 1; d >= 0; d--) {
    if (steps[d * views] !== step) return false;
    step *= sizes[d];
  }
  return true;
}

function gatherShader(rank: number, bytes: 1 | 2 | 4, packed: boolean) {
  const width = 8 * bytes;
  const shift = bytes === 4 ? 0 : bytes === 2 ? 1 : 2;
  const low = (1 << shift) - 1;
  const mask = bytes === 1 ? "0xffu" : "0xffffu";
  const scattered = bytes < 4 && !packed;
  const element =
    bytes === 4 ? "r0[origin]" : `(r0[origin >> ${shift}u] >> ((origin & ${low}u) * ${width}u)) & ${mask}`;
  // positions are checked above; one out of range, where a check comes later, reads the last element
  const find = `
    var place = ${word(words.output)};
    var origin = ${word(words.input)};
    var at = ${word(words.index)};
    ${unfold(rank, ["place", "origin", "at"], "i", words.loops, word)}
    origin += min(r1[at], ${word(words.size)} - 1u) * ${word(words.stride)};`;
  const one = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.n)}) { return; }
  ${find}`;
  let body: string;
  if (packed)
    body = `
  let item = group * ${workgroup}u + local;
  let n = ${word(words.n)};
  let first = item << ${shift}u;
  if (first >= n) { return; }
  let home = (${word(words.output)} >> ${shift}u) + item;
  var bits = 0u;
  if (first + ${1 << shift}u > n) { bits = w0[home] & ~((1u << ((n - first) * ${width}u)) - 1u); }
  for (var k = 0u; k < ${1 << shift}u; k++) {
    let i = first + k;
    if (i >= n) { break; }
    ${find}
    bits |= (${element}) << (k * ${width}u);
  }
  w0[home] = bits;`;
  else if (scattered)
    body = `${one}
  let moved = (place & ${low}u) * ${width}u;
  atomicAnd(&w0[place >> ${shift}u], ~(${mask} << moved));
  atomicOr(&w0[place >> ${shift}u], (${element}) << moved);`;
  else
    body = `${one}
  w0[place] = ${element};`;
  return shader({
    label: "gather",
    writes: [scattered ? "atomic<u32>" : "u32"],
    reads: ["u32", "u32"],
    body,
  });
}
