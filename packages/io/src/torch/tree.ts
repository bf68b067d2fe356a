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
  type Measure,
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
/** Calls `each` with what a container holds, keys too. */
function eachPart(value: Container, each: (part: Value) => void): void {
  if (value instanceof Bag) for (const item of value.items.values()) each(item);
  else if (value instanceof Dict) {
    for (const [key, item] of value.entries.values()) {
      each(key);
      each(item);
    }
  } else for (const item of value.items) each(item);
}

/**
 * The tensors of a value by name: the keys that lead to them with dots between, so that those of a state dict are called as there.
 *
 * @throws FormatError for what holds itself, is too deep, or is far more than it seems.
 */
export function tensorsOf(root: Value, file: string): Map<string, TensorRef> {
  const fail = (problem: string): never => {
    throw new FormatError(file, 0, problem, "save state dicts, and what is large in tensors");
  };
  measure(root, fail);
  const found = new Map<string, TensorRef>();
  const counts = new Map<string, number>();
  const path: string[] = [];
  let letters = 0;
  const visit = (value: Value): void => {
    if (value instanceof TensorRef) {
      const dotted = path.join(".");
      let name = dotted;
      // `a.b` beside `b` in `a`; a hostile file has many of one name, which are not counted from the start each time
      let n = counts.get(dotted) ?? 1;
      while (found.has(name)) name = `${dotted}~${++n}`;
      if (n > 1) counts.set(dotted, n);
      letters += name.length;
      if (letters > maxLetters) fail(`the names of the tensors have over ${maxLetters} letters`);
      found.set(name, value);
    } else if (value instanceof Dict) {
      for (const [key, item] of value.entries.values()) at(nameOf(key), item);
    } else if (isContainer(value)) {
      let i = 0;
      eachPart(value, (item) => at(String(i++), item));
    }
  };
  const at = (key: string, value: Value): void => {
    if (!(value instanceof TensorRef || (isContainer(value) && value.measure?.tensors))) return;
    path.push(key);
    visit(value);
    path.pop();
  };
  visit(root);
  return found;
}

const nameOf = (key: Value): string =>
  key instanceof Tuple ? `(${key.items.map(nameOf).join(", ")})` : key === null ? "None" : String(key);

const leaf: Measure = { places: 1, tensors: 0, levels: 0 };
const tensor: Measure = { places: 1, tensors: 1, levels: 0 };

/** Measures each container once, and refuses at the limits before anything is walked place by place. */
function measure(root: Value, fail: (problem: string) => never): void {
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
    if (value.measure !== undefined) return value.measure;
    if (open.has(value)) fail(`${kindOf(value)} holds itself`);
    if (open.size === maxDepth) fail(`the data lie over ${maxDepth} levels deep`);
    open.add(value);
    let [places, tensors, levels] = [1, 0, 1];
    eachPart(value, (item) => {
      const part = visit(item);
      places += part.places;
      tensors += part.tensors;
      levels = Math.max(levels, part.levels + 1);
    });
    // also where one that was measured elsewhere lies deeper here
    if (levels > maxDepth) fail(`the data lie over ${maxDepth} levels deep`);
    if (places > maxPlaces) fail(`the data are over ${maxPlaces} values, counted at each of their places`);
    open.delete(value);
    value.measure = { places, tensors, levels };
    return value.measure;
  };
  visit(root);
}

/** Plain data; what stands at several places is one object there, too. `made` gives the tensors that were read. */
export function plain(root: Value, made: ReadonlyMap<TensorRef, Tensor>): TorchValue {
  /** A tensor that was not read is left out of dicts and sets, and leaves its place in lists. */
  const present = (value: Value) => !(value instanceof TensorRef) || made.has(value);
  const build = (value: Value): TorchValue => {
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (value instanceof TensorRef) return made.get(value) ?? null;
    if (value instanceof Complex) return { re: value.re, im: value.im };
    if (value instanceof Label) return value.name;
    if (!isContainer(value)) return value as TorchValue; // measure() has refused what is none
    value.built ??= container(value);
    return value.built as TorchValue;
  };
  const container = (value: Container): object => {
    if (value instanceof Bag) return new Set(Array.from(value.items.values()).filter(present).map(build));
    if (!(value instanceof Dict)) return Array.from(value.items, build);
    return dictOf(value);
  };
  /** An object where all keys are strings that keep their order in one: those that are numbers would come first. */
  const dictOf = ({ entries }: Dict): object => {
    const all = Array.from(entries.values(), ([key]) => key);
    const here: [TorchValue, TorchValue][] = [];
    for (const [key, item] of entries.values()) if (present(item)) here.push([build(key), build(item)]);
    return isOrdered(all) ? Object.fromEntries(here) : new Map(here); // fromEntries() defines each name, "__proto__" too
  };
  return build(root);
}

/** Whether keys are strings of which an object keeps the order: it puts those that are array indices first, by their numbers. */
function isOrdered(keys: readonly Value[]): boolean {
  let last = -1;
  let names = false;
  for (const key of keys) {
    if (typeof key !== "string") return false;
    const index = /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1 ? Number(key) : undefined;
    if (index === undefined) names = true;
    else if (names || index < last) return false;
    else last = index;
  }
  return true;
}
