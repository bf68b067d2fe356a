import { ArgumentError, type Generator } from "@flambeau/tensor/functional";
import { drawCategories } from "@flambeau/tensor/plugin";

/** How a token is chosen by its logits. */
export interface Choice {
  readonly temperature: number;
  readonly topK: number | null;
  readonly topP: number | null;
  readonly repetitionPenalty: number;
}

/**
 * Logits as the choice sees them, in place: those of tokens that were there are made smaller, all are divided by the temperature, and those that
 * are left out become -Infinity. In this order, which is that of Hugging Face's `generate`.
 */
export function reshapeLogits(logits: Float64Array, seen: readonly number[], choice: Choice): Float64Array {
  const { temperature, topK, topP, repetitionPenalty } = choice;
  if (repetitionPenalty !== 1)
    for (const token of new Set(seen)) {
      const value = logits[token];
      logits[token] = value < 0 ? value * repetitionPenalty : value / repetitionPenalty;
    }
  if (temperature === 0) return logits; // the largest is chosen, whatever else is there
  if (temperature !== 1) for (let i = 0; i < logits.length; i++) logits[i] /= temperature;
  if (topK !== null && topK < logits.length) {
    // all that are equal to the last one stay
    const least = Float64Array.from(logits).sort()[logits.length - topK];
    for (let i = 0; i < logits.length; i++) if (logits[i] < least) logits[i] = -Infinity;
  }
  if (topP !== null && topP < 1) keepNucleus(logits, topP);
  return logits;
}

/** Keeps the fewest tokens, from the most probable on, whose probabilities add up to `p` or more. */
function keepNucleus(logits: Float64Array, p: number): void {
  const probabilities = softmax(logits);
  const sorted = probabilities.slice().sort(); // numbers alone: many times as fast as a sort of their places
  let sum = 0;
  let kept = 0;
  while (kept < sorted.length && (kept === 0 || sum < p)) sum += sorted[sorted.length - 1 - kept++];
  const least = sorted[sorted.length - kept];
  // of those that are equally probable the first
  let equal = kept;
  for (const probability of probabilities) if (probability > least) equal--;
  for (const [token, probability] of probabilities.entries())
    if (probability < least || (probability === least && equal-- <= 0)) logits[token] = -Infinity;
}

export function softmax(logits: Float64Array): Float64Array {
  const most = largest(logits);
  const out = logits.map((x) => Math.exp(x - most));
  let sum = 0;
  for (const x of out) sum += x;
  for (let i = 0; i < out.length; i++) out[i] /= sum;
  return out;
}
/** `log(sum(exp(logits)))`. */
export function logSumExp(logits: Float64Array): number {
  const most = largest(logits);
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - most);
  return most + Math.log(sum);
}
function largest(values: Float64Array): number {
  let most = -Infinity;
  for (const x of values) if (x > most) most = x;
  return most;
}

/** The token of the largest logit, of equal ones the first; or one that is drawn, as `torch.multinomial` draws from the softmax. */
export function choose(logits: Float64Array, temperature: number, generator: Generator): number {
  if (temperature === 0) return logits.indexOf(largest(logits));
  const probabilities = Float32Array.from(softmax(logits));
  return drawCategories(generator, probabilities, { categories: probabilities.length, samples: 1 })[0];
}

/** @throws ArgumentError when a model gave what nothing can be chosen by. */
export function checkLogits(op: string, logits: Float64Array): void {
  const hint = "are the model's weights finite?";
  for (const x of logits)
    if (Number.isNaN(x) || x === Infinity) throw new ArgumentError(op, `the model gave a logit that is ${x}`, hint);
  if (largest(logits) === -Infinity) throw new ArgumentError(op, "the model gave no token a probability", hint);
}
