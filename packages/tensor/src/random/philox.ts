/** Four 32-bit words. */
export type Counter = readonly [number, number, number, number];
/** Two 32-bit words. */
export type Key = readonly [number, number];

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

/**
 * Philox4x32-10: four random words for a counter and a key, without any state; block i of a stream is counter i.
 *
 * Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * @example
 * philox4x32([0, 0, 0, 0], [0, 0]); // [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
 */
export function philox4x32(counter: Counter, key: Key): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/**
 * Fill `out` with the words of the stream `key`, beginning with block `offset` (four words a block).
 *
 * The block number is the low 64 bits of the counter; `subsequence` its high 64 bits, as in cuRAND and PyTorch's CUDA generator.
 * @throws RangeError when `offset` or `subsequence` is negative or beyond 2^53.
 */
export function fillPhilox(out: Uint32Array, seed: bigint, offset = 0, subsequence = 0): Uint32Array {
  for (const [name, value] of Object.entries({ offset, subsequence })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`philox: ${name} must be an integer from 0 to 2^53 - 1, got ${value}`);
    }
  }
  const key: Key = [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)];
  for (let i = 0; i < out.length; i += 4) {
    const block = offset + i / 4;
    const words = philox4x32([block | 0, high(block), subsequence | 0, high(subsequence)], key);
    for (let j = 0; j < 4 && i + j < out.length; j++) out[i + j] = words[j];
  }
  return out;
}

function high(value: number): number {
  return Math.floor(value / 2 ** 32);
}

// The high 32 bits of a 32 × 32-bit product, by 16-bit halves so that every partial product is exact.
function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + (((a0 * b0) / 0x10000) | 0);
  const cross = (middle % 0x10000) + a0 * b1;
  return (a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) | 0;
}
