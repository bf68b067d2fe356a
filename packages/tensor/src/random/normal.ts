import type { Generator } from "./generator.ts";
import { type FloatArray, fillUniform } from "./uniform.ts";

const { cos, fround, log, sin, sqrt } = Math;

/**
 * Fill `out` with normals of the given mean and standard deviation, as PyTorch's `normal_` does on a contiguous tensor.
 *
 * Fewer than 16 values are drawn one by one in float64 (the second of a pair waits in the generator). From 16 on, Box-Muller
 * runs in the precision of `out` on blocks of 16 uniforms, cosines in the first half of a block and sines in the second; a rest
 * that fills no block makes the last 16 values be drawn again. PyTorch takes the one-by-one path for a tensor that is not
 * contiguous whatever its size: see `fillNormalOneByOne`.
 * For a half float, which is drawn as float32 and rounded later (`half`), those last 16 follow the last whole block at once; a float32
 * draws the uniforms of all n values first.
 * `torch.normal(mean, std)` with tensors draws standard normals first and then scales and shifts them.
 * @throws RangeError when `std` is negative or NaN.
 *
 * @example
 * fillNormal(new Float32Array(2), new Generator(0)); // [1.5410, -0.2934]
 */
export function fillNormal<T extends FloatArray>(out: T, generator: Generator, mean = 0, std = 1, half = false): T {
  if (out.length < 16) return fillNormalOneByOne(out, generator, mean, std);
  requireStd("normal", std);
  fillUniform(half ? out.subarray(0, out.length - (out.length % 16)) : out, generator);
  const block = out instanceof Float32Array ? boxMuller32 : boxMuller64;
  for (let start = 0; start + 16 <= out.length; start += 16) block(out, start, mean, std);
  if (out.length % 16 !== 0) {
    const start = out.length - 16;
    fillUniform(out.subarray(start), generator);
    block(out, start, mean, std);
  }
  return out;
}

/** Fill `out` with normals drawn one by one in float64, whatever its length: PyTorch's path for strided tensors. */
export function fillNormalOneByOne<T extends FloatArray>(out: T, generator: Generator, mean = 0, std = 1): T {
  requireStd("normal", std);
  for (let i = 0; i < out.length; i++) out[i] = generator.normal() * std + mean;
  return out;
}

/**
 * Fill `out` with `exp(normal(mean, std))`, drawn one by one in float64.
 * @throws RangeError when `std` is not positive.
 */
export function fillLogNormal<T extends FloatArray>(out: T, generator: Generator, mean = 1, std = 2): T {
  if (!(std > 0)) throw new RangeError(`logNormal: std must be positive, got ${std}`);
  for (let i = 0; i < out.length; i++) out[i] = Math.exp(generator.normal() * std + mean);
  return out;
}

const twoPi32 = fround(2 * Math.PI);

// Each step rounds to float32 where PyTorch's AVX2 kernel does (its angle is a float32 product, which shows at 1e-6); the last
// multiply-add is fused there, hence exact in float64 here. Its sines and logarithms differ from these by an ulp.
function boxMuller32(x: FloatArray, start: number, mean: number, std: number): void {
  const mean32 = fround(mean);
  const std32 = fround(std);
  for (let j = start; j < start + 8; j++) {
    const radius = fround(sqrt(fround(-2 * fround(log(1 - x[j])))));
    const theta = fround(twoPi32 * x[j + 8]);
    x[j] = fround(radius * fround(cos(theta))) * std32 + mean32;
    x[j + 8] = fround(radius * fround(sin(theta))) * std32 + mean32;
  }
}

function boxMuller64(x: FloatArray, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = sqrt(-2 * log(1 - x[j]));
    const theta = 2 * Math.PI * x[j + 8];
    x[j] = radius * cos(theta) * std + mean;
    x[j + 8] = radius * sin(theta) * std + mean;
  }
}

function requireStd(op: string, std: number): void {
  if (!(std >= 0)) throw new RangeError(`${op}: std must be at least 0, got ${std}`);
}
