/** What turns text into numbers, and back. */
export interface Tokenizer {
  /** The numbers of a text's tokens. */
  encode(text: string): number[];
  /** The text of tokens. */
  decode(ids: Iterable<number>): string;
  /** Tokens that there are. */
  readonly vocabSize: number;
}
