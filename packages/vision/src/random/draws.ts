import type { Generator } from "@flambeau/tensor/functional";
import { drawCategories, fillRandint, fillRandperm } from "@flambeau/tensor/plugin";

// Single draws as PyTorch makes them, in the order in which torchvision does: the same seed gives the same parameters.

/** `torch.empty(1).uniform_(from, to)`, in float32. */
export function uniform(generator: Generator, from: number, to: number): number {
  const [low, high] = [Math.fround(from), Math.fround(to)];
  const value = Math.fround(generator.uniform24() * Math.fround(high - low) + low);
  return value === high ? low : value;
}
/** `torch.rand(1) < p`. */
export const happens = (generator: Generator, p: number): boolean => generator.uniform24() < Math.fround(p);
/** `torch.randint(low, high, (1,))`. */
export const integer = (generator: Generator, low: number, high: number): number =>
  fillRandint(new Int32Array(1), generator, low, high)[0];
/** `torch.randperm(n)`. */
export const order = (generator: Generator, n: number): number[] =>
  Array.from(fillRandperm(new Int32Array(n), generator));
/** `torch.multinomial(shares, 1)`. */
export const category = (generator: Generator, shares: readonly number[]): number =>
  drawCategories(generator, new Float32Array(shares), { categories: shares.length, samples: 1 })[0];

/** A ratio whose logarithm is uniform: `exp(uniform(log(from), log(to)))`. */
export const ratioBetween = (generator: Generator, [from, to]: readonly [number, number]): number =>
  Math.fround(Math.exp(uniform(generator, Math.log(from), Math.log(to))));

/** A share with the density of Beta(alpha, alpha): of two draws from a gamma distribution the first one's share. */
export function share(generator: Generator, alpha: number): number {
  const a = gamma(generator, Math.fround(alpha));
  const b = gamma(generator, Math.fround(alpha));
  // between the smallest normal number and the one below 1, of float32
  return Math.min(Math.max(Math.fround(a / (a + b)), 2 ** -126), 1 - 2 ** -24);
}
const third = Math.fround(1 / 3);
const squeeze = Math.fround(0.0331);
/** Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", 2000; the constants as PyTorch has them. */
function gamma(generator: Generator, alpha: number): number {
  const scale = alpha < 1 ? (1 - generator.uniform53()) ** (1 / alpha) : 1;
  const d = (alpha < 1 ? alpha + 1 : alpha) - third;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = generator.normal();
    const y = 1 + c * x;
    if (y <= 0) continue;
    const v = y * y * y;
    const u = 1 - generator.uniform53();
    const xx = x * x;
    if (u < 1 - squeeze * xx * xx || Math.log(u) < 0.5 * xx + d * (1 - v + Math.log(v)))
      return Math.max(scale * d * v, 2 ** -1022);
  }
}
