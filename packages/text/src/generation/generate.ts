import { ArgumentError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option } from "@flambeau/tensor/plugin";
import type { CausalModel } from "../models/causal.ts";
import { beamSearch } from "./beam-search.ts";
import { type Settled, type StreamOptions, settle, streamKinds } from "./options.ts";
import { type Prompt, readPrompts } from "./prompts.ts";
import { checkModel } from "./stepper.ts";
import { type EndReason, streamed } from "./stream.ts";

export interface GenerateOptions extends StreamOptions {
  /**
   * Above 1, a beam search looks for the most probable text: so many beginnings are kept at a time. Nothing is drawn then, and options that say
   * how are refused. Default 1.
   */
  readonly beams?: number | undefined;
  /** Of a beam search: the logarithm of a probability is divided by `length ** lengthPenalty`; above 0 longer texts win. Default 1. */
  readonly lengthPenalty?: number | undefined;
}
const generateKinds: Kinds<GenerateOptions> = {
  ...streamKinds,
  beams: option.number,
  lengthPenalty: option.number,
};
const ofDraws = ["temperature", "topK", "topP", "repetitionPenalty", "generator"] as const;

/** What came after a prompt. */
export interface Generated {
  /** The tokens that were added. */
  readonly tokens: number[];
  /** Their text, without what it stopped at; empty without a tokenizer. */
  readonly text: string;
  /** Why it ended. */
  readonly end: EndReason;
  /** Logarithm of the probability that the model gives these tokens (and the token that it stopped at) after the prompt. */
  readonly logProb: number;
}
/**
 * What a model writes after a prompt, or after each of several: {@link stream} to its end.
 *
 * Shapes: one prompt gives one result, a list gives a list.
 *
 * @throws ArgumentError for a prompt without tokens, options out of range, texts without a tokenizer, logits that are no numbers.
 * @throws ShapeError when the model does not give [B, T, V]; the signal's reason.
 * @see https://arxiv.org/abs/1904.09751
 * @example
 * import { manualSeed } from "flambeau";
 * manualSeed(0);
 * const model = new GPT({ vocabSize: 10, blockSize: 8, layers: 1, heads: 2, width: 8 });
 * const { tokens } = await generate(model, [1, 2, 3], { maxNewTokens: 4, temperature: 0 });
 * tokens.length; // 4
 */
export async function generate(model: CausalModel, prompt: Prompt, options?: GenerateOptions): Promise<Generated>;
export async function generate(
  model: CausalModel,
  prompt: readonly Prompt[],
  options?: GenerateOptions,
): Promise<Generated[]>;
export async function generate(
  model: CausalModel,
  prompt: Prompt | readonly Prompt[],
  options: GenerateOptions = option.none,
): Promise<Generated | Generated[]> {
  const op = "generate";
  checkOptions(op, generateKinds, options);
  const { beams = 1, lengthPenalty = 1, ...rest } = options;
  checkInteger(op, "beams", beams, 1);
  if (!Number.isFinite(lengthPenalty))
    throw new ArgumentError(op, `lengthPenalty must be a finite number, got ${lengthPenalty}`);
  const settled = settle(op, rest);
  checkModel(op, model);
  const { prompts, several } = readPrompts(op, prompt, settled.tokenizer);
  if (beams > 1) {
    for (const name of ofDraws)
      if (rest[name] !== undefined)
        throw new ArgumentError(op, `a beam search draws nothing, and has no use for ${name}`, "leave out one of them");
    const found = await beamSearch(op, model, prompts, settled, { beams, lengthPenalty });
    const results = found.map(({ tokens, logProb, end }) => ({
      tokens: [...tokens],
      text: textOf(tokens, settled),
      end,
      logProb,
    }));
    return several ? results : results[0];
  }
  if (options.lengthPenalty !== undefined)
    throw new ArgumentError(op, "lengthPenalty is of beam searches", "give { beams }");
  const made = prompts.map(() => ({ tokens: [] as number[], text: "", end: "length" as EndReason, logProb: 0 }));
  for await (const { sequence, token, logProb, text, end } of streamed(op, model, prompts, settled)) {
    const one = made[sequence];
    if (token !== null) one.tokens.push(token);
    one.logProb += logProb;
    one.text += text;
    one.end = end ?? one.end;
  }
  return several ? made : made[0];
}
/** The text of tokens, up to what it stops at. */
function textOf(tokens: readonly number[], { tokenizer, stopTexts }: Settled): string {
  const text = tokenizer?.decode(tokens) ?? "";
  const ends = stopTexts.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}
