import { hasDevice } from "../../core/context.ts";
import { element, type Scalar } from "../../core/element.ts";
import { ArgumentError, IndexError, show, showShape } from "../../core/errors.ts";
import { boolean, checkOptions, type Kinds, none } from "../../core/options.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { alikeInWidth, toDevice, toDType } from "../../door/convert.ts";
import { applyInPlace } from "../../door/write.ts";
import { checkPosition } from "../../layout/integers.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { readable } from "../../lower/host.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { fromValues, scalarLike } from "../create/allocation.ts";
import { alias, copy_, fillOp, to } from "../create/copy.ts";
import { tensor } from "../create/creation.ts";
import { item } from "../read/values.ts";
import { reshape, select, slice, unsqueeze } from "../shape/view.ts";
import { pick, place, planOf } from "./advanced-index.ts";
import { inDTypeOf } from "./along.ts";
import { maskedFill_ } from "./masked.ts";

/** Elements from, from + step, ... below `to`; negative positions count from the end, left-out ones mean the start and the end. */
export interface Range {
  /** The first position (default: the start); negative ones count from the end. */
  readonly from?: number | null;
  /** The position behind the last one (default: the end); negative ones count from the end. */
  readonly to?: number | null;
  /** A positive integer (default 1). */
  readonly step?: number | null;
}
/** Nested lists of positions (or of booleans: a mask). */
export type IndexList = readonly (number | boolean | IndexList)[];
/** What stands for one or more dimensions in {@link at}. */
export type Index = number | Range | "..." | null | boolean | Tensor | IndexList;

interface Parsed {
  /** `x` after ints, ranges and new axes: a view. */
  readonly view: Tensor;
  /** Index tensors by the view's dimensions; empty when there are none. */
  readonly tensors: readonly (Tensor | null)[];
}

const asTensor = (x: Tensor, index: IndexList): Tensor => {
  const flat = index.flat(20);
  const mask = flat.length > 0 && flat.every((v) => typeof v === "boolean");
  const wrong = mask ? -1 : flat.findIndex((v) => typeof v !== "number" || v >> 0 !== v); // positions are int32
  if (wrong !== -1)
    throw new IndexError(
      "at",
      `a list of positions holds ${show(flat[wrong])}`,
      "lists hold integers, or only booleans (a mask)",
    );
  // the positions that a mask names are read from it
  const device = mask && hasDevice("cpu") ? "cpu" : x.device;
  return tensor(index, { dtype: mask ? "bool" : "int32", device });
};

const isRange = (i: unknown): i is Range =>
  typeof i === "object" && i !== null && !Array.isArray(i) && !(i instanceof Tensor);
const isList = (i: Index): i is IndexList => Array.isArray(i);

/**
 * An index tensor where `x` can use it: those on the cpu go with tensors of any device. Masks and single positions stay there, since
 * their values are read.
 */
function nearby(op: string, x: Tensor, index: Tensor): Tensor {
  if (index.backend === x.backend) return index;
  if (index.device !== "cpu") checkSameDevice(op, x, index);
  if (index.dtype === "bool" || index.ndim === 0) return index;
  return to(index, { device: x.device, dtype: x.backend.dtypes.has(index.dtype) ? index.dtype : "int32" });
}

function parse(op: string, x: Tensor, given: readonly Index[]): Parsed {
  const indices = given.map((i) => (isList(i) ? asTensor(x, i) : i instanceof Tensor ? nearby(op, x, i) : i));
  let used = 0;
  for (const i of indices) {
    if (i instanceof Tensor) used += i.dtype === "bool" ? i.ndim : 1;
    else if (typeof i === "number" || isRange(i)) used++;
  }
  if (used > x.ndim) throw new IndexError(op, `${used} indices for the ${x.ndim} dimensions of ${showShape(x.shape)}`);
  if (indices.filter((i) => i === "...").length > 1)
    throw new IndexError(op, 'only one "..." can stand for the remaining dimensions');
  let view = x;
  let d = 0;
  const tensors: (Tensor | null)[] = [];
  let covered = 0; // dimensions that `tensors` speaks of: a mask takes several
  let advanced = false;
  const step = (next: Tensor) => {
    if (view !== x) view.dispose();
    view = next;
  };
  const record = (t: Tensor, dims: number) => {
    for (; covered < d; covered++) tensors.push(null);
    tensors.push(t);
    d += dims;
    covered = d;
    advanced = true;
  };
  for (const i of indices) {
    if (typeof i === "number") step(selected(op, view, d, i));
    else if (i === "...") d += x.ndim - used;
    else if (i === null) step(unsqueeze(view, d++));
    else if (typeof i === "boolean") {
      step(unsqueeze(view, d));
      record(fromValues(op, i ? [0] : [], [i ? 1 : 0], { dtype: "int32", device: x.device }), 1);
    } else if (i instanceof Tensor) {
      if (i.ndim === 0 && i.dtype !== "bool" && readable(i)) step(selected(op, view, d, item(i)));
      else if (i.ndim === 0 && i.dtype === "bool") {
        step(unsqueeze(view, d));
        record(reshape(i, [1]), 1);
      } else record(i, i.dtype === "bool" ? i.ndim : 1);
    } else if (isRange(i)) {
      for (const key of Object.keys(i))
        if (key !== "from" && key !== "to" && key !== "step")
          throw new ArgumentError(op, `a range has from, to and step, not ${JSON.stringify(key)}`);
      step(slice(view, d++, i.from, i.to, i.step ?? 1));
    } else
      throw new IndexError(
        op,
        `${show(i)} is no index`,
        'an index is a number, { from, to, step }, "...", null, a list or a tensor',
      );
  }
  return { view, tensors: advanced ? tensors : [] };
}
function selected(op: string, x: Tensor, dim: number, index: number): Tensor {
  const n = x.shape[dim];
  const where = () => `dimension ${dim} of size ${n} (shape ${showShape(x.shape)})`;
  return select(x, dim, checkPosition(op, "index", index, n, where));
}

/**
 * Elements by position, as `x[...]` in NumPy and PyTorch: integers (negative from the end), ranges `{ from, to, step }`, `"..."` for the
 * dimensions in between, `null` for a new one; these give a view. Lists, integer tensors and bool masks pick elements (a copy).
 * Shapes: an integer takes its dimension away, a range shortens it, `null` adds one of size 1. Lists and tensors broadcast together, and
 * their common shape takes the place of the dimensions they index, or comes first when other dimensions lie between these; a mask counts as
 * the positions of its true elements. Dtype: that of `x`.
 *
 * @throws IndexError when a position is out of range, for too many indices, two "..." and masks of another size.
 * @throws ArgumentError when the step of a range is not positive, or the range has other fields.
 * @throws ShapeError when lists and tensors do not broadcast.
 * @throws UnavailableError for a mask on a device that cannot be read synchronously (WebGPU).
 * @see https://numpy.org/doc/stable/user/basics.indexing.html
 * @example
 * import { tensor } from "flambeau";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.at(0, { from: 1 }).tolist(); // [2, 3]
 * x.at("...", -1).tolist(); // [3, 6]
 * x.at([0, 1], [2, 0]).tolist(); // [3, 4]
 * x.at(x.gt(2)).tolist(); // [3, 4, 5, 6]
 */
export function at(x: Tensor, ...indices: Index[]): Tensor {
  checkTensor("at", "x", x);
  const { view, tensors } = parse("at", x, indices);
  if (tensors.length === 0) return view === x ? alias(x) : view;
  const out = picked(view, tensors);
  if (view !== x) view.dispose();
  return out;
}
const picked = (x: Tensor, tensors: readonly (Tensor | null)[]): Tensor =>
  unscoped() ? scoped(picked, x, tensors) : pick(x, planOf("at", x, tensors));

/**
 * Writes `value` (a number, or a tensor that broadcasts) to the elements that {@link at} gives for the same indices, in place:
 * `x[...] = value`.
 * Shapes: `value` broadcasts to the shape that {@link at} gives; the result is `x`. Dtype: `value` is converted to that of `x`.
 *
 * @throws ShapeError when `value` does not broadcast; the other errors are those of {@link at}.
 * @throws ArgumentError when a number does not fit the dtype of `x`, DTypeError when `value` is no number, boolean, bigint or tensor.
 * @throws AutogradError when `x` is a leaf that requires a gradient, while gradients are recorded.
 * @throws DeviceError when `value` lives on another device and lists or tensors index.
 * @see https://numpy.org/doc/stable/user/basics.indexing.html#assigning-values-to-indexed-arrays
 * @example
 * import { tensor, zeros } from "flambeau";
 * const x = zeros([2, 2]);
 * x.setAt_(1, "...", 0).tolist(); // [[1, 0], [1, 0]]
 * x.setAt_(tensor([5, 6]), 1).tolist(); // [[1, 0], [5, 6]]
 * x.setAt_(-1, x.eq(0)).tolist(); // [[1, -1], [5, 6]]
 */
export function setAt_(x: Tensor, value: Tensor | Scalar, ...indices: Index[]): Tensor {
  if (unscoped()) return scoped(setAt_, x, value, ...indices);
  checkTensor("setAt_", "x", x);
  const { view, tensors } = parse("setAt_", x, indices);
  const target = view === x ? alias(x) : view;
  if (tensors.length > 0) {
    const values = value instanceof Tensor ? value : scalarLike("setAt_", x, value);
    checkSameDevice("setAt_", x, values);
    const mask = values.size === 1 ? maskAlone(target, tensors) : null;
    // one value needs no positions, and so no read of the mask
    if (mask) maskedFill_(target, mask, toDType(reshape(values, []), x.dtype));
    else place("setAt_", target, planOf("setAt_", target, tensors), values, { accumulate: false, inPlace: true });
  } else if (!(value instanceof Tensor))
    applyInPlace(fillOp, target, [target], { value: element("setAt_", value, x.dtype) });
  else copy_(target, withoutLeadingOnes(value, target.ndim));
  target.dispose();
  return x;
}
/** The mask that is the only index tensor, in the shape that broadcasts against `x`; null for other indices. */
function maskAlone(x: Tensor, tensors: readonly (Tensor | null)[]): Tensor | null {
  const dim = tensors.findIndex((t) => t !== null);
  const mask = tensors[dim];
  if (mask?.dtype !== "bool" || tensors.some((t, i) => t !== null && i !== dim)) return null;
  if (mask.shape.some((s, i) => s !== x.shape[dim + i])) return null;
  return reshape(toDevice(mask, x.device), [...mask.shape, ...new Array<number>(x.ndim - dim - mask.ndim).fill(1)]);
}
function withoutLeadingOnes(x: Tensor, rank: number): Tensor {
  let lead = 0;
  while (x.ndim - lead > rank && x.shape[lead] === 1) lead++;
  return lead === 0 ? x : reshape(x, x.shape.slice(lead));
}

export interface IndexPutOptions {
  /** Add to what is there, also where an element is named several times (default false). */
  readonly accumulate?: boolean | undefined;
}
const indexPutKinds: Kinds<IndexPutOptions> = { accumulate: boolean };
function put(
  op: string,
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: IndexPutOptions,
  inPlace: boolean,
): Tensor {
  checkOptions(op, indexPutKinds, options);
  checkTensor(op, "x", x);
  const { accumulate = false } = options;
  if (!Array.isArray(indices))
    throw new ArgumentError(op, `indices must be a list of tensors and nulls, got ${show(indices)}`);
  const near = indices.map((i) => i && nearby(op, x, i));
  checkSameDevice(op, x, values);
  if (!inPlace) x = alikeInWidth(x, values)[0];
  return place(op, x, planOf(op, x, near), inDTypeOf(op, x, values, "values"), { accumulate, inPlace });
}
/**
 * A copy of `x` with `values` at the elements that index tensors or masks name, one for each leading dimension (null: all of it):
 * `y[indices[0][i], indices[1][i]] = values[i]`, or `+=` with `accumulate`. Negative indices count from the end.
 * Shapes: the indices broadcast together; `values` broadcasts to the shape that {@link at} gives for them; the result has the shape of `x`.
 * Dtype: that of `x`.
 *
 * @throws IndexError when an index is out of range, a mask has another size, or there are too many.
 * @throws ShapeError when the indices or `values` do not broadcast.
 * @throws DTypeError when `values` has another dtype than `x`, or an index is neither int32, int64 nor bool.
 * @throws DeviceError when the tensors live on different devices.
 * @throws UnavailableError for a mask on a device that cannot be read synchronously (WebGPU).
 * @see https://docs.pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
 * @example
 * const rows = tensor([0, 1, 0], { dtype: "int32" });
 * const columns = tensor([2, 0, 2], { dtype: "int32" });
 * const values = tensor([1, 2, 3]);
 * zeros([2, 3]).indexPut([rows, columns], values, { accumulate: true }).tolist(); // [[0, 0, 4], [2, 0, 0]]
 */
export const indexPut = (
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: IndexPutOptions = none,
): Tensor =>
  unscoped() ? scoped(indexPut, x, indices, values, options) : put("indexPut", x, indices, values, options, false);
/** In place {@link indexPut}: `x = indexPut(x, indices, values, options)`. */
export const indexPut_ = (
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  options: IndexPutOptions = none,
): Tensor => {
  if (unscoped()) return scoped(indexPut_, x, indices, values, options);
  return put("indexPut_", x, indices, values, options, true);
};
