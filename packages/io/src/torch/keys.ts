import { type Bag, type Dict, type Hash, kindOf, quote, type Run, Tuple, type Value } from "./values.ts";

/** Values in a key: real ones are a few numbers and strings. */
const maxParts = 64;
/** Letters of the strings in a tuple that is a key. */
const maxLetters = 1000;

/** What Python finds a key by: 1, 1.0 and True are one key. @throws FormatError for what Flambeau does not take as a key. */
export function hashOf(key: Value, run: Run): Hash {
  if (key === null || typeof key === "string" || typeof key === "number") return key;
  if (typeof key === "boolean") return key ? 1 : 0;
  if (typeof key === "bigint") return numeral(key);
  if (!(key instanceof Tuple)) return run.fail(`${kindOf(key)} is a key, or an element of a set`);
  const text = textOf(key, run);
  const known = run.tuples.get(text);
  if (known !== undefined) return known;
  const symbol = Symbol();
  run.tuples.set(text, symbol);
  return symbol;
}

const numeral = (n: bigint): number | bigint => (BigInt(Number(n)) === n ? Number(n) : n);

/** Equal tuples, and no others, have the same text. */
function textOf(tuple: Tuple, run: Run): string {
  let [parts, letters] = [0, 0];
  const text = (value: Value): string => {
    if (++parts > maxParts) run.fail(`a tuple of over ${maxParts} values is a key`);
    if (value instanceof Tuple) return `(${value.items.map(text).join()})`;
    if (typeof value === "string") {
      letters += value.length;
      if (letters > maxLetters) run.fail(`a tuple of over ${maxLetters} letters is a key`);
      return JSON.stringify(value);
    }
    return String(hashOf(value, run));
  };
  run.charge(maxParts);
  return text(tuple);
}

/** @throws FormatError for a key that is there: pickle writes each once. */
export function setEntry(dict: Dict, key: Value, value: Value, run: Run): void {
  const hash = hashOf(key, run);
  if (dict.entries.has(hash)) run.fail(`a dict has a key twice${typeof key === "string" ? `: ${quote(key)}` : ""}`);
  dict.entries.set(hash, [key, value]);
}

export function addItem(bag: Bag, item: Value, run: Run): void {
  bag.items.set(hashOf(item, run), item);
}
