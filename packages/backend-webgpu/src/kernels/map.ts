import type { Program, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf, type DeviceBuffer, renew } from "../engine/memory.ts";
import { bits, load, naturalType, perWord, type Slot, store } from "../wgsl/elements.ts";
import { emit, longCalls, nameOf } from "../wgsl/scalar.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { bytesIn, type GpuDType, gpuDType, wgslType } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";

/** A program's kernels: by how many loops, how the output is stored, and which inputs lie in the output's buffer. */
interface Compiled {
  /** The expression's code is long: four copies of it would compile slowly and gain nothing. */
  readonly isLong: boolean;
  readonly variants: Map<number, Kernel>;
}
/** Long operations of an expression that are computed for four elements in one invocation. */
const longInQuads = 2;

/**
 * How a kernel writes: elements of 32 bits, whole words of narrow elements, narrow elements one at a time, or four elements of any
 * width at once.
 */
const WIDE = 0;
const PACKED = 1;
const SCATTERED = 2;
const QUADS = 3;
type Storing = typeof WIDE | typeof PACKED | typeof SCATTERED | typeof QUADS;

/** Parameter words: the fold's width, the element count, each view's offset, two for each run-time number, then the loops. */
const firstOffset = 2;

/** The `map` primitive: one invocation for four elements where they lie side by side, else for an element or a word of narrow ones. */
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
    let compiled = program.compiled.get(this) as Compiled | undefined; // only this class stores under its own key
    if (compiled === undefined) {
      compiled = { isLong: longCalls(program) > longInQuads, variants: new Map() };
      program.compiled.set(this, compiled);
    }
    const { variants, isLong } = compiled;
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
    if (target.care !== null && shared === 0 && n * bytesIn[gpuDType(output.dtype)] === bytesOf(output)) renew(target);
    const repeated = isLong ? -1 : repeatedInQuads(nest, views, count, n);
    let per = perWord(gpuDType(output.dtype));
    let storing: Storing = per === 1 ? WIDE : SCATTERED;
    // one element for four, in the buffer that is written: read element by element
    if (repeated >= 0 && (repeated & shared) === 0) {
      storing = QUADS;
      per = 4;
    } else if (per > 1 && output.offset % per === 0 && (nest.rank === 0 || isDense(nest, count))) storing = PACKED;

    const rank = nest.rank;
    const key = ((rank * 4 + storing) * 256 + shared) * 256 + (storing === QUADS ? repeated : 0);
    let kernel = variants.get(key);
    if (kernel === undefined)
      variants.set(
        key,
        (kernel = engine.kernel(
          storing === QUADS ? quadShader(program, rank, shared, repeated) : mapShader(program, rank, storing, shared),
        )),
      );

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
    const items = storing === PACKED || storing === QUADS ? Math.ceil(n / per) : n;
    engine.dispatchLine(kernel, at, next - at, Math.ceil(items / workgroup));
  }
}

const bytesOf = ({ buffer }: View): number => (buffer as DeviceBuffer).byteLength; // made by alloc

/** Every view runs through its elements without a step. */
function isFlat({ steps }: Nest, count: number): boolean {
  for (let v = 0; v < count; v++) if (steps[v] !== 1) return false;
  return true;
}
/**
 * Whether four neighbours of every view can be taken at once: they lie side by side from a multiple of four on, or are one
 * element. Gives the inputs of which they are one element as bits, or -1.
 */
function repeatedInQuads({ rank, sizes, steps }: Nest, views: readonly View[], count: number, n: number): number {
  if (n < 4) return -1;
  if (rank === 0) {
    for (let v = 0; v < count; v++) if (views[v].offset % 4 !== 0) return -1;
    return 0;
  }
  const inner = (rank - 1) * count;
  if (sizes[rank - 1] % 4 !== 0 || steps[inner] !== 1) return -1;
  let repeated = 0;
  for (let v = 0; v < count; v++) {
    const step = steps[inner + v];
    if (step === 0) {
      repeated |= 1 << (v - 1);
      continue;
    }
    if (step !== 1 || views[v].offset % 4 !== 0) return -1;
    for (let d = 0; d < rank - 1; d++) if (steps[d * count + v] % 4 !== 0) return -1;
  }
  return repeated;
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
      program,
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
    label: `map ${nameOf(program)}`,
    writes: [target.atomic ? "atomic<u32>" : "u32"],
    reads,
    uses,
    body,
  });
}

/** WGSL's types for four elements, by their bytes. */
const quadTypes = { 1: "u32", 2: "vec2<u32>", 4: "vec4<u32>" } as const;

/** One invocation computes four neighbours. Inputs in `repeated` give one element for all four. */
function quadShader(program: Program, rank: number, shared: number, repeated: number) {
  const uses = new Set<string>();
  const output = gpuDType(program.output);
  const dtypes = program.inputs.map(gpuDType);
  const reads: string[] = [];
  const names = dtypes.map((dtype, v) => {
    if (shared & (1 << v)) return "w0";
    reads.push(repeated & (1 << v) ? "u32" : quadTypes[bytesIn[dtype]]);
    return `r${reads.length - 1}`;
  });
  const places = ["place", ...dtypes.map((_, v) => `at${v}`)];
  const firstParam = firstOffset + places.length;
  const { statements, value } = emit(
    program,
    {
      input: (k) => ({ value: `x${k}`, type: naturalType[dtypes[k]] }),
      index: "i32(i)",
      params: firstParam,
    },
    uses,
  );
  const lanes = dtypes.map((dtype, v) => {
    if (repeated & (1 << v))
      return [0, 1, 2, 3].map(() => load({ name: names[v], atomic: false }, dtype, `at${v}`, uses));
    return [0, 1, 2, 3].map((k) => lane(`q${v}`, dtype, k, uses));
  });
  const call = (k: number) => bits(output, `element(${[`i + ${k}u`, ...lanes.map((l) => l[k])].join(", ")})`, uses);
  const results = [0, 1, 2, 3].map((k) => `let b${k} = ${call(k)};`).join("\n  ");
  const size = bytesIn[output];
  const quad =
    size === 4
      ? "vec4<u32>(b0, b1, b2, b3)"
      : size === 2
        ? "vec2<u32>((b0 & 0xffffu) | (b1 << 16u), (b2 & 0xffffu) | (b3 << 16u))"
        : "((b0 & 0xffu) | ((b1 & 0xffu) << 8u) | ((b2 & 0xffu) << 16u) | (b3 << 24u))";
  // the last quad of a flat output may reach beyond it, into what is not ours
  const masks =
    size === 4
      ? "vec4<u32>(select(0u, ~0u, rest > 0u), select(0u, ~0u, rest > 1u), select(0u, ~0u, rest > 2u), 0u)"
      : size === 2
        ? "vec2<u32>(select(0u, select(0xffffu, ~0u, rest > 1u), rest > 0u), select(0u, 0xffffu, rest > 2u))"
        : "((1u << (rest * 8u)) - 1u)";
  const type = quadTypes[size];
  return shader({
    label: `map ${nameOf(program)}`,
    writes: [type],
    reads,
    uses,
    declarations: `fn element(${["i: u32", ...dtypes.map((d, v) => `x${v}: ${wgslType(naturalType[d])}`)].join(", ")}) -> ${wgslType(naturalType[output])} {
    ${statements}
    return ${value};
}`,
    body: `
  let i = (group * ${workgroup}u + local) * 4u;
  let n = ${word(1)};
  if (i >= n) { return; }
    ${places.map((place, v) => `var ${place} = ${word(firstOffset + v)}${rank === 0 ? " + i" : ""};`).join("\n    ")}
    ${rank === 0 ? "" : unfold(rank, places, "i", firstParam + 2 * program.params, word)}
    ${dtypes.map((_, v) => (repeated & (1 << v) ? "" : `let q${v} = ${names[v]}[at${v} >> 2u];`)).join("\n    ")}
  ${results}
  let quad = ${quad};
  if (i + 4u > n) {
    let rest = n - i;
    let mask = ${masks};
    w0[place >> 2u] = (w0[place >> 2u] & ~mask) | (quad & mask);
  } else {
    w0[place >> 2u] = quad;
  }`,
  });
}

/** Element `k` of four that were loaded at once, in its natural type. */
function lane(quad: string, dtype: GpuDType, k: number, uses: Set<string>): string {
  const size = bytesIn[dtype];
  if (size === 4) {
    const part = `${quad}.${"xyzw"[k]}`;
    return dtype === "float32" ? `bitcast<f32>(${part})` : `bitcast<i32>(${part})`;
  }
  if (size === 2) {
    const half = `((${quad}.${"xy"[k >> 1]} >> ${16 * (k & 1)}u) & 0xffffu)`;
    if (dtype === "float16") {
      uses.add("f16_to_f32");
      return `f16_to_f32(${half})`;
    }
    if (dtype === "bfloat16") return `bitcast<f32>(${half} << 16u)`;
    return `(bitcast<i32>(${half} << 16u) >> 16u)`;
  }
  const byte = `((${quad} >> ${8 * k}u) & 0xffu)`;
  if (dtype === "bool") return `(${byte} != 0u)`;
  return dtype === "uint8" ? `i32(${byte})` : `(bitcast<i32>(${byte} << 24u) >> 24u)`;
}
