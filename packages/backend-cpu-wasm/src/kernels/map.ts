import { contiguousStrides, type Program, sizeOf, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Target } from "../emit/kernel.ts";
import { type Access, argumentLayout, STRIDED, UNIT } from "../emit/layout.ts";
import { compileMap, workOf } from "../emit/map.ts";
import { compileTile, fitsTile, tileRows } from "../emit/tile.ts";
import { fillsLanes } from "../emit/vector.ts";
import { countViews, viewBytes } from "../emit/views.ts";
import type { Engine, KernelId } from "../engine/engine.ts";
import { accessOf, checkArguments, LoopNest, paramsAfter, variantKey, writeParams } from "./loop-nest.ts";
import { nativeProgram } from "./native-map.ts";

/** What is known of a program: sizes for its arguments, and its kernels by variant. */
interface CompiledMap {
  /** Output, inputs and, where the program uses it, the position. */
  readonly views: number;
  readonly bytes: readonly number[];
  readonly usesIndex: boolean;
  readonly work: number;
  readonly grain: number;
  flat: KernelId | -1;
  /** Kernels in tiles, where the program can have them. */
  readonly tiles: Map<number | string, KernelId> | undefined;
  readonly variants: Map<number | string, KernelId>;
  /** Where the program stands for the native kernel; 0 where that cannot have it. */
  readonly native: number;
}

/** Additions (see `workOf`) below which another thread costs more than it brings, and how many to hand out at a time. */
const worthSharing = 32768;
const grainWork = 8192;
/** Elements, and elements in a row, from which on the native kernel is worth its beginning. */
const nativeElements = 512;
const nativeRow = 64;
/** Words before the views' addresses in its arguments. */
const nativeWords = 2;

/** Lays a program where the native kernel finds it: its address, or 0. */
function keepNative(engine: Engine, program: Program): number {
  const words = nativeProgram(program, engine.operations);
  return words === null ? 0 : engine.keep(words);
}

/** The `map` primitive: finds or compiles the kernel for a program and its views, writes the arguments and runs it. */
export class MapKernels {
  readonly engine: Engine;
  private readonly nest = new LoopNest();
  private readonly order: number[] = [];
  private readonly target: Target;

  /** `target` differs from the engine only where a test asks for kernels without fused multiply-add. */
  constructor(engine: Engine, target: Target = engine) {
    this.engine = engine;
    this.target = target;
  }

  run(program: Program, inputs: readonly View[], params: readonly number[], output: View, flat: boolean): void {
    let n = sizeOf(output.shape);
    if (n === 0) return;
    // only this class puts something under its own key
    const known = program.compiled.get(this) as CompiledMap | undefined;
    const compiled = known === undefined ? this.prepare(program) : known;
    if (flat) return this.start(this.flatArguments(program, compiled, inputs, params, output), n, n, compiled);
    this.collapse(compiled, inputs, output);
    let skipped = 0;
    if (this.fitsTiles(compiled)) {
      const { sizes } = this.nest;
      const groups = Math.floor(sizes[1] / tileRows);
      skipped = groups * tileRows;
      const id = this.tileArguments(program, compiled, inputs, params, output);
      const around = n / (sizes[0] * sizes[1]);
      this.start(id, groups * around, n, compiled);
      if (skipped === sizes[1]) return;
      // the rows that make no whole group
      sizes[1] -= skipped;
      n = sizes[0] * sizes[1] * around;
    }
    this.start(this.arguments(program, compiled, inputs, params, output, skipped), n, n, compiled);
  }

  /** Writes the arguments of a kernel over the elements of a row-major output, in order, for another to run; gives its number. */
  prepared(program: Program, inputs: readonly View[], params: readonly number[], output: View): KernelId {
    const known = program.compiled.get(this) as CompiledMap | undefined;
    const compiled = known === undefined ? this.prepare(program) : known;
    this.collapse(compiled, inputs, output);
    return this.arguments(program, compiled, inputs, params, output, 0);
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
    const views = countViews(program);
    const work = workOf(program);
    const compiled: CompiledMap = {
      views,
      bytes: Array.from({ length: views }, (_, v) => viewBytes(program, v)),
      usesIndex: views > 1 + program.inputs.length,
      work,
      grain: Math.max(16, Math.ceil(grainWork / work / 16) * 16),
      flat: -1,
      tiles: fillsLanes(program) && views === 1 + program.inputs.length && views <= 10 ? new Map() : undefined,
      variants: new Map(),
      native: this.target === this.engine ? keepNative(this.engine, program) : 0,
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
    const elements = sizeOf(output.shape);
    if (compiled.native !== 0 && elements >= nativeElements) {
      const id = this.startNative(compiled, 1);
      let at = this.writeAddresses(compiled, inputs, output, nativeWords);
      const { i32 } = this.engine;
      for (let v = 0; v < views; v++) i32[at++] = bytes[v];
      i32[at++] = elements;
      writeParams(this.engine, at, params);
      return id;
    }
    if (compiled.flat < 0) compiled.flat = this.compile(program, 1, new Array<Access>(views).fill(UNIT));
    const at = this.writeAddresses(compiled, inputs, output);
    const { i32 } = this.engine;
    for (let v = 0; v < views; v++) i32[at + v] = bytes[v];
    writeParams(this.engine, at + views + 1, params); // the loop's size, which nobody asks for, lies between
    return compiled.flat;
  }

  /** Writes where the native kernel finds its program; gives that kernel's number. */
  private startNative({ native }: CompiledMap, loops: number): KernelId {
    const { desc, i32 } = this.engine;
    i32[desc >>> 2] = native;
    i32[(desc >>> 2) + 1] = loops;
    return this.engine.staticKernel("map_f32");
  }

  /** Whether the native kernel can walk so: along rows of neighbours and of repeated values that are long enough. */
  private fitsNative({ native, views, bytes }: CompiledMap): boolean {
    const { sizes, steps, loops, total } = this.nest;
    if (native === 0 || total < nativeElements || sizes[0] < nativeRow || steps[0] !== bytes[0]) return false;
    for (let v = 1; v < views; v++) if (steps[v] !== bytes[v] && steps[v] !== 0) return false;
    for (let s = views; s < loops * views; s++) if (steps[s] < 0) return false;
    return true;
  }

  /** Writes where the views begin, `before` words from the start on; gives the words' end. */
  private writeAddresses(
    { bytes, views, usesIndex }: CompiledMap,
    inputs: readonly View[],
    output: View,
    before = 0,
  ): number {
    const { desc, i32 } = this.engine;
    const at = (desc >>> 2) + before;
    i32[at] = addressOf(output, bytes[0]);
    for (let v = 0; v < inputs.length; v++) i32[at + v + 1] = addressOf(inputs[v], bytes[v + 1]);
    if (usesIndex) i32[at + views - 1] = 0;
    return at + views;
  }

  private arguments(
    program: Program,
    compiled: CompiledMap,
    inputs: readonly View[],
    params: readonly number[],
    output: View,
    skippedRows: number,
  ): KernelId {
    const { bytes, views } = compiled;
    const { steps, loops } = this.nest;
    if (skippedRows === 0 && this.fitsNative(compiled)) {
      const native = this.startNative(compiled, loops);
      const end = this.writeAddresses(compiled, inputs, output, nativeWords);
      writeParams(this.engine, this.nest.write(this.engine.i32, end, views), params);
      return native;
    }
    const key = variantKey(loops, steps, bytes, 0, views);
    let id = compiled.variants.get(key);
    if (id === undefined) {
      const access = Array.from({ length: views }, (_, v) => accessOf(steps[v], bytes[v]));
      compiled.variants.set(key, (id = this.compile(program, loops, access)));
    }
    const at = this.writeAddresses(compiled, inputs, output);
    const { i32 } = this.engine;
    if (skippedRows > 0) for (let v = 0; v < views; v++) i32[at - views + v] += skippedRows * steps[views + v];
    writeParams(this.engine, this.nest.write(i32, at, views), params);
    return id;
  }

  /** Whether an input runs along the output's columns where the others run along its rows. */
  private fitsTiles({ bytes, views, tiles }: CompiledMap): boolean {
    const { sizes, steps, loops } = this.nest;
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
  ): KernelId {
    const { bytes, views } = compiled;
    const { sizes, steps, loops } = this.nest;
    const tiles = compiled.tiles as Map<number | string, KernelId>; // fitsTiles has looked
    const key = variantKey(variantKey(loops, steps, bytes, 0, views) as number, this.rowSteps(views), bytes, 0, views); // few views
    let id = tiles.get(key);
    if (id === undefined) {
      const access = (loop: number) =>
        Array.from({ length: views }, (_, v) => accessOf(steps[loop * views + v], bytes[v]));
      const variant = { loops: loops - 1, columns: access(0), rows: access(1) };
      tiles.set(key, (id = this.engine.addKernel(compileTile(this.target, program, variant))));
    }
    let at = this.writeAddresses(compiled, inputs, output);
    const { i32 } = this.engine;
    for (let v = 0; v < views; v++) i32[at++] = steps[views + v] * tileRows;
    for (let s = 2 * views; s < loops * views; s++) i32[at++] = steps[s];
    i32[at++] = Math.floor(sizes[1] / tileRows);
    for (let d = 2; d < loops; d++) i32[at++] = sizes[d];
    at = paramsAfter(at);
    for (let s = 0; s < 2 * views; s++) i32[at++] = steps[s];
    i32[at++] = sizes[0];
    writeParams(this.engine, at, params);
    return id;
  }

  /** The steps from row to row, moved to the front. */
  private rowSteps(views: number): readonly number[] {
    const { order } = this;
    const { steps } = this.nest;
    for (let v = 0; v < views; v++) order[v] = steps[views + v];
    return order;
  }

  /**
   * Finds the fewest loops over the views. Dimensions go in the order of the output's steps, so that a transposed output is
   * written along its memory.
   */
  private collapse({ bytes, views, usesIndex }: CompiledMap, inputs: readonly View[], output: View): void {
    const { nest, order } = this;
    const { steps } = nest;
    const { shape, strides } = output;
    const positions = usesIndex ? contiguousStrides(shape) : undefined;
    let count = 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      if (shape[d] === 1) continue;
      let i = count++;
      for (; i > 0 && strides[order[i - 1]] > strides[d]; i--) order[i] = order[i - 1];
      order[i] = d;
    }
    nest.clear();
    for (let i = 0; i < count; i++) {
      const d = order[i];
      const next = nest.loops * views;
      steps[next] = strides[d] * bytes[0];
      for (let v = 0; v < inputs.length; v++) steps[next + v + 1] = inputs[v].strides[d] * bytes[v + 1];
      if (positions) steps[next + views - 1] = positions[d];
      nest.push(shape[d], views);
    }
    nest.close(views, (v) => bytes[v]);
  }

  private compile(program: Program, loops: number, access: readonly Access[]): KernelId {
    checkArguments("map", argumentLayout(access.length, loops, program.params).bytes);
    return this.engine.addKernel(compileMap(this.target, program, { loops, access }));
  }
}
