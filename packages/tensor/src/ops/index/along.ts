import type { Scalar } from "../../core/element.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import { checkTensor, Tensor } from "../../core/tensor.ts";
import { alikeInWidth, toDType } from "../../door/convert.ts";
import type { Operand } from "../../door/pointwise.ts";
import { normalizeDim } from "../../layout/shapes.ts";
import { checkSameDevice } from "../../layout/windows.ts";
import { scalarLike } from "../create/allocation.ts";
import { expand, narrow } from "../shape/view.ts";
import { checkIndex } from "./index-values.ts";

/** @throws ArgumentError for what is neither a number nor a tensor. */
export function checkFilling(op: string, value: Operand): void {
  if (typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean")
    checkTensor(op, "value", value);
}

/** Checks shapes and values of an index that picks along one dimension; gives the dimension. */
export function checkAlong(op: string, x: Tensor, dim: number, index: Tensor): number {
  checkSameDevice(op, x, index);
  const d = normalizeDim(op, dim, x.ndim);
  if (index.size === 0) return d;
  if (Math.max(index.ndim, 1) !== Math.max(x.ndim, 1))
    throw new ShapeError(
      op,
      `the index needs as many dimensions as the tensor: index ${showShape(index.shape)}, tensor ${showShape(x.shape)}`,
      [x.shape, index.shape],
      "unsqueeze and expand the index, or use takeAlongDim, which broadcasts",
    );
  for (let i = 0; i < x.ndim; i++)
    if (i !== d && index.shape[i] > x.shape[i])
      throw new ShapeError(
        op,
        `the index is larger than the tensor at dimension ${i}: index ${showShape(index.shape)}, tensor ${showShape(x.shape)}`,
        [x.shape, index.shape],
        `only dimension ${d} of the index may be larger`,
      );
  checkIndex(op, index, x.ndim === 0 ? 1 : x.shape[d]);
  return d;
}

/**
 * `source` in `x`'s dtype, which it must have, but for int32 and int64.
 *
 * @throws DTypeError for others.
 */
export function inDTypeOf(op: string, x: Tensor, source: Tensor, name = "source"): Tensor {
  if (alikeInWidth(x, source)[0].dtype !== alikeInWidth(source, x)[0].dtype)
    throw new DTypeError(
      op,
      `${name} and tensor have different dtypes: ${source.dtype} and ${x.dtype}`,
      `convert the ${name}: ${name}.to("${x.dtype}")`,
    );
  return toDType(source, x.dtype);
}

/** What is written at `index`: the part of `source` that it covers, or a number everywhere. */
export function sourceAt(op: string, x: Tensor, index: Tensor, source: Tensor | Scalar): Tensor {
  if (!(source instanceof Tensor)) return expand(scalarLike(op, x, source), index.shape);
  checkSameDevice(op, x, source);
  source = inDTypeOf(op, x, source);
  if (
    index.size > 0 &&
    (Math.max(source.ndim, 1) !== Math.max(index.ndim, 1) || index.shape.some((s, i) => s > (source.shape[i] ?? 1)))
  )
    throw new ShapeError(
      op,
      `the source ${showShape(source.shape)} does not cover the index ${showShape(index.shape)}`,
      [source.shape, index.shape],
    );
  let covered = source;
  if (index.size > 0)
    for (let i = 0; i < source.ndim; i++)
      if (source.shape[i] !== (index.shape[i] ?? 1)) covered = narrow(covered, i, 0, index.shape[i] ?? 1);
  return covered;
}
