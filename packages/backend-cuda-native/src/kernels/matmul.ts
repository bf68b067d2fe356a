import { dtypeCode, type View } from "@flambeau/tensor/plugin";
import { typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { addressOf, writeView } from "../engine/views.ts";

/** Rows and columns of a block's tile, and its threads (native/kernels/tiles.cuh). */
const tile = 64;
const threads = 256;
/** The same of tensor cores (native/kernels/tensor_cores.cuh). */
const coreTile = 128;
const shortestSide = 16;

/** output[b] = a[b] @ b[b], plus a bias of each column, of the output's dtype, one after the other. */
export function matmul(engine: Engine, a: View, b: View, output: View, bias?: View): void {
  const [batch, m, n] = output.shape;
  if (batch * m * n === 0 || engine.product(a, b, output, bias)) return;
  const cores = onCores(engine, a, b, output);
  const size = cores ? coreTile : tile;
  const across = Math.ceil(n / size);
  const down = Math.ceil(m / size);
  const words = engine.words().int(batch).int(m).int(n).int(a.shape[2]).int(across).int(down);
  writeView(words, a, a.strides);
  writeView(words, b, b.strides);
  writeView(words, output, output.strides)
    .int(bias ? addressOf(bias) : 0)
    .int(dtypeCode(output.dtype));
  const kernel = cores ? `matmul_${output.dtype}` : typed("matmul", output.dtype);
  engine.launch(kernel, Math.min(batch * across * down, 2 ** 20), 1, threads);
}
/** Whether tensor cores make it: all of one type of halves that the card multiplies, and no side so short that most of a tile would be empty. */
function onCores(engine: Engine, a: View, b: View, { dtype, shape }: View): boolean {
  if ((dtype !== "float16" && dtype !== "bfloat16") || a.dtype !== dtype || b.dtype !== dtype) return false;
  return Math.min(shape[1], shape[2], a.shape[2]) >= shortestSide && engine.has(`matmul_${dtype}`);
}
