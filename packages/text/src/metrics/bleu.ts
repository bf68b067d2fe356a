import { ArgumentError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { tokenize13a } from "./tokenize-13a.ts";

/** What is taken for the precision of an order in which nothing matches. */
export type BleuSmoothing = "none" | "floor" | "addOne" | "exp";
export interface BleuOptions {
  /** Longest n-grams that are counted. Default 4. */
  readonly maxN?: number | undefined;
  /** How much each order counts. Default: equally. */
  readonly weights?: readonly number[] | undefined;
  /**
   * Where nothing matches: "none", a precision of 0; "floor", a tenth of a match; "addOne", one match and one candidate more in each order from 2
   * on; "exp", half a match, a quarter for the next order, and so on. Default "none".
   */
  readonly smoothing?: BleuSmoothing | undefined;
}
const bleuKinds: Kinds<BleuOptions> = {
  maxN: option.number,
  weights: option.listOf(option.number),
  smoothing: option.oneOf("none", "floor", "addOne", "exp"),
};
/** A BLEU and what it is made of. */
export interface Bleu {
  /** From 0 to 1. */
  readonly score: number;
  /** Of each order, matches by n-grams. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly candidateLength: number;
  readonly referenceLength: number;
}
/** A text, which is split as `mteval-v13a` does, or its tokens. */
export type BleuText = string | readonly string[];

/**
 * BLEU of a corpus: `min(1, e^(1 - r / c)) * exp(sum_n w_n log p_n)`, with `p_n` the n-grams of the candidates that are in their references (each as
 * often as in the one that has it most often), `c` the candidates' length and `r` that of the references nearest in length.
 *
 * Shapes: N candidates, and for each a list of references.
 *
 * @throws ArgumentError when there are not as many lists of references as candidates, one is empty, or weights do not fit `maxN`.
 * @see Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", 2002, https://aclanthology.org/P02-1040/
 * @see https://github.com/mjpost/sacrebleu
 * @example
 * const { score } = bleu(["the cat is on the mat"], [["there is a cat on the mat", "a cat is on the mat"]]);
 * score; // 0.7598...
 */
export function bleu(
  candidates: readonly BleuText[],
  references: readonly (readonly BleuText[])[],
  options: BleuOptions = option.none,
): Bleu {
  const op = "bleu";
  checkOptions(op, bleuKinds, options);
  const { maxN = 4, smoothing = "none" } = options;
  checkInteger(op, "maxN", maxN, 1);
  const weights = options.weights ?? new Array<number>(maxN).fill(1 / maxN);
  if (weights.length !== maxN) throw new ArgumentError(op, `${weights.length} weights for ${maxN} orders`);
  if (!Array.isArray(candidates) || !Array.isArray(references) || candidates.length !== references.length)
    throw new ArgumentError(
      op,
      `takes candidates and as many lists of references, got ${show(candidates)} and ${show(references)}`,
    );
  const matches = new Array<number>(maxN).fill(0);
  const totals = new Array<number>(maxN).fill(0);
  let candidateLength = 0;
  let referenceLength = 0;
  for (const [i, given] of candidates.entries()) {
    const candidate = tokensOf(op, given);
    const all: unknown = references[i];
    if (!Array.isArray(all) || all.length === 0)
      throw new ArgumentError(op, `each candidate has a list of references, got ${show(all)}`);
    const others = all.map((each) => tokensOf(op, each));
    candidateLength += candidate.length;
    referenceLength += nearest(
      candidate.length,
      others.map((each) => each.length),
    );
    for (let n = 1; n <= maxN; n++) {
      const most = new Map<string, number>();
      for (const other of others)
        for (const [gram, count] of grams(other, n)) most.set(gram, Math.max(count, most.get(gram) ?? 0));
      for (const [gram, count] of grams(candidate, n)) matches[n - 1] += Math.min(count, most.get(gram) ?? 0);
      totals[n - 1] += Math.max(0, candidate.length - n + 1);
    }
  }
  const precisions = smoothed(matches, totals, smoothing);
  const brevityPenalty =
    candidateLength >= referenceLength
      ? 1
      : candidateLength === 0
        ? 0
        : Math.exp(1 - referenceLength / candidateLength);
  // an order that does not count does not spoil the rest
  const logarithm = precisions.reduce((sum, p, i) => (weights[i] === 0 ? sum : sum + weights[i] * Math.log(p)), 0);
  const score = candidateLength === 0 ? 0 : brevityPenalty * Math.exp(logarithm);
  return { score, precisions, brevityPenalty, candidateLength, referenceLength };
}

function smoothed(matches: readonly number[], totals: readonly number[], smoothing: BleuSmoothing): number[] {
  if (matches.every((count) => count === 0)) return matches.map(() => 0); // nothing is right, and nothing helps
  let half = 1;
  return matches.map((count, i) => {
    const more = smoothing === "addOne" && i > 0 ? 1 : 0;
    const total = totals[i] + more;
    if (total === 0) return 0;
    if (count + more > 0) return (count + more) / total;
    if (smoothing === "floor") return 0.1 / total;
    if (smoothing === "exp") return (half /= 2) / total;
    return 0;
  });
}
/** Of equally near ones the smaller. */
const nearest = (length: number, lengths: readonly number[]): number =>
  lengths.reduce((best, each) => {
    const [a, b] = [Math.abs(each - length), Math.abs(best - length)];
    return a < b || (a === b && each < best) ? each : best;
  });
function grams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = JSON.stringify(tokens.slice(i, i + n)); // tokens may hold anything
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}
function tokensOf(op: string, given: unknown): readonly string[] {
  if (typeof given === "string") return tokenize13a(given);
  if (Array.isArray(given) && given.every((token) => typeof token === "string")) return given;
  throw new ArgumentError(op, `a text is a string or a list of tokens, got ${show(given)}`);
}
