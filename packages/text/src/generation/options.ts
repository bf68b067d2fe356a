import { ArgumentError, defaultGenerator, type Generator } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, type Platform, show } from "@flambeau/tensor/plugin";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { Choice } from "./sampling.ts";

export interface StreamOptions {
  /** Tokens that are added at most. Default 20. */
  readonly maxNewTokens?: number | undefined;
  /** Logits are divided by it; 0 chooses the most probable token (greedy). Default 1. */
  readonly temperature?: number | undefined;
  /** Only the so many most probable tokens are drawn from. Default: all. */
  readonly topK?: number | null | undefined;
  /** Only the fewest most probable tokens that together have this probability are drawn from. Default: all. */
  readonly topP?: number | null | undefined;
  /** Above 1, tokens that were there become less probable: their logits are divided by it, negative ones multiplied. Default 1. */
  readonly repetitionPenalty?: number | undefined;
  /** Tokens that end a sequence, or texts (which needs a tokenizer): they are no part of it. Default: none. */
  readonly stop?: number | string | readonly (number | string)[] | undefined;
  /** What tokens are drawn from; a list has one for each sequence, so that its tokens do not depend on the others. Default: the global one. */
  readonly generator?: Generator | readonly Generator[] | undefined;
  /** Encodes prompts that are texts, and gives the text of what comes. Default: none; tokens go in and out. */
  readonly tokenizer?: Tokenizer | undefined;
  /** Whether the model keeps what it has seen, where it can. Default true. */
  readonly useCache?: boolean | undefined;
  /** Where tokens are put. Default: where the model's parameters are. */
  readonly device?: string | undefined;
  /** Ends it: the promise rejects with its reason. */
  readonly signal?: Platform<"AbortSignal", { readonly aborted: boolean }> | undefined;
}
const generators: option.Kind = option.either(option.generator, option.listOf(option.generator));
const tokenOrText = option.either(option.number, option.string);
export const streamKinds: Kinds<StreamOptions> = {
  maxNewTokens: option.number,
  temperature: option.number,
  topK: option.orNull(option.number),
  topP: option.orNull(option.number),
  repetitionPenalty: option.number,
  stop: option.either(tokenOrText, option.listOf(tokenOrText)),
  generator: generators,
  tokenizer: {
    means: "a tokenizer",
    takes: (x): x is Tokenizer => option.object.takes(x) && "encode" in x && "decode" in x,
  },
  useCache: option.boolean,
  device: option.string,
  signal: {
    means: "an AbortSignal",
    takes: (x): x is object => option.object.takes(x) && "aborted" in x && "addEventListener" in x,
  },
};

/** Options, read. */
export interface Settled extends Choice {
  readonly maxNewTokens: number;
  readonly stopTokens: ReadonlySet<number>;
  readonly stopTexts: readonly string[];
  readonly tokenizer: Tokenizer | null;
  readonly useCache: boolean;
  readonly device: string | undefined;
  /** Throws the signal's reason once it is aborted. */
  readonly checkAborted: () => void;
  readonly generatorOf: (sequence: number) => Generator;
}

export function settle(op: string, options: StreamOptions, kinds: Kinds<StreamOptions> = streamKinds): Settled {
  checkOptions<StreamOptions>(op, kinds, options);
  const { maxNewTokens = 20, temperature = 1, topK = null, topP = null, repetitionPenalty = 1 } = options;
  checkInteger(op, "maxNewTokens", maxNewTokens, 0);
  if (!(temperature >= 0 && temperature < Infinity))
    throw new ArgumentError(op, `temperature must be a number from 0 on, got ${temperature}`);
  if (topK !== null) checkInteger(op, "topK", topK, 1);
  if (topP !== null && !(topP > 0 && topP <= 1))
    throw new ArgumentError(op, `topP must be a probability in (0, 1], got ${topP}`);
  if (!(repetitionPenalty > 0 && repetitionPenalty < Infinity))
    throw new ArgumentError(op, `repetitionPenalty must be a positive number, got ${repetitionPenalty}`);
  const stops = listOf(options.stop);
  const stopTexts = stops.filter((each) => typeof each === "string");
  const stopTokens = new Set(stops.filter((each) => typeof each === "number"));
  for (const token of stopTokens) checkInteger(op, "stop", token, 0);
  const tokenizer = options.tokenizer ?? null;
  if (stopTexts.includes("")) throw new ArgumentError(op, "an empty text to stop at is in every text");
  if (stopTexts.length > 0 && !tokenizer)
    throw new ArgumentError(op, `to stop at a text, ${show(stopTexts[0])}, takes a tokenizer`, "give { tokenizer }");
  const signal = options.signal as AbortSignal | undefined; // by its kind; programs without the DOM's types have another
  const { generator = defaultGenerator } = options;
  return {
    maxNewTokens,
    temperature,
    topK,
    topP,
    repetitionPenalty,
    stopTokens,
    stopTexts,
    tokenizer,
    useCache: options.useCache ?? true,
    device: options.device,
    checkAborted: () => signal?.throwIfAborted(),
    generatorOf(sequence) {
      if (!isList(generator)) return generator;
      if (sequence < generator.length) return generator[sequence];
      throw new ArgumentError(op, `there are ${generator.length} generators, and more prompts`);
    },
  };
}
const listOf = <T>(given: T | readonly T[] | undefined): readonly T[] =>
  given === undefined ? [] : isList(given) ? given : [given];
const isList = <T>(given: T | readonly T[]): given is readonly T[] => Array.isArray(given);
