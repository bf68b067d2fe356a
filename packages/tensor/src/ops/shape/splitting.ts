import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Result } from "../../door/op.ts";
import { type SeveralViews, severalViews, viewsBy } from "../../door/view.ts";
import { checkInteger, checkIntegers } from "../../layout/integers.ts";
import { maxElements, normalizeDim } from "../../layout/shapes.ts";
import { valuesFor } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { cat, stack } from "./joining.ts";
import { narrow, slice } from "./view.ts";

/** As many tensors as a literal number says; a list where the number is not known, or large. */
export type Times<N extends number, T extends Tensor[] = []> = number extends N
  ? Tensor[]
  : T["length"] extends N
    ? T
    : T["length"] extends 32
      ? Tensor[]
      : Times<N, [...T, Tensor]>;
/** A tensor for each element of a list. */
export type Each<S extends readonly number[]> = { -readonly [K in keyof S]: Tensor };

/**
 * Parts along `dim`, of `size` each (the last one may be smaller) or of the listed sizes: `parts[k][i] = x[k size + i]`. Views.
 *
 * Shapes: [n, c] gives [size, c], [size, c], ... for `dim = 0`. Dtype: that of `x`.
 *
 * @throws ShapeError when listed sizes do not add up to the dimension, or `x` is 0-d.
 * @throws ArgumentError when `size` is no positive integer, or a listed one no integer from 0.
 * @throws IndexError when `dim` is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.split.html
 * @example
 * import { split, tensor } from "@flambeau/tensor";
 * console.log(split(tensor([1, 2, 3]), 2).map((part) => part.tolist())); // [[1, 2], [3]]
 * console.log(split(tensor([1, 2, 3]), [1, 2]).map((part) => part.tolist())); // [[1], [2, 3]]
 */
export function split<const S extends number | readonly number[]>(
  x: Tensor,
  size: S,
  dim?: number,
): S extends readonly number[] ? Each<S> : Tensor[];
export function split(x: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
  checkTensor("split", "x", x);
  const d = dimension("split", x, dim);
  const n = x.shape[d];
  if (!isList(size)) {
    checkInteger("split", "size", size, n > 0 ? 1 : 0);
    const count = size === 0 ? 1 : Math.max(1, Math.ceil(n / size));
    return parts(
      x,
      d,
      Array.from({ length: count }, (_, i) => Math.min(size, n - i * size)),
    );
  }
  const total = checkIntegers("split", "size", size, 0).reduce((a, b) => a + b, 0);
  if (total !== n)
    throw new ShapeError(
      "split",
      `sizes [${size.join(",")}] add up to ${total}, dimension ${d} of ${showShape(x.shape)} has ${n}`,
      [x.shape],
    );
  return parts(x, d, size);
}

const isList = (x: Sections): x is readonly number[] => Array.isArray(x);
const zerosOf = ({ backend, dtype, shape }: Result): Tensor => filledLike({ dtype, device: backend.name }, shape, 0);

export interface SplitAttrs {
  readonly dim: number;
  readonly sizes: readonly number[];
}
// one call with many results: its gradient is one concatenation, not a sum of padded parts
export const splitOp: SeveralViews<SplitAttrs> = severalViews({
  name: "split",
  forward([x], { dim, sizes }) {
    let at = 0;
    return sizes.map((size) => {
      const offset = x.offset + at * x.strides[dim];
      at += size;
      return viewOf(
        x,
        x.shape.map((s, i) => (i === dim ? size : s)),
        x.strides,
        offset,
      );
    });
  },
  vjp({ attrs: { dim }, outputs }, grads) {
    return [
      cat(
        grads.map((g, i) => g ?? zerosOf(outputs[i])),
        dim,
      ),
    ];
  },
});
const parts = (x: Tensor, dim: number, sizes: readonly number[]): Tensor[] => viewsBy(splitOp, x, { dim, sizes });
function dimension(op: string, x: Tensor, dim: number): number {
  if (x.ndim === 0) throw new ShapeError(op, "a 0-d tensor cannot be split", [x.shape]);
  return normalizeDim(op, dim, x.ndim);
}

/**
 * At most `chunks` parts of equal size along `dim`: `parts[k][i] = x[k size + i]` with `size = ceil(n / chunks)`; the last one may be
 * smaller, and there may be fewer, as in PyTorch (the type of the result, for a literal number, says that none is missing). Views.
 *
 * Shapes: [n, c] gives [size, c], [size, c], ... for `dim = 0`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `chunks` is no positive integer.
 * @throws ShapeError when `x` is 0-d.
 * @throws IndexError when `dim` is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.chunk.html
 * @example
 * arange(5).chunk(3).map((part) => part.tolist()); // [[0, 1], [2, 3], [4]]
 * arange(6).chunk(4).length; // 3
 */
export function chunk<const N extends number>(x: Tensor, chunks: N, dim?: number): Times<N>;
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  checkTensor("chunk", "x", x);
  checkInteger("chunk", "chunks", chunks, 1, maxElements);
  const d = dimension("chunk", x, dim);
  const size = Math.ceil(x.shape[d] / chunks);
  return size === 0 ? Array.from({ length: chunks }, () => narrow(x, d, 0, 0)) : split(x, size, d);
}

/** A number of parts, or the positions before which they end; also as a tensor. */
export type Sections = number | readonly number[] | Tensor;
/** The type of what such sections give. */
export type Sectioned<S extends Sections> = S extends number
  ? Times<S>
  : S extends readonly number[]
    ? Each<readonly [0, ...S]>
    : Tensor[];
const isTensor = (x: Sections): x is Tensor => typeof x === "object" && x !== null && "storage" in x;
function sectionsIn(x: Tensor): number | number[] {
  const why = "the parts' sizes depend on the values";
  const values = Array.from(
    valuesFor("tensorSplit", x, why, "pass the positions as numbers, or as a tensor on the cpu"),
    Number,
  );
  return x.ndim === 0 ? values[0] : values;
}
/**
 * Exactly `sections` parts along `dim`, or parts that end before each listed position: `parts[k][i] = x[starts[k] + i]`. Where a number
 * does not divide, the first parts are larger by one. Views.
 *
 * Shapes: [n, c] gives [n1, c], [n2, c], ... for `dim = 0`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `sections` is no positive integer, or a position no integer.
 * @throws ShapeError when `x` is 0-d.
 * @throws IndexError when `dim` is out of range.
 * @throws UnavailableError when the positions are a tensor on a device that cannot be read synchronously.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.tensor_split.html
 * @example
 * arange(5).tensorSplit(3).map((part) => part.tolist()); // [[0, 1], [2, 3], [4]]
 * arange(5).tensorSplit([1, 3]).map((part) => part.tolist()); // [[0], [1, 2], [3, 4]]
 */
export function tensorSplit<const S extends Sections>(x: Tensor, indicesOrSections: S, dim?: number): Sectioned<S>;
export function tensorSplit(x: Tensor, indicesOrSections: Sections, dim = 0): Tensor[] {
  if (unscoped()) return scoped(tensorSplit, x, indicesOrSections, dim);
  checkTensor("tensorSplit", "x", x);
  const d = dimension("tensorSplit", x, dim);
  const sections = isTensor(indicesOrSections) ? sectionsIn(indicesOrSections) : indicesOrSections;
  const n = x.shape[d];
  if (!isList(sections)) {
    checkInteger("tensorSplit", "sections", sections, 1, maxElements);
    const small = Math.floor(n / sections);
    const larger = n % sections;
    return split(
      x,
      Array.from({ length: sections }, (_, i) => small + (i < larger ? 1 : 0)),
      d,
    );
  }
  const starts = [0, ...checkIntegers("tensorSplit", "positions", sections)];
  return starts.map((start, i) => slice(x, d, start, i < sections.length ? sections[i] : n));
}

function divided<const S extends Sections>(
  op: string,
  x: Tensor,
  sections: S,
  dim: number,
  least: number,
): Sectioned<S> {
  if (x.ndim < least)
    throw new ShapeError(op, `needs at least ${least} dimension${least > 1 ? "s" : ""}, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  if (typeof sections === "number" && (sections < 1 || x.shape[dim] % sections !== 0))
    throw new ArgumentError(
      op,
      `${sections} sections do not divide dimension ${dim} of size ${x.shape[dim]}`,
      "tensorSplit allows unequal parts",
    );
  return tensorSplit(x, sections, dim);
}
/**
 * {@link tensorSplit} into columns, along dimension 1, of vectors along 0: `parts[k][i, j] = x[i, starts[k] + j]`.
 *
 * @throws ArgumentError when a number of sections does not divide.
 * @throws ShapeError when `x` is 0-d.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.hsplit.html
 * @example
 * tensor([[1, 2], [3, 4]]).hsplit(2).map((part) => part.tolist()); // [[[1], [3]], [[2], [4]]]
 */
export const hsplit = <const S extends Sections>(x: Tensor, sections: S): Sectioned<S> => {
  checkTensor("hsplit", "x", x);
  return divided("hsplit", x, sections, x.ndim > 1 ? 1 : 0, 1);
};
/**
 * {@link tensorSplit} into rows, along dimension 0: `parts[k][i, j] = x[starts[k] + i, j]`.
 *
 * @throws ArgumentError when a number of sections does not divide.
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.vsplit.html
 * @example
 * tensor([[1, 2], [3, 4]]).vsplit(2).map((part) => part.tolist()); // [[[1, 2]], [[3, 4]]]
 */
export const vsplit = <const S extends Sections>(x: Tensor, sections: S): Sectioned<S> => {
  checkTensor("vsplit", "x", x);
  return divided("vsplit", x, sections, 0, 2);
};
/**
 * {@link tensorSplit} in depth, along dimension 2: `parts[k][i, j, l] = x[i, j, starts[k] + l]`.
 *
 * @throws ArgumentError when a number of sections does not divide.
 * @throws ShapeError when `x` has fewer than three dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.dsplit.html
 * @example
 * zeros([2, 3, 4]).dsplit([1]).map((part) => part.shape); // [[2, 3, 1], [2, 3, 3]]
 */
export const dsplit = <const S extends Sections>(x: Tensor, sections: S): Sectioned<S> => {
  checkTensor("dsplit", "x", x);
  return divided("dsplit", x, sections, 2, 3);
};

export const unbindOp: SeveralViews<{ readonly dim: number }> = severalViews({
  name: "unbind",
  forward([x], { dim }) {
    const without = (list: readonly number[]) => list.filter((_, i) => i !== dim);
    const [shape, strides] = [without(x.shape), without(x.strides)];
    return Array.from({ length: x.shape[dim] }, (_, i) => viewOf(x, shape, strides, x.offset + i * x.strides[dim]));
  },
  vjp({ attrs: { dim }, outputs }, grads) {
    return [
      stack(
        grads.map((g, i) => g ?? zerosOf(outputs[i])),
        dim,
      ),
    ];
  },
});
/**
 * All slices along `dim`, without that dimension: `parts[k][j] = x[k, j]`. Views, and one node of the graph.
 *
 * Shapes: [n, c] gives n times [c] for `dim = 0`. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is 0-d.
 * @throws IndexError when `dim` is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.unbind.html
 * @example
 * const [x, y] = tensor([[1, 2], [3, 4]]).unbind(1);
 * x.tolist(); // [1, 3]
 * y.tolist(); // [2, 4]
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  checkTensor("unbind", "x", x);
  return viewsBy(unbindOp, x, { dim: dimension("unbind", x, dim) });
}
