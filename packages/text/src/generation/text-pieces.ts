import type { Tokenizer } from "../tokenizers/tokenizer.ts";

/**
 * The text of tokens that come one by one: each gives the piece that is certain by then. What may still change is held back: bytes of a character
 * that is not whole, and the beginning of a text to stop at.
 */
export class TextPieces {
  readonly #tokenizer: Tokenizer;
  readonly #stops: readonly string[];
  readonly #tokens: number[] = [];
  /** Tokens whose text is known, and of these, those that are decoded again since the next ones' text may depend on them. */
  #known = 0;
  #from = 0;
  #held = "";
  text = "";
  stopped = false;

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.#stops = stops;
  }
  add(token: number): string {
    this.#tokens.push(token);
    const before = this.#decode(this.#from, this.#known);
    const now = this.#decode(this.#from, this.#tokens.length);
    if (now.endsWith("\ufffd") || now.length <= before.length) return "";
    this.#from = this.#known;
    this.#known = this.#tokens.length;
    return this.#give(now.slice(before.length), false);
  }
  /** What was held back, at the end. */
  end(): string {
    if (this.stopped) return "";
    const before = this.#decode(this.#from, this.#known);
    return this.#give(this.#decode(this.#from, this.#tokens.length).slice(before.length), true);
  }
  #decode = (from: number, to: number): string => this.#tokenizer.decode(this.#tokens.slice(from, to));

  #give(piece: string, all: boolean): string {
    this.#held += piece;
    const found = this.#stops.map((stop) => this.#held.indexOf(stop)).filter((at) => at >= 0);
    let length = this.#held.length;
    if (found.length > 0) {
      length = Math.min(...found);
      this.stopped = true;
    } else if (!all) length -= Math.max(0, ...this.#stops.map((stop) => begun(this.#held, stop)));
    const given = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.text += given;
    return given;
  }
}
/** Characters at the end of `text` that `stop` begins with. */
function begun(text: string, stop: string): number {
  for (let n = Math.min(stop.length - 1, text.length); n > 0; n--) if (text.endsWith(stop.slice(0, n))) return n;
  return 0;
}
