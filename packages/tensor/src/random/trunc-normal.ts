import type { Generator } from "./generator.ts";
import { fillNormal } from "./normal.ts";
import { type FloatArray, fillUniform } from "./uniform.ts";

/**
 * Fill `out` with normals kept inside [a, b], as `torch.nn.init.trunc_normal_` does.
 *
 * Where more than 0.3 of the mass lies inside, whole fills of normals are drawn until each place has had a value in range;
 * else uniforms in [a, b] are accepted in proportion to the density. Either way each round draws for every place, so the
 * stream afterwards is PyTorch's too.
 * @throws RangeError when `std` is not positive or `a >= b`.
 *
 * @example
 * fillTruncNormal(new Float32Array(64), new Generator(0), 0, 0.02, -0.04, 0.04);
 */
export function fillTruncNormal<T extends FloatArray>(
  out: T,
  generator: Generator,
  mean = 0,
  std = 1,
  a = -2,
  b = 2,
): T {
  if (!(std > 0)) throw new RangeError(`truncNormal: std must be positive, got ${std}`);
  if (!(a < b)) throw new RangeError(`truncNormal: a must be less than b, got a=${a}, b=${b}`);
  if (normalCdf((b - mean) / std) - normalCdf((a - mean) / std) > 0.3) rejectNormals(out, generator, mean, std, a, b);
  else rejectUniforms(out, generator, mean, std, a, b);
  return out;
}

function rejectNormals(out: FloatArray, generator: Generator, mean: number, std: number, a: number, b: number): void {
  const round = rounding(out);
  const low = round(a);
  const high = round(b);
  const outside = (x: number) => x < low || x > high;
  fillNormal(out, generator, mean, std);
  if (!out.some(outside)) return;
  const fresh = out.slice();
  do {
    fillNormal(fresh, generator, mean, std);
    for (let i = 0; i < out.length; i++) if (outside(out[i])) out[i] = fresh[i];
  } while (out.some(outside));
}

function rejectUniforms(out: FloatArray, generator: Generator, mean: number, std: number, a: number, b: number): void {
  const round = rounding(out);
  const mode = Math.max(a, Math.min(mean, b));
  const logPeak = round(-0.5 * ((mode - mean) / std) ** 2);
  const center = round(mean);
  const scale = round(std);
  const candidates = out.slice();
  const accept = out.slice();
  const pending = new Uint8Array(out.length).fill(1);
  let left = out.length;
  while (left > 0) {
    fillUniform(candidates, generator, a, b);
    fillUniform(accept, generator);
    for (let i = 0; i < out.length; i++) {
      if (!pending[i]) continue;
      out[i] = candidates[i];
      const z = round(round(candidates[i] - center) / scale);
      const logDensity = round(round(-0.5 * round(z * z)) - logPeak);
      if (round(Math.log(accept[i])) <= logDensity) {
        pending[i] = 0;
        left--;
      }
    }
  }
}

function rounding(out: FloatArray): (x: number) => number {
  return out instanceof Float32Array ? Math.fround : (x) => x;
}

function normalCdf(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

// All terms positive, so nothing cancels: erf(x) = 2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!! (DLMF 7.6.2).
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
