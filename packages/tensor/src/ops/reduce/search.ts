import { ArgumentError, DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { tensor as aTensor, boolean, checkOptions, type Kinds, none, oneOf } from "../../core/options.ts";
import { checkTensor, empty, Tensor } from "../../core/tensor.ts";
import { pointwiseCall } from "../../door/calls.ts";
import { toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { type Pointwise, pointwise } from "../../door/pointwise.ts";
import { applyOne } from "../../door/run.ts";
import { where as choose, scalar } from "../../expr/expr.ts";
import { resultType } from "../../layout/promotion.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { fillInto } from "../../lower/move.ts";
import { squeezeFresh } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { scalarTensor } from "../create/creation.ts";
import { takeAt } from "../index/scattering.ts";
import { logicalNot } from "../pointwise/comparison.ts";
import { reshape } from "../shape/view.ts";
import { sorted } from "./sorting.ts";

const part = { title: "searchsorted", differentiable: false } as const;
const compare = { title: "searchsorted", category: "compare" } as const;
export const middleOp = pointwise("searchMiddle", (low, high) => scalar.shr(low.add(high), 1), part);
export const clippedOp = pointwise("searchClipped", (i, n) => scalar.min(i, n.sub(1)), part);
// written so that a NaN goes behind everything
export const belowOp = pointwise("searchBelow", (x, at) => at.ge(x).not(), compare);
export const notAboveOp = pointwise("searchNotAbove", (x, at) => at.gt(x).not(), compare);
export const raiseOp = pointwise(
  "searchRaise",
  (goes, low, high, mid) => choose(goes.and(low.lt(high)), mid.add(1), low),
  part,
);
export const lowerOp = pointwise(
  "searchLower",
  (goes, low, high, mid) => choose(goes.or(low.ge(high)), high, mid),
  part,
);

/** Places of `values` in `lines`, both with the same leading dimensions, by bisection along the last one. Outside any graph. */
function bisect(lines: Tensor, values: Tensor, goesBehind: Pointwise): Tensor {
  return local(() => {
    const n = lines.shape[lines.ndim - 1];
    let low = fillInto(empty(values.backend, "int32", values.shape), 0);
    let high = fillInto(empty(values.backend, "int32", values.shape), n);
    for (let steps = Math.ceil(Math.log2(n + 1)); steps > 0; steps--) {
      const mid = pointwiseCall(middleOp, [low, high]);
      const found = takeAt(lines, lines.ndim - 1, pointwiseCall(clippedOp, [mid, n]));
      const goes = pointwiseCall(goesBehind, [values, found]);
      [low, high] = [pointwiseCall(raiseOp, [goes, low, high, mid]), pointwiseCall(lowerOp, [goes, low, high, mid])];
    }
    return low;
  });
}
/** Of lines and values; a 1-d line takes values of any shape. */
export const searchsortedOp: Op<{ readonly right: boolean }> = {
  name: "searchsorted",
  forward([lines, values], { right }) {
    const goesBehind = right ? notAboveOp : belowOp;
    if (lines.ndim > 1) return bisect(lines, values, goesBehind);
    return squeezeFresh(bisect(lines, reshape(values, [values.size]), goesBehind), values.shape);
  },
};

export interface BucketizeOptions {
  /** True: a value equal to a boundary goes behind it (default false). */
  readonly right?: boolean | undefined;
  /** Results are int32 either way. */
  readonly outInt32?: boolean | undefined;
}
const bucketizeKinds: Kinds<BucketizeOptions> = { outInt32: boolean, right: boolean };
export interface SearchsortedOptions extends BucketizeOptions {
  /** "left" or "right": the newer name of `right`. */
  readonly side?: "left" | "right" | undefined;
  /** Positions that put the sequence in order, when it is not. */
  readonly sorter?: Tensor | undefined;
}
const searchsortedKinds: Kinds<SearchsortedOptions> = {
  ...bucketizeKinds,
  side: oneOf("left", "right"),
  sorter: aTensor,
};
/**
 * Where `values` (a tensor or a number) would go in `sortedSequence` s, ascending along the last dimension, to keep its order: the i with
 * `s[i - 1] < v <= s[i]`, or with `right` the i with `s[i - 1] <= v < s[i]`.
 * Shapes: `sortedSequence` [N] with `values` of any shape, or [..., N] with values [..., M] of the same leading sizes; the result has the
 * shape of `values`. Dtype: int32 (PyTorch: int64).
 *
 * @throws ShapeError when the leading dimensions differ, the sequence is 0-d, or `sorter` has not its shape.
 * @throws ArgumentError when `side` is neither "left" nor "right", or contradicts `right`.
 * @throws DTypeError when `sorter` is neither int32 nor int64.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.searchsorted.html
 * @example
 * import { searchsorted, tensor } from "flambeau";
 * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 4, 9])).tolist(); // [0, 1, 2, 3]
 * searchsorted(tensor([1, 3, 5]), 3, { side: "right" }).item(); // 2
 */
export function searchsorted(
  sortedSequence: Tensor,
  values: Tensor | number,
  options: SearchsortedOptions = none,
): Tensor {
  if (unscoped()) return scoped(searchsorted, sortedSequence, values, options);
  checkOptions("searchsorted", searchsortedKinds, options);
  checkTensor("searchsorted", "sortedSequence", sortedSequence);
  const { sorter, side } = options;
  if (side === "left" && options.right) throw new ArgumentError("searchsorted", 'side "left" contradicts right: true');
  const right = side === "right" || (options.right ?? false);
  if (sortedSequence.ndim === 0)
    throw new ShapeError("searchsorted", "the sequence needs at least one dimension", [sortedSequence.shape]);
  let lines = sortedSequence;
  if (sorter) {
    if (sorter.dtype !== "int32" && sorter.dtype !== "int64")
      throw new DTypeError("searchsorted", `sorter must be int32 or int64, got ${sorter.dtype}`);
    if (showShape(sorter.shape) !== showShape(lines.shape))
      throw new ShapeError(
        "searchsorted",
        `sorter ${showShape(sorter.shape)} and sequence ${showShape(lines.shape)} differ in shape`,
        [sorter.shape, lines.shape],
      );
    lines = takeAt(lines, lines.ndim - 1, sorter);
  }
  const wanted =
    typeof values === "number"
      ? scalarTensor(values, { dtype: resultType([lines], [values]), device: lines.device })
      : values;
  checkSameDevice("searchsorted", lines, wanted);
  const lead = lines.shape.slice(0, -1);
  if (lines.ndim > 1 && showShape(lead) !== showShape(wanted.shape.slice(0, -1)))
    throw new ShapeError(
      "searchsorted",
      `all dimensions but the last must agree: sequence ${showShape(lines.shape)}, values ${showShape(wanted.shape)}`,
      [lines.shape, wanted.shape],
      "a 1-d sequence goes with values of any shape",
    );
  return applyOne(searchsortedOp, [lines, wanted], { right });
}
/**
 * The bucket between ascending `boundaries` b of each element of `x`: the i with `b[i - 1] < x <= b[i]`, or with `right` the i with
 * `b[i - 1] <= x < b[i]`. It is {@link searchsorted} with the arguments swapped.
 * Shapes: `boundaries` [N]; the result has the shape of `x`. Dtype: int32 (PyTorch: int64).
 *
 * @throws ShapeError when `boundaries` is not 1-d.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bucketize.html
 * @example
 * bucketize(tensor([[3, 6, 9], [0, 2, 3]]), tensor([1, 3, 5])).tolist(); // [[1, 3, 3], [0, 1, 1]]
 * bucketize(tensor([3]), tensor([1, 3, 5]), { right: true }).tolist(); // [2]
 */
export function bucketize(x: Tensor | number, boundaries: Tensor, options: BucketizeOptions = none): Tensor {
  checkOptions("bucketize", bucketizeKinds, options);
  checkTensor("bucketize", "boundaries", boundaries);
  if (boundaries.ndim !== 1)
    throw new ShapeError("bucketize", `boundaries must be 1-d, got shape ${showShape(boundaries.shape)}`, [
      boundaries.shape,
    ]);
  return searchsorted(boundaries, x, { right: options.right });
}

// among sorted elements, where NaNs stand last
export const smallerOp = pointwise("isinSmaller", (x, at) => at.lt(x), { title: "isin", category: "compare" });
export const equalOp = pointwise("isinEqual", (x, y) => x.eq(y), { title: "isin", category: "compare" });
export const isinOp: Op = {
  name: "isin",
  forward([x, y]) {
    if (y.size === 0) return fillInto(empty(x.backend, "bool", x.shape), 0);
    const common = resultType([x, y]);
    const [line, flat] = [toDType(reshape(y, [y.size]), common), toDType(reshape(x, [x.size]), common)];
    const ordered = sorted(line, 0, false)[0];
    const place = pointwiseCall(clippedOp, [bisect(ordered, flat, smallerOp), y.size]);
    return squeezeFresh(pointwiseCall(equalOp, [takeAt(ordered, 0, place), flat]), x.shape);
  },
};
export interface IsinOptions {
  /** Has no effect here: the test elements are sorted either way. */
  readonly assumeUnique?: boolean | undefined;
  /** Ask for the elements that are not among the test elements. */
  readonly invert?: boolean | undefined;
}
const isinKinds: Kinds<IsinOptions> = { assumeUnique: boolean, invert: boolean };
/**
 * Whether each element of `elements` is among `testElements`: `y[i] = any(elements[i] == testElements)`. Either may be a number; NaN is
 * never among them.
 * Shape: that of `elements`. Dtype: bool.
 *
 * @throws DTypeError when both are numbers.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.isin.html
 * @example
 * isin(tensor([[1, 2], [3, 4]]), tensor([2, 3])).tolist(); // [[false, true], [true, false]]
 * isin(tensor([1, 2]), 2, { invert: true }).tolist(); // [true, false]
 */
export function isin(elements: Tensor | number, testElements: Tensor | number, options: IsinOptions = none): Tensor {
  if (unscoped()) return scoped(isin, elements, testElements, options);
  checkOptions("isin", isinKinds, options);
  const [first] = [elements, testElements].filter((t) => t instanceof Tensor);
  if (!first) throw new DTypeError("isin", "at least one argument must be a tensor, got two numbers");
  const asTensor = (t: Tensor | number): Tensor =>
    typeof t === "number" ? scalarTensor(t, { dtype: resultType([first], [t]), device: first.device }) : t;
  const found = local(() => {
    const [x, y] = [asTensor(elements), asTensor(testElements)];
    checkSameDevice("isin", x, y);
    return applyOne(isinOp, [x, y], {});
  });
  if (!options.invert) return found;
  const out = logicalNot(found);
  found.dispose();
  return out;
}
