import { ArgumentError } from "@flambeau/tensor/functional";
import { checkFunction, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import type { Tokenizer } from "./tokenizer.ts";
import type { Vocab } from "./vocab.ts";

/** What is put in the place of what, one after the other. */
const replacements: readonly (readonly [RegExp, string])[] = [
  [/'/g, " '  "],
  [/"/g, ""],
  [/\./g, " . "],
  [/<br \/>/g, " "],
  [/,/g, " , "],
  [/\(/g, " ( "],
  [/\)/g, " ) "],
  [/!/g, " ! "],
  [/\?/g, " ? "],
  [/[;:]/g, " "],
];
/** White space as Python's `split` sees it, which is not quite JavaScript's. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: four control characters are white space there
const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
/** A text's words, at white space. */
export const words = (text: string): string[] => text.split(space).filter((word) => word !== "");

/**
 * The words of a text in lower case, and its punctuation marks, as torchtext's `basic_english` splits: `. , ( ) ! ? '` are tokens of their own,
 * `" ; :` and `<br />` are dropped.
 *
 * Shapes: none; a text goes in, a list of tokens comes out.
 *
 * @throws ArgumentError for what is no text.
 * @see https://docs.pytorch.org/text/stable/data_utils.html#get-tokenizer
 * @example
 * basicEnglish("You can now install TorchText using pip!"); // ["you", "can", "now", "install", "torchtext", "using", "pip", "!"]
 */
export function basicEnglish(text: string): string[] {
  if (typeof text !== "string") throw new ArgumentError("basicEnglish", `takes a text, got ${show(text)}`);
  let line = text.toLowerCase();
  for (const [pattern, put] of replacements) line = line.replace(pattern, put);
  return words(line);
}

export interface WordTokenizerOptions {
  /** Splits a text into tokens. Default {@link basicEnglish}. */
  readonly split?: ((text: string) => Iterable<string>) | undefined;
  /** What stands between tokens that become a text. Default: a space. */
  readonly joiner?: string | undefined;
}
const wordKinds: Kinds<WordTokenizerOptions> = { split: option.callback, joiner: option.string };
/**
 * Splits texts into words, whose numbers a vocabulary knows: `encode(text) = vocab.lookupIndices(split(text))`.
 *
 * Shapes: none; texts go in, lists of numbers come out, and back (words and spaces, not the text as it was).
 *
 * @throws ArgumentError when it is made without a vocabulary, or for a word that is not there where the vocabulary has no default.
 * @throws IndexError for a number that no word has.
 * @see https://docs.pytorch.org/text/stable/data_utils.html#get-tokenizer
 * @example
 * const lines = ["The cat sat.", "The dog ran!"];
 * const vocab = buildVocab(lines.map(basicEnglish), { specials: ["<unk>"], defaultIndex: 0 });
 * const tokenizer = new WordTokenizer(vocab);
 * tokenizer.decode(tokenizer.encode("The dog sat, too.")); // "the dog sat <unk> <unk> ."
 */
export class WordTokenizer implements Tokenizer {
  readonly vocab: Vocab;
  readonly #split: (text: string) => Iterable<string>;
  readonly #joiner: string;
  constructor(vocab: Vocab, options: WordTokenizerOptions = {}) {
    checkOptions("WordTokenizer", wordKinds, options);
    if (!option.object.takes(vocab) || !("lookupIndices" in vocab && "lookupTokens" in vocab))
      throw new ArgumentError("WordTokenizer", `is made of a Vocab, got ${show(vocab)}`, "write buildVocab(texts)");
    this.vocab = vocab;
    this.#split = options.split ?? basicEnglish;
    this.#joiner = options.joiner ?? " ";
    checkFunction("WordTokenizer", "split", this.#split);
  }
  get vocabSize(): number {
    return this.vocab.length;
  }
  encode(text: string): number[] {
    if (typeof text !== "string") throw new ArgumentError("WordTokenizer.encode", `takes a text, got ${show(text)}`);
    return this.vocab.lookupIndices(this.#split(text));
  }
  decode(ids: Iterable<number>): string {
    return this.vocab.lookupTokens(ids).join(this.#joiner);
  }
}
