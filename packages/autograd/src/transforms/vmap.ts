import {
  ArgumentError,
  cat,
  getRngState,
  IndexError,
  isTensor,
  movedim,
  ShapeError,
  setRngState,
  slice,
  type Tensor,
} from "@flambeau/tensor/functional";
import { checkFunction, checkInteger, checkOptions, type Kinds, option, show } from "@flambeau/tensor/plugin";
import { BatchLevel, type Randomness } from "./batch-level.ts";
import { spread } from "./batching/lanes.ts";
import { freeing } from "./freeing.ts";
import { isNode, mapTree, rebuild, tensorsIn } from "./tree.ts";

/** A batch dimension, null for what is the same for all samples, or the same structure as the arguments (or results) with one for each. */
export type BatchDims = number | null | readonly BatchDims[] | { readonly [key: string]: BatchDims };

export interface VmapOptions {
  /** Along which dimension each argument is a batch; null: the same for all samples. One for all arguments, or a list. Default 0. */
  readonly inDims?: BatchDims | undefined;
  /** Where the batch goes in the results. Default 0. */
  readonly outDims?: BatchDims | undefined;
  /** What random draws do: "error" (default), "same" for all samples, or "different" ones. */
  readonly randomness?: Randomness | undefined;
  /** At most so many samples at a time, to bound memory. Default: all at once. */
  readonly chunkSize?: number | null | undefined;
}
// the structure is checked against that of the arguments
const dims = option.either(option.number, option.orNull(option.object)) as Kinds<VmapOptions>["inDims"];
const kinds: Kinds<VmapOptions> = {
  inDims: dims,
  outDims: dims,
  randomness: option.oneOf("error", "same", "different"),
  chunkSize: option.orNull(option.number),
};

/** What `vmap(f)` returns: what `f` does, with batches. */
export type Vmapped<A extends readonly unknown[], R> = (...args: A) => R;

/** A leaf of the arguments, and along which dimension it is a batch. */
interface Mapped {
  readonly leaf: unknown;
  readonly dim: number | null;
}

/** Each leaf of `x` with its dimension of `spec`, which is one for all below it or has the same structure. */
function pairUp(x: unknown, spec: unknown, name: string, out: Mapped[]): void {
  if (spec === null || typeof spec === "number") {
    mapTree(x, (leaf, path) => {
      out.push({ leaf, dim: spec === null ? null : dimOf(leaf, spec, name + path) });
      return leaf;
    });
    return;
  }
  const wrong = () =>
    new ArgumentError(
      "vmap",
      `inDims does not have the structure of the arguments at ${name}: ${show(spec)} for ${show(x)}`,
    );
  if (!isNode(spec) || !isNode(x)) throw wrong();
  const parts = Object.entries(x);
  const specs = spec as { readonly [key: string]: unknown };
  if (parts.length !== Object.keys(spec).length) throw wrong();
  for (const [key, part] of parts) {
    if (!Object.hasOwn(spec, key)) throw wrong();
    pairUp(part, specs[key], Array.isArray(x) ? `${name}[${key}]` : `${name}.${key}`, out);
  }
}

function dimOf(leaf: unknown, dim: number, name: string): number {
  if (!isTensor(leaf))
    throw new ArgumentError(
      "vmap",
      `${name} is no tensor (${show(leaf)}), and cannot be mapped over`,
      "say null for it in inDims",
    );
  checkInteger("vmap", "inDims", dim);
  const at = dim < 0 ? dim + leaf.ndim : dim;
  if (at < 0 || at >= leaf.ndim)
    throw new IndexError(
      "vmap",
      `inDims says dimension ${dim} for ${name}, which has ${leaf.ndim} dimension${leaf.ndim === 1 ? "" : "s"}`,
    );
  return at;
}

/** The batch size that all mapped arguments share. */
function sizeOf(mapped: readonly Mapped[]): number {
  const sizes = mapped.flatMap(({ leaf, dim }) => (dim === null ? [] : [(leaf as Tensor).shape[dim]]));
  if (sizes.length === 0)
    throw new ArgumentError("vmap", "at least one argument must be mapped over: inDims is null for all");
  if (sizes.some((n) => n !== sizes[0]))
    throw new ShapeError(
      "vmap",
      `the arguments have different sizes in the dimension that is mapped over: ${sizes.join(", ")}`,
      [],
    );
  return sizes[0];
}

/** A result as a batch with its dimension where `dim` says. */
function placed(level: BatchLevel, t: unknown, dim: number | null, path: string): Tensor {
  if (!isTensor(t))
    throw new ArgumentError("vmap", `the function must return tensors, got ${show(t)}${path && ` at ${path}`}`);
  const batch = level.batchOf(t);
  if (dim === null) {
    if (batch === null) return t;
    throw new ArgumentError(
      "vmap",
      `outDims is null${path && ` at ${path}`}, but the result differs among the samples`,
    );
  }
  checkInteger("vmap", "outDims", dim);
  const value = batch ?? spread(t, level.size);
  if (dim < -value.ndim || dim >= value.ndim)
    throw new IndexError("vmap", `outDims says dimension ${dim} for a result of ${value.ndim} dimensions`);
  return dim === 0 ? value : movedim(value, 0, dim);
}

/** {@link placed} for each tensor of a result. */
function placeAll(level: BatchLevel, x: unknown, spec: unknown, path = ""): unknown {
  if (spec === null || typeof spec === "number") return mapTree(x, (leaf, at) => placed(level, leaf, spec, path + at));
  if (!isNode(spec) || !isNode(x) || Object.keys(spec).length !== Object.keys(x).length)
    throw new ArgumentError(
      "vmap",
      `outDims does not have the structure of what the function returns: ${show(spec)} for ${show(x)}`,
    );
  const specs = spec as { readonly [key: string]: unknown };
  const made: Record<string, unknown> = Array.isArray(x) ? ([] as never) : Object.create(Object.getPrototypeOf(x));
  for (const [key, part] of Object.entries(x)) {
    if (!Object.hasOwn(spec, key))
      throw new ArgumentError("vmap", `outDims does not have the structure of what the function returns: no ${key}`);
    made[key] = placeAll(level, part, specs[key], `${path}.${key}`);
  }
  return made;
}

/**
 * The function that does for each sample of a batch what `f` does for one: `vmap(f)(x)[i] = f(x[i])`, in one call of each op for all samples.
 *
 * `inDims` says along which dimension each argument is a batch (null: the same for all), `outDims` where the batch goes in the results; both
 * are one for all or follow the structure of the arguments and results. It nests, and goes with `grad`, `vjp` and `jvp` in any order:
 * `vmap(grad(f), { inDims: [null, 0] })` gives a gradient per sample. Ops without a rule for batches run sample by sample.
 *
 * Shapes: a result of shape [...] of `f` becomes [B, ...], its dtype stays.
 *
 * @throws ArgumentError for `inDims` or `outDims` of another structure, no argument that is mapped over, or a result that is no tensor.
 * @throws IndexError for a dimension out of range; ShapeError for batches of different sizes.
 * @throws DataDependentError when `f` reads values, or a shape depends on them.
 * @throws AutogradError for a random draw where `randomness` is "error".
 * @see https://docs.pytorch.org/docs/stable/generated/torch.func.vmap.html
 * @example
 * import { grad, type Tensor, tensor, vmap } from "flambeau";
 * const dot = (a: Tensor, b: Tensor) => a.mul(b).sum();
 * const x = tensor([[1, 2], [3, 4]]);
 * vmap(dot)(x, x).tolist(); // [5, 25]
 * vmap(grad(dot), { inDims: [null, 0] })(tensor([1, 1]), x).tolist(); // [[1, 2], [3, 4]]
 */
export function vmap<A extends readonly unknown[], R>(f: (...args: A) => R, options: VmapOptions = {}): Vmapped<A, R> {
  checkOptions("vmap", kinds, options);
  checkFunction("vmap", "f", f);
  const { inDims = 0, outDims = 0, randomness = "error", chunkSize = null } = options;
  if (chunkSize !== null) checkInteger("vmap", "chunkSize", chunkSize, 1);
  if (inDims === null) throw new ArgumentError("vmap", "at least one argument must be mapped over: inDims is null");
  return (...args: A): R => {
    const mapped: Mapped[] = [];
    if (isNode(inDims) && Object.keys(inDims).length !== args.length)
      throw new ArgumentError("vmap", `inDims has ${Object.keys(inDims).length} entries for ${args.length} arguments`);
    pairUp(args, inDims, "arguments", mapped);
    const size = sizeOf(mapped);
    const chunk = chunkSize === null ? size : Math.min(chunkSize, size);
    const part = (start: number, length: number) =>
      mapped.map(({ leaf, dim }) => {
        if (dim === null) return leaf;
        const t = leaf as Tensor; // dimOf has looked
        const own = length === size ? t : slice(t, dim, start, start + length);
        return dim === 0 ? own : movedim(own, dim, 0);
      });
    const once = (start: number, length: number): unknown => {
      const level = new BatchLevel(length, randomness);
      const lanes = part(start, length);
      const result = level.run(() => {
        let next = 0;
        const inside = mapTree(args, () => {
          const { dim } = mapped[next];
          const lane = lanes[next++];
          return dim === null ? lane : level.sample(lane as Tensor, false); // what has a dimension is a tensor
        });
        return f(...(inside as A));
      });
      return placeAll(level, result, outDims);
    };
    return freeing(() => {
      if (chunk === size || size === 0) return once(0, size);
      const parts: unknown[] = [];
      // what is the same for all samples is so in all chunks
      const state = randomness === "same" ? getRngState() : null;
      for (let start = 0; start < size; start += chunk) {
        if (state !== null) setRngState(state);
        parts.push(once(start, Math.min(chunk, size - start)));
      }
      return joined(parts, outDims);
    }) as R;
  };
}

/** The results of several chunks as one: batches are put together along their dimension. */
function joined(parts: readonly unknown[], spec: unknown): unknown {
  const [first] = parts;
  if (isNode(first) && isNode(spec)) {
    const specs = spec as { readonly [key: string]: unknown };
    const made: Record<string, unknown> = Array.isArray(first)
      ? ([] as never)
      : Object.create(Object.getPrototypeOf(first));
    for (const key of Object.keys(first))
      made[key] = joined(
        parts.map((part) => (part as { readonly [key: string]: unknown })[key]),
        specs[key],
      );
    return made;
  }
  if (spec === null) return first;
  const lists = parts.map((part) => tensorsIn("vmap", "the result", part));
  const whole = lists[0].map((_, i) =>
    cat(
      lists.map((list) => list[i]),
      spec as number,
    ),
  );
  return rebuild(first, whole);
}
