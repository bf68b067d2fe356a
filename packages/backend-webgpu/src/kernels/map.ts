import type { Program, View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { bits, load, naturalType, perWord, type Slot, store } from "../wgsl/elements.ts";
import { emit } from "../wgsl/scalar.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { bytesIn, gpuDType } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";

/** A program's kernels: by how many loops, how the output is stored, and which inputs lie in the output's buffer. */
type Variants = Map<number, Kernel>;

/** How a kernel writes: elements of 32 bits, whole words of narrow elements, or narrow elements one at a time. */
const WIDE = 0;
const PACKED = 1;
const SCATTERED = 2;
type Storing = typeof WIDE | typeof PACKED | typeof SCATTERED;

/** Parameter words: the fold's width, the element count, each view's offset, two for each run-time number, then the loops. */
const firstOffset = 2;

/** The `map` primitive: one invocation an element, or a word of narrow elements. */
export class MapKernel {
  readonly #engine: Engine;
  readonly #nest = new Nest();
  readonly #views: View[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(program: Program, inputs: readonly View[], params: readonly number[], output: View, flat: boolean): void {
    const { shape } = output;
    let n = 1;
    for (let d = 0; d < shape.length; d++) n *= shape[d];
    if (n === 0) return;
    const engine = this.#engine;
    const views = this.#views;
    const count = inputs.length + 1;
    views[0] = output;
    for (let v = 0; v < inputs.length; v++) views[v + 1] = inputs[v];
    const nest = this.#nest;
    if (flat) nest.rank = 0;
    else {
      nest.collapse(views, count);
      if (nest.rank === 1 && isFlat(nest, count)) nest.rank = 0;
    }
    const per = perWord(gpuDType(output.dtype));
    const dense = nest.rank === 0 || isDense(nest, count);
    const storing: Storing = per === 1 ? WIDE : dense && output.offset % per === 0 ? PACKED : SCATTERED;

    // the output's block comes first; inputs in the same block are read through it
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    const target = blockOf(output.buffer);
    blocks[0] = target;
    let bound = 1;
    let shared = 0;
    for (let v = 0; v < inputs.length; v++) {
      const block: Block = blockOf(inputs[v].buffer);
      if (block === target) shared |= 1 << v;
      else blocks[bound++] = block;
    }
    // a single element is one position of a flat kernel, whatever the strides
    const rank = nest.rank;
    const key = (rank * 4 + storing) * 256 + shared;
    let variants = program.compiled.get(this) as Variants | undefined; // only this class stores under its own key
    if (variants === undefined) program.compiled.set(this, (variants = new Map()));
    let kernel = variants.get(key);
    if (kernel === undefined) variants.set(key, (kernel = engine.kernel(mapShader(program, rank, storing, shared))));

    u32[at + 1] = n;
    let next = at + firstOffset;
    for (let v = 0; v < count; v++) u32[next++] = views[v].offset;
    const { f32, i32 } = engine;
    for (let k = 0; k < params.length; k++) {
      f32[next++] = params[k];
      i32[next++] = params[k];
    }
    if (rank > 0) {
      nest.write(u32, next);
      next += nest.words;
    }
    const items = storing === PACKED ? Math.ceil(n / per) : n;
    engine.dispatchLine(kernel, at, next - at, Math.ceil(items / workgroup));
  }
}

/** Every view runs through its elements without a step. */
function isFlat({ steps }: Nest, count: number): boolean {
  for (let v = 0; v < count; v++) if (steps[v] !== 1) return false;
  return true;
}
/** The output (the first view) is row-major, whatever the inputs are. */
function isDense({ rank, sizes, steps }: Nest, count: number): boolean {
  let step = 1;
  for (let d = rank - 1; d >= 0; d--) {
    if (steps[d * count] !== step) return false;
    step *= sizes[d];
  }
  return true;
}

function mapShader(program: Program, rank: number, storing: Storing, shared: number) {
  const uses = new Set<string>();
  const output = gpuDType(program.output);
  const target: Slot = { name: "w0", atomic: storing === SCATTERED };
  const reads: string[] = [];
  const slots = program.inputs.map((_, v): Slot => {
    if (shared & (1 << v)) return target;
    reads.push("u32");
    return { name: `r${reads.length - 1}`, atomic: false };
  });
  const places = ["place", ...program.inputs.map((_, v) => `at${v}`)];
  const firstParam = firstOffset + places.length;
  const firstLoop = firstParam + 2 * program.params;
  const position = (i: string): string =>
    places
      .map((place, v) => `var ${place} = ${word(firstOffset + v)}${rank === 0 ? ` + ${i}` : ""};`)
      .concat(rank === 0 ? [] : [unfold(rank, places, i, firstLoop, word)])
      .join("\n    ");
  const compute = (i: string) =>
    emit(
      program.root,
      {
        input(k) {
          const dtype = gpuDType(program.inputs[k]);
          return { value: load(slots[k], dtype, `at${k}`, uses), type: naturalType[dtype] };
        },
        index: `i32(${i})`,
        params: firstParam,
      },
      uses,
    );
  let body: string;
  if (storing === PACKED) {
    const width = 8 * bytesIn[output];
    const per = perWord(output);
    const { statements, value } = compute("i");
    const all = per * width === 32 && width === 8 ? "0xffu" : "0xffffu";
    body = `
  let item = group * ${workgroup}u + local;
  let n = ${word(1)};
  let first = item * ${per}u;
  if (first >= n) { return; }
  let home = (${word(firstOffset)} >> ${per === 4 ? 2 : 1}u) + item;
  var packed = 0u;
  if (first + ${per}u > n) { packed = ${target.name}[home] & ~((1u << ((n - first) * ${width}u)) - 1u); }
  for (var k = 0u; k < ${per}u; k++) {
    let i = first + k;
    if (i >= n) { break; }
    ${position("i")}
    ${statements}
    packed |= ((${bits(output, value, uses)}) & ${all}) << (k * ${width}u);
  }
  ${target.name}[home] = packed;`;
  } else {
    const { statements, value } = compute("i");
    body = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
    ${position("i")}
    ${statements}
    ${store(target, output, "place", value, uses)}`;
  }
  return shader({
    label: `map ${program.root.op}`,
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads,
    uses,
    body,
  });
}
