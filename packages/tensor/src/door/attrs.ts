import { Generator } from "../random/generator.ts";

// The attributes of ops as JSON. Plain data goes as it is; what JSON lacks is an object with one field whose name starts with "$".

/** What an op's attributes are made of. */
export type Attr =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Generator
  | readonly Attr[]
  | { readonly [key: string]: Attr | undefined };

const special: readonly (readonly [name: string, value: number])[] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
];

/**
 * Attributes as values that JSON has.
 *
 * @throws TypeError for a function, a class instance or anything else that is no plain data, saying where it is.
 */
export function encodeAttrs(value: unknown, path = "attrs"): unknown {
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "number": {
      const found = special.find(([, x]) => Object.is(x, value));
      return found ? { $number: found[0] } : value;
    }
    case "bigint":
      return { $bigint: String(value) };
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((x, i) => encodeAttrs(x, `${path}[${i}]`));
      if (value instanceof Generator) return { $generator: nameOf(value) };
      if (value instanceof Uint8Array) return { $bytes: toBase64(value) };
      if (Object.getPrototypeOf(value) === Object.prototype) {
        const out: Record<string, unknown> = {};
        for (const [key, x] of Object.entries(value)) if (x !== undefined) out[key] = encodeAttrs(x, `${path}.${key}`);
        return out;
      }
  }
  throw new TypeError(
    `${path} is no plain data but ${typeof value === "object" ? "a class instance" : `a ${typeof value}`}`,
  );
}

/** What {@link encodeAttrs} was given. */
export function decodeAttrs(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeAttrs);
  const fields = Object.entries(value);
  if (fields.length === 1) {
    const [key, x] = fields[0];
    if (key === "$number") return special.find(([name]) => name === x)?.[1];
    if (key === "$bigint") return BigInt(String(x));
    if (key === "$generator") return named(Number(x));
    if (key === "$bytes") return fromBase64(String(x));
  }
  return Object.fromEntries(fields.map(([key, x]) => [key, decodeAttrs(x)]));
}

// generators have names once they are written down
const names = new WeakMap<Generator, number>();
const generators = new Map<number, WeakRef<Generator>>();
let nextName = 0;
function nameOf(generator: Generator): number {
  let name = names.get(generator);
  if (name === undefined) {
    name = nextName++;
    names.set(generator, name);
    generators.set(name, new WeakRef(generator));
  }
  return name;
}
function named(name: number): Generator {
  const found = generators.get(name)?.deref();
  if (!found) throw new TypeError(`generator ${name} is gone`);
  return found;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
