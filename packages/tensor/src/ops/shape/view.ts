import { ArgumentError, IndexError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkTensor, empty, Tensor, viewOf } from "../../core/tensor.ts";
import { setEmbed, ViewOp, view, viewStrides } from "../../door/view.ts";
import { checkInteger, checkIntegers, checkPosition } from "../../layout/integers.ts";
import { overlapsItself } from "../../layout/overlap.ts";
import {
  checkList,
  checkShape,
  countElements,
  normalizeDim,
  normalizeDims,
  sameShape,
  sizeOf,
} from "../../layout/shapes.ts";
import { copyInto, fillInto } from "../../lower/move.ts";
import { clone } from "../create/copy.ts";
import { scatterAddFlat } from "../index/indexed.ts";

setEmbed((rule, g, shape, attrs) => {
  const out = fillInto(empty(g.backend, g.dtype, shape), 0);
  const { shape: s, strides, offset } = rule.layout(out, attrs);
  const window = viewOf(out, s, strides, offset);
  if (rule.overlaps && overlapsItself(window)) return scatterAddFlat(out, window, g);
  copyInto(window, g);
  return out;
});

export const permuteOp = new ViewOp<{ dims: readonly number[] }>({
  name: "permute",
  layout(x, { dims }) {
    const shape = new Array<number>(dims.length);
    const strides = new Array<number>(dims.length);
    for (let i = 0; i < dims.length; i++) {
      shape[i] = x.shape[dims[i]];
      strides[i] = x.strides[dims[i]];
    }
    return { shape, strides, offset: x.offset };
  },
  vjp(g, { dims }) {
    const inverse = new Array<number>(dims.length);
    dims.forEach((d, i) => {
      inverse[d] = i;
    });
    return permute(g, inverse);
  },
});
/**
 * Reorders dimensions, result dimension i being dimension `dims[i]` of `x`: `y[k, i, j] = x[i, j, k]` for `dims = [2, 0, 1]`. A view. As a
 * method it also takes the dimensions one after another.
 *
 * Shape: `x.shape[dims[i]]` along dimension i. Dtype: that of `x`.
 *
 * @throws ShapeError when there are not as many dims as dimensions.
 * @throws IndexError when one is out of range or comes twice.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.permute.html
 * @example
 * zeros([2, 3, 4]).permute(2, 0, 1).shape; // [4, 2, 3]
 * permute(tensor([[1, 2], [3, 4]]), [1, 0]).tolist(); // [[1, 3], [2, 4]]
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkTensor("permute", "x", x);
  checkList("permute", dims);
  if (dims.length !== x.ndim)
    throw new ShapeError(
      "permute",
      `expected ${x.ndim} dims for shape ${showShape(x.shape)}, got [${dims.join(",")}]`,
      [x.shape],
    );
  return view(permuteOp, x, { dims: normalizeDims("permute", dims, x.ndim) });
}
/**
 * Swaps two dimensions: `y[i, j] = x[j, i]`. A view.
 *
 * Shape: that of `x` with the two sizes swapped. Dtype: that of `x`.
 *
 * @throws IndexError when a dimension is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.transpose.html
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).transpose(0, 1).tolist(); // [[1, 4], [2, 5], [3, 6]]
 * zeros([2, 3, 4]).transpose(-2, -1).shape; // [2, 4, 3]
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor("transpose", "x", x);
  const a = normalizeDim("transpose", dim0, x.ndim);
  const b = normalizeDim("transpose", dim1, x.ndim);
  const dims = new Array<number>(x.ndim);
  for (let i = 0; i < dims.length; i++) dims[i] = i === a ? b : i === b ? a : i;
  return view(permuteOp, x, { dims });
}
/**
 * The transpose of a matrix: `y[i, j] = x[j, i]`; vectors and 0-d tensors stay as they are. A view.
 *
 * Shapes: [n, m] gives [m, n]. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has more than two dimensions.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.t.html
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).t().tolist(); // [[1, 4], [2, 5], [3, 6]]
 */
export function t(x: Tensor): Tensor {
  checkTensor("t", "x", x);
  if (x.ndim > 2)
    throw new ShapeError(
      "t",
      `expected at most 2 dimensions, got shape ${showShape(x.shape)}`,
      [x.shape],
      "use transpose(dim0, dim1)",
    );
  return x.ndim < 2 ? view(permuteOp, x, { dims: x.shape.map((_, i) => i) }) : transpose(x, 0, 1);
}
/**
 * Moves dimensions `source` to positions `destination`, the others keeping their order: `y[j, k, i] = x[i, j, k]` from 0 to -1. A view.
 *
 * Shape: that of `x` in the new order. Dtype: that of `x`.
 *
 * @throws ArgumentError when `source` and `destination` differ in length.
 * @throws IndexError when one is out of range or comes twice.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.movedim.html
 * @example
 * zeros([2, 3, 4]).movedim(0, -1).shape; // [3, 4, 2]
 * zeros([2, 3, 4]).movedim([0, 1], [2, 0]).shape; // [3, 4, 2]
 */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  checkTensor("movedim", "x", x);
  const from = normalizeDims("movedim", source, x.ndim);
  const to = normalizeDims("movedim", destination, x.ndim);
  if (from.length !== to.length)
    throw new ArgumentError("movedim", `source [${from.join(",")}] and destination [${to.join(",")}] differ in length`);
  const dims = new Array<number>(x.ndim).fill(-1);
  from.forEach((s, i) => {
    dims[to[i]] = s;
  });
  const rest = x.shape.map((_, i) => i).filter((i) => !from.includes(i));
  return view(permuteOp, x, { dims: dims.map((d) => (d === -1 ? (rest.shift() as number) : d)) }); // as many as there are gaps
}

export const expandOp = new ViewOp<{ shape: readonly number[] }>({
  name: "expand",
  layout(x, { shape }) {
    const lead = shape.length - x.shape.length;
    return {
      shape,
      strides: shape.map((s, i) => (i < lead || (x.shape[i - lead] === 1 && s !== 1) ? 0 : x.strides[i - lead])),
      offset: x.offset,
    };
  },
  vjp: (g) => g,
});
/**
 * Repeats dimensions of size 1 up to `shape` without copying: `y[i, j] = x[0, j]`; -1 keeps a size, and new dimensions come first. A view,
 * in which elements share memory. As a method it also takes the sizes one after another.
 *
 * Shapes: [1, c] gives [n, c], [c] gives [n, c]. Dtype: that of `x`.
 *
 * @throws ShapeError when a dimension of another size than 1 would have to grow, or `shape` has fewer dimensions than `x`.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.expand.html
 * @example
 * tensor([[1], [2]]).expand(-1, 3).tolist(); // [[1, 1, 1], [2, 2, 2]]
 * tensor([1, 2]).expand(2, 2).strides; // [0, 1]
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor("expand", "x", x);
  checkList("expand", shape);
  const lead = shape.length - x.ndim;
  const full = shape.map((s, i) => (s === -1 && i >= lead ? x.shape[i - lead] : s));
  if (lead < 0 || full.some((s, i) => s < 0 || (i >= lead && x.shape[i - lead] !== s && x.shape[i - lead] !== 1)))
    throw new ShapeError(
      "expand",
      `cannot expand ${showShape(x.shape)} to ${showShape(shape)}: only dimensions of size 1 grow`,
      [x.shape, shape],
    );
  countElements(full, "expand");
  return view(expandOp, x, { shape: full });
}
/**
 * {@link expand} to `shape`, or `x` itself when it has that shape already: `y[i, j] = x[0, j]`. Its name as a method is `expandTo`.
 *
 * @see https://docs.pytorch.org/docs/stable/generated/torch.broadcast_to.html
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]).tolist(); // [[1, 2], [1, 2]]
 */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor("broadcastTo", "x", x);
  checkList("broadcastTo", shape);
  return sameShape(x.shape, shape) ? x : expand(x, shape);
}

export const viewOpOf = new ViewOp<{ shape: readonly number[] }>({
  name: "view",
  layout(x, { shape }) {
    const strides = viewStrides(x.shape, x.strides, shape);
    if (strides === null)
      throw new ShapeError(
        "view",
        `${showShape(x.shape)} with strides ${showShape(x.strides)} cannot be seen as ${showShape(shape)} without copying`,
        [x.shape, shape],
        "use reshape(), which copies when it must",
      );
    return { shape, strides, offset: x.offset };
  },
  vjp: (g, _, shape) => reshape(g, shape),
});

/** Replaces one -1 by the size that fits. */
function inferShape(op: string, x: Tensor, shape: readonly number[]): readonly number[] {
  checkList(op, shape);
  const open = shape.indexOf(-1);
  if (shape.some((s) => typeof s !== "number")) countElements(shape, op); // bigints do not mix with numbers
  const known = shape.reduce((n, s) => (s === -1 ? n : n * s), 1);
  const bad = () =>
    new ShapeError(op, `shape ${showShape(shape)} does not hold the ${x.size} elements of ${showShape(x.shape)}`, [
      x.shape,
      shape,
    ]);
  if (open === -1) {
    checkShape(op, shape);
    if (known !== x.size) throw bad();
    return shape;
  }
  if (shape.indexOf(-1, open + 1) !== -1)
    throw new ShapeError(op, `only one size may be -1, got ${showShape(shape)}`, [shape]);
  if (known === 0 || x.size % known !== 0) throw bad();
  return checkShape(
    op,
    shape.map((s) => (s === -1 ? x.size / known : s)),
  );
}
/**
 * The same elements in another shape, or that of another tensor, in the same memory: `y[i, j] = x[i * m + j]` for a vector seen as [n, m];
 * one size may be -1. A view; the method `x.view(2, -1)` takes the sizes one after another.
 *
 * Shape: `shape`, or that of the tensor `shape`, which holds as many elements. Dtype: that of `x`.
 *
 * @throws ShapeError when that needs a copy (use {@link reshape}), or `shape` does not hold the elements.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.view.html
 * @example
 * const x = arange(6);
 * viewAs(x, [2, 3]).tolist(); // [[0, 1, 2], [3, 4, 5]]
 * x.view(3, -1).shape; // [3, 2]
 * x.viewAs(zeros([2, 3])).shape; // [2, 3]
 */
export function viewAs(x: Tensor, shape: readonly number[] | Tensor): Tensor {
  checkTensor("viewAs", "x", x);
  return view(viewOpOf, x, { shape: inferShape("view", x, shape instanceof Tensor ? shape.shape : shape) });
}
/**
 * The same elements, in row-major order, in another shape: `y[i, j] = x[i * m + j]` for a vector made [n, m]; one size may be -1. A view
 * when possible, else a copy. As a method it also takes the sizes one after another.
 *
 * Shape: `shape`, which holds as many elements. Dtype: that of `x`.
 *
 * @throws ShapeError when `shape` does not hold the elements, or more than one size is -1.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.reshape.html
 * @example
 * import { reshape, tensor } from "@flambeau/tensor";
 * console.log(reshape(tensor([1, 2, 3, 4]), [2, -1]).shape); // [2, 2]
 * console.log(tensor([[1, 2], [3, 4]]).t().reshape(4).tolist()); // [1, 3, 2, 4]
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor("reshape", "x", x);
  const full = inferShape("reshape", x, shape);
  const source = viewStrides(x.shape, x.strides, full) === null ? clone(x) : x;
  return view(viewOpOf, source, { shape: full });
}
/**
 * Joins dimensions `startDim` to `endDim` into one: `y[i * m + j] = x[i, j]`. A view when possible, else a copy.
 *
 * Shapes: [n, c, h, w] gives [n, c h w] for `startDim = 1`; 0-d tensors give [1]. Dtype: that of `x`.
 *
 * @throws ArgumentError when `startDim` comes after `endDim`.
 * @throws IndexError when one is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.flatten.html
 * @example
 * zeros([2, 3, 4]).flatten(1).shape; // [2, 12]
 * tensor([[1, 2], [3, 4]]).flatten().tolist(); // [1, 2, 3, 4]
 */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  checkTensor("flatten", "x", x);
  const a = normalizeDim("flatten", startDim, x.ndim);
  const b = normalizeDim("flatten", endDim, x.ndim);
  if (a > b) throw new ArgumentError("flatten", `startDim ${startDim} comes after endDim ${endDim}`);
  if (x.ndim === 0) return reshape(x, [1]);
  if (a === b) return x;
  return reshape(x, [...x.shape.slice(0, a), sizeOf(x.shape.slice(a, b + 1)), ...x.shape.slice(b + 1)]);
}
/**
 * Splits dimension `dim` into `sizes`, of which one may be -1: `y[i, j] = x[i * m + j]`. The inverse of {@link flatten}. A view when
 * possible, else a copy.
 *
 * Shapes: [n, a b] gives [n, a, b] for `dim = 1` and `sizes = [a, b]`. Dtype: that of `x`.
 *
 * @throws ShapeError when `sizes` do not multiply to the size along `dim`.
 * @throws IndexError when `dim` is out of range.
 * @throws ArgumentError when a size is no integer from -1.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.unflatten.html
 * @example
 * arange(6).unflatten(0, [2, -1]).tolist(); // [[0, 1, 2], [3, 4, 5]]
 */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  checkTensor("unflatten", "x", x);
  const d = normalizeDim("unflatten", dim, x.ndim);
  checkIntegers("unflatten", "sizes", sizes, -1);
  const known = sizes.reduce((n, s) => (s === -1 ? n : n * s), 1);
  const full = sizes.map((s) => (s === -1 ? x.shape[d] / known : s));
  if (sizeOf(full) !== x.shape[d] || full.some((s) => !Number.isInteger(s)))
    throw new ShapeError("unflatten", `sizes [${sizes.join(",")}] do not multiply to ${x.shape[d]}`, [x.shape]);
  return reshape(x, [...x.shape.slice(0, d), ...full, ...x.shape.slice(d + 1)]);
}
/**
 * Drops dimensions of size 1, all of them or those of `dim` that have size 1: `y[j] = x[0, j]`. A view.
 *
 * Shapes: [1, n, 1] gives [n], and [n, 1] for `dim = 0`. Dtype: that of `x`.
 *
 * @throws IndexError when one of `dim` is out of range or comes twice.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html
 * @example
 * const x = zeros([1, 2, 1]);
 * x.squeeze().shape; // [2]
 * x.squeeze(0).shape; // [2, 1]
 * x.squeeze(1).shape; // [1, 2, 1]
 */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  checkTensor("squeeze", "x", x);
  const dims = dim === undefined ? x.shape.map((_, i) => i) : normalizeDims("squeeze", dim, x.ndim);
  return viewAs(
    x,
    x.shape.filter((s, i) => !(s === 1 && dims.includes(i))),
  );
}
/**
 * Inserts a dimension of size 1 at `dim` (-1: behind the last): `y[i, 0, j] = x[i, j]` for `dim = 1`. A view.
 *
 * Shapes: [n, c] gives [1, n, c], [n, 1, c] or [n, c, 1]. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` is not one of the places, -ndim - 1 to ndim.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.unsqueeze.html
 * @example
 * tensor([1, 2]).unsqueeze(0).tolist(); // [[1, 2]]
 * tensor([1, 2]).unsqueeze(-1).tolist(); // [[1], [2]]
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  checkTensor("unsqueeze", "x", x);
  const d = normalizeDim("unsqueeze", dim, x.ndim + 1);
  return viewAs(x, [...x.shape.slice(0, d), 1, ...x.shape.slice(d)]);
}

export const selectOp = new ViewOp<{ dim: number; index: number }>({
  name: "select",
  layout: (x, { dim, index }) => ({
    shape: x.shape.filter((_, i) => i !== dim),
    strides: x.strides.filter((_, i) => i !== dim),
    offset: x.offset + index * x.strides[dim],
  }),
});
/**
 * Row `index` along `dim`, without that dimension: `y[j] = x[index, j]`. Negative positions count from the end. A view.
 *
 * Shapes: [n, c] gives [c] for `dim = 0`, [n] for `dim = 1`. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` or `index` is out of range, or `x` is 0-d.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.select.html
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * x.select(0, 1).tolist(); // [3, 4]
 * x.select(1, -1).tolist(); // [2, 4]
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  checkTensor("select", "x", x);
  if (x.ndim === 0) throw new IndexError("select", "a 0-d tensor has no dimension to select from");
  const d = normalizeDim("select", dim, x.ndim);
  const n = x.shape[d];
  const at = checkPosition("select", "index", index, n, () => `dimension ${d} of size ${n}`);
  return view(selectOp, x, { dim: d, index: at });
}

export const sliceOp = new ViewOp<{ dim: number; start: number; length: number; step: number }>({
  name: "slice",
  layout: (x, { dim, start, length, step }) => ({
    shape: x.shape.map((s, i) => (i === dim ? length : s)),
    strides: x.strides.map((s, i) => (i === dim ? s * step : s)),
    offset: x.offset + start * x.strides[dim],
  }),
});
/** A slice's end as one of 0..n: negative ones count from the end, and what lies beyond an end, however far, means that end. */
function clip(name: string, position: number, n: number): number {
  if (!Number.isInteger(position) && position !== Infinity && position !== -Infinity)
    throw new ArgumentError("slice", `${name} must be an integer, got ${show(position)}`);
  return Math.min(Math.max(position < 0 ? position + n : position, 0), n);
}
/**
 * Elements `start`, `start + step`, ... below `end` along `dim`: `y[i] = x[start + i * step]`. Negative positions count from the end, those
 * beyond an end are clipped, and null stands for either end. A view.
 *
 * Shape: that of `x` with ceil((end - start) / step) along `dim`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `step` is no positive integer ({@link flip} reverses), or a position is no integer.
 * @throws IndexError when `dim` is out of range, or `x` is 0-d.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/tensor_view.html
 * @example
 * const x = arange(6);
 * x.slice(0, 1, 5, 2).tolist(); // [1, 3]
 * x.slice(0, -2).tolist(); // [4, 5]
 * x.slice(0, 4, 100).tolist(); // [4, 5]
 */
export function slice(x: Tensor, dim = 0, start: number | null = null, end: number | null = null, step = 1): Tensor {
  checkTensor("slice", "x", x);
  if (x.ndim === 0) throw new IndexError("slice", "a 0-d tensor has no dimension to slice");
  const d = normalizeDim("slice", dim, x.ndim);
  if (!Number.isSafeInteger(step) || step < 1)
    throw new ArgumentError("slice", `step must be a positive integer, got ${show(step)}`, "flip() reverses");
  const n = x.shape[d];
  const from = clip("start", start ?? 0, n);
  const to = Math.max(clip("end", end ?? n, n), from);
  return view(sliceOp, x, { dim: d, start: from, length: Math.ceil((to - from) / step), step });
}
/**
 * `length` elements from `start` on along `dim`: `y[i] = x[start + i]`. A negative `start` counts from the end. A view.
 *
 * Shape: that of `x` with `length` along `dim`. Dtype: that of `x`.
 *
 * @throws IndexError when `dim` is out of range, or the elements are not all there.
 * @throws ArgumentError when `start` or `length` is no integer.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.narrow.html
 * @example
 * arange(5).narrow(0, 1, 3).tolist(); // [1, 2, 3]
 * tensor([[1, 2, 3], [4, 5, 6]]).narrow(1, -2, 2).tolist(); // [[2, 3], [5, 6]]
 */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  checkTensor("narrow", "x", x);
  const d = normalizeDim("narrow", dim, x.ndim);
  checkInteger("narrow", "start", start);
  checkInteger("narrow", "length", length);
  const n = x.shape[d];
  const from = start < 0 ? start + n : start;
  if (length < 0 || from < 0 || from + length > n)
    throw new IndexError("narrow", `start ${start} and length ${length} exceed dimension ${d} of size ${n}`);
  return view(sliceOp, x, { dim: d, start: from, length, step: 1 });
}

export const diagonalOp = new ViewOp<{ offset: number; dim1: number; dim2: number }>({
  name: "diagonal",
  layout(x, { offset, dim1, dim2 }) {
    const length = Math.max(
      0,
      offset >= 0 ? Math.min(x.shape[dim1], x.shape[dim2] - offset) : Math.min(x.shape[dim1] + offset, x.shape[dim2]),
    );
    const start = length === 0 ? 0 : offset >= 0 ? offset * x.strides[dim2] : -offset * x.strides[dim1];
    const rest = (list: readonly number[]) => list.filter((_, i) => i !== dim1 && i !== dim2);
    return {
      shape: [...rest(x.shape), length],
      strides: [...rest(x.strides), x.strides[dim1] + x.strides[dim2]],
      offset: x.offset + start,
    };
  },
});
/**
 * The diagonal `offset` above the main one of dimensions `dim1` and `dim2`, as a last dimension: `y[i] = x[i, i + offset]`, for a negative
 * offset `x[i - offset, i]`. A view.
 *
 * Shapes: [n, m] gives [min(n, m)] for `offset = 0`; [b, n, m] gives [b, min(n, m)] for `dim1 = 1` and `dim2 = 2`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
 * @throws IndexError when a dimension is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diagonal.html
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.diagonal().tolist(); // [1, 5]
 * x.diagonal(1).tolist(); // [2, 6]
 * x.diagonal(-1).tolist(); // [4]
 */
export function diagonal(x: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  checkTensor("diagonal", "x", x);
  const a = normalizeDim("diagonal", dim1, x.ndim);
  const b = normalizeDim("diagonal", dim2, x.ndim);
  checkInteger("diagonal", "offset", offset);
  if (a === b) throw new ArgumentError("diagonal", `dim1 and dim2 are the same dimension ${a}`);
  return view(diagonalOp, x, { offset, dim1: a, dim2: b });
}

export const unfoldOp = new ViewOp<{ dim: number; size: number; step: number }>({
  name: "unfold",
  overlaps: true,
  layout: (x, { dim, size, step }) =>
    x.shape.length === 0
      ? { shape: [size], strides: [1], offset: x.offset }
      : {
          shape: [...x.shape.map((s, i) => (i === dim ? Math.floor((s - size) / step) + 1 : s)), size],
          strides: [...x.strides.map((s, i) => (i === dim ? s * step : s)), x.strides[dim]],
          offset: x.offset,
        },
});
/**
 * Windows of `size` elements, `step` apart, along `dim`: `y[w, k] = x[w * step + k]`; the window is a new last dimension. A view, in which
 * windows share elements.
 *
 * Shapes: [n, c] gives [floor((n - size) / step) + 1, c, size] for `dim = 0`. Dtype: that of `x`.
 *
 * @throws ArgumentError when the window does not fit, or `step` is no positive integer.
 * @throws IndexError when `dim` is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
 * @example
 * arange(5).unfold(0, 3, 2).tolist(); // [[0, 1, 2], [2, 3, 4]]
 * arange(4).unfold(0, 2, 1).sum(-1).tolist(); // [1, 3, 5]
 */
export function unfold(x: Tensor, dim: number, size: number, step: number): Tensor {
  checkTensor("unfold", "x", x);
  const d = normalizeDim("unfold", dim, x.ndim);
  const n = x.ndim === 0 ? 1 : x.shape[d];
  checkInteger("unfold", "size", size);
  checkInteger("unfold", "step", step, 1);
  if (size > n || size < 0)
    throw new ArgumentError("unfold", `window of ${size} does not fit dimension ${d} of size ${n}`);
  return view(unfoldOp, x, { dim: d, size, step });
}
