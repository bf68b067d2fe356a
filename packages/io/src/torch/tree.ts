// What a pickle holds as plain data, with the names of the tensors in it.
import type { Tensor } from "@flambeau/tensor/functional";
import { FormatError } from "@flambeau/tensor/functional";
import {
  Bag,
  Callable,
  Complex,
  Dict,
  kindOf,
  Label,
  List,
  StorageRef,
  TensorRef,
  Tuple,
  type Value,
} from "./values.ts";

/** What a file of PyTorch's can hold. */
export type TorchValue =
  | Tensor
  | Uint8Array
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly TorchValue[]
  | ReadonlySet<TorchValue>
  | ReadonlyMap<TorchValue, TorchValue>
  | { readonly [key: string]: TorchValue };

/** How deep containers may lie in each other, as in our checkpoints. */
const maxDepth = 256;
/** The most values, where one that stands at several places counts at each: what a caller may have to walk. */
const maxPlaces = 2 ** 22;
/** Letters of all names of tensors together. */
const maxLetters = 2 ** 26;

type Container = List | Tuple | Dict | Bag;
const isContainer = (value: Value): value is Container =>
  value instanceof List || value instanceof Tuple || value instanceof Dict || value instanceof Bag;
const partsOf = (value: Container): Iterable<Value> => {
  if (value instanceof Bag) return value.items.values();
  return value instanceof Dict ? Array.from(value.entries.values()).flat() : value.items;
};

/**
 * The tensors of a value by name: the keys that lead to them with dots between, so that those of a state dict are called as there.
 *
 * @throws FormatError for what holds itself, is too deep, or is far more than it seems.
 */
export function tensorsOf(root: Value, file: string): Map<string, TensorRef> {
  const fail = (problem: string): never => {
    throw new FormatError(file, 0, problem, "save state dicts, and what is large in tensors");
  };
  const measures = measured(root, fail);
  const found = new Map<string, TensorRef>();
  const path: string[] = [];
  let letters = 0;
  const visit = (value: Value): void => {
    if (value instanceof TensorRef) {
      const dotted = path.join(".");
      let name = dotted;
      // `a.b` beside `b` in `a`
      for (let n = 2; found.has(name); n++) name = `${dotted}~${n}`;
      letters += name.length;
      if (letters > maxLetters) fail(`the names of the tensors have over ${maxLetters} letters`);
      found.set(name, value);
    } else if (value instanceof Dict) {
      for (const [key, item] of value.entries.values()) at(nameOf(key), item);
    } else if (isContainer(value)) {
      let i = 0;
      for (const item of partsOf(value)) at(String(i++), item);
    }
  };
  const at = (key: string, value: Value): void => {
    if (!(value instanceof TensorRef) && !measures.get(value)?.tensors) return;
    path.push(key);
    visit(value);
    path.pop();
  };
  visit(root);
  return found;
}

const nameOf = (key: Value): string =>
  key instanceof Tuple ? `(${key.items.map(nameOf).join(", ")})` : key === null ? "None" : String(key);

/** Of what a container holds at all of its places: values, tensors, and the levels. */
interface Measure {
  readonly places: number;
  readonly tensors: number;
  readonly levels: number;
}
const leaf: Measure = { places: 1, tensors: 0, levels: 0 };
const tensor: Measure = { places: 1, tensors: 1, levels: 0 };

/** Measures each container once, and refuses at the limits before anything is walked place by place. */
function measured(root: Value, fail: (problem: string) => never): Map<Value, Measure> {
  const known = new Map<Value, Measure>();
  const open = new Set<Container>();
  const visit = (value: Value): Measure => {
    if (value instanceof TensorRef) return tensor;
    if (
      value instanceof Callable ||
      value instanceof StorageRef ||
      (value instanceof Label && value.kind.endsWith("class"))
    )
      return fail(`the file holds ${kindOf(value)} in the place of data`);
    if (!isContainer(value)) return leaf;
    const before = known.get(value);
    if (before !== undefined) return before;
    if (open.has(value)) fail(`${kindOf(value)} holds itself`);
    if (open.size === maxDepth) fail(`the data lie over ${maxDepth} levels deep`);
    open.add(value);
    let [places, tensors, levels] = [1, 0, 1];
    for (const item of partsOf(value)) {
      const part = visit(item);
      places += part.places;
      tensors += part.tensors;
      levels = Math.max(levels, part.levels + 1);
    }
    // also where one that was measured elsewhere lies deeper here
    if (levels > maxDepth) fail(`the data lie over ${maxDepth} levels deep`);
    if (places > maxPlaces) fail(`the data are over ${maxPlaces} values, counted at each of their places`);
    open.delete(value);
    const whole = { places, tensors, levels };
    known.set(value, whole);
    return whole;
  };
  visit(root);
  return known;
}

/** Plain data; what stands at several places is one object there, too. `made` gives the tensors that were read. */
export function plain(root: Value, made: ReadonlyMap<TensorRef, Tensor>): TorchValue {
  const built = new Map<Container, TorchValue>();
  /** A tensor that was not read is left out of dicts and sets, and leaves its place in lists. */
  const present = (value: Value) => !(value instanceof TensorRef) || made.has(value);
  const build = (value: Value): TorchValue => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (value instanceof TensorRef) return made.get(value) ?? null;
    if (value instanceof Complex) return { re: value.re, im: value.im };
    if (value instanceof Label) return value.name;
    if (!isContainer(value)) return value as TorchValue; // measured() has refused what is none
    const known = built.get(value);
    if (known !== undefined) return known;
    const whole = container(value);
    built.set(value, whole);
    return whole;
  };
  const container = (value: Container): TorchValue => {
    if (value instanceof Bag) return new Set(Array.from(value.items.values()).filter(present).map(build));
    if (!(value instanceof Dict)) return Array.from(value.items, build);
    const entries = Array.from(value.entries.values()).filter(([, item]) => present(item));
    return dictOf(entries.map(([key, item]) => [build(key), build(item)]));
  };
  return build(root);
}

/** An object where all keys are strings that keep their order in one: those that are numbers would come first. */
function dictOf(entries: readonly (readonly [TorchValue, TorchValue])[]): TorchValue {
  if (!entries.every((entry): entry is readonly [string, TorchValue] => typeof entry[0] === "string"))
    return new Map(entries);
  const record = Object.fromEntries(entries); // defines each name, "__proto__" too
  return Object.keys(record).every((key, i) => key === entries[i][0]) ? record : new Map(entries);
}
