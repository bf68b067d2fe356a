import { DTypeError, IndexError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary } from "../../door/calls.ts";
import type { Op } from "../../door/op.ts";
import { pointwise } from "../../door/pointwise.ts";
import { applyMany } from "../../door/run.ts";
import { where as choose } from "../../expr/expr.ts";
import { checkPosition } from "../../layout/integers.ts";
import { checkIndices } from "../../lower/machine.ts";

/** @throws DTypeError unless `index` is int32 or int64. */
export function checkIndexDType(op: string, index: Tensor): void {
  if (index.dtype !== "int32" && index.dtype !== "int64")
    throw new DTypeError(op, `the index must be int32 or int64, got ${index.dtype}`, 'convert it: index.to("int32")');
}

function outside(op: string, shape: readonly number[], size: number, found: number, least: number): IndexError {
  return new IndexError(
    op,
    `index ${found} is out of range for size ${size} (expected ${least}..${size - 1}, index tensor ${showShape(shape)})`,
    size === 0
      ? "there is nothing to index"
      : least === 0 && found < 0
        ? "negative indices are not allowed here"
        : undefined,
  );
}

export interface Attrs {
  /** The function that asks. */
  readonly title: string;
  readonly size: number;
  /** The least value that was allowed before negative ones were made positive. */
  readonly least: number;
}
/** Has the device verify that an index tensor lies in 0..size-1. No results. */
export const checkIndexOp: Op<Attrs> = {
  name: "checkIndex",
  forward([index], { title, size, least }) {
    const { shape } = index; // and not the tensor: its memory is not held until the answer comes
    checkIndices(index, size, (value) =>
      outside(title, shape, size, least < 0 && value < 0 ? value + least : value, least),
    );
    return [];
  },
};

/** @throws IndexError when a value is not in 0..size-1; on devices that cannot be read synchronously reads of what depends on it reject. */
export function checkIndex(op: string, index: Tensor, size: number): void {
  if (index.size === 0) return;
  checkIndexDType(op, index);
  applyMany(checkIndexOp, [index], { title: op, size, least: 0 });
}

export const wrapIndexOp = pointwise("wrapIndex", (i, n) => choose(i.lt(0), i.add(n), i), { differentiable: false });
/** Index values in 0..size-1 from values in -size..size-1. @throws IndexError as checkIndex. */
export function wrapIndex(op: string, index: Tensor, size: number): Tensor {
  checkIndexDType(op, index);
  if (index.size === 0) return index;
  const wrapped = binary(wrapIndexOp, index, size);
  applyMany(checkIndexOp, [wrapped], { title: op, size, least: -size });
  return wrapped;
}

/** The padding row counted from the start; null for none. */
export const paddingRow = (op: string, paddingIdx: number | null | undefined, rows: number): number | null =>
  paddingIdx === null || paddingIdx === undefined
    ? null
    : checkPosition(op, "paddingIdx", paddingIdx, rows, () => `${rows} rows`);
