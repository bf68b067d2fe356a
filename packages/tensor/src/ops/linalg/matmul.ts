import type { View } from "../../contract/view.ts";
import { promoteTypes } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { empty, type Tensor, viewOf } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyOne } from "../../door/run.ts";
import { viewStrides } from "../../door/view.ts";
import { broadcastShapes, broadcastStrides, isContiguous, sizeOf } from "../../layout/shapes.ts";
import { checkSameDevice, windowOn } from "../../layout/windows.ts";
import { runMatmul } from "../../lower/machine.ts";
import { fillInto } from "../../lower/move.ts";
import { clone } from "../create/copy.ts";
import { expand, flatten, reshape, transpose, unsqueeze } from "../shape/view.ts";

const mT = (x: Tensor): Tensor => transpose(x, -2, -1);

/** [batch..., M, K] as [B, M, K] with `batch` broadcast; copies only when the batch strides cannot be joined. */
function batched(x: Tensor, batch: readonly number[]): { view: View; copy: Tensor | null } {
  const [m, k] = [x.shape[x.ndim - 2], x.shape[x.ndim - 1]];
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
    const [m, k] = a.shape.slice(-2);
    const n = b.shape[b.ndim - 1];
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
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
 * Matrix product over the last two dimensions, batches broadcast; a vector counts as a row (left) or column (right).
 *
 * @throws ShapeError when the inner sizes differ.
 * @example
 * import { matmul, tensor } from "@flambeau/tensor";
 * console.log(matmul(tensor([[1, 2]]), tensor([[3], [4]])).tolist()); // [[11]]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkSameDevice("matmul", a, b);
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
/** Product of two matrices, [N,K] @ [K,M]. */
export function mm(a: Tensor, b: Tensor): Tensor {
  ranks("mm", a, 2, b, 2);
  return matmul(a, b);
}
/** Batched product, [B,N,K] @ [B,K,M]. */
export function bmm(a: Tensor, b: Tensor): Tensor {
  ranks("bmm", a, 3, b, 3);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError("bmm", `batch sizes differ: ${showShape(a.shape)} and ${showShape(b.shape)}`, [
      a.shape,
      b.shape,
    ]);
  return matmul(a, b);
}
/** Matrix times vector. */
export function mv(a: Tensor, b: Tensor): Tensor {
  ranks("mv", a, 2, b, 1);
  return matmul(a, b);
}
/** Inner product of two vectors. */
export function dot(a: Tensor, b: Tensor): Tensor {
  ranks("dot", a, 1, b, 1);
  return matmul(a, b);
}
