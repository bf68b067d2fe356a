import { dtypeCode, type View } from "@flambeau/tensor/plugin";
import { typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { addressOf, writeView } from "../engine/views.ts";
import type { Words } from "../engine/words.ts";
import { blocksOf, coreTile, inLargeTiles, tile, tilesOf, tileThreads } from "./tiles.ts";

/** The shortest side of a product that tensor cores make: of a shorter one most of a tile would be empty. */
const shortestSide = 16;
const mostBlocks = 2 ** 20;

/** output[b] = a[b] @ b[b], plus a bias of each column, of the output's dtype, one after the other. */
export function matmul(engine: Engine, a: View, b: View, output: View, bias?: View): void {
  const [batch, m, n] = output.shape;
  if (batch * m * n === 0 || engine.product(a, b, output, bias)) return;
  const launch = (kernel: string, blocks: number): void =>
    engine.launch(kernel, Math.min(blocks, mostBlocks), 1, tileThreads);
  if (allFloat32(a, b, output, bias) && inLargeTiles("float32", batch, m, n)) {
    writeFactors(engine, a, b, [batch, m, n])
      .int(bias ? addressOf(bias) : 0)
      .int(addressOf(output))
      .ints(output.strides);
    launch("matmul_large_float32", blocksOf(true, batch, m, n));
    return;
  }
  const cores = onCores(engine, a, b, output);
  const size = cores ? coreTile : tile;
  const words = engine.words().ints([batch, m, n, a.shape[2], Math.ceil(n / size), Math.ceil(m / size)]);
  writeView(words, a, a.strides);
  writeView(words, b, b.strides);
  writeView(words, output, output.strides)
    .int(bias ? addressOf(bias) : 0)
    .int(dtypeCode(output.dtype));
  launch(cores ? `matmul_${output.dtype}` : typed("matmul", output.dtype), tilesOf(size, batch, m, n));
}
/** A product's sizes and its factors, where their dtype is known: the address and the steps of each. */
export function writeFactors(engine: Engine, a: View, b: View, [batch, m, n]: readonly number[]): Words {
  const words = engine.words().ints([batch, m, n, a.shape[2]]);
  for (const factor of [a, b]) words.int(addressOf(factor)).ints(factor.strides);
  return words;
}
const allFloat32 = (...views: readonly (View | undefined)[]): boolean =>
  views.every((view) => view === undefined || view.dtype === "float32");
/** Whether tensor cores make it: all of one type of halves that the card multiplies, and no side so short that most of a tile would be empty. */
function onCores(engine: Engine, a: View, b: View, { dtype, shape }: View): boolean {
  if ((dtype !== "float16" && dtype !== "bfloat16") || a.dtype !== dtype || b.dtype !== dtype) return false;
  return Math.min(shape[1], shape[2], a.shape[2]) >= shortestSide && engine.has(`matmul_${dtype}`);
}
