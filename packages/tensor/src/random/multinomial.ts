import { fillExponential } from "./draw.ts";
import type { Generator } from "./generator.ts";
import type { FloatArray } from "./uniform.ts";

/**
 * Draw `samples` category indices for each row of `weights` (rows × categories, row after row), as `torch.multinomial` does.
 *
 * With replacement: a float64 uniform is looked up in the row's cumulative weights. Without, or for one sample: the indices of
 * the largest `weight / exponential`, in falling order (the exponential race).
 * @returns rows × samples indices.
 * @throws RangeError when a weight is negative or not finite, a row sums to 0, or more samples are wanted without
 * replacement than there are categories.
 *
 * @example
 * multinomial(new Generator(0), new Float32Array([0.1, 0.2, 0.3, 0.4]), { categories: 4, samples: 2, replacement: true }); // [3, 3]
 */
export function multinomial(
  generator: Generator,
  weights: FloatArray,
  options: { categories: number; samples: number; replacement?: boolean },
): Int32Array {
  const { categories, samples, replacement = false } = options;
  if (!(Number.isInteger(categories) && categories > 0) || weights.length % categories !== 0) {
    throw new RangeError(`multinomial: ${weights.length} weights do not split into rows of ${categories} categories`);
  }
  if (!(Number.isInteger(samples) && samples > 0)) {
    throw new RangeError(`multinomial: cannot sample ${samples} values, expected at least 1`);
  }
  if (!replacement && samples > categories) {
    throw new RangeError(
      `multinomial: cannot sample ${samples} of ${categories} categories without replacement; pass { replacement: true }`,
    );
  }
  requireWeights(weights, categories);
  const out = new Int32Array((weights.length / categories) * samples);
  if (replacement && samples > 1) lookUp(out, generator, weights, categories, samples);
  else race(out, generator, weights, categories, samples);
  return out;
}

function requireWeights(weights: FloatArray, categories: number): void {
  for (let start = 0; start < weights.length; start += categories) {
    let sum = 0;
    for (let j = start; j < start + categories; j++) {
      if (!(weights[j] >= 0 && weights[j] < Infinity)) {
        throw new RangeError(
          `multinomial: weights must be finite and at least 0, got ${weights[j]} at row ${start / categories}, category ${j - start}`,
        );
      }
      sum += weights[j];
    }
    if (sum === 0) throw new RangeError(`multinomial: the weights of row ${start / categories} sum to 0`);
  }
}

function lookUp(out: Int32Array, generator: Generator, weights: FloatArray, categories: number, samples: number): void {
  // of the weights' own type, so that the running sums round as PyTorch's do
  const cumulative = weights.slice(0, categories);
  for (let row = 0; row * categories < weights.length; row++) {
    let sum = 0;
    for (let j = 0; j < categories; j++) {
      cumulative[j] = sum + weights[row * categories + j];
      sum = cumulative[j];
    }
    for (let j = 0; j < categories; j++) cumulative[j] /= sum;
    cumulative[categories - 1] = 1;
    for (let k = 0; k < samples; k++) {
      const u = generator.uniform53();
      let low = 0;
      let high = categories;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (cumulative[middle] < u) low = middle + 1;
        else high = middle;
      }
      out[row * samples + k] = low;
    }
  }
}

function race(out: Int32Array, generator: Generator, weights: FloatArray, categories: number, samples: number): void {
  const score = fillExponential(weights.slice(), generator);
  for (let i = 0; i < score.length; i++) score[i] = weights[i] / score[i];
  const order = new Int32Array(samples > 1 ? categories : 0);
  for (let row = 0; row * categories < weights.length; row++) {
    const start = row * categories;
    if (samples === 1) {
      out[row] = first(score.subarray(start, start + categories));
      continue;
    }
    for (let j = 0; j < categories; j++) order[j] = j;
    order.sort((i, j) => score[start + j] - score[start + i] || i - j);
    out.set(order.subarray(0, samples), row * samples);
  }
}
/** The place of the largest, of equal ones the first: a sort would find the same in many times the time. */
function first(scores: FloatArray): number {
  let best = 0;
  for (let j = 1; j < scores.length; j++) if (scores[j] > scores[best]) best = j;
  return best;
}
