import { isTensor, type Tensor } from "@flambeau/tensor/functional";
import { sameNumbers } from "./tree.ts";

// Arguments and results as a list: tensors, and all else that they consist of.

/** Where a list or an object begins: how many entries follow, or which. */
class Opening {
  readonly keys: readonly string[] | number;
  constructor(keys: readonly string[] | number) {
    this.keys = keys;
  }
}

const isPlain = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;

/** Tensors, values and openings of lists and plain objects, in order. Anything else is a value. */
export function leavesOf(value: unknown, leaves: unknown[] = []): unknown[] {
  if (isTensor(value) || typeof value !== "object" || value === null) leaves.push(value);
  else if (Array.isArray(value)) {
    leaves.push(new Opening(value.length));
    for (const v of value) leavesOf(v, leaves);
  } else if (isPlain(value)) {
    const keys = Object.keys(value);
    leaves.push(new Opening(keys));
    for (const key of keys) leavesOf((value as Record<string, unknown>)[key], leaves);
  } else leaves.push(value);
  return leaves;
}

/** The value of which these are the leaves, with `each` in the place of what is no opening. */
export function valueOf(leaves: readonly unknown[], each: (leaf: unknown) => unknown): unknown {
  let next = 0;
  const build = (): unknown => {
    const leaf = leaves[next++];
    if (!(leaf instanceof Opening)) return each(leaf);
    const { keys } = leaf;
    if (typeof keys === "number") return Array.from({ length: keys }, build);
    return Object.fromEntries(keys.map((key) => [key, build()]));
  };
  return build();
}

/** Whether a leaf stands for the same as one of an earlier call: a tensor for any that is laid out alike, all else for itself. */
export function sameLeaf(a: unknown, b: unknown): boolean {
  if (a instanceof Described) return (b instanceof Described || (isTensor(b) && !b.disposed)) && a.fits(b);
  if (a instanceof Opening) return b instanceof Opening && String(a.keys) === String(b.keys);
  return Object.is(a, b);
}

/** What a program can see of a tensor besides its values. */
export class Described {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: Tensor["dtype"];
  readonly backend: object;
  readonly requiresGrad: boolean;

  constructor({ shape, strides, offset, dtype, backend, requiresGrad }: Tensor) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.dtype = dtype;
    this.backend = backend;
    this.requiresGrad = requiresGrad;
  }
  fits(t: Described | Tensor): boolean {
    return (
      t.dtype === this.dtype &&
      t.offset === this.offset &&
      t.backend === this.backend &&
      t.requiresGrad === this.requiresGrad &&
      sameNumbers(t.shape, this.shape) &&
      sameNumbers(t.strides, this.strides)
    );
  }
}
