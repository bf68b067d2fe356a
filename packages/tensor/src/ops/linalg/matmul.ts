import type { View } from "../../contract/view.ts";
import { promoteTypes } from "../../core/dtype.ts";
import { DTypeError, elsewhere, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, empty, type Tensor, viewOf } from "../../core/tensor.ts";
import { alikeInWidth } from "../../door/convert.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { wholeBy } from "../../door/stack.ts";
import { viewStrides } from "../../door/view.ts";
import { broadcastShapes, broadcastStrides, isContiguous, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice, windowOn } from "../../layout/windows.ts";
import { runMatmul } from "../../lower/machine.ts";
import { fillInto } from "../../lower/move.ts";
import { scoped, unscoped } from "../../memory/scoped.ts";
import { clone } from "../create/copy.ts";
import { expand, flatten, reshape, transpose, unsqueeze } from "../shape/view.ts";

const mT = (x: Tensor): Tensor => transpose(x, -2, -1);

const noBatch: readonly number[] = [];

/** [batch..., M, K] as [B, M, K] with `batch` broadcast; copies only when the batch strides cannot be joined. */
function batched(x: Tensor, batch: readonly number[]): { view: View; copy: Tensor | null } {
  const { ndim } = x;
  const [m, k] = [x.shape[ndim - 2], x.shape[ndim - 1]];
  // the most frequent by far
  if (ndim === 2 && batch.length === 0)
    return { view: windowOn(x, [1, m, k], [1, x.strides[0], x.strides[1]]), copy: null };
  const shape = [...batch, m, k];
  const strides = broadcastStrides(x.shape, x.strides, shape);
  const joined = viewStrides(batch, strides.slice(0, -2), [sizeOf(batch)]);
  if (joined !== null)
    return {
      view: windowOn(x, [sizeOf(batch), m, k], [joined[0], ...strides.slice(-2)]),
      copy: null,
    };
  const copy = clone(expand(x, shape));
  return { view: viewOf(copy, [sizeOf(batch), m, k], [m * k, k, 1], 0), copy };
}

export const matmulOp: Op = {
  name: "matmul",
  rounds: 1,
  // both with two or more dimensions, inner sizes checked
  forward([a, b]) {
    const [m, k] = [a.shape[a.ndim - 2], a.shape[a.ndim - 1]];
    const n = b.shape[b.ndim - 1];
    const batch =
      a.ndim === 2 && b.ndim === 2 ? noBatch : broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    const out = empty(a.backend, a.dtype, [...batch, m, n]);
    if (out.size === 0) return out;
    if (k === 0) return fillInto(out, 0);
    const outView = windowOn(out, [sizeOf(batch), m, n], [m * n, n, 1]);
    const left = batched(a, batch);
    const right = batched(b, batch);
    runMatmul(a, left.view, right.view, outView);
    left.copy?.dispose();
    right.copy?.dispose();
    return out;
  },
  save: ([a, b], _, __, needs) => [...(needs[0] ? [b] : []), ...(needs[1] ? [a] : [])],
  vjp({ saved, shapes, needs }, [g]) {
    if (!g) return [null, null];
    const b = needs[0] ? saved[0] : null;
    const a = needs[1] ? saved[saved.length - 1] : null;
    return [b && product(g, mT(b)), a && gradRight(a, g, shapes[1])];
  },
};
/** The right factor's gradient; where the right factor was one matrix for a whole batch, one long product instead of a sum of many. */
function gradRight(a: Tensor, g: Tensor, shape: readonly number[]): Tensor {
  if (shape.length === 2 && a.ndim > 2 && a.rowMajor) return product(mT(flatten(a, 0, -2)), flatten(g, 0, -2));
  return product(mT(a), g);
}
const product = (a: Tensor, b: Tensor): Tensor => applyOne(matmulOp, [a, b], {});

/**
 * Matrix product over the last two dimensions, batches broadcast: `y[..., i, j] = sum(a[..., i, k] * b[..., k, j] over k)`. A vector counts
 * as a row on the left and as a column on the right.
 * Shapes: `a` [..., N, K] or [K], `b` [..., K, M] or [K]; the result [..., N, M], without the dimension of a vector. Dtype: one for both.
 *
 * @throws ShapeError when the inner sizes differ, the batches do not broadcast, or an operand is 0-d.
 * @throws DTypeError when the dtypes differ.
 * @throws DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
 * @example
 * import { tensor } from "flambeau";
 * const a = tensor([[1, 2], [3, 4]]);
 * a.matmul(a).tolist(); // [[7, 10], [15, 22]]
 * a.matmul(tensor([1, 10])).tolist(); // [21, 43]
 * tensor([1, 10]).matmul(a).tolist(); // [31, 42]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkSameDevice("matmul", a, b);
  if (a.dtype !== b.dtype) {
    if (unscoped()) return scoped(matmul, a, b);
    const whole = wholeBy("matmul", a);
    if (whole !== null) return whole(matmul, [a, b]);
    [a, b] = alikeInWidth(a, b);
  }
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(
      "matmul",
      `both operands need at least one dimension, got ${showShape(a.shape)} @ ${showShape(b.shape)}`,
      [a.shape, b.shape],
      "use mul for scalars",
    );
  if (a.dtype !== b.dtype)
    throw new DTypeError(
      "matmul",
      `operands have different dtypes: ${a.dtype} and ${b.dtype}`,
      `convert one: x.to("${promoteTypes(a.dtype, b.dtype)}")`,
    );
  const inner = a.shape[a.ndim - 1];
  const other = b.shape[b.ndim === 1 ? 0 : b.ndim - 2];
  if (inner !== other)
    throw new ShapeError(
      "matmul",
      `inner dimensions differ: ${showShape(a.shape)} @ ${showShape(b.shape)} (${inner} vs ${other})`,
      [a.shape, b.shape],
    );
  if (a.ndim > 2 && b.ndim <= 2 && foldable(a)) {
    // a batch of rows against one matrix is one tall product
    const rows = product(reshape(a, [a.size / inner, inner]), b.ndim === 1 ? unsqueeze(b, 1) : b);
    return reshape(rows, b.ndim === 1 ? a.shape.slice(0, -1) : [...a.shape.slice(0, -1), b.shape[1]]);
  }
  const left = a.ndim === 1 ? unsqueeze(a, 0) : a;
  const right = b.ndim === 1 ? unsqueeze(b, 1) : b;
  const out = product(left, right);
  if (a.ndim > 1 && b.ndim > 1) return out;
  return reshape(
    out,
    out.shape.filter((_, i) => !(a.ndim === 1 && i === out.ndim - 2) && !(b.ndim === 1 && i === out.ndim - 1)),
  );
}
const foldable = (a: Tensor): boolean => a.size > 0 && isContiguous(a.shape, a.strides);

function ranks(op: string, a: Tensor, rankA: number, b: Tensor, rankB: number): void {
  if (a.ndim !== rankA || b.ndim !== rankB)
    throw new ShapeError(
      op,
      `expected ${rankA}-d and ${rankB}-d operands, got ${showShape(a.shape)} and ${showShape(b.shape)}`,
      [a.shape, b.shape],
      "matmul takes any ranks",
    );
}
/**
 * Product of two matrices: `y[i, j] = sum(a[i, k] * b[k, j] over k)`. {@link matmul} takes any ranks.
 * Shapes: `a` [N, K], `b` [K, M], the result [N, M]. Dtype: one for both.
 *
 * @throws ShapeError when either is not a matrix, or the inner sizes differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.mm.html
 * @example
 * tensor([[1, 2]]).mm(tensor([[3, 4], [5, 6]])).tolist(); // [[13, 16]]
 */
export function mm(a: Tensor, b: Tensor): Tensor;
export function mm(a: Tensor, b: Tensor, outDtype?: unknown): Tensor {
  if (typeof outDtype === "string") throw elsewhere("mm", "outDtype", `mm(a.to(dtype), b.to(dtype))`);
  checkTensor("mm", "a", a);
  checkTensor("mm", "b", b);
  ranks("mm", a, 2, b, 2);
  return matmul(a, b);
}
/**
 * Products of two batches of matrices, one by one: `y[n, i, j] = sum(a[n, i, k] * b[n, k, j] over k)`. {@link matmul} broadcasts.
 * Shapes: `a` [B, N, K], `b` [B, K, M], the result [B, N, M]. Dtype: one for both.
 *
 * @throws ShapeError when either is not 3-d, or the batches or inner sizes differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.bmm.html
 * @example
 * tensor([[[1, 2]], [[3, 4]]]).bmm(tensor([[[1], [1]], [[10], [1]]])).tolist(); // [[[3]], [[34]]]
 */
export function bmm(a: Tensor, b: Tensor): Tensor;
export function bmm(a: Tensor, b: Tensor, outDtype?: unknown): Tensor {
  if (typeof outDtype === "string") throw elsewhere("bmm", "outDtype", `bmm(a.to(dtype), b.to(dtype))`);
  checkTensor("bmm", "a", a);
  checkTensor("bmm", "b", b);
  ranks("bmm", a, 3, b, 3);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError("bmm", `batch sizes differ: ${showShape(a.shape)} and ${showShape(b.shape)}`, [
      a.shape,
      b.shape,
    ]);
  return matmul(a, b);
}
/**
 * Product of a matrix and a vector: `y[i] = sum(a[i, k] * b[k] over k)`.
 * Shapes: `a` [N, K], `b` [K], the result [N]. Dtype: one for both.
 *
 * @throws ShapeError when `a` is not a matrix or `b` not a vector, or the sizes differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.mv.html
 * @example
 * tensor([[1, 2], [3, 4]]).mv(tensor([1, 10])).tolist(); // [21, 43]
 */
export function mv(a: Tensor, b: Tensor): Tensor {
  const whole = wholeBy("mv", a);
  if (whole !== null) return whole(mv, [a, b]);
  checkTensor("mv", "a", a);
  checkTensor("mv", "b", b);
  ranks("mv", a, 2, b, 1);
  return matmul(a, b);
}
/**
 * Inner product of two vectors: `y = sum(a[i] * b[i])`.
 * Shapes: `a` [N], `b` [N], the result 0-d. Dtype: one for both.
 *
 * @throws ShapeError when either is not a vector, or the sizes differ.
 * @throws DTypeError when the dtypes differ; DeviceError when they live on different devices.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.dot.html
 * @example
 * tensor([1, 2, 3]).dot(tensor([4, 5, 6])).item(); // 32
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  const whole = wholeBy("dot", a);
  if (whole !== null) return whole(dot, [a, b]);
  checkTensor("dot", "a", a);
  checkTensor("dot", "b", b);
  ranks("dot", a, 1, b, 1);
  return matmul(a, b);
}
