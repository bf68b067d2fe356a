import type { DType } from "@flambeau/tensor";
import type { Program, ReduceKind, ScalarType, View } from "@flambeau/tensor/plugin";
import { compileProgram, input, scalarType } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { bits, load, naturalType, perWord, type Slot, store } from "../wgsl/elements.ts";
import { emit, longCalls, nameOf } from "../wgsl/scalar.ts";
import { shader, word, workgroup } from "../wgsl/shader.ts";
import { gpuDType, wgslType } from "../wgsl/types.ts";
import { Nest, unfold } from "./nest.ts";
import { combination, neutral, tree } from "./tree.ts";

/** Who computes what: an invocation an output, an invocation one of several parts of an output, a workgroup an output. */
const ONE = 0;
const PART = 1;
const GROUP = 2;
type Form = typeof ONE | typeof PART | typeof GROUP;

const kinds: readonly ReduceKind[] = ["sum", "prod", "max", "min", "any", "all"];

/** Elements that are added up before the sum is added to the others: so the error of a long sum stays small. */
const block = 64;
/** Elements that one invocation takes at most, and how many invocations a device should have. */
const longest = 4096;
const enough = 8192;
/** Outputs for which a workgroup each is not too many. */
export const few = 16;

/** Parameter words: the fold's width, invocations or workgroups, outputs, reduced elements, parts, then the offsets. */
const firstOffset = 5;

interface Compiled {
  /** The program asks for positions: they are a view more, whose places are the positions. */
  readonly usesIndex: boolean;
  readonly variants: Map<number, Kernel>;
}

/** Where partial results are kept: as they are computed, a word each. */
const partialDType = (type: ScalarType): DType => (type === "float32" ? "float32" : "int32");

/** The `reduce` primitive, in one stage, or in two where few outputs take many elements each. */
export class ReduceKernel {
  readonly #engine: Engine;
  readonly #kept = new Nest();
  readonly #reduced = new Nest();
  readonly #steps: number[] = [];
  readonly #positions: number[] = [];
  readonly #order: number[] = [];
  /** Programs that join partial results, by the result's dtype. */
  readonly #joins = new Map<DType, Program>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  run(
    kind: ReduceKind,
    program: Program,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    dims: readonly number[],
  ): void {
    let compiled = program.compiled.get(this) as Compiled | undefined; // only this class stores under its own key
    if (compiled === undefined)
      program.compiled.set(this, (compiled = { usesIndex: asksIndex(program), variants: new Map() }));
    this.#nest(inputs, dims, compiled.usesIndex);
    const kept = this.#kept;
    const reduced = this.#reduced;
    const outputs = total(kept);
    if (outputs === 0) return;
    const elements = total(reduced);
    const row = alongRows(kept, reduced);
    const parts = chooseParts(outputs, elements, row);
    if (parts > 1) {
      const engine = this.#engine;
      const partial = engine.alloc(outputs * parts * 4);
      const dtype = partialDType(scalarType(program.output));
      const shape = row ? [outputs, parts] : [parts, outputs];
      const view: View = { buffer: partial, dtype, offset: 0, shape, strides: [shape[1], 1] };
      this.#stage(kind, program, compiled, PART, row, inputs, params, view, outputs, elements, parts);
      const to = row ? [outputs, 1] : [1, outputs];
      const flat: View = {
        buffer: output.buffer,
        dtype: output.dtype,
        offset: output.offset,
        shape: to,
        strides: [to[1], 1],
      };
      this.run(kind, this.#join(program.output), [view], [], flat, [row ? 1 : 0]);
      engine.free(partial);
      return;
    }
    const form = row && outputs <= few && elements > 2 * block ? GROUP : ONE;
    this.#stage(kind, program, compiled, form, row, inputs, params, output, outputs, elements, 1);
  }

  /** Splits the dimensions into kept and reduced loops; reduced ones may run in any order: the widest steps go outside. */
  #nest(inputs: readonly View[], dims: readonly number[], usesIndex: boolean): void {
    const kept = this.#kept;
    const reduced = this.#reduced;
    const steps = this.#steps;
    const positions = this.#positions;
    const order = this.#order;
    const [first] = inputs;
    const { shape, strides } = first;
    const count = inputs.length;
    const views = usesIndex ? count + 1 : count;
    kept.rank = reduced.rank = 0;
    kept.views = reduced.views = views;
    if (usesIndex)
      for (let d = shape.length - 1, position = 1; d >= 0; d--) {
        positions[d] = position;
        position *= shape[d];
      }
    for (let d = 0; d < shape.length; d++) {
      if (shape[d] === 1 || dims.includes(d)) continue;
      for (let v = 0; v < count; v++) steps[v] = inputs[v].strides[d];
      if (usesIndex) steps[count] = positions[d];
      push(kept, shape[d], steps);
    }
    order.length = 0;
    for (let k = 0; k < dims.length; k++) {
      const d = dims[k];
      if (shape[d] === 1) continue;
      let i = order.length;
      for (; i > 0 && strides[order[i - 1]] < strides[d]; i--) order[i] = order[i - 1];
      order[i] = d;
    }
    for (let k = 0; k < order.length; k++) {
      const d = order[k];
      for (let v = 0; v < count; v++) steps[v] = inputs[v].strides[d];
      if (usesIndex) steps[count] = positions[d];
      push(reduced, shape[d], steps);
    }
  }

  #stage(
    kind: ReduceKind,
    program: Program,
    compiled: Compiled,
    form: Form,
    row: boolean,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    outputs: number,
    elements: number,
    parts: number,
  ): void {
    const engine = this.#engine;
    const kept = this.#kept;
    const reduced = this.#reduced;
    const key = (((kept.rank * 16 + reduced.rank) * 3 + form) * 2 + (row ? 1 : 0)) * kinds.length + kinds.indexOf(kind);
    let kernel = compiled.variants.get(key);
    if (kernel === undefined) {
      const source = reduceShader(kind, program, compiled.usesIndex, form, row, kept.rank, reduced.rank);
      compiled.variants.set(key, (kernel = engine.kernel(source)));
    }
    const at = engine.begin(512);
    const { blocks, u32, f32, i32 } = engine;
    blocks[0] = blockOf(output.buffer);
    for (let v = 0; v < inputs.length; v++) blocks[v + 1] = blockOf(inputs[v].buffer);
    const items = form === PART ? outputs * parts : outputs;
    u32[at + 1] = items;
    u32[at + 2] = outputs;
    u32[at + 3] = elements;
    u32[at + 4] = parts;
    let next = at + firstOffset;
    u32[next++] = output.offset;
    for (let v = 0; v < inputs.length; v++) u32[next++] = inputs[v].offset;
    if (compiled.usesIndex) u32[next++] = 0;
    for (let k = 0; k < params.length; k++) {
      f32[next++] = params[k];
      i32[next++] = params[k];
    }
    kept.write(u32, next);
    next += kept.words;
    reduced.write(u32, next);
    next += reduced.words;
    engine.dispatchLine(kernel, at, next - at, form === GROUP ? items : Math.ceil(items / workgroup));
  }

  #join(output: DType): Program {
    let join = this.#joins.get(output);
    if (join === undefined) {
      const type = scalarType(output);
      this.#joins.set(output, (join = compileProgram(input(0), [partialDType(type)], 0, type, output)));
    }
    return join;
  }
}

const asksIndex = ({ nodes }: Program): boolean => nodes.some((e) => e.op === "index");

function total({ rank, sizes }: Nest): number {
  let n = 1;
  for (let d = 0; d < rank; d++) n *= sizes[d];
  return n;
}

/** Adds a loop inside the others, or makes the innermost longer where all views step on. */
function push(nest: Nest, size: number, steps: readonly number[]): void {
  const { views } = nest;
  const last = (nest.rank - 1) * views;
  let joins = nest.rank > 0;
  for (let v = 0; joins && v < views; v++) joins = nest.steps[last + v] === steps[v] * size;
  const at = joins ? last : nest.rank * views;
  if (joins) nest.sizes[nest.rank - 1] *= size;
  else nest.sizes[nest.rank++] = size;
  for (let v = 0; v < views; v++) nest.steps[at + v] = steps[v];
}

/** Neighbours in memory are reduced together, rather than neighbouring outputs' elements being neighbours. */
function alongRows(kept: Nest, reduced: Nest): boolean {
  if (kept.rank === 0) return true;
  if (reduced.rank === 0) return false;
  const { views } = kept;
  for (let v = 0; v < views; v++) {
    const across = Math.abs(kept.steps[(kept.rank - 1) * views + v]);
    const along = Math.abs(reduced.steps[(reduced.rank - 1) * views + v]);
    if (along !== across && along * across !== 0) return along < across;
  }
  return true;
}

/**
 * Into how many parts each output's elements are split: enough that the device has work and that neighbours read neighbours, not
 * so many that the parts are short. Two stages without a barrier cost less than one stage of many small workgroups.
 */
export function chooseParts(outputs: number, elements: number, row: boolean): number {
  const accurate = Math.ceil(elements / longest);
  if (row && outputs <= few) return elements < 8192 ? 1 : Math.max(Math.ceil(enough / outputs / 2), accurate);
  if (elements <= 4 * block) return 1;
  const busy = Math.min(Math.ceil(enough / outputs), Math.ceil(elements / (2 * block)));
  return Math.max(busy, accurate, row ? 16 : 1);
}

function reduceShader(
  kind: ReduceKind,
  program: Program,
  usesIndex: boolean,
  form: Form,
  row: boolean,
  kept: number,
  reduced: number,
) {
  const uses = new Set<string>();
  const type = scalarType(program.output);
  const scalar = wgslType(type);
  const output = gpuDType(program.output);
  const narrow = form !== PART && perWord(output) > 1;
  const target: Slot = { name: "w0", atomic: narrow };
  const inputs = program.inputs.map((dtype, v) => ({ slot: { name: `r${v}`, atomic: false }, dtype: gpuDType(dtype) }));
  const places = inputs.map((_, v) => `at${v}`);
  if (usesIndex) places.push("position");
  const firstParam = firstOffset + 1 + places.length;
  const firstKept = firstParam + 2 * program.params;
  const firstReduced = firstKept + kept * (1 + places.length);
  const size = (d: number) => word(firstReduced + d);
  const step = (d: number, v: number) => word(firstReduced + reduced + d * places.length + v);

  const { statements, value } = emit(
    program,
    {
      input: (k) => ({
        value: load(inputs[k].slot, inputs[k].dtype, `here${k}`, uses),
        type: naturalType[inputs[k].dtype],
      }),
      index: `i32(here${inputs.length})`,
      params: firstParam,
    },
    uses,
  );
  const join = combination(kind, type, uses);
  const zero = neutral(kind, type, uses);

  // the element's coordinates advance by `parts` as numbers with a digit for each loop do
  const digits = Array.from({ length: reduced }, (_, d) => d);
  const digitsOf = (name: string, from: string) =>
    [`var ${name}s = ${from};`]
      .concat(
        digits
          .toReversed()
          .map((d) =>
            d === 0 ? `var ${name}0 = ${name}s;` : `var ${name}${d} = ${name}s % ${size(d)}; ${name}s /= ${size(d)};`,
          ),
      )
      .join("\n  ");
  const advance = digits
    .toReversed()
    .map((d) =>
      d === 0
        ? `c0 += hop0${reduced > 1 ? " + carry" : ""};`
        : `c${d} += hop${d}${d < reduced - 1 ? " + carry" : ""};
      carry = select(0u, 1u, c${d} >= ${size(d)});
      c${d} -= carry * ${size(d)};`,
    )
    .join("\n      ");
  const here = places
    .map((place, v) => `let here${v} = ${[place, ...digits.map((d) => `c${d} * ${step(d, v)}`)].join(" + ")};`)
    .join("\n      ");

  const one = `${here}
      ${statements}
      sum = ${join("sum", value)};
      ${advance}`;
  const position =
    form === GROUP
      ? `
  let o = group;
  let parts = ${workgroup}u;
  let part = local;
  if (o >= ${word(1)}) { return; }`
      : `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  let parts = ${word(4)};
  ${
    form === ONE
      ? "let o = i; let part = 0u;"
      : row
        ? "let o = i / parts; let part = i % parts;"
        : `let o = i % ${word(2)}; let part = i / ${word(2)};`
  }`;
  const accumulate = `
  ${places.map((place, v) => `var ${place} = ${word(firstOffset + 1 + v)};`).join("\n  ")}
  ${unfold(kept, places, "o", firstKept, word)}
  ${digitsOf("c", "part")}
  ${digitsOf("hop", "parts")}
  var carry = 0u;
  let elements = ${word(3)};
  var left = select(0u, (elements - part + parts - 1u) / parts, elements > part);
  var total = ${zero};
  while (left > 0u) {
    let some = min(left, ${block}u);
    left -= some;
    var sum = ${zero};
    var k = 0u;
    ${reduced < 3 && longCalls(program) === 0 ? `for (; k + 4u <= some; k += 4u) {${`{ ${one} }\n      `.repeat(4)}}` : ""}
    for (; k < some; k++) {
      ${one}
    }
    total = ${join("total", "sum")};
  }`;
  const finish = (result: string) => store(target, output, `(${word(firstOffset)} + o)`, result, uses);
  let end: string;
  let declarations = "";
  if (form === PART) {
    end = `w0[i] = ${bits(gpuDType(partialDType(type)), type === "bool" ? "select(0i, 1i, total)" : "total", uses)};`;
  } else if (form === ONE) end = finish("total");
  else {
    const joined = tree("cells", scalar, workgroup, "total", join);
    declarations = joined.declarations;
    end = `${joined.statements}
  if (local == 0u) {
    ${finish(joined.result)}
  }`;
  }
  return shader({
    label: `${kind} ${nameOf(program)}`,
    writes: [narrow ? "atomic<u32>" : "u32"],
    reads: inputs.map(() => "u32"),
    uses,
    declarations,
    body: `${position}${accumulate}
  ${end}`,
  });
}
