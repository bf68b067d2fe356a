import { ArgumentError, FormatError, IndexError } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";

export interface VocabOptions {
  /** The number that tokens get that are not there; null: they are an error. Default null. */
  readonly defaultIndex?: number | null | undefined;
}
const vocabKinds: Kinds<VocabOptions> = { defaultIndex: option.orNull(option.number) };
/** A vocabulary as JSON has it. */
export interface VocabJson {
  readonly tokens: readonly string[];
  readonly defaultIndex: number | null;
}
const texts: option.Kind<readonly string[]> = option.listOf(option.string);

/**
 * Tokens and their numbers: `vocab.lookupIndices(tokens)[i]` is the place of `tokens[i]` in the list that it is made of.
 *
 * Shapes: none; lists of tokens go in, lists of numbers come out, and back.
 *
 * @throws ArgumentError when a token comes twice, and for tokens that are not there and have no default.
 * @throws IndexError for a number that no token has.
 * @throws FormatError from `fromJSON`.
 * @see https://docs.pytorch.org/text/stable/vocab.html
 * @example
 * const vocab = new Vocab(["<unk>", "a", "b"], { defaultIndex: 0 });
 * vocab.lookupIndices(["b", "a", "c"]); // [2, 1, 0]
 * vocab.lookupTokens([1, 2]); // ["a", "b"]
 * Vocab.fromJSON(JSON.parse(JSON.stringify(vocab))).lookupIndices(["c"]); // [0]
 */
export class Vocab {
  readonly tokens: readonly string[];
  readonly defaultIndex: number | null;
  readonly #indices: ReadonlyMap<string, number>;

  constructor(tokens: readonly string[], options: VocabOptions = {}) {
    const op = "Vocab";
    checkOptions(op, vocabKinds, options);
    if (!texts.takes(tokens)) throw new ArgumentError(op, `is made of a list of tokens, got ${show(tokens)}`);
    this.tokens = [...tokens];
    this.#indices = new Map(tokens.map((token, i) => [token, i]));
    if (this.#indices.size < tokens.length) {
      const twice = tokens.find((token, i) => this.#indices.get(token) !== i);
      throw new ArgumentError(op, `the token ${show(twice)} comes twice`);
    }
    const { defaultIndex = null } = options;
    if (defaultIndex !== null) checkInteger(op, "defaultIndex", defaultIndex, 0, tokens.length - 1);
    this.defaultIndex = defaultIndex;
  }
  /** How many tokens there are. */
  get length(): number {
    return this.tokens.length;
  }
  /** Whether a token is there. */
  has(token: string): boolean {
    return this.#indices.has(token);
  }
  /** The number of a token. */
  index(token: string): number {
    const index = this.#indices.get(token) ?? this.defaultIndex;
    if (index !== null) return index;
    throw new ArgumentError("Vocab", `there is no token ${show(token)}`, "give { defaultIndex } for those");
  }
  /** The numbers of tokens. */
  lookupIndices(tokens: Iterable<string>): number[] {
    if (!option.iterable.takes(tokens)) throw new ArgumentError("Vocab", `takes a list of tokens, got ${show(tokens)}`);
    return Array.from(tokens, (token) => this.index(token));
  }
  /** The token of a number. */
  lookupToken(index: number): string {
    const token = this.tokens[index];
    if (token === undefined)
      throw new IndexError("Vocab", `there are ${this.length} tokens, got the number ${show(index)}`);
    return token;
  }
  /** The tokens of numbers. */
  lookupTokens(indices: Iterable<number>): string[] {
    if (!option.iterable.takes(indices))
      throw new ArgumentError("Vocab", `takes a list of numbers, got ${show(indices)}`);
    return Array.from(indices, (index) => this.lookupToken(index));
  }
  toJSON(): VocabJson {
    return { tokens: this.tokens, defaultIndex: this.defaultIndex };
  }
  /** What {@link toJSON} gave, and `JSON.parse` gives. @throws FormatError when it is something else. */
  static fromJSON(json: VocabJson): Vocab {
    const { tokens, defaultIndex } = option.object.takes(json) ? json : { tokens: null, defaultIndex: null };
    if (!texts.takes(tokens) || (defaultIndex !== null && typeof defaultIndex !== "number"))
      throw new FormatError("Vocab", 0, `a vocabulary is { tokens, defaultIndex }, got ${show(json)}`);
    try {
      return new Vocab(tokens, { defaultIndex });
    } catch (error) {
      throw new FormatError("Vocab", 0, (error as Error).message); // an ArgumentError: the constructor's
    }
  }
}

export interface BuildVocabOptions extends VocabOptions {
  /** Tokens that are rarer are left out. Default 1. */
  readonly minFreq?: number | undefined;
  /** How many tokens there are at most, specials among them. Default: all. */
  readonly maxTokens?: number | undefined;
  /** Tokens that are there in any case, in this order. Default: none. */
  readonly specials?: readonly string[] | undefined;
  /** Whether those come first, else last. Default true. */
  readonly specialFirst?: boolean | undefined;
}
const buildKinds: Kinds<BuildVocabOptions> = {
  minFreq: option.number,
  maxTokens: option.number,
  specials: option.listOf(option.string),
  specialFirst: option.boolean,
  ...vocabKinds,
};
/**
 * The vocabulary of texts that are split into tokens: the most frequent first, `count(token) >= minFreq`, equally frequent ones in the order of
 * their code points.
 *
 * Shapes: none; lists of tokens go in.
 *
 * @throws ArgumentError when a text is no list of tokens, or an option is out of range.
 * @see https://docs.pytorch.org/text/stable/vocab.html#build-vocab-from-iterator
 * @example
 * const vocab = buildVocab([["b", "a"], ["b", "c", "a", "b"]], { minFreq: 2, specials: ["<unk>"], defaultIndex: 0 });
 * vocab.tokens; // ["<unk>", "b", "a"]
 */
export function buildVocab(sentences: Iterable<Iterable<string>>, options: BuildVocabOptions = option.none): Vocab {
  const op = "buildVocab";
  checkOptions(op, buildKinds, options);
  const {
    minFreq = 1,
    maxTokens = Number.MAX_SAFE_INTEGER,
    specials = [],
    specialFirst = true,
    defaultIndex,
  } = options;
  checkInteger(op, "minFreq", minFreq, 1);
  checkInteger(op, "maxTokens", maxTokens, specials.length);
  if (!option.iterable.takes(sentences)) throw new ArgumentError(op, `takes lists of tokens, got ${show(sentences)}`);
  const counts = new Map<string, number>();
  for (const sentence of sentences) {
    if (!option.iterable.takes(sentence))
      throw new ArgumentError(op, `takes lists of tokens, got ${show(sentence)} among them`, "split the texts first");
    for (const token of sentence) {
      if (typeof token !== "string") throw new ArgumentError(op, `a token is a text, got ${show(token)}`);
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
  }
  for (const special of specials) counts.delete(special);
  const found = [...counts]
    .filter(([, count]) => count >= minFreq)
    .sort(([a, m], [b, n]) => n - m || byCodePoint(a, b))
    .slice(0, maxTokens - specials.length)
    .map(([token]) => token);
  return new Vocab(specialFirst ? [...specials, ...found] : [...found, ...specials], { defaultIndex });
}
/** The order of code points; that of JavaScript's strings has those beyond the first 65,536 before some others. */
function byCodePoint(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const i = x.findIndex((character, at) => character !== y[at]);
  if (i < 0) return x.length - y.length;
  if (i >= y.length) return 1;
  return (x[i].codePointAt(0) ?? 0) - (y[i].codePointAt(0) ?? 0);
}
