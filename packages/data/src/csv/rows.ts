import { ArgumentError, FormatError } from "@flambeau/tensor/functional";
import { type Kinds, option } from "@flambeau/tensor/plugin";
import Papa from "papaparse";

/** How rows are written. */
export interface RowOptions {
  /** What stands between fields. Default ",". */
  delimiter?: string | undefined;
  /** What stands around fields that hold delimiters, line ends or quotes. Default '"'. */
  quote?: string | undefined;
  /** What stands before a quote inside of such a field. Default: the quote. */
  escape?: string | undefined;
  /** What begins a line that is passed over. Default: there are no such lines. */
  comment?: string | undefined;
}
export const rowKinds: Kinds<RowOptions> = {
  delimiter: option.string,
  quote: option.string,
  escape: option.string,
  comment: option.string,
};

/** The fields of a row, and where it starts. */
export interface Row {
  readonly fields: readonly string[];
  /** From 1. */
  readonly line: number;
  /** In the UTF-8 form of the text. */
  readonly offset: number;
}

/** How much text is looked at in one go: rows are given as they come, and a row's beginning is not read over and over. */
const enough = 1 << 16;

/** Rows of a text that comes in pieces. The parsing is Papa Parse's; lines are counted here. */
export class RowReader {
  readonly #op: string;
  readonly #name: string;
  readonly #options: RowOptions;
  #rest = "";
  #wanted = enough;
  #newline: "\n" | "\r" | "\r\n" | undefined;
  #line = 1;
  #offset = 0;

  /** @throws ArgumentError for signs that cannot be told from each other or from line ends. */
  constructor(op: string, name: string, options: RowOptions) {
    const { delimiter = ",", quote = '"', escape = quote, comment } = options;
    for (const [what, sign] of Object.entries({ delimiter, quote, escape, comment }))
      if (sign !== undefined && (sign === "" || /[\r\n\uFEFF]/.test(sign)))
        throw new ArgumentError(op, `${what} must be no line end and not empty, got ${JSON.stringify(sign)}`);
    for (const [what, sign] of Object.entries({ quote, escape }))
      if (sign.length !== 1) throw new ArgumentError(op, `${what} must be one character, got ${JSON.stringify(sign)}`);
    if (delimiter.includes(quote) || comment === delimiter || comment === quote)
      throw new ArgumentError(op, "delimiter, quote and comment must be different signs");
    this.#op = op;
    this.#name = name;
    this.#options = { delimiter, quote, escape, comment };
  }

  /** The rows that end in what was given so far. */
  push(text: string): Row[] {
    this.#rest += this.#offset === 0 && this.#rest === "" ? text.replace(/^\uFEFF/, "") : text;
    if (this.#rest.length < this.#wanted) return [];
    const rows = this.#parse(false);
    // a row that fills all of it is looked at again when there is twice as much
    this.#wanted = Math.max(enough, 2 * this.#rest.length);
    return rows;
  }

  /** The rows of the end. */
  end(): Row[] {
    return this.#parse(true);
  }

  #parse(last: boolean): Row[] {
    const text = this.#rest;
    this.#newline ??= lineEnd(text, this.#options.quote ?? '"', last);
    if (this.#newline === undefined && !last) return [];
    const newline = this.#newline ?? "\n";
    const { delimiter, quote, escape, comment } = this.#options;
    const rows: Row[] = [];
    let from = 0;
    const parser = new Papa.Parser({
      delimiter,
      newline,
      quoteChar: quote,
      escapeChar: escape,
      comments: comment ?? false,
      step: ({ data, errors, meta }) => {
        const [fields] = data as unknown as string[][]; // Papa's types are those of its other entry, where a step has one row
        if (errors[0]) throw this.#malformed(text.slice(from, errors[0].index), errors[0].message);
        // comments before the row belong to what was passed over
        const passed = text.slice(from, meta.cursor);
        const skipped = comment === undefined ? 0 : lengthOfComments(passed, comment, newline);
        this.#advance(passed.slice(0, skipped), newline);
        const blank = fields.length === 1 && fields[0] === "";
        if (!blank) rows.push({ fields, line: this.#line, offset: this.#offset });
        this.#advance(passed.slice(skipped), newline);
        from = meta.cursor;
      },
    });
    parser.parse(text, 0, !last);
    this.#rest = last ? "" : text.slice(from);
    return rows;
  }

  #advance(text: string, newline: string): void {
    // as editors count them, in quoted fields too
    const end = newline === "\r" ? "\r" : "\n";
    for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end, at + 1)) this.#line++;
    this.#offset += utf8Length(text);
  }

  /** What is wrong in a row, `before` which there is so much of it. */
  #malformed(before: string, problem: string): FormatError {
    const lines = before.split(this.#newline === "\r" ? "\r" : "\n");
    const line = this.#line + lines.length - 1;
    const what =
      problem === "Quoted field unterminated" ? "a quoted field does not end" : "text behind the closing quote";
    return new FormatError(
      this.#name,
      this.#offset + utf8Length(before),
      `${this.#op}: line ${line}, character ${lines[lines.length - 1].length}: ${what}`,
      "a quote inside of a quoted field is written twice",
    );
  }
}

/** The first line end outside of quotes; undefined while none is there, or a "\r" stands last and may be half of one. */
function lineEnd(text: string, quote: string, last: boolean): "\n" | "\r" | "\r\n" | undefined {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === quote) quoted = !quoted;
    else if (quoted) continue;
    else if (letter === "\n") return "\n";
    else if (letter === "\r") {
      if (i + 1 < text.length) return text[i + 1] === "\n" ? "\r\n" : "\r";
      return last ? "\r" : undefined;
    }
  }
  return undefined;
}

/** How much of the beginning of `text` are lines of comments. */
function lengthOfComments(text: string, comment: string, newline: string): number {
  let at = 0;
  while (text.startsWith(comment, at)) {
    const end = text.indexOf(newline, at);
    if (end < 0) break;
    at = end + newline.length;
  }
  return at;
}

const encoder = new TextEncoder();
const utf8Length = (text: string): number => encoder.encode(text).length;
