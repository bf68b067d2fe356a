// Blocks of quantized numbers as float32. A product of a half float and a small integer fits float32, so each formula rounds once, when its
// result is stored. Source: ggml's ggml-common.h (the blocks) and ggml-quants.c.

/** Puts the numbers of the block at `at` to `to`. `half(place)` reads a half float. */
export type Block = (
  bytes: Uint8Array,
  at: number,
  out: Float32Array,
  to: number,
  half: (at: number) => number,
) => void;

/** Halves of 16 bytes: the lower ones come first. */
const q4_0: Block = (b, at, out, to, half) => {
  const d = half(at);
  for (let i = 0; i < 16; i++) {
    const q = b[at + 2 + i];
    out[to + i] = d * ((q & 15) - 8);
    out[to + 16 + i] = d * ((q >> 4) - 8);
  }
};
const q4_1: Block = (b, at, out, to, half) => {
  const [d, m] = [half(at), half(at + 2)];
  for (let i = 0; i < 16; i++) {
    const q = b[at + 4 + i];
    out[to + i] = d * (q & 15) + m;
    out[to + 16 + i] = d * (q >> 4) + m;
  }
};
/** The fifth bits of 32 numbers are 4 bytes. */
const fifth = (b: Uint8Array, at: number, i: number): number => ((b[at + (i >> 3)] >> (i & 7)) & 1) << 4;
const q5_0: Block = (b, at, out, to, half) => {
  const d = half(at);
  for (let i = 0; i < 16; i++) {
    const q = b[at + 6 + i];
    out[to + i] = d * (((q & 15) | fifth(b, at + 2, i)) - 16);
    out[to + 16 + i] = d * (((q >> 4) | fifth(b, at + 2, i + 16)) - 16);
  }
};
const q5_1: Block = (b, at, out, to, half) => {
  const [d, m] = [half(at), half(at + 2)];
  for (let i = 0; i < 16; i++) {
    const q = b[at + 8 + i];
    out[to + i] = d * ((q & 15) | fifth(b, at + 4, i)) + m;
    out[to + 16 + i] = d * ((q >> 4) | fifth(b, at + 4, i + 16)) + m;
  }
};
const signed = (byte: number): number => (byte << 24) >> 24;
const q8_0: Block = (b, at, out, to, half) => {
  const d = half(at);
  for (let i = 0; i < 32; i++) out[to + i] = d * signed(b[at + 2 + i]);
};

/** 16 scales and minima of 4 bits, numbers of 2 bits, the two factors. */
const q2_k: Block = (b, at, out, to, half) => {
  const [d, dmin] = [half(at + 80), half(at + 82)];
  for (let i = 0; i < 256; i++) {
    const [part, group, k] = [i >> 7, (i >> 5) & 3, i & 31];
    const scale = b[at + (i >> 4)];
    const q = (b[at + 16 + 32 * part + k] >> (2 * group)) & 3;
    out[to + i] = d * (scale & 15) * q - dmin * (scale >> 4);
  }
};
/** High bits, numbers of 2 bits, 16 scales of 6 bits, the factor. Where the high bit is missing, 4 are taken away. */
const q3_k: Block = (b, at, out, to, half) => {
  const d = half(at + 108);
  const s = at + 96;
  for (let i = 0; i < 256; i++) {
    const [part, group, k] = [i >> 7, (i >> 5) & 3, i & 31];
    const n = i >> 4;
    const low = (b[s + (n & 7)] >> (n < 8 ? 0 : 4)) & 15;
    const high = (b[s + 8 + (n & 3)] >> (2 * (n >> 2))) & 3;
    const q = (b[at + 32 + 32 * part + k] >> (2 * group)) & 3;
    const above = (b[at + k] >> (4 * part + group)) & 1;
    out[to + i] = d * ((low | (high << 4)) - 32) * (q - (above ? 0 : 4));
  }
};
/** Scale and minimum of the group `n` of 8, of 6 bits each, in 12 bytes. */
const scaleOf = (b: Uint8Array, s: number, n: number): number =>
  n < 4 ? b[s + n] & 63 : (b[s + n + 4] & 15) | ((b[s + n - 4] >> 6) << 4);
const minOf = (b: Uint8Array, s: number, n: number): number =>
  n < 4 ? b[s + n + 4] & 63 : (b[s + n + 4] >> 4) | ((b[s + n] >> 6) << 4);
const q4_k: Block = (b, at, out, to, half) => {
  const [d, dmin] = [half(at), half(at + 2)];
  for (let n = 0; n < 8; n++) {
    const scale = d * scaleOf(b, at + 4, n);
    const min = dmin * minOf(b, at + 4, n);
    const [q, shift] = [at + 16 + 32 * (n >> 1), 4 * (n & 1)];
    for (let i = 0; i < 32; i++) out[to + 32 * n + i] = scale * ((b[q + i] >> shift) & 15) - min;
  }
};
const q5_k: Block = (b, at, out, to, half) => {
  const [d, dmin] = [half(at), half(at + 2)];
  for (let n = 0; n < 8; n++) {
    const scale = d * scaleOf(b, at + 4, n);
    const min = dmin * minOf(b, at + 4, n);
    const [q, shift] = [at + 48 + 32 * (n >> 1), 4 * (n & 1)];
    for (let i = 0; i < 32; i++) {
      const high = ((b[at + 16 + i] >> n) & 1) << 4;
      out[to + 32 * n + i] = scale * (((b[q + i] >> shift) & 15) | high) - min;
    }
  }
};
/** Low 4 bits, high 2 bits, 16 scales of 8 bits, the factor. */
const q6_k: Block = (b, at, out, to, half) => {
  const d = half(at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, group, k] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (b[at + 64 * part + 32 * (group & 1) + k] >> (4 * (group >> 1))) & 15;
    const high = (b[at + 128 + 32 * part + k] >> (2 * group)) & 3;
    out[to + i] = d * signed(b[at + 192 + (i >> 4)]) * ((low | (high << 4)) - 32);
  }
};

/** By the names of their types. */
export const blocks: { readonly [name: string]: Block | undefined } = {
  Q4_0: q4_0,
  Q4_1: q4_1,
  Q5_0: q5_0,
  Q5_1: q5_1,
  Q8_0: q8_0,
  Q2_K: q2_k,
  Q3_K: q3_k,
  Q4_K: q4_k,
  Q5_K: q5_k,
  Q6_K: q6_k,
};

/** Half floats by their bits: a table costs less than working out each one. */
let halves: Float32Array | undefined;
function halfTable(): Float32Array {
  if (halves) return halves;
  halves = new Float32Array(1 << 16);
  for (let bits = 0; bits < halves.length; bits++) {
    const [sign, exponent, mantissa] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    const value = exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    halves[bits] = sign * (exponent < 31 ? value : mantissa === 0 ? Number.POSITIVE_INFINITY : Number.NaN);
  }
  return halves;
}

/** All numbers of a tensor. */
export function dequantize(
  block: Block,
  [elements, size]: readonly [elements: number, bytes: number],
  bytes: Uint8Array,
  bigEndian: boolean,
): Float32Array<ArrayBuffer> {
  const table = halfTable();
  const half = bigEndian
    ? (at: number) => table[(bytes[at] << 8) | bytes[at + 1]]
    : (at: number) => table[bytes[at] | (bytes[at + 1] << 8)];
  const count = bytes.length / size;
  const out = new Float32Array(count * elements);
  for (let i = 0; i < count; i++) block(bytes, i * size, out, i * elements, half);
  return out;
}
