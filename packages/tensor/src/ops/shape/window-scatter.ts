import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { checkInteger } from "../../layout/integers.ts";
import { checkShape, sameShape } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { copyInto, fillInto, freshCopy } from "../../lower/move.ts";
import { contiguous } from "../create/copy.ts";
import { asStrided } from "./as-strided.ts";
import { diagonal, expand, select, slice } from "./view.ts";

interface Attrs {
  /** The window, of the target or its gradient. */
  readonly window: (x: Tensor) => Tensor;
}

/** A copy of inputs[0] with inputs[1] in a window of it. */
function writing(name: string): Op<Attrs> {
  const op: Op<Attrs> = {
    name,
    forward([x, source], { window }) {
      const out = freshCopy(x);
      const part = window(out);
      copyInto(part, source);
      part.dispose();
      return out;
    },
    vjp({ attrs, shapes, needs }, [g]) {
      if (!g) return [null, null];
      const whole = contiguous(g);
      const zero = () => expand(fillInto(empty(g.backend, g.dtype, []), 0), shapes[1]);
      return [needs[0] ? applyOne(op, [whole, zero()], attrs) : null, needs[1] ? attrs.window(whole) : null];
    },
  };
  return op;
}
const [selectOp, sliceOp, diagonalOp, asStridedOp] = [
  "selectScatter",
  "sliceScatter",
  "diagonalScatter",
  "asStridedScatter",
].map(writing);

function shapeOf(x: Tensor, window: (x: Tensor) => Tensor): readonly number[] {
  const part = window(x);
  part.dispose();
  return part.shape;
}
function write(
  op: Op<Attrs>,
  x: Tensor,
  source: Tensor,
  window: (x: Tensor) => Tensor,
  shape: readonly number[] = shapeOf(x, window),
): Tensor {
  checkSameDevice(op.name, x, source);
  if (source.dtype !== x.dtype)
    throw new DTypeError(op.name, `source and tensor have different dtypes: ${source.dtype} and ${x.dtype}`);
  if (!sameShape(shape, source.shape))
    throw new ShapeError(
      op.name,
      `the source must have the window's shape ${showShape(shape)}, got ${showShape(source.shape)}`,
      [source.shape, shape],
    );
  return applyOne(op, [x, source], { window });
}
/** A copy of `x` with `source` in row `index` of dimension `dim`. */
export const selectScatter = (x: Tensor, source: Tensor, dim: number, index: number): Tensor =>
  write(selectOp, x, source, (y) => select(y, dim, index));
/** A copy of `x` with `source` in a {@link slice} of it. */
export const sliceScatter = (
  x: Tensor,
  source: Tensor,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor => write(sliceOp, x, source, (y) => slice(y, dim, start, end, step));
/** A copy of `x` with `source` on a {@link diagonal} of it. */
export const diagonalScatter = (x: Tensor, source: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor =>
  write(diagonalOp, x, source, (y) => diagonal(y, offset, dim1, dim2));
/** A copy of `x`, row-major, with `source` in the elements that {@link asStrided} gives of it; the offset counts from its first one. */
export const asStridedScatter = (
  x: Tensor,
  source: Tensor,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Tensor => {
  checkShape("asStridedScatter", shape);
  checkInteger("asStridedScatter", "offset", offset);
  return write(asStridedOp, x, source, (y) => asStrided(y, shape, strides, y.offset + offset), shape);
};
