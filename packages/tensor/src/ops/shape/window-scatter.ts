import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { alikeInWidth } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import type { Layout } from "../../door/view.ts";
import { checkInteger } from "../../layout/integers.ts";
import { checkShape, sameShape } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copyInto, freshCopy } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { filledLike } from "../create/allocation.ts";
import { contiguous } from "../create/copy.ts";
import { asStrided } from "./as-strided.ts";
import { diagonal, expand, select, slice } from "./view.ts";

/** An op that gives a copy of inputs[0] with inputs[1] in a window of it. `window` gives that of the target, or of its gradient. */
function writing<A extends object>(name: string, window: (x: Tensor, attrs: A) => Tensor): Writing<A> {
  const op: Op<A> = {
    name,
    forward([x, source], attrs) {
      const out = freshCopy(x);
      const part = window(out, attrs);
      copyInto(part, source);
      part.dispose();
      return out;
    },
    vjp({ attrs, shapes, needs }, [g]) {
      if (!g) return [null, null];
      const whole = contiguous(g);
      const zero = () => expand(filledLike(g, [], 0), shapes[1]);
      return [needs[0] ? applyOne(op, [whole, zero()], attrs) : null, needs[1] ? window(whole, attrs) : null];
    },
  };
  return { op, window };
}
interface Writing<A extends object> {
  readonly op: Op<A>;
  readonly window: (x: Tensor, attrs: A) => Tensor;
}
export interface Select {
  readonly dim: number;
  readonly index: number;
}
export interface Slice {
  readonly dim: number;
  readonly start: number | null;
  readonly end: number | null;
  readonly step: number;
}
export interface Diagonal {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}
const selectScattering = writing<Select>("selectScatter", (x, { dim, index }) => select(x, dim, index));
const sliceScattering = writing<Slice>("sliceScatter", (x, { dim, start, end, step }) =>
  slice(x, dim, start, end, step),
);
const diagonalScattering = writing<Diagonal>("diagonalScatter", (x, { offset, dim1, dim2 }) =>
  diagonal(x, offset, dim1, dim2),
);
const asStridedScattering: Writing<Layout> = writing<Layout>("asStridedScatter", (x, { shape, strides, offset }) =>
  asStrided(x, shape, strides, x.offset + offset),
);

export const selectScatterOp: Op<Select> = selectScattering.op;
export const sliceScatterOp: Op<Slice> = sliceScattering.op;
export const diagonalScatterOp: Op<Diagonal> = diagonalScattering.op;
export const asStridedScatterOp: Op<Layout> = asStridedScattering.op;

function shapeOf(x: Tensor, window: (x: Tensor) => Tensor): readonly number[] {
  const part = window(x);
  part.dispose();
  return part.shape;
}
function write<A extends object>(
  { op, window }: Writing<A>,
  x: Tensor,
  source: Tensor,
  attrs: A,
  shape: readonly number[] = shapeOf(x, (y) => window(y, attrs)),
): Tensor {
  checkSameDevice(op.name, x, source);
  if (x.dtype !== source.dtype && unscoped()) return scoped(write<A>, { op, window }, x, source, attrs, shape);
  [x, source] = alikeInWidth(x, source);
  if (source.dtype !== x.dtype)
    throw new DTypeError(op.name, `source and tensor have different dtypes: ${source.dtype} and ${x.dtype}`);
  if (!sameShape(shape, source.shape))
    throw new ShapeError(
      op.name,
      `the source must have the window's shape ${showShape(shape)}, got ${showShape(source.shape)}`,
      [source.shape, shape],
    );
  return applyOne(op, [x, source], attrs);
}
/**
 * A copy of `x` with `source` in row `index` of dimension `dim`: `y[index, j] = source[j]`, else `x[i, j]`.
 *
 * Shapes: that of `x`; `source` has it without `dim`. Dtype: that of both.
 *
 * @throws ShapeError when `source` does not have the window's shape.
 * @throws DTypeError when `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @throws IndexError when `dim` or `index` is out of range.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.select_scatter.html
 * @example
 * zeros([2, 3]).selectScatter(tensor([1, 2]), 1, 0).tolist(); // [[1, 0, 0], [2, 0, 0]]
 */
export const selectScatter = (x: Tensor, source: Tensor, dim: number, index: number): Tensor => {
  checkTensor("selectScatter", "x", x);
  return write(selectScattering, x, source, { dim, index });
};
/**
 * A copy of `x` with `source` in a {@link slice} of it: `y[start + i * step] = source[i]`, else `x[i]`.
 *
 * Shapes: that of `x`; `source` has that of the slice. Dtype: that of both.
 *
 * @throws ShapeError when `source` does not have the window's shape.
 * @throws DTypeError when `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @throws IndexError when `dim` is out of range.
 * @throws ArgumentError when `step` is no positive integer, or a position is no integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.slice_scatter.html
 * @example
 * zeros([5]).sliceScatter(tensor([1, 2]), 0, 1, 4, 2).tolist(); // [0, 1, 0, 2, 0]
 */
export const sliceScatter = (
  x: Tensor,
  source: Tensor,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor => {
  checkTensor("sliceScatter", "x", x);
  return write(sliceScattering, x, source, { dim, start, end, step });
};
/**
 * A copy of `x` with `source` on a {@link diagonal} of it: `y[i, i + offset] = source[i]`, else `x[i, j]`.
 *
 * Shapes: that of `x`; `source` has that of the diagonal. Dtype: that of both.
 *
 * @throws ShapeError when `source` does not have the window's shape.
 * @throws DTypeError when `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @throws IndexError when a dimension is out of range.
 * @throws ArgumentError when `dim1` and `dim2` are the same, or `offset` is no integer.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.diagonal_scatter.html
 * @example
 * zeros([3, 3]).diagonalScatter(tensor([1, 2]), 1).tolist(); // [[0, 1, 0], [0, 0, 2], [0, 0, 0]]
 */
export const diagonalScatter = (x: Tensor, source: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor => {
  checkTensor("diagonalScatter", "x", x);
  return write(diagonalScattering, x, source, { offset, dim1, dim2 });
};
/**
 * A copy of `x`, row-major, with `source` in the elements that {@link asStrided} gives of it: `y[offset + i * strides[0]] = source[i]`,
 * counted in row-major order from the first element.
 *
 * Shapes: that of `x`; `source` has `shape`. Dtype: that of both.
 *
 * @throws ShapeError when `source` does not have the window's shape, or the window leaves `x`.
 * @throws DTypeError when `source` has another dtype than `x`.
 * @throws DeviceError when the tensors live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.as_strided_scatter.html
 * @example
 * zeros([5]).asStridedScatter(tensor([1, 2]), [2], [2], 1).tolist(); // [0, 1, 0, 2, 0]
 */
export const asStridedScatter = (
  x: Tensor,
  source: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Tensor => {
  checkShape("asStridedScatter", shape);
  checkInteger("asStridedScatter", "offset", offset);
  return write(asStridedScattering, x, source, { shape, strides, offset }, shape);
};
