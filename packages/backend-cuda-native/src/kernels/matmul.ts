import { dtypeCode, type View } from "@flambeau/tensor/plugin";
import { typed } from "../combine.ts";
import type { Engine } from "../engine/engine.ts";
import { addressOf, writeView } from "../engine/views.ts";

/** Rows and columns of a block's tile, and its threads (native/kernels/tiles.cuh). */
const tile = 64;
const threads = 256;

/** output[b] = a[b] @ b[b], plus a bias of each column, of the output's dtype, one after the other. */
export function matmul(engine: Engine, a: View, b: View, output: View, bias?: View): void {
  const [batch, m, n] = output.shape;
  if (batch * m * n === 0) return;
  const across = Math.ceil(n / tile);
  const down = Math.ceil(m / tile);
  const words = engine.words().int(batch).int(m).int(n).int(a.shape[2]).int(across).int(down);
  writeView(words, a, a.strides);
  writeView(words, b, b.strides);
  writeView(words, output, output.strides)
    .int(bias ? addressOf(bias) : 0)
    .int(dtypeCode(output.dtype));
  engine.launch(typed("matmul", output.dtype), Math.min(batch * across * down, 2 ** 20), 1, threads);
}
