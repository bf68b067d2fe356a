import type { Program, View } from "@flambeau/tensor";
import { addressOf, type CpuBuffer } from "../buffer.ts";
import type { Target } from "../emit/kernel.ts";
import { type Access, argumentLayout, STRIDED, UNIT } from "../emit/layout.ts";
import { compileMap, mapViews, viewBytes, workOf } from "../emit/map.ts";
import { compileTile, fitsTile, tileLayout, tileRows } from "../emit/tile.ts";
import { fillsLanes } from "../emit/vector.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { accessOf, checkArguments, variantKey } from "./loop-nest.ts";

/** What is known of a program: sizes for its arguments, and its kernels by variant. */
interface CompiledMap {
  /** Output, inputs and, where the program uses it, the position. */
  readonly views: number;
  readonly bytes: readonly number[];
  readonly usesIndex: boolean;
  /** Where params begin when there is one loop, in float64 slots from the arguments' address. */
  readonly flatParams: number;
  readonly work: number;
  readonly grain: number;
  flat: KernelId | -1;
  /** Kernels in tiles, where the program can have them. */
  readonly tiles: Map<number | string, KernelId> | undefined;
  readonly variants: Map<number | string, KernelId>;
}

/** Additions (see `workOf`) below which another thread costs more than it brings, and how many to hand out at a time. */
const worthSharing = 32768;
const grainWork = 8192;

/** The `map` primitive: finds or compiles the kernel for a program and its views, writes the arguments and runs it. */
export class MapKernels {
  readonly engine: Engine;
  /** Loops of the views at hand, innermost first: sizes, and steps in bytes by `loop * views + view`. */
  private readonly sizes: number[] = [];
  private readonly steps: number[] = [];
  private readonly order: number[] = [];

  private readonly target: Target;

  /** `target` differs from the engine only where a test asks for kernels without fused multiply-add. */
  constructor(engine: Engine, target: Target = engine) {
    this.engine = engine;
    this.target = target;
  }

  run(program: Program, inputs: readonly View[], params: readonly number[], output: View, flat: boolean): void {
    const { shape } = output;
    let n = 1;
    for (let d = 0; d < shape.length; d++) n *= shape[d];
    if (n === 0) return;
    // only this class puts something under its own key
    const known = program.compiled.get(this) as CompiledMap | undefined;
    const compiled = known === undefined ? this.prepare(program) : known;
    if (flat) return this.start(this.flatArguments(program, compiled, inputs, params, output), n, n, compiled);
    const loops = this.collapse(compiled, inputs, output);
    let skipped = 0;
    if (this.fitsTiles(compiled, loops)) {
      const { sizes } = this;
      const groups = Math.floor(sizes[1] / tileRows);
      skipped = groups * tileRows;
      const id = this.tileArguments(program, compiled, inputs, params, output, loops);
      const around = n / (sizes[0] * sizes[1]);
      this.start(id, groups * around, n, compiled);
      if (skipped === sizes[1]) return;
      // the rows that make no whole group
      sizes[1] -= skipped;
      n = sizes[0] * sizes[1] * around;
    }
    this.start(this.arguments(program, compiled, inputs, params, output, loops, skipped), n, n, compiled);
  }

  /** Runs a kernel over `items` of its own, which stand for `elements`. */
  private start(id: KernelId, items: number, elements: number, { work, grain }: CompiledMap): void {
    const { engine } = this;
    if (elements * work <= worthSharing) engine.fn(id)(engine.desc, 0, items);
    else
      engine.run(
        id,
        engine.desc,
        items,
        items === elements ? grain : Math.max(1, Math.ceil((grain * items) / elements)),
      );
  }

  private prepare(program: Program): CompiledMap {
    const views = mapViews(program);
    const work = workOf(program);
    const compiled: CompiledMap = {
      views,
      bytes: Array.from({ length: views }, (_, v) => viewBytes(program, v)),
      usesIndex: views > 1 + program.inputs.length,
      flatParams: argumentLayout(views, 1, 0).params,
      work,
      grain: Math.max(16, Math.ceil(grainWork / work / 16) * 16),
      flat: -1,
      tiles: fillsLanes(program) && views === 1 + program.inputs.length && views <= 10 ? new Map() : undefined,
      variants: new Map(),
    };
    program.compiled.set(this, compiled);
    return compiled;
  }

  private flatArguments(
    program: Program,
    compiled: CompiledMap,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
  ): KernelId {
    const { bytes, views } = compiled;
    if (compiled.flat < 0) compiled.flat = this.compile(program, 1, new Array<Access>(views).fill(UNIT));
    const { desc, i32 } = this.engine;
    const at = desc >>> 2;
    i32[at] = (output.buffer as CpuBuffer).address + output.offset * bytes[0]; // this backend's own buffer
    i32[at + views] = bytes[0];
    for (let v = 0; v < inputs.length; v++) {
      const input = inputs[v];
      i32[at + v + 1] = (input.buffer as CpuBuffer).address + input.offset * bytes[v + 1];
      i32[at + views + v + 1] = bytes[v + 1];
    }
    if (compiled.usesIndex) {
      i32[at + views - 1] = 0;
      i32[at + views + views - 1] = 1;
    }
    this.writeParams(desc + compiled.flatParams, params);
    return compiled.flat;
  }

  private writeParams(address: number, params: readonly number[]): void {
    const { f64 } = this.engine;
    for (let p = 0; p < params.length; p++) f64[(address >>> 3) + p] = params[p];
  }

  private arguments(
    program: Program,
    compiled: CompiledMap,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    loops: number,
    skippedRows: number,
  ): KernelId {
    const { bytes, views } = compiled;
    const { sizes, steps } = this;
    const key = variantKey(loops, steps, bytes, 0, views);
    let id = compiled.variants.get(key);
    if (id === undefined) {
      const access = Array.from({ length: views }, (_, v) => accessOf(steps[v], bytes[v]));
      compiled.variants.set(key, (id = this.compile(program, loops, access)));
    }
    const { desc, i32 } = this.engine;
    const at = desc >>> 2;
    i32[at] = addressOf(output, bytes[0]);
    for (let v = 0; v < inputs.length; v++) i32[at + v + 1] = addressOf(inputs[v], bytes[v + 1]);
    if (compiled.usesIndex) i32[at + views - 1] = 0;
    if (skippedRows > 0) for (let v = 0; v < views; v++) i32[at + v] += skippedRows * steps[views + v];
    const count = loops * views;
    for (let s = 0; s < count; s++) i32[at + views + s] = steps[s];
    for (let d = 0; d < loops; d++) i32[at + views + count + d] = sizes[d];
    this.writeParams(desc + ((4 * (views + count + loops) + 7) & ~7), params);
    return id;
  }

  /** Whether an input runs along the output's columns where the others run along its rows. */
  private fitsTiles({ bytes, views, tiles }: CompiledMap, loops: number): boolean {
    const { sizes, steps } = this;
    if (tiles === undefined || loops < 2 || sizes[0] < 8 || sizes[1] < tileRows || steps[0] !== bytes[0]) return false;
    let across = false;
    for (let v = 1; v < views; v++) {
      const columns = accessOf(steps[v], bytes[v]);
      if (!fitsTile(columns, accessOf(steps[views + v], bytes[v]), bytes[v])) return false;
      if (columns === STRIDED) across = true;
    }
    return across;
  }

  private tileArguments(
    program: Program,
    compiled: CompiledMap,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    loops: number,
  ): KernelId {
    const { bytes, views } = compiled;
    const { sizes, steps } = this;
    const tiles = compiled.tiles as Map<number | string, KernelId>; // fitsTiles has looked
    const key = variantKey(variantKey(loops, steps, bytes, 0, views) as number, this.rowSteps(views), bytes, 0, views); // few views
    let id = tiles.get(key);
    const layout = tileLayout(views, loops - 1, program.params);
    if (id === undefined) {
      const access = (loop: number) =>
        Array.from({ length: views }, (_, v) => accessOf(steps[loop * views + v], bytes[v]));
      const variant = { loops: loops - 1, columns: access(0), rows: access(1) };
      tiles.set(key, (id = this.engine.addKernel(compileTile(this.target, program, variant))));
    }
    const { desc, i32 } = this.engine;
    let at = desc >>> 2;
    i32[at++] = addressOf(output, bytes[0]);
    for (let v = 0; v < inputs.length; v++) i32[at++] = addressOf(inputs[v], bytes[v + 1]);
    for (let v = 0; v < views; v++) i32[at++] = steps[views + v] * tileRows;
    for (let s = 2 * views; s < loops * views; s++) i32[at++] = steps[s];
    i32[at++] = Math.floor(sizes[1] / tileRows);
    for (let d = 2; d < loops; d++) i32[at++] = sizes[d];
    at = (desc + layout.columnStep(0)) >>> 2;
    for (let s = 0; s < 2 * views; s++) i32[at++] = steps[s];
    i32[at] = sizes[0];
    this.writeParams(desc + layout.params, params);
    return id;
  }

  /** The steps from row to row, moved to the front. */
  private rowSteps(views: number): readonly number[] {
    const { order, steps } = this;
    for (let v = 0; v < views; v++) order[v] = steps[views + v];
    return order;
  }

  /**
   * Finds the fewest loops over the views, on reused arrays; gives their number. Dimensions go in the order of the output's
   * steps, so that a transposed output is written along its memory.
   */
  private collapse(compiled: CompiledMap, inputs: readonly View[], output: View): number {
    const { bytes, views, usesIndex } = compiled;
    const { sizes, steps, order } = this;
    const { shape, strides } = output;
    let count = 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      if (shape[d] === 1) continue;
      let i = count++;
      for (; i > 0 && strides[order[i - 1]] > strides[d]; i--) order[i] = order[i - 1];
      order[i] = d;
    }
    let loops = 0;
    for (let i = 0; i < count; i++) {
      const d = order[i];
      const size = shape[d];
      const next = loops * views;
      steps[next] = strides[d] * bytes[0];
      for (let v = 0; v < inputs.length; v++) steps[next + v + 1] = inputs[v].strides[d] * bytes[v + 1];
      if (usesIndex) steps[next + views - 1] = sizeAfter(shape, d);
      if (loops > 0) {
        const last = next - views;
        let joins = true;
        for (let v = 0; joins && v < views; v++) joins = steps[next + v] === steps[last + v] * sizes[loops - 1];
        if (joins) {
          sizes[loops - 1] *= size;
          continue;
        }
      }
      sizes[loops++] = size;
    }
    if (loops === 0) {
      sizes[0] = 1;
      for (let v = 0; v < views; v++) steps[v] = bytes[v];
      return 1;
    }
    return loops;
  }

  private compile(program: Program, loops: number, access: readonly Access[]): KernelId {
    checkArguments("map", argumentLayout(access.length, loops, program.params).bytes);
    return this.engine.addKernel(compileMap(this.target, program, { loops, access }));
  }
}

function sizeAfter(shape: readonly number[], dim: number): number {
  let size = 1;
  for (let d = dim + 1; d < shape.length; d++) size *= shape[d];
  return size;
}
