import type { Generator } from "./generator.ts";

/** The arrays that integers can be drawn into; floating ones hold them rounded, as in PyTorch. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array;

/** From this width on PyTorch spends 64 bits on a value, to keep the skew of the modulus small. */
const wideRange = 2 ** 28;

/**
 * Fill `out` with integers in [low, high): `word % (high - low) + low`.
 *
 * One 32-bit word a value, two when the range is 2^28 or wider. A bool tensor is `low` 0, `high` 2 into its bytes.
 * @throws RangeError when `low >= high` or a bound is no 64-bit integer.
 *
 * @example
 * fillRandint(new Int32Array(3), new Generator(0), 0, 100); // [44, 39, 33]
 */
export function fillRandint<T extends NumberArray>(
  out: T,
  generator: Generator,
  low: number | bigint,
  high: number | bigint,
): T {
  const from = int64("low", low);
  const range = int64("high", high) - from;
  if (range <= 0n) throw new RangeError(`randint: low must be less than high, got low=${low}, high=${high}`);
  if (range < wideRange) fillNarrow(out, generator, Number(range), from);
  else fillWide(out, generator, range, from);
  return out;
}

function int64(name: string, value: number | bigint): bigint {
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) {
    throw new RangeError(`randint: ${name} must be an integer, got ${value} (beyond 2^53 pass a bigint)`);
  }
  const wide = BigInt(value);
  // high is exclusive: 2^63 is allowed for it and harmless for low, which must stay below high
  if (wide < -(2n ** 63n) || wide > 2n ** 63n) throw new RangeError(`randint: ${name} is beyond int64, got ${value}`);
  return wide;
}

const chunk = new Uint32Array(2048);
/** Calls `use` with `count` words, a block at a time, and with the place of the block's first one. */
function inBlocks(generator: Generator, count: number, use: (words: Uint32Array, start: number) => void): void {
  for (let start = 0; start < count; start += chunk.length) {
    const words = start + chunk.length <= count ? chunk : chunk.subarray(0, count - start);
    generator.fill32(words);
    use(words, start);
  }
}

/** `x % n` of integers below 2^32: the rounded quotient is too far from the next integer to become it. Engines call a function for `%`. */
const remainder = (x: number, n: number): number => x - Math.floor(x / n) * n;

function fillNarrow(out: NumberArray, generator: Generator, range: number, from: bigint): void {
  const base = Number(from);
  inBlocks(generator, out.length, (words, start) => {
    if (out instanceof BigInt64Array)
      for (let i = 0; i < words.length; i++) out[start + i] = BigInt(remainder(words[i], range)) + from;
    else for (let i = 0; i < words.length; i++) out[start + i] = remainder(words[i], range) + base;
  });
}

function fillWide(out: NumberArray, generator: Generator, range: bigint, from: bigint): void {
  for (let i = 0; i < out.length; i++) {
    const value = (generator.random64() % range) + from;
    if (out instanceof BigInt64Array) out[i] = value;
    else out[i] = Number(value);
  }
}

/**
 * Fill `out` with PyTorch's `random_()` without bounds: [0, max] of an integer type, [0, 2^24] of float32, [0, 2^53] of float64.
 *
 * @example
 * fillRandom(new Int32Array(1), new Generator(0)); // [209652396]
 */
export function fillRandom<T extends NumberArray>(out: T, generator: Generator): T {
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = generator.random64() & (2n ** 63n - 1n);
  } else if (out instanceof Float64Array) {
    for (let i = 0; i < out.length; i++) out[i] = Number(generator.random64() % (2n ** 53n + 1n));
  } else {
    const range = out instanceof Float32Array ? 2 ** 24 + 1 : valuesFromZero(out);
    for (let i = 0; i < out.length; i++) out[i] = generator.random32() % range;
  }
  return out;
}

function valuesFromZero(out: Int32Array | Int16Array | Int8Array | Uint8Array): number {
  if (out instanceof Int32Array) return 2 ** 31;
  if (out instanceof Int16Array) return 2 ** 15;
  return out instanceof Int8Array ? 2 ** 7 : 2 ** 8;
}

/**
 * Fill `out` with a random permutation of 0 to `out.length - 1` (forward Fisher-Yates, one word a step).
 *
 * @example
 * fillRandperm(new Int32Array(5), new Generator(0));
 */
export function fillRandperm<T extends NumberArray>(out: T, generator: Generator): T {
  const n = out.length;
  // PyTorch takes 64-bit words from 2^32 / 20 on. A swap moves bits only, so it runs on the narrowest array that can index.
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  const swap = (i: number, j: number) => {
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  };
  if (n >= Math.floor(0xffffffff / 20))
    for (let i = 0; i < n - 1; i++) swap(i, i + Number(generator.random64() % BigInt(n - i)));
  else
    inBlocks(generator, n - 1, (words, start) => {
      for (let i = 0; i < words.length; i++) {
        const at = start + i;
        swap(at, (at + remainder(words[i], n - at)) | 0);
      }
    });
  if (out instanceof BigInt64Array) for (let i = 0; i < n; i++) out[i] = BigInt(order[i]);
  else out.set(order);
  return out;
}
