import type { View } from "@flambeau/tensor";
import { addressOf } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";

/** High word of the product of two unsigned 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + (Math.floor(other / 65536) >>> 0)) >>> 0;
}

/**
 * The `random` primitive: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). The key is the
 * seed, the counter's low half `offset` + block, its high half 0.
 */
export function random(engine: Engine, output: View, seed: bigint, offset: bigint): void {
  const { i32 } = engine;
  let n = 1;
  for (const size of output.shape) n *= size;
  const at = addressOf(output, 4) / 4;
  const key0 = Number(BigInt.asUintN(32, seed));
  const key1 = Number(BigInt.asUintN(32, seed >> 32n));
  let low = Number(BigInt.asUintN(32, offset));
  let high = Number(BigInt.asUintN(32, offset >> 32n));
  for (let i = 0; i < n; i += 4) {
    let c0 = low;
    let c1 = high;
    let c2 = 0;
    let c3 = 0;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round++) {
      const h0 = mulHigh(0xd2511f53, c0);
      const l0 = Math.imul(0xd2511f53, c0) >>> 0;
      const h1 = mulHigh(0xcd9e8d57, c2);
      const l1 = Math.imul(0xcd9e8d57, c2) >>> 0;
      c0 = (h1 ^ c1 ^ k0) >>> 0;
      c1 = l1;
      c2 = (h0 ^ c3 ^ k1) >>> 0;
      c3 = l0;
      k0 = (k0 + 0x9e3779b9) >>> 0;
      k1 = (k1 + 0xbb67ae85) >>> 0;
    }
    i32[at + i] = c0;
    if (i + 1 < n) i32[at + i + 1] = c1;
    if (i + 2 < n) i32[at + i + 2] = c2;
    if (i + 3 < n) i32[at + i + 3] = c3;
    low = (low + 1) >>> 0;
    if (low === 0) high = (high + 1) >>> 0;
  }
}
