import type { PoolAttrs, PoolGradientAttrs, PositionAttrs } from "../../contract/fused-ops.ts";
import { isFloat } from "../../core/dtype.ts";
import { ArgumentError, ShapeError, showShape } from "../../core/errors.ts";
import { pair } from "../../core/named.ts";
import { boolean, checkOptions, type Kinds, none, number, numbers, orNull } from "../../core/options.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { inFloat32, toDType } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { checkInteger } from "../../layout/integers.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { runFused } from "../../lower/fused.ts";
import { encode } from "../../lower/host.ts";
import { runArgReduce, runGather, runScatter, writeBytes } from "../../lower/machine.ts";
import { copyInto, dense, fillInto } from "../../lower/move.ts";
import { reduceKept } from "../../lower/reduce.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { local } from "../../memory/tidy.ts";
import { fromValues } from "../create/allocation.ts";
import { clone } from "../create/copy.ts";
import type { Picked } from "../index/picking.ts";
import { add_, div, mul } from "../pointwise/arithmetic.ts";
import { lt, where } from "../pointwise/comparison.ts";
import { reshape, squeeze, unsqueeze } from "../shape/view.ts";
import { type Spatial, spatial } from "./conv.ts";

/** PyTorch's rule: with ceilMode a last window may hang over the end, if it starts inside the input or its left padding. */
function pooledSize(size: number, k: number, s: number, p: number, d: number, ceilMode: boolean): number {
  const span = size + 2 * p - d * (k - 1) - 1;
  let out = (ceilMode ? Math.ceil(span / s) : Math.floor(span / s)) + 1;
  if (ceilMode && (out - 1) * s >= size + p) out--;
  return out;
}

/** `x` inside a frame of `value`, wide enough for all windows. Returns the frame contiguous. */
function framed(x: Tensor, a: PoolAttrs, value: number): Tensor {
  const n = x.ndim - a.kernel.length;
  const need = a.kernel.map((k, i) =>
    Math.max((a.out[i] - 1) * a.stride[i] + a.dilation[i] * (k - 1) + 1, x.shape[n + i] + a.padding[i]),
  );
  if (a.padding.every((p) => p === 0) && need.every((s, i) => s <= x.shape[n + i])) return dense(x);
  const shape = x.shape.map((s, i) => (i < n ? s : need[i - n]));
  const out = fillInto(empty(x.backend, x.dtype, shape), value);
  copyInto(
    viewOf(
      out,
      x.shape,
      out.strides,
      a.padding.reduce((o, p, i) => o + p * out.strides[n + i], 0),
    ),
    x,
  );
  return out;
}

/** Windows of a frame as a view: [..., out..., kernel...]. */
function windows(frame: Tensor, a: PoolAttrs): Tensor {
  const n = frame.ndim - a.kernel.length;
  const step = (by: readonly number[]) => by.map((b, i) => frame.strides[n + i] * b);
  return viewOf(
    frame,
    [...frame.shape.slice(0, n), ...a.out, ...a.kernel],
    [...frame.strides.slice(0, n), ...step(a.stride), ...step(a.dilation)],
    frame.offset,
  );
}

const dims = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** The first of a window's cells along dimension i that does not lie before the input. */
function firstCell(a: PoolAttrs, i: number, window: number): number {
  const start = window * a.stride[i] - a.padding[i];
  return start < 0 ? start + Math.ceil(-start / a.dilation[i]) * a.dilation[i] : start;
}
/** Whether all of a window's cells along dimension i are padding. */
function isEmpty(size: number, a: PoolAttrs, i: number, window: number): boolean {
  const first = firstCell(a, i, window);
  return first >= size || first > window * a.stride[i] - a.padding[i] + (a.kernel[i] - 1) * a.dilation[i];
}

/** Whether all cells of some window of a dilated kernel are padding. Fused kernels are not asked for the maximum of nothing. */
const hasEmptyWindow = (size: readonly number[], a: PoolAttrs): boolean =>
  a.dilation.some((d, i) => d > 1 && dims(0, a.out[i]).some((w) => isEmpty(size[i], a, i, w)));

/**
 * Each window's first cell as a flat position in its plane. That of a window of padding alone is where PyTorch has it, somewhere else in the
 * plane, or -1 where it would lie outside of it.
 */
function firstPlaces(size: readonly number[], a: PoolAttrs): number[] {
  let flat: readonly number[] = [0];
  size.forEach((s, i) => {
    const along = dims(0, a.out[i]).map((w) => firstCell(a, i, w));
    flat = flat.flatMap((p) => along.map((c) => p * s + c));
  });
  return flat.map((p) => (p < sizeOf(size) ? p : -1));
}
function firstPositions(x: Tensor, a: PoolAttrs): Tensor {
  const first = empty(x.backend, "int32", [1, 1, ...a.out]);
  const places = Int32Array.from(firstPlaces(x.shape.slice(2), a), (p) => Math.max(p, 0));
  writeBytes(first, encode(places, "int32"));
  return first;
}

/** Each frame cell's flat position in its plane of the input; -1 for padding. */
function positions(x: Tensor, a: PoolAttrs): Tensor {
  const size = x.shape.slice(x.ndim - a.kernel.length);
  const index = empty(x.backend, "int32", [1, 1, ...size]);
  writeBytes(
    index,
    encode(
      Int32Array.from({ length: sizeOf(size) }, (_, i) => i),
      "int32",
    ),
  );
  return framed(index, a, -1);
}

export const maxPoolOp: Op<PoolAttrs> = {
  name: "maxPool",
  tied: true,
  // x is [N, C, spatial...]; gives values and int32 positions within each plane
  forward([x], a) {
    const shape = [x.shape[0], x.shape[1], ...a.out];
    const outputs = () => [empty(x.backend, x.dtype, shape), empty(x.backend, "int32", shape)];
    const fused = hasEmptyWindow(x.shape.slice(2), a) ? null : runFused("maxPool", [x], outputs, a);
    if (fused) return fused;
    const [values, indices] = outputs();
    local(() => {
      const lowest = isFloat(x.dtype) ? -Infinity : -(2 ** 31);
      const flatWindows = clone(windows(framed(x, a, lowest), a));
      const rows = viewOf(flatWindows, [sizeOf(shape), sizeOf(a.kernel)], [sizeOf(a.kernel), 1], 0);
      const best = empty(x.backend, "int32", [sizeOf(shape), 1]);
      runArgReduce(x, "max", rows, best, 1);
      runGather(x, rows, best, viewOf(values, [sizeOf(shape), 1], [1, 1], 0), 1);
      const places = clone(windows(positions(x, a), a));
      const perPlane = viewOf(
        places,
        [shape[0] * shape[1], sizeOf(a.out), sizeOf(a.kernel)],
        [0, sizeOf(a.kernel), 1],
        0,
      );
      const all = clone(perPlane);
      runGather(
        x,
        viewOf(all, [sizeOf(shape), sizeOf(a.kernel)], [sizeOf(a.kernel), 1], 0),
        best,
        viewOf(indices, [sizeOf(shape), 1], [1, 1], 0),
        1,
      );
      // padding that equals the maximum gives way to the window's first cell
      copyInto(indices, where(lt(indices, 0), firstPositions(x, a), indices));
      return best;
    }).dispose();
    return [values, indices];
  },
  save: (_, [, indices]) => [indices],
  vjp({ attrs, saved: [indices], shapes: [shape] }, [g]) {
    if (!g) return [null];
    const size = shape.slice(2);
    if (!hasEmptyWindow(size, attrs)) return [applyOne(maxPoolBackwardOp, [g, indices], { shape, windows: attrs })];
    // a place outside of the plane has no gradient
    const inside = fromValues(
      "maxPool",
      firstPlaces(size, attrs).map((p) => p >= 0),
      [1, 1, ...attrs.out],
      { dtype: "bool", device: g.device },
    );
    return [applyOne(maxPoolBackwardOp, [where(inside, g, 0), indices], { shape })];
  },
};

/**
 * Lays values at their positions in planes of zeros, adding up those that coincide. Where the positions are those of windows,
 * the windows' geometry tells a fused kernel which values may coincide.
 */
export const maxPoolBackwardOp: Op<PositionAttrs> = {
  name: "maxPoolBackward",
  forward([g, indices], attrs) {
    const { shape } = attrs;
    const fused = runFused("maxPoolBackward", [g, indices], () => [empty(g.backend, g.dtype, shape)], attrs);
    if (fused) return fused[0];
    const out = fillInto(empty(g.backend, g.dtype, shape), 0);
    const planes = shape[0] * shape[1];
    const flat = (t: Tensor, size: number) => viewOf(t, [planes, size], [size, 1], t.offset);
    local(() => {
      const from = dense(g);
      runScatter(
        g,
        "add",
        flat(out, out.size / Math.max(planes, 1)),
        flat(dense(indices), g.size / Math.max(planes, 1)),
        flat(from, g.size / Math.max(planes, 1)),
        1,
      );
      return from === g ? viewOf(g, g.shape, g.strides, g.offset) : from;
    }).dispose();
    return out;
  },
  save: ([, indices]) => [indices],
  vjp({ saved: [indices] }, [gg]) {
    return [gg && applyOne(maxPoolPickOp, [gg, indices], {}), null];
  },
};
/** Values at positions in planes: the transpose of laying them there. */
export const maxPoolPickOp: Op = {
  name: "maxPoolPick",
  forward([x, indices]) {
    const out = empty(x.backend, x.dtype, indices.shape);
    const planes = x.shape[0] * x.shape[1];
    const flat = (t: Tensor) =>
      viewOf(t, [planes, t.size / Math.max(planes, 1)], [t.size / Math.max(planes, 1), 1], t.offset);
    if (out.size > 0) runGather(x, flat(dense(x)), flat(dense(indices)), flat(out), 1);
    return out;
  },
  save: ([x, indices]) => [x, indices],
  vjp({ saved: [, indices], shapes }, [g]) {
    return [g && applyOne(maxPoolBackwardOp, [g, indices], { shape: shapes[0] }), null];
  },
};

export interface MaxPoolOptions {
  /** Steps between windows (default: the kernel size). */
  readonly stride?: Spatial | null | undefined;
  /** Cells around the input that are never the maximum, at most half the kernel (default 0). */
  readonly padding?: Spatial | undefined;
  /** Distance between a window's elements (default 1). */
  readonly dilation?: Spatial | undefined;
  /** Round sizes up: a last window may hang over the end (default false). */
  readonly ceilMode?: boolean | undefined;
}
export const maxPoolKinds: Kinds<MaxPoolOptions> = {
  stride: orNull(numbers),
  padding: numbers,
  dilation: numbers,
  ceilMode: boolean,
};

interface Geometry {
  readonly attrs: PoolAttrs;
  readonly batched: Tensor;
  /** Undoes the batch dimension that was added to an unbatched input. */
  readonly restore: (y: Tensor) => Tensor;
}
function geometry(op: string, n: number, x: Tensor, kernelSize: Spatial, options: MaxPoolOptions): Geometry {
  if (x.ndim !== n + 1 && x.ndim !== n + 2)
    throw new ShapeError(op, `expected input with ${n + 1} or ${n + 2} dimensions, got ${showShape(x.shape)}`, [
      x.shape,
    ]);
  const { padding: around = 0, dilation: apart = 1 } = options;
  const kernel = spatial(op, "kernelSize", kernelSize, n, 1);
  const stride = spatial(op, "stride", options.stride ?? kernel, n, 1);
  const padding = spatial(op, "padding", around, n);
  const dilation = spatial(op, "dilation", apart, n, 1);
  if (padding.some((p, i) => p < 0 || p > Math.floor((dilation[i] * (kernel[i] - 1) + 1) / 2)))
    throw new ArgumentError(
      op,
      `padding ${showShape(padding)} must be between 0 and half of the kernel ${showShape(kernel)}`,
    );
  const batched = x.ndim === n + 1 ? unsqueeze(x, 0) : x;
  const out = batched.shape
    .slice(2)
    .map((s, i) => pooledSize(s, kernel[i], stride[i], padding[i], dilation[i], options.ceilMode ?? false));
  if (out.some((s) => s < 1))
    throw new ShapeError(
      op,
      `the window ${showShape(kernel)} does not fit the input ${showShape(x.shape)}: the result would be ${showShape(out)}`,
      [x.shape],
    );
  return {
    attrs: { kernel, stride, padding, dilation, out },
    batched,
    restore: (y) => (x.ndim === n + 1 ? squeeze(y, 0) : y),
  };
}

/** One spatial dimension is two of which the first has size 1. */
const lift = (a: PoolAttrs): PoolAttrs => ({
  kernel: [1, ...a.kernel],
  stride: [1, ...a.stride],
  padding: [0, ...a.padding],
  dilation: [1, ...a.dilation],
  out: [1, ...a.out],
});

function maxPool(
  op: string,
  n: number,
  x: Tensor,
  kernelSize: Spatial,
  options: MaxPoolOptions,
): { values: Tensor; indices: Tensor } {
  checkOptions(op, maxPoolKinds, options);
  checkTensor(op, "x", x);
  const { attrs, batched, restore } = geometry(op, n, x, kernelSize, options);
  const [values, indices] =
    n === 1
      ? applyMany(maxPoolOp, [unsqueeze(batched, 2)], lift(attrs)).map((y) => squeeze(y, 2))
      : applyMany(maxPoolOp, [batched], attrs);
  return { values: restore(values), indices: restore(indices) };
}
function maxPoolValues(op: string, n: number, x: Tensor, kernelSize: Spatial, options: MaxPoolOptions): Tensor {
  const { values, indices } = maxPool(op, n, x, kernelSize, options);
  indices.dispose(); // the graph, if there is one, holds them
  return values;
}
/**
 * Maximum over sliding windows in one dimension: `y[n, c, i] = max over k of x[n, c, i * stride + k * dilation - padding]`.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`;
 * `ceilMode` rounds up instead. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 * @example
 * maxPool1d(tensor([[[1, 3, 2, 5, 4]]]), 2).tolist(); // [[[3, 5]]]
 * maxPool1d(tensor([[[1, 3, 2, 5, 4]]]), 3, { stride: 1 }).tolist(); // [[[3, 5, 5]]]
 */
export const maxPool1d = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Tensor =>
  unscoped() ? scoped(maxPool1d, x, kernelSize, options) : maxPoolValues("maxPool1d", 1, x, kernelSize, options);
/**
 * Maximum over sliding windows in two dimensions:
 * `y[n, c, h, w] = max over i, j of x[n, c, h * stride + i * dilation - padding, w * stride + j * dilation - padding]`.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with
 * `H' = floor((H + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, W' likewise; `ceilMode` rounds up instead. Dtype: that of
 * `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 * @example
 * import { maxPool2d, ones, tensor } from "@flambeau/tensor";
 * maxPool2d(tensor([[[1, 2, 5, 0], [4, 3, 1, 1]]]), 2).tolist(); // [[[4, 5]]]
 * maxPool2d(ones([1, 3, 32, 32]), 3, { stride: 2, padding: 1 }).shape; // [1, 3, 16, 16]
 */
export const maxPool2d = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Tensor =>
  unscoped() ? scoped(maxPool2d, x, kernelSize, options) : maxPoolValues("maxPool2d", 2, x, kernelSize, options);
/**
 * Maximum over sliding windows in three dimensions: `y[n, c, p] = max over k of x[n, c, p * stride + k * dilation - padding]`, where p and
 * k are positions of three coordinates.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
 * `D' = floor((D + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype:
 * that of `x`.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize`, `stride` or `dilation` is not positive, or `padding` not between 0 and half the kernel.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 * @example
 * maxPool3d(arange(8).reshape([1, 2, 2, 2]), 2).tolist(); // [[[[7]]]]
 * maxPool3d(ones([1, 3, 8, 8, 8]), [1, 2, 2]).shape; // [1, 3, 8, 4, 4]
 */
export const maxPool3d = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Tensor =>
  unscoped() ? scoped(maxPool3d, x, kernelSize, options) : maxPoolValues("maxPool3d", 3, x, kernelSize, options);
/**
 * {@link maxPool1d} with the positions of the maxima: `x.flatten(-1)[indices] = values` in each plane. They are what `maxUnpool1d` takes.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool1d}. Dtype: that of `x`, and int32 for the positions
 * (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link maxPool1d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 * @example
 * const { values, indices } = maxPool1dWithIndices(tensor([[[1, 3, 2, 5]]]), 2);
 * values.tolist(); // [[[3, 5]]]
 * indices.tolist(); // [[[1, 3]]]
 */
export const maxPool1dWithIndices = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Picked =>
  pair(maxPool("maxPool1d", 1, x, kernelSize, options));
/**
 * {@link maxPool2d} with the positions of the maxima: `x.flatten(-2)[indices] = values` in each plane. They are what `maxUnpool2d` takes.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool2d}. Dtype: that of `x`, and int32 for the positions
 * (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link maxPool2d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 * @example
 * const { values, indices } = maxPool2dWithIndices(tensor([[[1, 2, 5, 0], [4, 3, 1, 1]]]), 2);
 * values.tolist(); // [[[4, 5]]]
 * indices.tolist(); // [[[4, 2]]]
 */
export const maxPool2dWithIndices = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Picked =>
  pair(maxPool("maxPool2d", 2, x, kernelSize, options));
/**
 * {@link maxPool3d} with the positions of the maxima: `x.flatten(-3)[indices] = values` in each plane. They are what `maxUnpool3d` takes.
 *
 * Shapes: `values` and `indices` both have the shape of the result of {@link maxPool3d}. Dtype: that of `x`, and int32 for the positions
 * (PyTorch: int64).
 *
 * @throws ShapeError, ArgumentError when {@link maxPool3d} does.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 * @example
 * const { indices } = maxPool3dWithIndices(tensor([[[[1, 2], [3, 9]], [[5, 6], [7, 8]]]]), [1, 2, 2]);
 * indices.tolist(); // [[[[3]], [[7]]]]
 */
export const maxPool3dWithIndices = (x: Tensor, kernelSize: Spatial, options: MaxPoolOptions = none): Picked =>
  pair(maxPool("maxPool3d", 3, x, kernelSize, options));

export const sumPoolOp: Op<PoolAttrs> = {
  name: "sumPool",
  rounds: 1,
  tied: true,
  forward([x], a) {
    const fused = runFused("sumPool", [x], () => [empty(x.backend, x.dtype, [x.shape[0], x.shape[1], ...a.out])], a);
    if (fused) return fused[0];
    return local(() => {
      const view = windows(framed(x, a, 0), a);
      const reduced = dims(2 + a.kernel.length, a.kernel.length);
      return reshape(reduceKept("sum", view, reduced, x.dtype), view.shape.slice(0, 2 + a.kernel.length));
    });
  },
  vjp: ({ attrs, shapes }, [g]) => [g && applyOne(sumPoolBackwardOp, [g], { ...attrs, shape: shapes[0] })],
};
/** Adds each window's value to all of its cells: the transpose of summing windows. */
export const sumPoolBackwardOp: Op<PoolGradientAttrs> = {
  name: "sumPoolBackward",
  forward([g], a) {
    const fused = runFused("sumPoolBackward", [g], () => [empty(g.backend, g.dtype, a.shape)], a);
    if (fused) return fused[0];
    return local(() => {
      const shape = a.shape;
      const n = shape.length - a.kernel.length;
      const need = a.kernel.map((k, i) =>
        Math.max((a.out[i] - 1) * a.stride[i] + a.dilation[i] * (k - 1) + 1, shape[n + i] + a.padding[i]),
      );
      const frame = fillInto(
        empty(
          g.backend,
          g.dtype,
          shape.map((s, i) => (i < n ? s : need[i - n])),
        ),
        0,
      );
      const position = a.kernel.map(() => 0);
      for (let k = 0; k < sizeOf(a.kernel); k++) {
        const at = position.reduce((o, v, i) => o + v * a.dilation[i] * frame.strides[n + i], 0);
        add_(
          viewOf(
            frame,
            g.shape,
            frame.strides.map((s, i) => (i < n ? s : s * a.stride[i - n])),
            at,
          ),
          g,
        );
        for (let i = position.length - 1; i >= 0 && ++position[i] === a.kernel[i]; i--) position[i] = 0;
      }
      return clone(
        viewOf(
          frame,
          shape,
          frame.strides,
          a.padding.reduce((o, p, i) => o + p * frame.strides[n + i], 0),
        ),
      );
    });
  },
  vjp: ({ attrs }, [gg]) => [gg && applyOne(sumPoolOp, [gg], attrs)],
};

export interface AvgPoolOptions {
  /** Steps between windows (default: the kernel size). */
  readonly stride?: Spatial | null | undefined;
  /** Zeros on each side, at most half the kernel (default 0). */
  readonly padding?: Spatial | undefined;
  /** Round sizes up: a last window may hang over the end (default false). */
  readonly ceilMode?: boolean | undefined;
  /** Whether padded zeros count in the mean (default true). */
  readonly countIncludePad?: boolean | undefined;
  /** Divide by this instead of the window's size. Default: none. */
  readonly divisorOverride?: number | null | undefined;
}
export const avgPoolKinds: Kinds<AvgPoolOptions> = {
  stride: orNull(numbers),
  padding: numbers,
  ceilMode: boolean,
  countIncludePad: boolean,
  divisorOverride: orNull(number),
};

/** How many cells each window averages over, when windows differ; one number otherwise. */
function windowCounts(
  size: readonly number[],
  a: PoolAttrs,
  includePad: boolean,
): { shape: number[]; values: number[] } | number {
  const along = a.kernel.map((k, i) =>
    Array.from({ length: a.out[i] }, (_, o) => {
      const start = o * a.stride[i] - a.padding[i];
      const end = Math.min(start + k, size[i] + a.padding[i]);
      return includePad ? end - start : Math.min(end, size[i]) - Math.max(start, 0);
    }),
  );
  if (along.every((list) => list.every((v) => v === list[0]))) return along.reduce((n, list) => n * list[0], 1);
  let values = [1];
  for (const list of along) values = values.flatMap((v) => list.map((c) => v * c));
  return { shape: [...a.out], values };
}

function avgPool(op: string, n: number, x: Tensor, kernelSize: Spatial, options: AvgPoolOptions): Tensor {
  const whole = wholeBy(op, x);
  if (whole !== null) return whole(avgPool, [op, n, x, kernelSize, options]);
  checkOptions(op, avgPoolKinds, options);
  checkTensor(op, "x", x);
  const wide = inFloat32(x);
  if (wide) return toDType(avgPool(op, n, ...wide, kernelSize, options), x.dtype);
  const { attrs, batched, restore } = geometry(op, n, x, kernelSize, options);
  const divisor = options.divisorOverride ?? null;
  if (divisor !== null) checkInteger(op, "divisorOverride", divisor);
  if (divisor === 0) throw new ArgumentError(op, "divisorOverride must not be 0");
  const total =
    n === 1
      ? squeeze(applyOne(sumPoolOp, [unsqueeze(batched, 2)], lift(attrs)), 2)
      : applyOne(sumPoolOp, [batched], attrs);
  const count = divisor ?? windowCounts(batched.shape.slice(2), attrs, options.countIncludePad ?? true);
  if (!isFloat(x.dtype))
    return restore(div(total, typeof count === "number" ? count : spread(count, x), { roundingMode: "trunc" }));
  if (typeof count === "number") return restore(mul(total, 1 / count));
  return restore(div(total, spread(count, x)));
}
const spread = (count: { shape: number[]; values: number[] }, x: Tensor): Tensor =>
  fromValues("avgPool", count.values, count.shape, { dtype: x.dtype, device: x.device });
/**
 * Mean over sliding windows in one dimension: `y[n, c, i] = sum over k of x[n, c, i * stride + k - padding] / kernelSize`. Cells beyond the
 * padding do not count, padded zeros do unless `countIncludePad` is false.
 *
 * Shape: [N, C, L] or [C, L] -> [N, C, L'] or [C, L'] with `L' = floor((L + 2 * padding - kernelSize) / stride) + 1`; `ceilMode` rounds up
 * instead. Dtype: that of `x`; means of integers are rounded towards 0.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 * @example
 * avgPool1d(tensor([[[1, 3, 2, 6]]]), 2).tolist(); // [[[2, 4]]]
 * avgPool1d(tensor([[[1, 3, 2, 6]]]), 2, { padding: 1, countIncludePad: false }).tolist(); // [[[1, 2.5, 6]]]
 */
export const avgPool1d = (x: Tensor, kernelSize: Spatial, options: AvgPoolOptions = none): Tensor =>
  unscoped() ? scoped(avgPool1d, x, kernelSize, options) : avgPool("avgPool1d", 1, x, kernelSize, options);
/**
 * Mean over sliding windows in two dimensions:
 * `y[n, c, h, w] = sum over i, j of x[n, c, h * stride + i - padding, w * stride + j - padding] / (kh * kw)`. Cells beyond the padding do
 * not count, padded zeros do unless `countIncludePad` is false.
 *
 * Shape: [N, C, H, W] or [C, H, W] -> [N, C, H', W'] or [C, H', W'] with `H' = floor((H + 2 * padding - kernelSize) / stride) + 1`, W'
 * likewise; `ceilMode` rounds up instead. Dtype: that of `x`; means of integers are rounded towards 0.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 * @example
 * import { avgPool2d, ones, tensor } from "@flambeau/tensor";
 * avgPool2d(tensor([[[1, 2, 5, 0], [4, 3, 1, 2]]]), 2).tolist(); // [[[2.5, 2]]]
 * avgPool2d(ones([1, 2, 2]), 2, { stride: 1, padding: 1 }).tolist(); // [[[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]]
 */
export const avgPool2d = (x: Tensor, kernelSize: Spatial, options: AvgPoolOptions = none): Tensor =>
  unscoped() ? scoped(avgPool2d, x, kernelSize, options) : avgPool("avgPool2d", 2, x, kernelSize, options);
/**
 * Mean over sliding windows in three dimensions: `y[n, c, p] = sum over k of x[n, c, p * stride + k - padding] / (kd * kh * kw)`, where p
 * and k are positions of three coordinates. Cells beyond the padding do not count, padded zeros do unless `countIncludePad` is false.
 *
 * Shape: [N, C, D, H, W] or [C, D, H, W] -> [N, C, D', H', W'] or [C, D', H', W'] with
 * `D' = floor((D + 2 * padding - kernelSize) / stride) + 1`, H' and W' likewise; `ceilMode` rounds up instead. Dtype: that of `x`; means of
 * integers are rounded towards 0.
 *
 * @throws ShapeError when `x` has another rank or the windows do not fit the padded input.
 * @throws ArgumentError when `kernelSize` or `stride` is not positive, `padding` not between 0 and half the kernel, or `divisorOverride` 0.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
 * @example
 * const x = tensor([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]);
 * avgPool3d(x, 2).tolist(); // [[[[3.5]]]]
 * avgPool3d(x, [2, 1, 1]).tolist(); // [[[[2, 3], [4, 5]]]]
 */
export const avgPool3d = (x: Tensor, kernelSize: Spatial, options: AvgPoolOptions = none): Tensor =>
  unscoped() ? scoped(avgPool3d, x, kernelSize, options) : avgPool("avgPool3d", 3, x, kernelSize, options);
