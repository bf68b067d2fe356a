import type { Generator } from "./generator.ts";
import type { NumberArray } from "./integers.ts";
import type { FloatArray } from "./uniform.ts";

// BigInt64Array takes bigints and no others do: one closure settles it ahead of the loop.
function writer(out: NumberArray): (i: number, value: number) => void {
  if (out instanceof BigInt64Array) {
    return (i, value) => {
      out[i] = BigInt(value);
    };
  }
  return (i, value) => {
    out[i] = value;
  };
}

/**
 * Fill `out` with 1 with probability `p` and 0 otherwise, by float64 uniforms whatever the dtype of `out`.
 *
 * This is `bernoulli_(p)` with a number; with a tensor of probabilities PyTorch draws otherwise: `fillBernoulliEach`.
 * @throws RangeError when `p` is not in [0, 1].
 */
export function fillBernoulli<T extends NumberArray>(out: T, generator: Generator, p = 0.5): T {
  requireProbability("bernoulli", p);
  if (out instanceof BigInt64Array) {
    for (let i = 0; i < out.length; i++) out[i] = generator.uniform53() < p ? 1n : 0n;
  } else {
    fillChoice(out, generator, p, 1);
  }
  return out;
}

const chunk = new Uint32Array(2048);

// `value` where a float64 uniform is below `p`, else 0; on blocks of words, since dropout draws in every training step. The
// comparison is a subtraction's sign: at p near 1/2 a branch would be guessed wrong half of the time.
function fillChoice(out: Exclude<NumberArray, BigInt64Array>, generator: Generator, p: number, value: number): void {
  const thresholdHigh = Math.floor(p * 2 ** 21);
  const thresholdLow = p * 2 ** 53 - thresholdHigh * 2 ** 32;
  for (let start = 0; start < out.length; start += 1024) {
    const count = Math.min(1024, out.length - start);
    generator.fill32(count === 1024 ? chunk : chunk.subarray(0, 2 * count));
    for (let i = 0; i < count; i++) {
      const high = chunk[2 * i] & 0x1fffff;
      let below = (high - thresholdHigh) >>> 31;
      if (high === thresholdHigh && chunk[2 * i + 1] < thresholdLow) below = 1;
      out[start + i] = below * value;
    }
  }
}

/**
 * Fill `out[i]` with 1 with probability `p[i]`: one word a value when `p` is float32, two when it is float64.
 * @throws RangeError when the lengths differ or a probability is not in [0, 1].
 */
export function fillBernoulliEach<T extends NumberArray>(out: T, generator: Generator, p: FloatArray): T {
  if (p.length !== out.length) {
    throw new RangeError(`bernoulli: expected ${out.length} probabilities, one for each value, got ${p.length}`);
  }
  for (const probability of p) requireProbability("bernoulli", probability);
  const write = writer(out);
  const narrow = p instanceof Float32Array;
  for (let i = 0; i < out.length; i++) {
    const u = narrow ? generator.uniform24() : generator.uniform53();
    write(i, u < p[i] ? 1 : 0);
  }
  return out;
}

/**
 * Fill `out` with dropout's noise: `1 / (1 - p)` for what is kept, 0 with probability `p`.
 *
 * PyTorch draws nothing for `p` 0 or 1, nor in evaluation. Feature dropout draws one value for each of its channels.
 * @throws RangeError when `p` is not in [0, 1).
 */
export function fillDropout<T extends FloatArray>(out: T, generator: Generator, p = 0.5): T {
  if (!(p >= 0 && p < 1)) throw new RangeError(`dropout: p must be in [0, 1), got ${p}`);
  const keep = 1 - p;
  const scale = out instanceof Float32Array ? 1 / Math.fround(keep) : 1 / keep;
  fillChoice(out, generator, keep, scale);
  return out;
}

/**
 * Fill `out` with randomized leaky relu's slopes: uniform in [lower, upper) where `input[i] <= 0`, else 1 without a draw.
 * @throws RangeError when the lengths differ.
 */
export function fillRreluNoise<T extends FloatArray>(
  out: T,
  generator: Generator,
  input: FloatArray,
  lower: number,
  upper: number,
): T {
  if (input.length !== out.length) throw new RangeError(`rrelu: expected ${out.length} inputs, got ${input.length}`);
  for (let i = 0; i < out.length; i++) {
    out[i] = input[i] <= 0 ? generator.uniform53() * (upper - lower) + lower : 1;
  }
  return out;
}

/**
 * Fill `out` with exponentials of rate `lambda`: `-log(1 - u) / lambda`, drawn in float64.
 * @throws RangeError when `lambda` is not positive.
 */
export function fillExponential<T extends FloatArray>(out: T, generator: Generator, lambda = 1): T {
  if (!(lambda > 0)) throw new RangeError(`exponential: lambda must be positive, got ${lambda}`);
  const scale = -1 / lambda;
  for (let i = 0; i < out.length; i++) out[i] = scale * Math.log1p(-generator.uniform53());
  return out;
}

/**
 * Fill `out` with the number of trials up to the first success: `ceil(log(u) / log(1 - p))`, drawn in float64.
 * @throws RangeError when `p` is not in (0, 1).
 */
export function fillGeometric<T extends NumberArray>(out: T, generator: Generator, p: number): T {
  if (!(p > 0 && p < 1)) throw new RangeError(`geometric: p must be in (0, 1), got ${p}`);
  const write = writer(out);
  const logMiss = Math.log1p(-p);
  for (let i = 0; i < out.length; i++) write(i, Math.ceil(Math.log(generator.uniform53()) / logMiss));
  return out;
}

/**
 * Fill `out` with Cauchy values: `median + sigma * tan(pi * (u - 1/2))`, drawn in float64.
 * @throws RangeError when `sigma` is not positive.
 */
export function fillCauchy<T extends FloatArray>(out: T, generator: Generator, median = 0, sigma = 1): T {
  if (!(sigma > 0)) throw new RangeError(`cauchy: sigma must be positive, got ${sigma}`);
  for (let i = 0; i < out.length; i++) {
    out[i] = median + sigma * Math.tan(Math.PI * (generator.uniform53() - 0.5));
  }
  return out;
}

function requireProbability(op: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${op}: p must be in [0, 1], got ${p}`);
}
