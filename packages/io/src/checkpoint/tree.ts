// A checkpoint's tree of plain values as JSON, with the tensors and typed arrays taken out of it into a flat list.
import { ArgumentError, FormatError, type Tensor } from "@flambeau/tensor/functional";
import { isTensor, type TensorData } from "../tensor-data.ts";

/** What a checkpoint can hold. */
export type State =
  | Tensor
  | Uint8Array
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly State[]
  | ReadonlyMap<string | number, State>
  | { readonly [key: string]: State };

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The numbers that JSON does not have. */
const unwritable: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** Marks an object that stands for something which JSON does not have. */
const mark = "$";

/** How deep arrays, maps and objects may lie in each other: far from where an engine's stack ends, on both sides. */
const maxDepth = 256;
/** Levels of JSON that a map takes: an object, its entries, an entry. */
const jsonDepth = 3 * maxDepth;
/** Reading digits takes time that grows faster than their number. */
const maxDigits = 10_000;

export interface Flat {
  readonly json: string;
  /** By dotted path. */
  readonly tensors: [name: string, t: Tensor][];
  readonly arrays: [name: string, data: TensorData][];
}

/**
 * @param taken names that no tensor may get.
 * @throws ArgumentError naming the path of a value that a checkpoint cannot hold.
 */
export function flatten(state: unknown, taken: readonly string[]): Flat {
  const tensors: Flat["tensors"] = [];
  const arrays: Flat["arrays"] = [];
  const names = new Set<string>(taken);
  const inside = new Set<object>();
  /** The keys that lead to the value at hand. */
  const path: (string | number)[] = [];
  /** A name for a leaf: its path, made different from `a.b` within `a` when both exist. */
  const nameOfLeaf = (): string => {
    const dotted = path.join(".").toWellFormed();
    let name = dotted;
    for (let n = 2; names.has(name); n++) name = `${dotted}~${n}`;
    names.add(name);
    return name;
  };
  const cannot = (what: string): ArgumentError =>
    new ArgumentError(
      "checkpoint",
      `"${path.join(".") || "the state"}" is ${what}`,
      "a checkpoint holds tensors, numbers, strings, booleans, bigints, Uint8Arrays, arrays, maps and plain objects",
    );

  const visit = (value: unknown): Json => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") {
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [mark]: "number", value: Object.is(value, -0) ? "-0" : `${value}` };
    }
    if (typeof value === "bigint") {
      const digits = `${value}`;
      if (digits.length > maxDigits) throw cannot(`a bigint of over ${maxDigits} digits`);
      return { [mark]: "bigint", value: digits };
    }
    if (value === undefined) return { [mark]: "undefined" };
    if (typeof value !== "object") throw cannot(`a ${typeof value}`);
    if (isTensor(value)) {
      const name = nameOfLeaf();
      tensors.push([name, value]);
      return { [mark]: "tensor", name };
    }
    if (value instanceof Uint8Array) {
      const name = nameOfLeaf();
      arrays.push([name, { dtype: "uint8", shape: [value.length], bytes: value }]);
      return { [mark]: "bytes", name };
    }
    if (inside.has(value)) throw cannot("an object that contains itself");
    if (inside.size === maxDepth) throw cannot(`over ${maxDepth} levels deep`);
    inside.add(value);
    const json = container(value);
    inside.delete(value);
    return json;
  };
  const at = (key: string | number, value: unknown): Json => {
    path.push(key);
    const json = visit(value);
    path.pop();
    return json;
  };
  const container = (value: object): Json => {
    if (Array.isArray(value)) return Array.from(value, (item, i) => at(i, item)); // map() would leave holes
    if (value instanceof Map) {
      const entries = Array.from(value, ([key, item]): Json => {
        if (typeof key !== "string" && typeof key !== "number")
          throw cannot("a map whose keys are no strings or numbers");
        return [visit(key), at(key, item)];
      });
      return { [mark]: "map", entries };
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw cannot(`an instance of ${value.constructor?.name ?? "a class"}`);
    if (Object.getOwnPropertySymbols(value).length > 0) throw cannot("an object with symbols for keys");
    const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, at(key, item)]);
    return mark in value ? { [mark]: "object", entries } : Object.fromEntries(entries);
  };
  return { json: stringify(visit(state)), tensors, arrays };
}

function stringify(json: Json): string {
  try {
    return JSON.stringify(json);
  } catch {
    // the engine's strings end at some 500 million letters
    const hint = "keep long lists of numbers in tensors";
    throw new ArgumentError("checkpoint", "the numbers, strings and names are more than one text can hold", hint);
  }
}

/**
 * The tree back from its JSON. `tensorOf` makes a tensor and is called only when the whole tree has been found sound.
 * @throws FormatError when the JSON is not such a tree, or does not name each leaf exactly once.
 */
export function unflatten(
  json: string,
  leaves: ReadonlyMap<string, TensorData>,
  file: string,
  tensorOf: (data: TensorData) => Tensor,
): State {
  const fail = (problem: string): never => {
    throw new FormatError(file, 8, `the checkpoint's state ${problem}`);
  };
  if (nesting(json, jsonDepth) > jsonDepth) fail(`is over ${maxDepth} levels deep`);
  let tree: unknown;
  try {
    tree = JSON.parse(json);
  } catch {
    return fail("is not JSON");
  }
  const named = new Set<string>();
  const checkLeaf = (name: unknown): TensorData => {
    const data = typeof name === "string" ? leaves.get(name) : undefined;
    if (typeof name !== "string" || !data)
      return fail(`names the tensor ${JSON.stringify(name)}, which the file does not hold`);
    if (named.has(name)) fail(`names the tensor "${name}" twice`);
    named.add(name);
    return data;
  };
  const check = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null) return;
    if (depth > maxDepth) fail(`is over ${maxDepth} levels deep`);
    if (Array.isArray(value)) for (const item of value) check(item, depth + 1);
    else if (mark in value) checkMarked(value as Marked, depth);
    else for (const item of Object.values(value)) check(item, depth + 1);
  };
  const checkMarked = ({ [mark]: kind, value, name, entries }: Marked, depth: number): void => {
    switch (kind) {
      case "undefined":
        return;
      case "number":
        if (typeof value !== "string" || !unwritable.has(value))
          fail(`has the unknown number ${JSON.stringify(value)}`);
        return;
      case "bigint":
        if (typeof value !== "string" || value.length > maxDigits || !/^-?\d+$/.test(value))
          fail(`has the unreadable bigint ${JSON.stringify(value)?.slice(0, 80)}`);
        return;
      case "tensor":
        checkLeaf(name);
        return;
      case "bytes": {
        const { dtype, shape } = checkLeaf(name);
        if (dtype !== "uint8" || shape.length !== 1) fail(`has bytes in "${name}", which holds a tensor`);
        return;
      }
      case "map":
      case "object":
        if (!Array.isArray(entries)) return fail(`has a ${kind} without entries`);
        for (const entry of entries as unknown[]) {
          if (!Array.isArray(entry) || entry.length !== 2) return fail(`has a ${kind} with an unreadable entry`);
          const [key, item] = entry as unknown[];
          if (typeof key !== "string" && (kind === "object" || !isNumber(key)))
            fail(`has a ${kind} with an unreadable key`);
          check(item, depth + 1);
        }
        return;
      default:
        fail(`has the unknown kind ${JSON.stringify(kind)?.slice(0, 80)}`);
    }
  };
  check(tree, 1);
  for (const name of leaves.keys()) if (!named.has(name)) fail(`does not say what the tensor "${name}" is`);

  // from here on nothing can be wrong: what is marked is put in the place of its mark
  const build = (value: unknown): State => {
    if (typeof value !== "object" || value === null) return value as State; // JSON has no other values
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) if (typeof value[i] === "object") value[i] = build(value[i]);
      return value;
    }
    if (mark in value) return buildMarked(value as Checked);
    const record = value as { [key: string]: unknown };
    // an assignment to this name would change the prototype
    if (Object.hasOwn(record, "__proto__"))
      return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, build(v)]));
    for (const key in record) if (typeof record[key] === "object") record[key] = build(record[key]);
    return record as State;
  };
  const buildMarked = ({ [mark]: kind, value, name, entries }: Checked): State => {
    const data = leaves.get(name);
    if (kind === "tensor" && data) return tensorOf(data);
    if (kind === "bytes" && data) return data.bytes.slice();
    if (kind === "number") return unwritable.get(value);
    if (kind === "bigint") return BigInt(value);
    if (kind === "undefined") return undefined;
    const built = entries.map(([key, item]) => [build(key) as string | number, build(item)] as const);
    return kind === "map" ? new Map(built) : Object.fromEntries(built);
  };
  return build(tree);
}

/** What stands in JSON for something else; anything, before it is checked. */
interface Marked {
  readonly [mark]: unknown;
  readonly value?: unknown;
  readonly name?: unknown;
  readonly entries?: unknown;
}
/** The same afterwards; each kind has its own fields only. */
interface Checked {
  readonly [mark]: "undefined" | "number" | "bigint" | "tensor" | "bytes" | "map" | "object";
  readonly value: string;
  readonly name: string;
  readonly entries: readonly (readonly [unknown, unknown])[];
}

/** A number, or what stands for one. */
const isNumber = (key: unknown): boolean =>
  typeof key === "number" ||
  (typeof key === "object" &&
    key !== null &&
    (key as Marked)[mark] === "number" &&
    unwritable.has((key as Marked).value as string));

/** How deep the brackets of a JSON text go; it is not looked at further where they go deeper than `limit`. */
function nesting(json: string, limit: number): number {
  let [depth, deepest] = [0, 0];
  for (let i = 0; i < json.length && deepest <= limit; i++) {
    const letter = json.charCodeAt(i);
    if (letter === 0x22) {
      for (i++; i < json.length && json.charCodeAt(i) !== 0x22; i++) if (json.charCodeAt(i) === 0x5c) i++;
    } else if (letter === 0x5b || letter === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (letter === 0x5d || letter === 0x7d) depth--;
  }
  return deepest;
}
