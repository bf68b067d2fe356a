import { ArgumentError, ShapeError, show, showShape } from "../../core/errors.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { checkInteger, integersOf } from "../../layout/integers.ts";
import { normalizeDims, sizeOf } from "../../layout/shapes.ts";
import { lifted, windowOn } from "../../layout/windows.ts";
import { runFused } from "../../lower/fused.ts";
import { runGather } from "../../lower/machine.ts";
import { copyInto } from "../../lower/move.ts";
import { fromValues } from "../create/allocation.ts";
import { clone } from "../create/copy.ts";
import { flatten, reshape, transpose } from "./view.ts";

export const flipOp: Op<{ readonly dims: readonly number[] }> = {
  name: "flip",
  // kernels step forwards only: each dimension is gathered from its end
  forward([x], { dims }) {
    let from = x;
    for (const d of dims) {
      const turned = runFused("flip", [from], () => [empty(x.backend, x.dtype, x.shape)], { dim: d });
      if (turned) {
        if (from !== x) from.dispose();
        from = turned[0];
        continue;
      }
      const n = x.shape[d];
      const order = fromValues(
        "flip",
        Int32Array.from({ length: n }, (_, i) => n - 1 - i),
        [n],
        { dtype: "int32", device: x.device },
      );
      const out = empty(x.backend, x.dtype, x.shape);
      if (out.size > 0) {
        const strides = x.shape.map((_, i) => (i === d ? 1 : 0));
        runGather(x, lifted(from), windowOn(order, x.shape, strides), out, d);
      }
      order.dispose();
      if (from !== x) from.dispose();
      from = out;
    }
    return from;
  },
  vjp: ({ attrs: { dims } }, [g]) => [g && flip(g, dims)],
};
/**
 * `x` with the order of elements reversed along `dims`: `y[i, j] = x[n - 1 - i, j]` for `dims = [0]`, `n` being the size there. A copy. As
 * a method it also takes the dimensions one after another.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws IndexError when one of `dims` is out of range or comes twice.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.flip.html
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * flip(x, [1]).tolist(); // [[2, 1], [4, 3]]
 * x.flip(0, 1).tolist(); // [[4, 3], [2, 1]]
 */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  checkTensor("flip", "x", x);
  const list = normalizeDims("flip", dims, x.ndim).filter((d) => d < x.ndim && x.shape[d] > 1);
  return list.length === 0 ? clone(x) : applyOne(flipOp, [x], { dims: list });
}
/**
 * {@link flip} left to right, along dimension 1: `y[i, j] = x[i, n - 1 - j]`.
 *
 * Shape: that of `x`, of at least two dimensions. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` has fewer than two dimensions.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.fliplr.html
 * @example
 * tensor([[1, 2, 3]]).fliplr().tolist(); // [[3, 2, 1]]
 */
export function fliplr(x: Tensor): Tensor {
  checkTensor("fliplr", "x", x);
  if (x.ndim < 2) throw new ShapeError("fliplr", `needs at least 2 dimensions, got ${showShape(x.shape)}`, [x.shape]);
  return flip(x, 1);
}
/**
 * {@link flip} upside down, along dimension 0: `y[i, j] = x[n - 1 - i, j]`.
 *
 * Shape: that of `x`, of at least one dimension. Dtype: that of `x`.
 *
 * @throws ShapeError when `x` is 0-d.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.flipud.html
 * @example
 * tensor([[1, 2], [3, 4]]).flipud().tolist(); // [[3, 4], [1, 2]]
 */
export function flipud(x: Tensor): Tensor {
  checkTensor("flipud", "x", x);
  if (x.ndim < 1) throw new ShapeError("flipud", `needs at least 1 dimension, got ${showShape(x.shape)}`, [x.shape]);
  return flip(x, 0);
}

export const rollOp: Op<{ readonly shifts: readonly number[]; readonly dims: readonly number[] }> = {
  name: "roll",
  forward([x], { shifts, dims }) {
    let from = x;
    dims.forEach((d, k) => {
      const n = x.shape[d];
      const out = empty(x.backend, x.dtype, x.shape);
      // two windows change places: the last `shift` elements come first
      for (const [start, length, at] of [
        [n - shifts[k], shifts[k], 0],
        [0, n - shifts[k], shifts[k]],
      ]) {
        const shape = x.shape.map((s, i) => (i === d ? length : s));
        const source = viewOf(from, shape, from.strides, from.offset + start * from.strides[d]);
        const target = viewOf(out, shape, out.strides, at * out.strides[d]);
        copyInto(target, source);
        source.dispose();
        target.dispose();
      }
      if (from !== x) from.dispose();
      from = out;
    });
    return from;
  },
  vjp: ({ attrs: { shifts, dims } }, [g]) => [
    g &&
      roll(
        g,
        shifts.map((s) => -s),
        dims,
      ),
  ],
};
/**
 * Elements moved `shifts` places along `dims`, those that leave at the end coming in at the start: `y[(i + shift) mod n] = x[i]`. Without
 * `dims` the elements move in row-major order. A copy.
 *
 * Shape: that of `x`. Dtype: that of `x`.
 *
 * @throws ArgumentError when `shifts` and `dims` differ in length, or a shift is no integer.
 * @throws IndexError when one of `dims` is out of range.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.roll.html
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.roll(1, 1).tolist(); // [[3, 1, 2], [6, 4, 5]]
 * x.roll([1, -1], [0, 1]).tolist(); // [[5, 6, 4], [2, 3, 1]]
 * x.roll(1).tolist(); // [[6, 1, 2], [3, 4, 5]]
 */
export function roll(x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null): Tensor {
  checkTensor("roll", "x", x);
  const by = integersOf("roll", "shifts", shifts);
  const list = integersOf("roll", "dims", dims ?? []);
  if (list.length === 0) {
    if (by.length !== 1) throw new ArgumentError("roll", `${by.length} shifts need as many dims`);
    return reshape(roll(flatten(x), by, 0), x.shape);
  }
  if (by.length !== list.length)
    throw new ArgumentError("roll", `shifts [${by.join(",")}] and dims [${list.join(",")}] differ in length`);
  const at = list.map((d) => normalizeDims("roll", d, x.ndim)[0]);
  const pairs = at.map((d, i) => [
    d,
    x.ndim === 0 || x.shape[d] === 0 ? 0 : ((by[i] % x.shape[d]) + x.shape[d]) % x.shape[d],
  ]);
  const moved = pairs.filter(([, shift]) => shift !== 0);
  if (moved.length === 0 || sizeOf(x.shape) === 0) return clone(x);
  return applyOne(rollOp, [x], { dims: moved.map(([d]) => d), shifts: moved.map(([, shift]) => shift) });
}

/**
 * `x` turned `k` quarter turns in the plane of two dimensions, from the first towards the second: `y[i, j] = x[j, n - 1 - i]` for one turn.
 * Negative `k` turns back. A copy.
 *
 * Shapes: [h, w] becomes [w, h] for an odd `k`, and stays for an even one. Dtype: that of `x`.
 *
 * @throws ArgumentError when there are not two dims, or `k` is no integer.
 * @throws IndexError when one of `dims` is out of range, or both are the same.
 * @throws MemoryError when `x` was disposed.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.rot90.html
 * @example
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.rot90().tolist(); // [[3, 6], [2, 5], [1, 4]]
 * x.rot90(2).tolist(); // [[6, 5, 4], [3, 2, 1]]
 */
export function rot90(x: Tensor, k = 1, dims: readonly number[] = [0, 1]): Tensor {
  checkTensor("rot90", "x", x);
  if (!Array.isArray(dims) || dims.length !== 2)
    throw new ArgumentError("rot90", `expected two dims, got ${show(dims)}`);
  const [a, b] = normalizeDims("rot90", dims, x.ndim);
  checkInteger("rot90", "k", k);
  const turns = ((k % 4) + 4) % 4;
  if (turns === 1) return transpose(flip(x, b), a, b);
  if (turns === 2) return flip(x, [a, b]);
  if (turns === 3) return transpose(flip(x, a), a, b);
  return clone(x);
}
