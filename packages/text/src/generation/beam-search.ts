import { nextStep } from "@flambeau/tensor/functional";
import type { CausalModel } from "../models/causal.ts";
import type { Settled } from "./options.ts";
import { logSumExp } from "./sampling.ts";
import { Stepper } from "./stepper.ts";
import type { EndReason } from "./stream.ts";

export interface BeamOptions {
  readonly beams: number;
  readonly lengthPenalty: number;
}
/** What a search found. */
export interface Found {
  readonly tokens: readonly number[];
  readonly logProb: number;
  readonly end: EndReason;
}
/** A beginning: tokens after the prompt, and the logarithm of their probability. */
interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logProb: number;
  /** Its row among those of which the model was asked last. */
  readonly row: number;
}
/** One prompt's search. */
interface Search {
  readonly prompt: readonly number[];
  live: Hypothesis[];
  best: (Found & { readonly score: number }) | null;
}

/**
 * For each prompt the continuation of the best `score = log p / length^lengthPenalty` that a beam search finds: of all tokens after each of the
 * `beams` best beginnings the best are kept, and those that end are put aside. It stops as soon as no beginning can become better than what is there.
 */
export async function beamSearch(
  op: string,
  model: CausalModel,
  prompts: readonly (readonly number[])[],
  settled: Settled,
  options: BeamOptions,
): Promise<Found[]> {
  const { maxNewTokens, checkAborted } = settled;
  const most = Math.max(...prompts.map((tokens) => tokens.length)) + maxNewTokens;
  const stepper = new Stepper(op, model, { ...settled, most });
  const searches: Search[] = prompts.map((prompt, row) => ({
    prompt,
    live: [{ tokens: [], logProb: 0, row }],
    best: null,
  }));
  try {
    for (let length = 1; length <= maxNewTokens; length++) {
      checkAborted();
      const open = searches.filter(({ live }) => live.length > 0);
      if (open.length === 0) break;
      const asked = open.flatMap(({ prompt, live }) => live.map(({ tokens }) => [...prompt, ...tokens]));
      const logits = await stepper.next(asked);
      let row = 0;
      for (const search of open) {
        search.live = search.live.map((each) => ({ ...each, row: row++ }));
        extend(search, logits, settled, options);
      }
      const rows = open.flatMap(({ live }) => live.map((each) => each.row));
      if (rows.length > 0 && length < maxNewTokens) stepper.reorder(rows);
      await nextStep();
    }
    checkAborted();
  } finally {
    stepper.dispose();
  }
  return searches.map(({ live, best }) => {
    const found = best ?? { ...live[0], end: "length" as const };
    return { tokens: found.tokens, logProb: found.logProb, end: found.end };
  });
}

function extend(search: Search, logits: readonly Float64Array[], settled: Settled, options: BeamOptions): void {
  const { maxNewTokens, stopTokens, stopTexts } = settled;
  const { beams, lengthPenalty } = options;
  const width = beams + stopTokens.size + (stopTexts.length > 0 ? beams : 0);
  const length = search.live[0].tokens.length + 1;
  // as many as may be needed: those that end take no place
  const candidates = search.live.flatMap(({ tokens, logProb, row }) => {
    const total = logSumExp(logits[row]);
    return mostProbable(logits[row], width).map((token) => ({
      tokens: [...tokens, token],
      logProb: logProb + logits[row][token] - total,
      row,
    }));
  });
  candidates.sort((a, b) => b.logProb - a.logProb);
  const finish = (tokens: readonly number[], logProb: number, end: EndReason): void => {
    const score = logProb / length ** lengthPenalty;
    if (!search.best || score > search.best.score) search.best = { tokens, logProb, end, score };
  };
  const live: Hypothesis[] = [];
  for (const candidate of candidates) {
    if (live.length === beams || candidate.logProb === -Infinity) break;
    const { tokens, logProb } = candidate;
    if (stopTokens.has(tokens[length - 1])) finish(tokens.slice(0, -1), logProb, "stop");
    else if (stopsAtText(tokens, settled)) finish(tokens, logProb, "stop");
    else if (length === maxNewTokens) finish(tokens, logProb, "length");
    else live.push(candidate);
  }
  const { best } = search;
  // log p only falls; its length's power lies between those of the next and of the last length
  const reach = (logProb: number): number =>
    Math.max(logProb / (length + 1) ** lengthPenalty, logProb / maxNewTokens ** lengthPenalty);
  search.live = best ? live.filter(({ logProb }) => reach(logProb) > best.score) : live;
}
const stopsAtText = (tokens: readonly number[], { tokenizer, stopTexts }: Settled): boolean => {
  if (!tokenizer || stopTexts.length === 0) return false;
  const text = tokenizer.decode(tokens);
  return stopTexts.some((stop) => text.includes(stop));
};

/** The `count` largest, the largest first, of equal ones the first. */
function mostProbable(logits: Float64Array, count: number): number[] {
  const found: number[] = [];
  for (let token = 0; token < logits.length; token++) {
    if (found.length === count && logits[token] <= logits[found[count - 1]]) continue;
    let at = found.length;
    while (at > 0 && logits[found[at - 1]] < logits[token]) at--;
    found.splice(at, 0, token);
    if (found.length > count) found.pop();
  }
  return found;
}
