import { CharTokenizer } from "@flambeau/text";
import { randint, type Tensor, tensor, tidy } from "flambeau";

const validationShare = 0.1;

/** A text as tokens: its beginning to learn from, its end to validate on. */
export class Corpus {
  readonly tokenizer: CharTokenizer;
  readonly train: Int32Array;
  readonly validation: Int32Array;

  constructor(text: string) {
    // what a keyboard has no key for stands as what it has one for
    const plain = text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"');
    this.tokenizer = new CharTokenizer(plain);
    const ids = Int32Array.from(this.tokenizer.encode(plain));
    const split = Math.floor(ids.length * (1 - validationShare));
    this.train = ids.subarray(0, split);
    this.validation = ids.subarray(split);
  }

  /** What a text begins with that has no prompt: a new line, where there are some. */
  get beginning(): string {
    return this.unknownIn("\n") === undefined ? "\n" : this.tokenizer.tokens[0];
  }

  /** The first character of a text that is nowhere in this one. */
  unknownIn(text: string): string | undefined {
    return Array.from(text).find((character) => !this.tokenizer.tokens.includes(character));
  }
}

/** Windows of a text and the characters that follow each of theirs: inputs and targets, int32 [N, block]. */
export function windows(ids: Int32Array, starts: readonly number[], block: number): [inputs: Tensor, targets: Tensor] {
  const rows = (shift: number): Tensor => {
    const values = new Int32Array(starts.length * block);
    starts.forEach((start, i) => {
      values.set(ids.subarray(start + shift, start + shift + block), i * block);
    });
    return tensor(values).reshape([starts.length, block]);
  };
  return [rows(0), rows(1)];
}

/** Places where windows begin, drawn evenly. */
export const randomStarts = (ids: Int32Array, count: number, block: number): number[] =>
  tidy(() => randint(0, ids.length - block, [count], { device: "cpu" }).tolist()) as number[];

/** Places of windows side by side. */
export const allStarts = (ids: Int32Array, block: number): number[] =>
  Array.from({ length: Math.floor((ids.length - 1) / block) }, (_, i) => i * block);
