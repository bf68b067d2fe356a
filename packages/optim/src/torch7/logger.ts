import { ArgumentError } from "@flambeau/tensor/functional";
import { checkFunction, option, show } from "@flambeau/tensor/plugin";

type Symbols = readonly (number | string)[] | { readonly [name: string]: number | string };

/**
 * Logs numbers and text under names, a line for each call of `add`, in Torch7's format: tabs between, and after, the columns; numbers are
 * written like C's `%11.4e`.
 *
 * `write` is given each line: a function that appends to a file, or prints. Without it the text is kept for `toString()`. `symbols` holds what
 * was logged, by name, for plots of one's own.
 *
 * Shapes: none.
 *
 * @throws ArgumentError for values that are neither numbers nor text, other names or another number of values than at first.
 * @see https://github.com/torch/optim/blob/master/doc/logger.md
 * @example
 * import { Logger } from "@flambeau/optim/torch7";
 * const logger = new Logger();
 * logger.setNames(["Training acc.", "Test acc."]);
 * logger.add([70, 59]);
 * logger.add([76, 8]);
 * logger.symbols.get("Test acc."); // [59, 8]
 */
export class Logger {
  /** What was logged under each name, in the order of the names. */
  readonly symbols = new Map<string, (number | string)[]>();
  readonly #write: (line: string) => void;
  #text = "";

  constructor(write?: (line: string) => void) {
    if (write !== undefined) checkFunction("Logger", "write", write);
    this.#write =
      write ??
      ((line) => {
        this.#text += line;
      });
  }
  /** Names the columns, and writes them as the first line. */
  setNames(names: readonly string[]): this {
    if (!option.listOf(option.string).takes(names) || new Set(names).size < names.length)
      throw new ArgumentError("Logger.setNames", `names are a list of different strings, got ${show(names)}`);
    if (this.symbols.size > 0)
      throw new ArgumentError("Logger.setNames", `there are names: ${[...this.symbols.keys()].join(", ")}`);
    for (const name of names) this.symbols.set(name, []);
    this.#line(names);
    return this;
  }
  /** Writes a line: values in the order of the names, or by name. The first ones by name name the columns; a list then has numbers for names. */
  add(symbols: Symbols): this {
    if (!option.object.takes(symbols))
      throw new ArgumentError("Logger.add", `values come in a list or by name, got ${show(symbols)}`);
    const list = Array.isArray(symbols);
    if (this.symbols.size === 0) this.setNames(list ? symbols.map((_, i) => String(i + 1)) : Object.keys(symbols));
    const names = [...this.symbols.keys()];
    const given = new Map(list ? symbols.map((v, i) => [names[i], v] as const) : Object.entries(symbols));
    if (
      given.size !== names.length ||
      (list && symbols.length !== names.length) ||
      names.some((name) => !given.has(name))
    )
      throw new ArgumentError("Logger.add", `needs a value for each of ${names.join(", ")}, got ${show(symbols)}`);
    const values = names.map((name) => given.get(name) as number | string); // each is there
    for (const v of values)
      if (typeof v !== "number" && typeof v !== "string")
        throw new ArgumentError("Logger.add", `can only log numbers and strings, got ${show(v)}`);
    this.#line(values.map((v) => (typeof v === "number" ? exponential(v) : v)));
    for (const [i, name] of names.entries()) this.symbols.get(name)?.push(values[i]);
    return this;
  }
  /** What was written, where no function was given to write to. */
  toString(): string {
    return this.#text;
  }
  #line(columns: readonly string[]): void {
    this.#write(`${columns.map((c) => `${c}\t`).join("")}\n`);
  }
}

/** C's `%11.4e`: an exponent of two digits at least. */
function exponential(x: number): string {
  if (!Number.isFinite(x)) return (Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf").padStart(11);
  return x
    .toExponential(4)
    .replace(/e([+-])(\d)$/, "e$10$2")
    .padStart(11);
}
