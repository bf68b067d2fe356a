import type { Engine } from "../../engine/engine.ts";
import type { Kernel } from "../../engine/kernel.ts";
import { type Block, blockOf } from "../../engine/memory.ts";
import { shader, word, workgroup } from "../../wgsl/shader.ts";
import { directSource } from "./direct.ts";
import { type Finish, type Finishing, finishing } from "./finish.ts";
import { BIAS_OF_ROWS, NO_BIAS, Product } from "./product.ts";
import { at, type Form } from "./source.ts";
import { side, tiledSource } from "./tiled.ts";

/** The longest sum of one chain: rounding errors of longer ones would pile up. */
const longest = 512;
/** Memory for parts of sums. */
const partBytes = 2 ** 26;

/** Parameter words of a dispatch, at most, and those of a sum of parts. */
const most = 512;
const sumWords = 9;

const MANY = 0;
/**
 * Kernels without workgroup memory: the sums of an invocation, rows x columns, and how many invocations are side by side along
 * each (MANY: all of the workgroup).
 */
const direct: readonly (readonly [number, number, number, number])[] = [
  [16, 8, 4, 4],
  [8, 8, 4, 4],
  [4, 4, 4, 4],
  [4, 4, 1, MANY],
  [1, 8, 1, MANY],
  [4, 4, MANY, 1],
  [8, 1, MANY, 1],
];

/** Runs {@link Product}s: chooses tiles, splits long sums, and adds the parts in a fixed order. */
export class Gemm {
  readonly #engine: Engine;
  /** No workgroup memory: a barrier costs a processor more than what it saves. */
  readonly #software: boolean;
  readonly #kernels = new Map<number, Kernel>();
  #sums: Kernel[] = [];
  readonly product = new Product();

  constructor(engine: Engine, software: boolean) {
    this.#engine = engine;
    this.#software = software;
  }

  #side(shape: number, which: 2 | 3): number {
    return direct[shape][which] || (this.#software ? 16 : workgroup);
  }

  /** Runs `product`, which must not write a block that it reads, and what comes behind its sums. */
  run(finish: Finish | null = null): void {
    const p = this.product;
    p.finish = finish;
    if (p.rows * p.columns * p.batches === 0) return;
    const tiles = this.#software || Math.min(p.rows, p.columns) <= 4 ? -1 : tilesFor(p);
    const shape = tiles === -1 ? directFor(p) : -1;
    const high = shape === -1 ? tiles * side : direct[shape][0] * this.#side(shape, 2);
    const wide = shape === -1 ? tiles * side : direct[shape][1] * this.#side(shape, 3);
    const columnTiles = Math.ceil(p.columns / wide);
    const count = Math.ceil(p.rows / high) * columnTiles;
    // enough parts to keep the device busy, and short enough for their precision
    const wanted = this.#software ? 4 : 64;
    const few = Math.min(Math.ceil(wanted / (count * p.batches)), Math.floor(p.depth / 128), 256);
    const parts = Math.max(1, few, Math.ceil(p.depth / longest));
    const partDepth = Math.max(1, Math.ceil(p.depth / parts / 16)) * 16;
    if (p.depth <= partDepth) this.#multiply(p, tiles, shape, columnTiles, count, partDepth, 0, 1, p.out!, p.outOffset);
    else this.#multiplyParts(p, tiles, shape, columnTiles, count, partDepth);
  }

  /** Parts go to memory of their own, as many as it shall hold at a time, and are added up from there. */
  #multiplyParts(p: Product, tiles: number, shape: number, columnTiles: number, count: number, depth: number): void {
    const engine = this.#engine;
    const parts = Math.ceil(p.depth / depth);
    const room = Math.max(1, Math.min(parts, Math.floor(partBytes / (4 * p.outSize))));
    const memory = engine.alloc(room * p.outSize * 4);
    const block = blockOf(memory);
    for (let first = 0; first < parts; first += room) {
      const some = Math.min(room, parts - first);
      this.#multiply(p, tiles, shape, columnTiles, count, depth, first, some, block, 0);
      this.#add(p, block, some, first > 0, first + some === parts ? p.finish : null);
    }
    engine.free(memory);
  }

  #multiply(
    p: Product,
    tiles: number,
    shape: number,
    columnTiles: number,
    count: number,
    partDepth: number,
    firstPart: number,
    parts: number,
    out: Block,
    outOffset: number,
  ): void {
    const engine = this.#engine;
    const bias = out === p.out ? p.biasKind : NO_BIAS;
    const kernel = this.#kernel(p, tiles, shape, bias, out === p.out ? p.finish : null);
    const i = engine.begin(most);
    const { u32, f32, blocks } = engine;
    blocks[0] = out;
    blocks[1] = p.left.block!; // the caller has set both
    blocks[2] = p.right.block!;
    const finish = out === p.out ? p.finish : null;
    const first = bias === NO_BIAS ? 3 : 4;
    if (bias !== NO_BIAS) blocks[3] = p.bias!;
    u32[i + at.rows] = p.rows;
    u32[i + at.columns] = p.columns;
    u32[i + at.depth] = p.depth;
    u32[i + at.columnTiles] = columnTiles;
    u32[i + at.tiles] = count;
    u32[i + at.batches] = p.batches;
    u32[i + at.partDepth] = partDepth;
    u32[i + at.firstPart] = firstPart;
    u32[i + at.parts] = parts;
    u32[i + at.out] = outOffset;
    u32[i + at.outBatch] = p.outBatchStep;
    u32[i + at.outPart] = p.outSize;
    u32[i + at.outRow] = p.outRowStep;
    u32[i + at.plane] = p.outPlane;
    u32[i + at.planeStep] = p.outPlaneStep;
    u32[i + at.bias] = p.biasOffset;
    u32[i + at.biasBatch] = p.biasBatchStep;
    const { left, right } = p;
    u32[i + at.left] = left.offset;
    u32[i + at.left + 1] = left.batchStep;
    u32[i + at.left + 2] = left.outer[0];
    u32[i + at.right] = right.offset;
    u32[i + at.right + 1] = right.batchStep;
    for (let d = 0; d < 3; d++) {
      u32[i + at.left + 3 + d] = left.inner[d];
      u32[i + at.right + 2 + d] = right.outer[d];
      u32[i + at.right + 5 + d] = right.inner[d];
    }
    for (let d = 0; d < 2; d++) {
      u32[i + at.columnSizes + d] = p.columnSizes[d];
      u32[i + at.depthSizes + d] = p.depthSizes[d];
      u32[i + at.columnSteps + d] = p.columnSteps[d];
      u32[i + at.depthSteps + d] = p.depthSteps[d];
      u32[i + at.strides + d] = p.strides[d];
      f32[i + at.inverses + d] = 1 / p.strides[d];
    }
    u32[i + at.height] = p.height;
    u32[i + at.width] = p.width;
    u32[i + at.firstY] = p.firstY;
    u32[i + at.firstX] = p.firstX;
    const words = finish === null ? at.words : finish.write(engine, i, at.words, first);
    engine.dispatchLine(kernel, i, words, count * p.batches * parts);
  }

  #kernel(p: Product, tiles: number, shape: number, bias: Product["biasKind"], finish: Finish | null): Kernel {
    const planes = p.outPlane > 0;
    const leftAlong = p.depthRank === 1 && p.left.inner[0] === 1;
    const rightAlong = p.depthRank === 1 && p.columnRank === 1 && p.right.inner[0] === 1 && p.right.outer[0] !== 1;
    let key = tiles === -1 ? shape : tiles === 8 ? 8 : 9;
    key = key * 2 + (leftAlong && tiles !== -1 ? 1 : 0);
    key = key * 2 + (rightAlong && tiles !== -1 ? 1 : 0);
    key = key * 2 + (p.columnRank === 3 ? 1 : 0);
    key = key * 2 + (p.depthRank === 3 ? 1 : 0);
    key = key * 2 + (planes ? 1 : 0);
    key = (key * 3 + p.window) * 3 + bias;
    const kernels = finish === null ? this.#kernels : finish.kernels(this);
    if (finish !== null) key = key * 2 ** 8 + finish.shared;
    let kernel = kernels.get(key);
    if (kernel === undefined) {
      const { columnRank, depthRank, window } = p;
      const form: Form = { columnRank, depthRank, window, bias, planes, finish };
      const source =
        tiles === -1
          ? directSource(form, direct[shape][0], direct[shape][1], this.#side(shape, 2), this.#side(shape, 3))
          : tiledSource(form, tiles === 8 ? 8 : 4, leftAlong, rightAlong);
      kernels.set(key, (kernel = this.#engine.kernel(source)));
    }
    return kernel;
  }

  /** out = (out, where `more`, else the bias) + the sum of the parts, one after the other. */
  #add(p: Product, parts: Block, count: number, more: boolean, finish: Finish | null): void {
    const engine = this.#engine;
    const variant = more ? 2 : p.biasKind === NO_BIAS ? 0 : 1;
    const kernel = this.#sum(variant, finish);
    const i = engine.begin(most);
    const { u32, blocks } = engine;
    blocks[0] = p.out!; // the caller has set it, and the bias where there is one
    blocks[1] = parts;
    if (variant === 1) blocks[2] = p.bias!;
    u32[i + 1] = p.outSize;
    u32[i + 2] = count;
    u32[i + 3] = p.outOffset;
    // what has a bias is an output's row, which lies in planes, or its column
    const ofRows = p.biasKind === BIAS_OF_ROWS;
    u32[i + 4] = ofRows ? p.outRowStep : 1;
    u32[i + 5] = ofRows ? p.rows * p.batches : p.columns;
    u32[i + 6] = p.biasOffset;
    u32[i + 7] = p.rows;
    u32[i + 8] = p.columns;
    const words = finish === null ? sumWords : finish.write(engine, i, sumWords, variant === 1 ? 3 : 2);
    engine.dispatchLine(kernel, i, words, Math.ceil(p.outSize / workgroup));
  }

  #sum(variant: number, finish: Finish | null): Kernel {
    if (finish === null) return (this.#sums[variant] ??= this.#engine.kernel(sumSource(variant, null)));
    const kernels = finish.kernels(this);
    const key = -1 - (variant * 2 ** 8 + finish.shared);
    let kernel = kernels.get(key);
    if (kernel === undefined) kernels.set(key, (kernel = this.#engine.kernel(sumSource(variant, finish))));
    return kernel;
  }
}

/** Sums an invocation has a side: fewer where there are not enough tiles to keep a GPU busy. */
const tilesFor = (p: Product): 4 | 8 =>
  Math.ceil(p.rows / 64) * Math.ceil(p.columns / 64) * p.batches >= 64 && p.rows > 32 && p.columns > 32 ? 8 : 4;

/** The kernel whose tile the product fills best. */
function directFor({ rows, columns }: Product): number {
  if (rows === 1) return 4;
  if (columns === 1) return 6;
  if (rows <= 4) return 3;
  if (columns <= 4) return 5;
  if (rows >= 16 && columns >= 8 && rows * columns >= 4096) return 0;
  return rows >= 8 && columns >= 8 && rows * columns >= 1024 ? 1 : 2;
}

const sumSource = (variant: number, by: Finishing | null) => {
  const reads = variant === 1 ? ["f32", "f32"] : ["f32"];
  const finish = by === null ? null : finishing(by, reads.length, sumWords);
  const total = `sum${variant === 1 ? ` + r1[${word(6)} + (i / ${word(4)}) % ${word(5)}]` : ""}`;
  const plane = `(${word(7)} * ${word(8)})`;
  const result =
    finish === null ? total : `finish(i / ${plane}, (i / ${word(8)}) % ${word(7)}, i % ${word(8)}, ${total})`;
  return shader({
    label: finish === null ? "sum of partial products" : `sum of partial products, ${finish.label}`,
    writes: ["f32"],
    reads: finish === null ? reads : [...reads, ...finish.reads],
    uses: finish?.uses,
    declarations: finish?.declarations,
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  let to = ${word(3)} + i;
  var sum = ${variant === 2 ? "w0[to]" : "0f"};
  for (var s = 0u; s < ${word(2)}; s++) { sum += r0[s * ${word(1)} + i]; }
  w0[to] = ${result};`,
  });
};
