/**
 * Reads the JSON that heads a safetensors file, value by value as the caller expects them: no depth and no count in a hostile text costs
 * more than it is long, a key cannot stand twice in an object, and integers are told from `1.0` and `-0`, which `JSON.parse` does not do.
 */
export class JsonReader {
  readonly #text: string;
  readonly #fail: (at: number, problem: string) => never;
  #at = 0;

  /** @param fail throws for a problem at a position of the text. */
  constructor(text: string, fail: (at: number, problem: string) => never) {
    this.#text = text;
    this.#fail = fail;
  }

  /** The position of the next value or sign. */
  get at(): number {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "end")) this.#at++;
    return this.#at;
  }

  /** Whether `sign` comes next, which is passed over then. */
  take(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.at)) return false;
    this.#at += sign.length;
    return true;
  }

  /** An object: `each` reads the value of a key. */
  object(what: string, each: (key: string) => void): void {
    if (!this.take("{")) this.#fail(this.at, `${what} must be a JSON object`);
    if (this.take("}")) return;
    const keys = new Set<string>();
    do {
      const { at } = this;
      if (this.#text[at] !== '"') this.#fail(at, "the header is not JSON: expected a name");
      const key = this.string("a name");
      if (keys.has(key)) this.#fail(at, `the name ${JSON.stringify(key)} stands twice in the header`);
      keys.add(key);
      if (!this.take(":")) this.#fail(this.at, 'the header is not JSON: expected ":"');
      each(key);
    } while (this.take(","));
    if (!this.take("}")) this.#fail(this.at, 'the header is not JSON: expected "," or "}"');
  }

  string(what: string): string {
    const from = this.at;
    if (this.#text[from] !== '"') this.#fail(from, `${what} must be a string`);
    let end = from;
    let slashes: number;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.#fail(from, "the header is not JSON: a string does not end");
      slashes = 0;
      while (this.#text[end - 1 - slashes] === "\\") slashes++;
    } while (slashes % 2 === 1);
    this.#at = end + 1;
    let value = "";
    try {
      value = JSON.parse(this.#text.slice(from, end + 1)) as string; // by its quotes
    } catch (error) {
      this.#fail(from, `the header is not JSON: ${(error as SyntaxError).message}`);
    }
    if (!value.isWellFormed()) this.#fail(from, `${what} holds half of a surrogate pair`);
    return value;
  }

  /** A list of at most `limit` integers from 0 to 2^53 - 1, or undefined when something else comes. */
  naturals(limit: number): number[] | undefined {
    const list: number[] = [];
    if (!this.take("[")) return undefined;
    if (this.take("]")) return list;
    do {
      const from = this.at;
      while (isDigit(this.#text.charCodeAt(this.#at)) && this.#at - from < 17) this.#at++;
      const digits = this.#text.slice(from, this.#at);
      const value = Number(digits);
      if (digits === "" || (digits[0] === "0" && digits !== "0") || !Number.isSafeInteger(value)) return undefined;
      if (list.push(value) > limit) return undefined;
    } while (this.take(","));
    return this.take("]") ? list : undefined;
  }
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
