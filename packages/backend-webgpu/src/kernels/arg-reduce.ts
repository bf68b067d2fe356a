import type { View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { load, naturalType } from "../wgsl/elements.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { type GpuDType, gpuDType, gpuDTypes } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";
import { keyDeclaration, keyUses, lowKey, sortKey } from "./order.ts";
import { chooseParts, few } from "./reduce.ts";
import { tree } from "./tree.ts";

/** Parameter words: the fold's width, invocations or workgroups, lines, a line's candidates, parts, offsets, steps, then the loops. */
const words = {
  items: 1,
  lines: 2,
  size: 3,
  parts: 4,
  output: 5,
  input: 6,
  step: 7,
  listLine: 8,
  listStep: 9,
} as const;
const firstLoop = 10;

interface Variant {
  readonly kind: "max" | "min";
  readonly dtype: GpuDType;
  readonly loops: number;
  /** A workgroup a line, else an invocation a line or a part of it. */
  readonly group: boolean;
  /** Parts of a line are neighbours, rather than the same parts of neighbouring lines. */
  readonly row: boolean;
  /** Candidates are positions from a list, rather than all. */
  readonly listed: boolean;
}

/** The `argReduce` primitive. Where lines are long, parts of them give candidates, among which a second stage chooses. */
export class ArgReduceKernel {
  readonly #engine: Engine;
  readonly #nest = new Nest();
  readonly #views: View[] = [];
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(kind: "max" | "min", input: View, output: View, dim: number): void {
    const views = this.#views;
    views[0] = input;
    const nest = this.#nest.collapse(views, 1, dim);
    const size = input.shape.length === 0 ? 1 : input.shape[dim];
    let lines = 1;
    for (let d = 0; d < nest.rank; d++) lines *= nest.sizes[d];
    if (lines === 0 || size === 0) return;
    const step = input.strides[dim] ?? 0;
    const row = nest.rank === 0 || Math.abs(step) <= Math.abs(nest.steps[nest.rank - 1]);
    const target = blockOf(output.buffer);
    const parts = chooseParts(lines, size, row);
    if (parts === 1) {
      const group = row && lines <= few && size > 2 * workgroup;
      this.#stage(kind, input, step, lines, size, 1, target, output.offset, group, row, null);
      return;
    }
    const engine = this.#engine;
    const list = engine.alloc(lines * parts * 4);
    const block = blockOf(list);
    this.#stage(kind, input, step, lines, size, parts, block, 0, false, row, null);
    this.#stage(kind, input, step, lines, parts, 1, target, output.offset, lines <= few, row, block);
    engine.free(list);
  }

  #stage(
    kind: "max" | "min",
    input: View,
    step: number,
    lines: number,
    size: number,
    parts: number,
    target: Block,
    targetOffset: number,
    group: boolean,
    row: boolean,
    list: Block | null,
  ): void {
    const engine = this.#engine;
    const nest = this.#nest;
    const dtype = gpuDType(input.dtype);
    const flags = (kind === "max" ? 1 : 0) + (group ? 2 : 0) + (row ? 4 : 0) + (list ? 8 : 0);
    const key = (nest.rank * 16 + gpuDTypes.indexOf(dtype)) * 16 + flags;
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const source = argReduceShader({ kind, dtype, loops: nest.rank, group, row, listed: list !== null });
      this.#kernels.set(key, (kernel = engine.kernel(source)));
    }
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    blocks[0] = target;
    blocks[1] = blockOf(input.buffer);
    if (list) blocks[2] = list;
    const items = lines * parts;
    u32[at + words.items] = items;
    u32[at + words.lines] = lines;
    u32[at + words.size] = size;
    u32[at + words.parts] = parts;
    u32[at + words.output] = targetOffset;
    u32[at + words.input] = input.offset;
    u32[at + words.step] = step;
    u32[at + words.listLine] = row ? size : 1;
    u32[at + words.listStep] = row ? 1 : lines;
    nest.write(u32, at + firstLoop);
    engine.dispatchLine(kernel, at, firstLoop + nest.words, group ? items : Math.ceil(items / workgroup));
  }
}

function argReduceShader({ kind, dtype, loops, group, row, listed }: Variant) {
  const uses = new Set(keyUses);
  const type = naturalType[dtype];
  const value = load({ name: "r0", atomic: false }, dtype, `(place + index * ${word(words.step)})`, uses);
  const key = kind === "max" ? sortKey(value, type) : lowKey(value, type);
  const position = group
    ? `
  let line = group;
  let part = local;
  let parts = ${workgroup}u;
  if (line >= ${word(words.items)}) { return; }`
    : `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.items)}) { return; }
  let parts = ${word(words.parts)};
  ${
    row
      ? "let line = i / parts; let part = i % parts;"
      : `let line = i % ${word(words.lines)}; let part = i / ${word(words.lines)};`
  }`;
  const joined = tree("cells", "vec2<i32>", workgroup, "best", (a, b) => `first_extreme(${a}, ${b})`);
  return shader({
    label: `arg ${kind}`,
    writes: ["u32"],
    reads: listed ? ["u32", "u32"] : ["u32"],
    uses,
    declarations: `${keyDeclaration}
fn first_extreme(a: vec2<i32>, b: vec2<i32>) -> vec2<i32> {
  return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
}
${group ? joined.declarations : ""}`,
    body: `${position}
  var place = ${word(words.input)};
  ${unfold(loops, ["place"], "line", firstLoop, word)}
  // no candidate: less than all, and behind them
  var best = vec2<i32>(bitcast<i32>(0x80000000u), 0x7fffffff);
  for (var k = part; k < ${word(words.size)}; k += parts) {
    let index = ${listed ? `r1[line * ${word(words.listLine)} + k * ${word(words.listStep)}]` : "k"};
    best = first_extreme(best, vec2<i32>(${key}, i32(index)));
  }
  ${
    group
      ? `${joined.statements}
  if (local == 0u) { w0[${word(words.output)} + line] = bitcast<u32>(${joined.result}.y); }`
      : `w0[${word(words.output)} + i] = bitcast<u32>(best.y);`
  }`,
  });
}
