import { bytesOf, collapse, type View } from "@flambeau/tensor/plugin";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * The first element of an int32 or int64 view that lies outside 0..size-1; null when none does. In JavaScript: an index is read once and
 * is small beside what it picks.
 */
export function outOfRange(engine: Engine, index: View, size: number): number | null {
  const { shape, strides } = collapse(index.shape, [index.strides]);
  // an int64 is two words: a position has nothing in the upper one
  const words = bytesOf(index.dtype) / 4;
  const memory = new Int32Array(engine.u8.buffer);
  const start = addressOf(index, 4 * words) / 4;
  const last = shape.length - 1;
  const line = last < 0 ? 1 : shape[last];
  const step = (last < 0 ? 0 : strides[0][last]) * words;
  const place = new Array<number>(Math.max(last, 0)).fill(0);
  for (let at = start; ; ) {
    for (let i = 0, word = at; i < line; i++, word += step) {
      const low = memory[word];
      if (low >>> 0 >= size || (low < 0 && words === 1) || (words === 2 && memory[word + 1] !== 0))
        return words === 1 ? low : Number(new BigInt64Array(engine.u8.buffer, word * 4, 1)[0]);
    }
    let d = last - 1;
    for (; d >= 0; d--) {
      at += strides[0][d] * words;
      if (++place[d] < shape[d]) break;
      at -= strides[0][d] * words * shape[d];
      place[d] = 0;
    }
    if (d < 0) return null;
  }
}
