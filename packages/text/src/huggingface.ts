// `@flambeau/text/huggingface`: who imports it installs @huggingface/tokenizers.
import { ArgumentError, FormatError, type Tensor } from "@flambeau/tensor/functional";
import { checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { type PadOptions, padTokens } from "./batching/padding.ts";
import type { Tokenizer } from "./tokenizers/tokenizer.ts";

export interface EncodeOptions {
  /** Whether the tokens are added that the file puts around a text. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
}
export interface DecodeOptions {
  /** Whether those are left out. Default true. */
  readonly skipSpecialTokens?: boolean | undefined;
}
export interface EncodeBatchOptions extends EncodeOptions, Omit<PadOptions, "value"> {}
const encodeKinds: Kinds<EncodeOptions> = { addSpecialTokens: option.boolean };
const decodeKinds: Kinds<DecodeOptions> = { skipSpecialTokens: option.boolean };
const batchKinds: Kinds<EncodeBatchOptions> = {
  ...encodeKinds,
  side: option.oneOf("left", "right"),
  length: option.number,
  device: option.string,
};
const checkText = (op: string, text: string): void => {
  if (typeof text !== "string") throw new ArgumentError(op, `takes a text, got ${show(text)}`);
};

/**
 * The tokenizer of a file `tokenizer.json`, as Hugging Face's models have one: byte-pair encodings, WordPiece, Unigram. The work is done by
 * `@huggingface/tokenizers`.
 *
 * Shapes: `encode` gives a list of numbers, `encodeBatch` of B texts `ids` [B, T], int32, and `mask` [B, T], bool: false where there is padding.
 *
 * @throws FormatError when the file is no tokenizer's.
 * @throws ArgumentError for what is no text, or no number of a token.
 * @see https://huggingface.co/docs/tokenizers/index
 * @example
 * const model = { type: "WordLevel", vocab: { "[PAD]": 0, hello: 1, world: 2 }, unk_token: "[PAD]" };
 * const parts = { normalizer: null, pre_tokenizer: { type: "Whitespace" }, post_processor: null, decoder: null };
 * const tokenizer = new HuggingFaceTokenizer({ added_tokens: [], ...parts, model });
 * tokenizer.encode("hello world"); // [1, 2]
 * tokenizer.decode([2, 1]); // "world hello"
 * tokenizer.encodeBatch(["hello", "hello world"]).ids.tolist(); // [[1, 0], [1, 2]]
 */
export class HuggingFaceTokenizer implements Tokenizer {
  readonly #engine: Engine;
  readonly #padding: number;
  /** Whether the space before punctuation goes: where the configuration says so alone, as in Python. */
  readonly #cleanUp: boolean;
  readonly vocabSize: number;

  /**
   * @param file the content of `tokenizer.json`, as text or parsed.
   * @param config that of `tokenizer_config.json`, for files of models that need it.
   */
  constructor(file: string | object, config: string | object = {}) {
    const parsed = parse("tokenizer.json", file);
    const padding = (parsed as { padding?: { pad_id?: unknown } }).padding?.pad_id;
    this.#padding = typeof padding === "number" ? padding : 0;
    const settings = parse("tokenizer_config.json", config);
    this.#cleanUp = "clean_up_tokenization_spaces" in settings && settings.clean_up_tokenization_spaces === true;
    try {
      this.#engine = new Engine(parsed, settings);
      this.vocabSize = this.#engine.get_vocab(true).size;
    } catch (error) {
      throw new FormatError("tokenizer.json", 0, `no tokenizer: ${error instanceof Error ? error.message : error}`);
    }
  }
  encode(text: string, options: EncodeOptions = option.none): number[] {
    const op = "HuggingFaceTokenizer.encode";
    checkOptions(op, encodeKinds, options);
    checkText(op, text);
    return this.#engine.encode(text, { add_special_tokens: options.addSpecialTokens ?? true }).ids;
  }
  /** Several texts, padded to the longest. */
  encodeBatch(texts: readonly string[], options: EncodeBatchOptions = option.none): { ids: Tensor; mask: Tensor } {
    const op = "HuggingFaceTokenizer.encodeBatch";
    checkOptions(op, batchKinds, options);
    const { addSpecialTokens, ...rest } = options;
    if (!Array.isArray(texts)) throw new ArgumentError(op, `takes a list of texts, got ${show(texts)}`);
    const tokens = texts.map((text) => this.encode(text, { addSpecialTokens }));
    return padTokens(tokens, { ...rest, value: this.#padding });
  }
  decode(ids: Iterable<number>, options: DecodeOptions = option.none): string {
    const op = "HuggingFaceTokenizer.decode";
    checkOptions(op, decodeKinds, options);
    if (!option.iterable.takes(ids)) throw new ArgumentError(op, `takes numbers of tokens, got ${show(ids)}`);
    const list = [...ids];
    for (const id of list) checkInteger(op, "each token", id, 0, this.vocabSize - 1);
    if (list.length === 0) return "";
    return this.#engine.decode(list, {
      skip_special_tokens: options.skipSpecialTokens ?? true,
      clean_up_tokenization_spaces: this.#cleanUp,
    });
  }
  /** The number of a token; null when there is none. */
  tokenToId(token: string): number | null {
    checkText("HuggingFaceTokenizer.tokenToId", token);
    return this.#engine.token_to_id(token) ?? null;
  }
  /** The token of a number; null when there is none. */
  idToToken(id: number): string | null {
    checkInteger("HuggingFaceTokenizer.idToToken", "id", id, 0);
    return this.#engine.id_to_token(id) ?? null;
  }
}

function parse(name: string, file: unknown): object {
  let parsed: unknown = file;
  if (typeof file === "string")
    try {
      parsed = JSON.parse(file);
    } catch (error) {
      throw new FormatError(name, 0, `no JSON: ${(error as Error).message}`); // a SyntaxError
    }
  if (option.object.takes(parsed) && !Array.isArray(parsed)) return parsed;
  throw new FormatError(name, 0, `the content of the file, or the object in it, is wanted, got ${show(file)}`);
}
