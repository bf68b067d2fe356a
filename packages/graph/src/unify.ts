import { ArgumentError, cat, clone, noGrad, ShapeError, slice, type Tensor, tidy } from "@flambeau/tensor/functional";
import { show, showShape, withoutInterpreters } from "@flambeau/tensor/plugin";
import type { Dim } from "./dim.ts";
import type { Draft } from "./draft.ts";
import type { GraphCall, GraphDim, GraphParts, GraphValue } from "./parts.ts";

// From captures at several sizes, one graph for all: each number that differs between them is affine in one dimension of the inputs, or there is no such graph.

/** A dimension whose size the inputs of a run decide, and its sizes in the captures. */
interface Free {
  readonly name: string;
  /** In the first capture, in that of `alsoAt`, and in the one where it alone is another than in the first. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
}
/** A program at several sizes, beside the first ones. */
export interface Others {
  readonly free: readonly Free[];
  /** At the sizes of `alsoAt`. */
  readonly second: Draft;
  /** For each free dimension: as at first, but for its third size. */
  readonly apart: readonly Draft[];
}

/** The free dimensions, and the program at their other sizes. */
export function otherSizes(
  names: readonly string[],
  inputs: readonly Tensor[],
  alsoAt: readonly Tensor[],
  dims: readonly string[] | undefined,
  at: (inputs: readonly Tensor[]) => Draft,
): Others {
  if (alsoAt.length !== inputs.length)
    throw new ArgumentError("capture", `there are ${inputs.length} inputs, and ${alsoAt.length} in alsoAt`);
  const pairs: (readonly [first: number, second: number])[] = [];
  inputs.forEach((t, i) => {
    const other = alsoAt[i];
    if (other.ndim !== t.ndim || other.dtype !== t.dtype || other.device !== t.device)
      throw new ShapeError(
        "capture",
        `"${names[i]}" is ${t.dtype} ${showShape(t.shape)} on "${t.device}", and in alsoAt ${other.dtype} ${showShape(other.shape)} on "${other.device}": only sizes may differ`,
        [t.shape, other.shape],
      );
    t.shape.forEach((size, d) => {
      if (size !== other.shape[d] && !pairs.some(([a, b]) => a === size && b === other.shape[d]))
        pairs.push([size, other.shape[d]]);
    });
  });
  if (pairs.length === 0) throw new ArgumentError("capture", "alsoAt has the same sizes as the inputs");
  if (dims !== undefined && (dims.length !== pairs.length || new Set(dims).size < dims.length || dims.includes("")))
    throw new ArgumentError(
      "capture",
      `${pairs.length} sizes differ from those of alsoAt (${pairs.map(([a, b]) => `${a} and ${b}`).join(", ")}), dims names ${show(dims)}`,
      "sizes that differ in the same way are one dimension",
    );
  const free = pairs.map(([first, second], i) => ({
    name: dims?.[i] ?? `d${i}`,
    first,
    second,
    third: thirdOf(first, second),
  }));
  const second = at(alsoAt);
  return { free, second, apart: free.map((dim) => atThird(dim, inputs, alsoAt, at)) };
}

/** A third size: between two if possible, where the program is known to work, and not 1, which broadcasts. */
function thirdOf(a: number, b: number): number {
  const least = Math.min(a, b);
  if (Math.abs(a - b) > 1 && least > 0) return least + 1;
  return least > 2 ? least - 1 : Math.max(a, b) + 1;
}

/** The program where one dimension has its third size: elements of the inputs are there twice, or not at all. */
function atThird(
  { name, first, second, third }: Free,
  inputs: readonly Tensor[],
  alsoAt: readonly Tensor[],
  at: (inputs: readonly Tensor[]) => Draft,
): Draft {
  return tidy(() => {
    const changed = withoutInterpreters(() =>
      noGrad(() =>
        inputs.map((t, i) => {
          let out = t;
          t.shape.forEach((size, d) => {
            if (size !== first || alsoAt[i].shape[d] !== second) return;
            const parts = Array.from({ length: size === 0 ? 1 : Math.ceil(third / size) }, () => out);
            out = slice(cat(parts, d), d, 0, third);
          });
          return out === t ? t : clone(out);
        }),
      ),
    );
    changed.forEach((t, i) => {
      if (t !== inputs[i] && inputs[i].requiresGrad) t.requiresGrad = true;
    });
    try {
      return at(changed);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new ArgumentError(
        "capture",
        `at ${name} = ${third}, where it is captured to tell which sizes follow ${name}, the program fails: ${error.message.split("\n")[0]}`,
        "sizes that are products of others are not affine; one that follows another in any other way is a dimension of its own",
      );
    }
  });
}

/** One graph for all sizes. */
export function unify(first: Draft, { free, second, apart }: Others): GraphParts {
  return new Unifier(first, free, [second, ...apart]).parts();
}

class Unifier {
  readonly #first: Draft;
  readonly #free: readonly Free[];
  /** The second, then each with one dimension apart. */
  readonly #others: readonly Draft[];

  constructor(first: Draft, free: readonly Free[], others: readonly Draft[]) {
    this.#first = first;
    this.#free = free;
    this.#others = others;
  }

  parts(): GraphParts {
    const { parts } = this.#first;
    const all = this.#others.map((draft) => draft.parts);
    all.forEach((other, k) => void this.#checkForm(other, k));
    const dims: GraphDim[] = this.#free.map(({ name, first }) => ({ name, size: first }));
    return {
      ...parts,
      dims,
      inputs: parts.inputs.map((v, i) => this.#value(`input "${v.name}"`, v, (p) => p.inputs[i])),
      states: parts.states.map((v, i) => ({ ...v, ...this.#value(`"${v.name}"`, v, (p) => p.states[i]) })),
      nodes: parts.nodes.map((call, i) => this.#call(call, i)),
    };
  }

  /** Where a capture stands, in words. */
  #where(k: number): string {
    const sizes = this.#free.map(
      ({ name, first, second, third }, i) => `${name} = ${k === 0 ? second : k === i + 1 ? third : first}`,
    );
    return `at ${sizes.join(", ")}`;
  }
  #otherWay(k: number, what: string): ArgumentError {
    return new ArgumentError(
      "capture",
      `${this.#where(k)} the program takes another way: ${what}`,
      "a graph has the same calls at all sizes: loops over a size, and ifs that look at one, are those of one size",
    );
  }

  /** The same calls, wired in the same way. */
  #checkForm(other: GraphParts, k: number): void {
    const { parts, tensors, constants } = this.#first;
    const theirs = this.#others[k];
    for (let i = 0; i < Math.max(parts.nodes.length, other.nodes.length); i++) {
      const [a, b] = [parts.nodes[i], other.nodes[i]];
      const same =
        a && b && a.name === b.name && a.op === b.op && a.noGrad === b.noGrad && a.outputs.length === b.outputs.length;
      if (!same || !sameList(a.inputs, b.inputs))
        throw this.#otherWay(
          k,
          `${a ? `${a.name} is ${show(written(a))}` : "there is nothing"} at first, and ${b ? show(written(b)) : "nothing"} there`,
        );
    }
    const names = (p: GraphParts) => p.states.map((s) => `${s.kind} ${s.name}`);
    if (!sameList(names(parts), names(other)))
      throw this.#otherWay(k, "it uses other parameters, buffers or constants");
    for (const { name } of parts.states) {
      const [a, b] = [constants.get(name)?.bytes, theirs.constants.get(name)?.bytes];
      if (tensors.get(name) !== theirs.tensors.get(name) || (a && !sameList(a, b as Uint8Array)))
        throw this.#otherWay(k, `"${name}" has other elements`);
    }
    const rest = ({ output, mutations }: GraphParts) => JSON.stringify([output, mutations]);
    if (rest(parts) !== rest(other)) throw this.#otherWay(k, "it gives or writes other tensors");
  }

  #call(call: GraphCall, i: number): GraphCall {
    const others = this.#others.map(({ parts }) => parts.nodes[i]);
    return {
      ...call,
      attrs: this.#attr(
        call.name,
        "attrs",
        call.attrs,
        others.map((o) => o.attrs),
      ) as object,
      outputs: call.outputs.map((v, k) => this.#value(`the result of ${call.name}`, v, (p) => p.nodes[i].outputs[k])),
    };
  }

  #value(what: string, value: GraphValue, of: (parts: GraphParts) => GraphValue): GraphValue {
    const others = this.#others.map(({ parts }) => of(parts));
    others.forEach((other, k) => {
      if (other.dtype !== value.dtype || other.shape.length !== value.shape.length)
        throw this.#otherWay(
          k,
          `${what} is ${value.dtype} ${show(value.shape)} at first, and ${other.dtype} ${show(other.shape)} there`,
        );
    });
    const shape = value.shape.map((size, d) =>
      this.#affine(
        `${what} has a size`,
        size as number,
        others.map((o) => o.shape[d] as number),
      ),
    );
    return { ...value, shape };
  }

  /** Attributes of all captures as one. */
  #attr(name: string, path: string, value: unknown, others: readonly unknown[]): unknown {
    const what = `${name} has a number (${path})`;
    if (typeof value === "number" && others.every((o) => typeof o === "number"))
      return this.#affine(what, value, others);
    if (typeof value !== "object" || value === null) {
      const k = others.findIndex((o) => !Object.is(o, value));
      if (k >= 0) throw this.#otherWay(k, `${name} has ${path} ${show(value)} at first, and ${show(others[k])} there`);
      return value;
    }
    const keys = Object.keys(value);
    const k = others.findIndex((o) => typeof o !== "object" || o === null || !sameList(Object.keys(o), keys));
    if (k >= 0) throw this.#otherWay(k, `${name} has other ${path}`);
    const part = (key: string, at: string) =>
      this.#attr(
        name,
        at,
        (value as Keyed)[key],
        others.map((o) => (o as Keyed)[key]),
      );
    if (Array.isArray(value)) return keys.map((key) => part(key, `${path}[${key}]`));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value; // bytes, which only constants have
    return Object.fromEntries(keys.map((key) => [key, part(key, `${path}.${key}`)]));
  }

  /** A number that is `first` in the first capture and `others` in the others, as one of a dimension. */
  #affine(what: string, first: number, others: readonly number[]): Dim {
    if (others.every((o) => Object.is(o, first))) return first;
    const refused = () =>
      new ArgumentError(
        "capture",
        `${what} that is ${first} at first, ${others.map((o, k) => `${o} ${this.#where(k)}`).join(" and ")}: this is not an integer times one dimension plus an integer`,
        "leave all but one dimension as they are, or work around sizes that are products, quotients or limits of others",
      );
    const moved = this.#free.filter((_, i) => others[i + 1] !== first);
    if (moved.length !== 1) throw refused();
    const [dim] = moved;
    const times = (others[this.#free.indexOf(dim) + 1] - first) / (dim.third - dim.first);
    const plus = first - times * dim.first;
    if (!Number.isInteger(times) || !Number.isInteger(plus) || others[0] !== times * dim.second + plus) throw refused();
    return { dim: dim.name, times, plus };
  }
}

interface Keyed {
  readonly [key: string]: unknown;
}
const written = (call: GraphCall): string => `${call.op}(${call.inputs.join(", ")})`;
function sameList(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
