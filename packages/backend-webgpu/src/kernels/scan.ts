import type { ScanKind, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { load, naturalType, perWord, store } from "../wgsl/elements.ts";
import { convert } from "../wgsl/scalar.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { type GpuDType, gpuDType, gpuDTypes, wgslType } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";
import { keyDeclaration, keyUses, lowKey, sortKey } from "./order.ts";

/** Whole lines; or lines in parts: the parts' totals, then the totals before each part, then the elements. */
const WHOLE = 0;
const TOTALS = 1;
const BEFORE = 2;
const REST = 3;
type Stage = typeof WHOLE | typeof TOTALS | typeof BEFORE | typeof REST;

const kinds: readonly ScanKind[] = ["sum", "prod", "max", "min", "logsumexp"];

/** Elements whose running total starts anew, to be added to what is before them: so the error of a long sum stays small. */
const block = 64;
/** Invocations that a device should have, parts of a line at most, elements of a part at least. */
const enough = 4096;
const mostParts = 512;
const smallestPart = 128;

/** Parameter words: the fold's width, invocations, lines, a line's elements, parts, a part's elements, offsets, steps, then the loops. */
const words = { items: 1, lines: 2, size: 3, parts: 4, chunk: 5, offsets: 6, steps: 9 } as const;
const firstLoop = 12;

interface Variant {
  readonly kind: ScanKind;
  readonly stage: Stage;
  readonly input: GpuDType;
  readonly output: GpuDType;
  readonly loops: number;
  readonly indexed: boolean;
}

/** The `scan` primitive. An invocation walks along a line; where there are few lines, along a part of one. */
export class ScanKernel {
  readonly #engine: Engine;
  readonly #nest = new Nest();
  readonly #views: View[] = [];
  readonly #kernels = new Map<number, Kernel>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(kind: ScanKind, input: View, output: View, dim: number, indices?: View): void {
    const views = this.#views;
    views[0] = output;
    views[1] = input;
    if (indices) views[2] = indices;
    const nest = this.#nest.collapse(views, indices ? 3 : 2, dim);
    const size = input.shape[dim] ?? 1;
    let lines = 1;
    for (let d = 0; d < nest.rank; d++) lines *= nest.sizes[d];
    if (lines === 0 || size === 0) return;
    // a product's part may overflow where the running product does not: it is taken in order
    const parts = kind === "prod" ? 1 : Math.min(mostParts, Math.ceil(enough / lines), Math.ceil(size / smallestPart));
    if (parts === 1) {
      this.#stage(kind, WHOLE, input, output, dim, indices, lines, size, 1, null);
      return;
    }
    const engine = this.#engine;
    const totals = engine.alloc(lines * parts * 8);
    const block = blockOf(totals);
    this.#stage(kind, TOTALS, input, output, dim, indices, lines, size, parts, block);
    this.#stage(kind, BEFORE, input, output, dim, indices, lines, size, parts, block);
    this.#stage(kind, REST, input, output, dim, indices, lines, size, parts, block);
    engine.free(totals);
  }

  #stage(
    kind: ScanKind,
    stage: Stage,
    input: View,
    output: View,
    dim: number,
    indices: View | undefined,
    lines: number,
    size: number,
    parts: number,
    totals: Block | null,
  ): void {
    const engine = this.#engine;
    const nest = this.#nest;
    const from = gpuDType(input.dtype);
    const to = gpuDType(output.dtype);
    const key =
      (((nest.rank * 16 + gpuDTypes.indexOf(from)) * 16 + gpuDTypes.indexOf(to)) * kinds.length + kinds.indexOf(kind)) *
        8 +
      stage * 2 +
      (indices ? 1 : 0);
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      const variant = { kind, stage, input: from, output: to, loops: nest.rank, indexed: indices !== undefined };
      this.#kernels.set(key, (kernel = engine.kernel(scanShader(variant))));
    }
    const at = engine.begin(512);
    const { blocks, u32 } = engine;
    let bound = 0;
    if (stage === WHOLE || stage === REST) {
      blocks[bound++] = blockOf(output.buffer);
      if (indices) blocks[bound++] = blockOf(indices.buffer);
    } else if (totals) blocks[bound++] = totals;
    if (stage !== BEFORE) blocks[bound++] = blockOf(input.buffer);
    if (stage === REST && totals) blocks[bound++] = totals;
    const items = stage === BEFORE ? lines : lines * parts;
    u32[at + words.items] = items;
    u32[at + words.lines] = lines;
    u32[at + words.size] = size;
    u32[at + words.parts] = parts;
    u32[at + words.chunk] = Math.ceil(size / parts);
    u32[at + words.offsets] = output.offset;
    u32[at + words.offsets + 1] = input.offset;
    u32[at + words.offsets + 2] = indices?.offset ?? 0;
    u32[at + words.steps] = output.strides[dim] ?? 0;
    u32[at + words.steps + 1] = input.strides[dim] ?? 0;
    u32[at + words.steps + 2] = indices?.strides[dim] ?? 0;
    nest.write(u32, at + firstLoop);
    engine.dispatchLine(kernel, at, firstLoop + nest.words, Math.ceil(items / workgroup));
  }
}

/** What a walk along a line carries: WGSL of its type, how two join, what changes nothing, of one element, and the result. */
interface Carry {
  readonly type: string;
  readonly join: string;
  readonly neutral: string;
  of(value: string): string;
  result(state: string): string;
}

function carryOf({ kind, input, output }: Variant, uses: Set<string>): Carry {
  const type = naturalType[output];
  const scalar = wgslType(type);
  const from = naturalType[input];
  const slot = { name: "r0", atomic: false };
  switch (kind) {
    case "sum":
    case "prod": {
      if (type === "bool") throw new Error(`webgpu: a running ${kind} has no bools`);
      return {
        type: scalar,
        join: kind === "sum" ? "a + b" : "a * b",
        neutral: `${scalar}(${kind === "sum" ? 0 : 1})`,
        of: (value) => convert(value, from, type, uses),
        result: (state) => state,
      };
    }
    case "max":
    case "min":
      for (const name of keyUses) uses.add(name);
      return {
        type: "vec2<i32>",
        join: "select(a, b, b.x >= a.x)",
        neutral: "vec2<i32>(bitcast<i32>(0x80000000u), 0)",
        of: (value) => `vec2<i32>(${kind === "max" ? sortKey(value, from) : lowKey(value, from)}, i32(k))`,
        // the element itself: of equal keys, zeros have two signs
        result: (state) =>
          convert(
            load(slot, input, `(at1 + bitcast<u32>(${state}.y) * ${word(words.steps + 1)})`, uses),
            from,
            type,
            uses,
          ),
      };
    case "logsumexp":
      for (const name of ["f_max", "f_exp", "f_log", "f_inf"]) uses.add(name);
      return {
        type: "vec2<f32>", // the largest so far, and the sum of e^(x - largest)
        join: "vec2<f32>(f_max(a.x, b.x), a.y * below(a.x, f_max(a.x, b.x)) + b.y * below(b.x, f_max(a.x, b.x)))",
        neutral: "vec2<f32>(-f_inf(), 0f)",
        of: (value) => `vec2<f32>(${convert(value, from, type, uses)}, 1f)`,
        result: (state) => `(${state}.x + f_log(${state}.y))`,
      };
  }
}

function scanShader(variant: Variant) {
  const { kind, stage, input, output, loops, indexed } = variant;
  const uses = new Set<string>();
  const carry = carryOf(variant, uses);
  const wide = carry.type.startsWith("vec2");
  const scalar = wide ? carry.type.slice(5, 8) : carry.type;
  const narrow = perWord(output) > 1;
  const writing = stage === WHOLE || stage === REST;
  const views = indexed ? 3 : 2;
  const places = Array.from({ length: views }, (_, v) => `at${v}`);
  const writes = !writing ? ["u32"] : [narrow ? "atomic<u32>" : "u32", ...(indexed ? ["u32"] : [])];
  const reads = stage === BEFORE ? [] : stage === REST ? ["u32", "u32"] : ["u32"];
  const keep = (place: string, state: string) =>
    wide
      ? `w0[2u * (${place})] = bitcast<u32>(${state}.x); w0[2u * (${place}) + 1u] = bitcast<u32>(${state}.y);`
      : `w0[${place}] = bitcast<u32>(${state});`;
  const kept = (slot: string, place: string) =>
    wide
      ? `${carry.type}(bitcast<${scalar}>(${slot}[2u * (${place})]), bitcast<${scalar}>(${slot}[2u * (${place}) + 1u]))`
      : `bitcast<${scalar}>(${slot}[${place}])`;
  const extreme = kind === "max" || kind === "min";
  const declarations = `${extreme ? keyDeclaration : ""}
${kind === "logsumexp" ? "fn below(x: f32, high: f32) -> f32 { return select(f_exp(x - high), 1f, bitcast<u32>(x) == bitcast<u32>(high)); }" : ""}
fn join(a: ${carry.type}, b: ${carry.type}) -> ${carry.type} { return ${carry.join}; }`;
  const start = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.items)}) { return; }
  let lines = ${word(words.lines)};`;
  if (stage === BEFORE)
    return shader({
      label: `scan ${kind} before`,
      writes,
      reads,
      uses,
      declarations,
      body: `${start}
  var before = ${carry.neutral};
  for (var part = 0u; part < ${word(words.parts)}; part++) {
    let place = part * lines + i;
    let own = ${kept("w0", "place")};
    ${keep("place", "before")}
    before = join(before, own);
  }`,
    });
  const element = load({ name: "r0", atomic: false }, input, `(at1 + k * ${word(words.steps + 1)})`, uses);
  const result = carry.result("now");
  const put = `let now = join(before, run);
      ${store({ name: "w0", atomic: narrow }, output, `(at0 + k * ${word(words.steps)})`, result, uses)}
      ${indexed ? `w1[at2 + k * ${word(words.steps + 2)}] = bitcast<u32>(now.y);` : ""}`;
  return shader({
    label: `scan ${kind}`,
    writes,
    reads,
    uses,
    declarations,
    body: `${start}
  let line = i % lines;
  let first = (i / lines) * ${word(words.chunk)};
  let last = min(first + ${word(words.chunk)}, ${word(words.size)});
  ${places.map((place, v) => `var ${place} = ${word(words.offsets + v)};`).join("\n  ")}
  ${unfold(loops, places, "line", firstLoop, word)}
  var before = ${stage === REST ? kept("r1", "i") : carry.neutral};
  for (var next = first; next < last; next += ${kind === "prod" ? "last" : `${block}u`}) {
    let end = min(${kind === "prod" ? "last" : `next + ${block}u`}, last);
    var run = ${carry.neutral};
    for (var k = next; k < end; k++) {
      run = join(run, ${carry.of(element)});
      ${writing ? put : ""}
    }
    before = join(before, run);
  }
  ${writing ? "" : keep("i", "before")}`,
  });
}
