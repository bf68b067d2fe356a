import { ArgumentError } from "@flambeau/tensor/functional";
import { checkInteger, option, show } from "@flambeau/tensor/plugin";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/** Tokens, or a text (which needs a tokenizer). */
export type Prompt = readonly number[] | string;

/** Tokens of each prompt, and whether there was a list of them. */
export function readPrompts(
  op: string,
  given: Prompt | readonly Prompt[],
  tokenizer: Tokenizer | null,
): { readonly prompts: number[][]; readonly several: boolean } {
  const one = typeof given === "string" || (Array.isArray(given) && typeof given[0] === "number");
  const list: unknown = one ? [given] : given;
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError(
      op,
      `a prompt is a list of tokens, or a text, got ${show(given)}`,
      option.tensor.takes(given) ? "write tensor.tolist()" : "a model that has seen nothing needs a first token",
    );
  return { prompts: list.map((each) => tokensOf(op, each, tokenizer)), several: !one };
}
function tokensOf(op: string, prompt: unknown, tokenizer: Tokenizer | null): number[] {
  if (typeof prompt === "string" && !tokenizer)
    throw new ArgumentError(op, `a prompt that is a text, ${show(prompt)}, takes a tokenizer`, "give { tokenizer }");
  const tokens: unknown = typeof prompt === "string" ? tokenizer?.encode(prompt) : prompt;
  if (!Array.isArray(tokens) || tokens.length === 0)
    throw new ArgumentError(op, `a prompt holds at least one token, got ${show(prompt)}`);
  for (const token of tokens) checkInteger(op, "each token", token, 0);
  return [...tokens];
}
