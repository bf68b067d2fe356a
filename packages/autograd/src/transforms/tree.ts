import { ArgumentError, isTensor, type Tensor } from "@flambeau/tensor/functional";
import { named, show } from "@flambeau/tensor/plugin";

// Structured arguments and results: tensors inside arrays, plain objects and named results.

/** A tensor, or arrays and plain objects of such. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };
/** The same structure with something else in the place of each tensor. */
export type Like<T, X> = T extends Tensor
  ? X
  : T extends readonly unknown[]
    ? { [K in keyof T]: Like<T[K], X> }
    : T extends object
      ? { [K in keyof T]: Like<T[K], X> }
      : T;

const isPlain = (x: object): boolean => {
  const prototype = Object.getPrototypeOf(x);
  return prototype === Object.prototype || prototype === null;
};
/** Whether `x` holds other values: an array, a plain object or named results. */
export const isNode = (x: unknown): x is object =>
  typeof x === "object" && x !== null && !isTensor(x) && (Array.isArray(x) || isPlain(x) || named in x);

/** The same structure, with `f` of each leaf (whatever is no array, plain object or named result) and of where it stands. */
export function mapTree(x: unknown, f: (leaf: unknown, path: string) => unknown, path = ""): unknown {
  if (!isNode(x)) return f(x, path);
  if (Array.isArray(x)) return x.map((part, i) => mapTree(part, f, `${path}[${i}]`));
  const made: Record<string, unknown> = Object.create(Object.getPrototypeOf(x));
  for (const [key, part] of Object.entries(x)) made[key] = mapTree(part, f, `${path}.${key}`);
  return made;
}

/** The tensors of `x`, in order. @throws ArgumentError for a leaf that is none. */
export function tensorsIn(op: string, name: string, x: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTree(x, (leaf, path) => {
    if (!isTensor(leaf))
      throw new ArgumentError(
        op,
        `${name}${path} must be a tensor, or an array or plain object of tensors, got ${show(leaf)}`,
      );
    found.push(leaf);
    return leaf;
  });
  return found;
}

/** The structure of `x` with `list` in the place of its tensors, in order. */
export function rebuild<X>(x: unknown, list: readonly X[]): unknown {
  let next = 0;
  return mapTree(x, (leaf) => (isTensor(leaf) ? list[next++] : leaf));
}
