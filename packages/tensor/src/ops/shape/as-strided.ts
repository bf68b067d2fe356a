import { ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, type Tensor } from "../../core/tensor.ts";
import { applyOne } from "../../door/run.ts";
import { type Layout, ViewOp, view } from "../../door/view.ts";
import { checkInteger, checkIntegers } from "../../layout/integers.ts";
import { overlapsItself, spanOf } from "../../layout/overlap.ts";
import { checkShape, sizeOf } from "../../layout/shapes.ts";
import { contiguous, detach } from "../create/copy.ts";
import { countPlacesOp } from "../index/indexed.ts";
import { div } from "../pointwise/arithmetic.ts";
import { clampMin } from "../pointwise/clamp.ts";

/** The view op behind {@link asStrided}; its offset counts from the source's own. The source is row-major, and the window lies in it. */
export const asStridedOp = new ViewOp<Layout>({
  name: "asStrided",
  overlaps: true,
  layout: (x, { shape, strides, offset }) => ({ shape, strides, offset: x.offset + offset }),
});

/** The stretch of memory that a tensor and a window beside it lie in, and how the tensor lies there. */
export interface Ground {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Where the stretch begins, counted from the tensor's first element, and its length. */
  readonly low: number;
  readonly length: number;
  /** Whether elements of the tensor share places. */
  readonly repeats: boolean;
}

/** The ground of `x` and a window whose offset counts from x's own; null when `x` is row-major around the window, and so its own ground. */
export function groundOf(x: Tensor, { shape, strides, offset }: Layout): Ground | null {
  const nothing = sizeOf(shape) === 0;
  const end = nothing ? 0 : offset + spanOf({ shape, strides });
  if (x.rowMajor && (nothing || (offset >= 0 && end <= x.size))) return null;
  const low = nothing ? 0 : Math.min(0, offset);
  const length = Math.max(x.size === 0 ? 0 : spanOf(x), end) - low;
  return { shape: x.shape, strides: x.strides, low, length, repeats: overlapsItself(x) };
}

/** The gradient of each place divided among the elements that lie on it. */
function shared(g: Tensor, { shape, strides, low, length, repeats }: Ground): Tensor {
  if (!repeats) return g;
  const counts = applyOne(countPlacesOp, [detach(g)], { length, layout: { shape, strides, offset: -low } });
  return div(g, clampMin(counts, 1));
}

/**
 * A tensor's ground, as one dimension: windows on the tensor are windows on it. Its gradient reaches the tensor's elements; of those that
 * lie on one place each gets its share. The rest of the ground is no part of the tensor and has no gradient, as in PyTorch.
 */
export const memoryOp = new ViewOp<Ground>({
  name: "memory",
  layout: (x, { low, length }) => ({ shape: [length], strides: [1], offset: x.offset + low }),
  vjp: (g, ground) =>
    view(asStridedOp, contiguous(shared(g, ground)), {
      shape: ground.shape,
      strides: ground.strides,
      offset: -ground.low,
    }),
});

/**
 * A window on the memory of `x` with any shape, strides and storage offset, all in elements:
 * `y[i, j] = memory[offset + i * strides[0] + j * strides[1]]`; `offset` is that of `x` when it is not given. A view; elements of it may
 * share places.
 *
 * Shape: `shape`. Dtype: that of `x`.
 *
 * @throws ShapeError when the window leaves the storage, strides are negative or not as many as sizes, or a size is no non-negative
 * integer.
 * @throws ArgumentError when a stride or the offset is no integer.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.as_strided.html
 * @example
 * const x = arange(5);
 * x.asStrided([2, 2], [1, 2]).tolist(); // [[0, 2], [1, 3]]
 * x.asStrided([3, 3], [1, 1]).tolist(); // [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
 */
export function asStrided(x: Tensor, shape: readonly number[], strides: readonly number[], offset?: number): Tensor {
  checkTensor("asStrided", "x", x);
  const at = offset ?? x.offset;
  checkShape("asStrided", shape);
  checkIntegers("asStrided", "strides", strides);
  checkInteger("asStrided", "offset", at);
  if (strides.length !== shape.length || strides.some((s) => s < 0))
    throw new ShapeError("asStrided", `strides ${showShape(strides)} do not go with shape ${showShape(shape)}`, [
      shape,
    ]);
  const last = sizeOf(shape) === 0 ? 0 : at + shape.reduce((n, s, i) => n + (s - 1) * strides[i], 0) + 1;
  const held = x.storage.byteLength / (x.nbytes / Math.max(x.size, 1) || 1);
  if (at < 0 || last > held)
    throw new ShapeError(
      "asStrided",
      `shape ${showShape(shape)}, strides ${showShape(strides)} and offset ${at} leave the storage of ${held} elements`,
      [shape],
    );
  const window = { shape, strides, offset: at - x.offset };
  const ground = groundOf(x, window);
  if (ground === null) return view(asStridedOp, x, window);
  const memory = view(memoryOp, x, ground);
  const out = view(asStridedOp, memory, { ...window, offset: window.offset - ground.low });
  memory.dispose();
  return out;
}
