import { ArgumentError, IndexError } from "@flambeau/tensor/functional";
import { option, show } from "@flambeau/tensor/plugin";
import type { Tokenizer } from "./tokenizer.ts";

/**
 * A token for each character (code point) of a text, in the order of their numbers: `encode(text)[i] = tokens.indexOf(text[i])`.
 *
 * Shapes: none; texts go in, lists of numbers come out, and back.
 *
 * @throws ArgumentError when it is made of no text, or a text has a character that is not there.
 * @throws IndexError when there is no token of a number.
 * @see https://docs.python.org/3/library/functions.html#sorted
 * @example
 * const tokenizer = new CharTokenizer("hello");
 * tokenizer.tokens; // ["e", "h", "l", "o"]
 * tokenizer.encode("hole"); // [1, 3, 2, 0]
 * tokenizer.decode([1, 0, 2, 2, 3]); // "hello"
 */
export class CharTokenizer implements Tokenizer {
  readonly tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /** @param text whose characters there are; what `tokens` of another one joins to gives the same. */
  constructor(text: string) {
    if (typeof text !== "string" || text === "")
      throw new ArgumentError("CharTokenizer", `is made of a text, got ${show(text)}`);
    this.tokens = [...new Set(text)].sort((a, b) => codeOf(a) - codeOf(b));
    this.#ids = new Map(this.tokens.map((token, i) => [token, i]));
  }
  get vocabSize(): number {
    return this.tokens.length;
  }
  encode(text: string): number[] {
    if (typeof text !== "string") throw new ArgumentError("CharTokenizer.encode", `takes a text, got ${show(text)}`);
    return Array.from(text, (character) => {
      const id = this.#ids.get(character);
      if (id === undefined)
        throw new ArgumentError(
          "CharTokenizer.encode",
          `there is no token for ${show(character)}`,
          "make the tokenizer of a text that has all characters",
        );
      return id;
    });
  }
  decode(ids: Iterable<number>): string {
    if (!option.iterable.takes(ids))
      throw new ArgumentError("CharTokenizer.decode", `takes numbers of tokens, got ${show(ids)}`);
    return Array.from(ids, (id) => {
      const token = this.tokens[id];
      if (token === undefined) throw new IndexError("CharTokenizer.decode", `there is no token ${show(id)}`);
      return token;
    }).join("");
  }
}
const codeOf = (character: string): number => character.codePointAt(0) ?? 0;
