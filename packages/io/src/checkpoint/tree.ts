// A checkpoint's tree of plain values as JSON, with the tensors and typed arrays taken out of it into a flat list.
import { ArgumentError, FormatError, type Tensor } from "@flambeau/tensor/functional";
import type { TensorData } from "../tensor-data.ts";

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

export interface Flat {
  readonly json: string;
  /** By dotted path. */
  readonly tensors: [name: string, t: Tensor][];
  readonly arrays: [name: string, data: TensorData][];
}

/** @throws ArgumentError naming the path of a value that a checkpoint cannot hold. */
export function flatten(state: unknown): Flat {
  const tensors: Flat["tensors"] = [];
  const arrays: Flat["arrays"] = [];
  const names = new Set<string>();
  const inside = new Set<object>();
  /** A name for a leaf: its path, made different from `a.b` within `a` when both exist. */
  const nameFor = (path: string): string => {
    let name = path;
    for (let n = 2; names.has(name); n++) name = `${path}~${n}`;
    names.add(name);
    return name;
  };
  const within = (path: string, key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);

  const visit = (value: unknown, path: string): Json => {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") {
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [mark]: "number", value: Object.is(value, -0) ? "-0" : `${value}` };
    }
    if (typeof value === "bigint") return { [mark]: "bigint", value: `${value}` };
    if (value === undefined) return { [mark]: "undefined" };
    if (typeof value !== "object") throw cannot(path, `a ${typeof value}`);
    if (isTensor(value)) {
      const name = nameFor(path);
      tensors.push([name, value]);
      return { [mark]: "tensor", name };
    }
    if (value instanceof Uint8Array) {
      const name = nameFor(path);
      arrays.push([name, { dtype: "uint8", shape: [value.length], bytes: value }]);
      return { [mark]: "bytes", name };
    }
    if (inside.has(value)) throw cannot(path, "an object that contains itself");
    inside.add(value);
    const json = container(value, path);
    inside.delete(value);
    return json;
  };
  const container = (value: object, path: string): Json => {
    if (Array.isArray(value)) return value.map((item, i) => visit(item, within(path, i)));
    if (value instanceof Map) {
      const entries = [...value].map(([key, item]): Json => {
        if (typeof key !== "string" && typeof key !== "number")
          throw cannot(path, "a map whose keys are no strings or numbers");
        return [key, visit(item, within(path, key))];
      });
      return { [mark]: "map", entries };
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw cannot(path, `an instance of ${value.constructor?.name ?? "a class"}`);
    const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, visit(item, within(path, key))]);
    return mark in value ? { [mark]: "object", entries } : Object.fromEntries(entries);
  };
  return { json: JSON.stringify(visit(state, "")), tensors, arrays };
}

/** Not `instanceof`: a program may have two copies of the tensor package loaded. */
const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "storage" in value && "strides" in value && "dtype" in value;

const cannot = (path: string, what: string): ArgumentError =>
  new ArgumentError(
    "checkpoint",
    `"${path || "the state"}" is ${what}`,
    "a checkpoint holds tensors, numbers, strings, booleans, bigints, Uint8Arrays, arrays, maps and plain objects",
  );

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
  let tree: unknown;
  try {
    tree = JSON.parse(json);
  } catch {
    return fail("is not JSON");
  }
  const named = new Set<string>();
  const leaf = (name: unknown): TensorData => {
    const data = typeof name === "string" ? leaves.get(name) : undefined;
    if (typeof name !== "string" || !data)
      return fail(`names the tensor ${JSON.stringify(name)}, which the file does not hold`);
    if (named.has(name)) fail(`names the tensor "${name}" twice`);
    named.add(name);
    return data;
  };
  /** Checks a subtree and gives what builds it. */
  const check = (value: unknown): (() => State) => {
    if (typeof value !== "object" || value === null) {
      const plain = value as string | number | boolean | null; // JSON has no other values
      return () => plain;
    }
    if (Array.isArray(value)) {
      const items = value.map(check);
      return () => items.map((build) => build());
    }
    if (!(mark in value)) {
      const entries = Object.entries(value).map(([key, item]) => [key, check(item)] as const);
      return () => Object.fromEntries(entries.map(([key, build]) => [key, build()]));
    }
    return marked(value as { [key: string]: unknown });
  };
  const marked = ({ [mark]: kind, value, name, entries }: { [key: string]: unknown }): (() => State) => {
    switch (kind) {
      case "undefined":
        return () => undefined;
      case "number": {
        const number = typeof value === "string" ? unwritable.get(value) : undefined;
        return number === undefined ? fail(`has the unknown number ${JSON.stringify(value)}`) : () => number;
      }
      case "bigint": {
        if (typeof value !== "string" || !/^-?\d+$/.test(value))
          return fail(`has the unreadable bigint ${JSON.stringify(value)}`);
        const big = BigInt(value);
        return () => big;
      }
      case "tensor": {
        const data = leaf(name);
        return () => tensorOf(data);
      }
      case "bytes": {
        const data = leaf(name);
        if (data.dtype !== "uint8" || data.shape.length !== 1) fail(`has bytes in "${name}", which holds a tensor`);
        return () => data.bytes.slice();
      }
      case "map":
      case "object": {
        if (!Array.isArray(entries)) return fail(`has a ${kind} without entries`);
        const built = entries.map((entry: unknown) => {
          if (!Array.isArray(entry) || entry.length !== 2) return fail(`has a ${kind} with an unreadable entry`);
          const [key, item] = entry as unknown[];
          if (typeof key !== "string" && (kind === "object" || typeof key !== "number"))
            return fail(`has a ${kind} with an unreadable key`);
          return [key, check(item)] as const;
        });
        const whole = () => built.map(([key, build]) => [key, build()] as const);
        return kind === "map" ? () => new Map(whole()) : () => Object.fromEntries(whole());
      }
      default:
        return fail(`has the unknown kind ${JSON.stringify(kind)}`);
    }
  };
  const build = check(tree);
  for (const name of leaves.keys()) if (!named.has(name)) fail(`does not say what the tensor "${name}" is`);
  return build();
}
