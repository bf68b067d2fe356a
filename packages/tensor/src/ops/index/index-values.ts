import { DTypeError, IndexError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { binary } from "../../door/calls.ts";
import { pointwise } from "../../door/pointwise.ts";
import { where as choose } from "../../expr/expr.ts";
import { checkPosition } from "../../layout/integers.ts";
import { dataSync } from "../../lower/host.ts";
import { reduceKept } from "../../lower/reduce.ts";

/** Up to this many values are read and looked at on the host: quicker than two reductions. */
const fewValues = 1024;

/** @throws DTypeError unless `index` is int32 or int64. */
export function checkIndexDType(op: string, index: Tensor): void {
  if (index.dtype !== "int32" && index.dtype !== "int64")
    throw new DTypeError(op, `the index must be int32 or int64, got ${index.dtype}`, 'convert it: index.to("int32")');
}

/** Smallest and largest value of an index tensor; null where the device cannot be read synchronously. */
function extremes(index: Tensor): readonly [number, number] | null {
  if (index.size === 0) return [0, -1];
  if (index.backend.readSync === undefined) return null;
  if (index.size > fewValues) return [reduced("min", index), reduced("max", index)];
  const values = dataSync(index);
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const v = Number(values[i]);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
}
function reduced(kind: "min" | "max", index: Tensor): number {
  const out = reduceKept(
    kind,
    index,
    index.shape.map((_, i) => i),
    index.dtype,
  );
  const value = Number(dataSync(out)[0]);
  out.dispose();
  return value;
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

/** Asks a device that cannot be read synchronously to check 0..size-1; `found` gives the caller's value from one that is not. */
function checkLater(op: string, index: Tensor, size: number, least: number, found: (value: number) => number): void {
  const shape = index.shape; // and not the tensor: its memory is not held until the answer comes
  index.backend.checkIndices?.(index, size, (value) => outside(op, shape, size, found(value), least));
}

/**
 * @throws IndexError when a value is not in 0..size-1; on devices that cannot be read synchronously the next read rejects with it,
 * if the backend can check indices at all.
 */
export function checkIndex(op: string, index: Tensor, size: number): void {
  if (index.size === 0) return;
  checkIndexDType(op, index);
  const range = extremes(index);
  if (range === null) checkLater(op, index, size, 0, (value) => value);
  else if (range[0] < 0 || range[1] >= size)
    throw outside(op, index.shape, size, range[0] < 0 ? range[0] : range[1], 0);
}

const wrapOp = pointwise("wrapIndex", (i, n) => choose(i.lt(0), i.add(n), i), { differentiable: false });
/** Index values in 0..size-1 from values in -size..size-1: `index` itself when none is negative. @throws IndexError as checkIndex. */
export function wrapIndex(op: string, index: Tensor, size: number): Tensor {
  checkIndexDType(op, index);
  const range = extremes(index);
  if (range === null) {
    const wrapped = binary(wrapOp, index, size);
    checkLater(op, wrapped, size, -size, (value) => (value < 0 ? value - size : value));
    return wrapped;
  }
  if (index.size > 0 && (range[0] < -size || range[1] >= size))
    throw outside(op, index.shape, size, range[0] < -size ? range[0] : range[1], -size);
  return range[0] < 0 ? binary(wrapOp, index, size) : index;
}

/** The padding row counted from the start; null for none. */
export const paddingRow = (op: string, paddingIdx: number | null | undefined, rows: number): number | null =>
  paddingIdx === null || paddingIdx === undefined
    ? null
    : checkPosition(op, "paddingIdx", paddingIdx, rows, () => `${rows} rows`);
