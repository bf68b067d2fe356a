import { isHalf } from "../../core/dtype.ts";
import { empty, type Tensor } from "../../core/tensor.ts";
import type { Op } from "../../door/op.ts";
import { applyMany, applyOne } from "../../door/run.ts";
import { runFused, takesFused } from "../../lower/fused.ts";
import { valuesFor } from "../../lower/host.ts";
import { copyInto, dense, freshCopy } from "../../lower/move.ts";
import { reduceKept } from "../../lower/reduce.ts";
import { fromValues } from "../create/allocation.ts";
import { select } from "../shape/view.ts";

// Where a tensor is not 0. How many positions there are depends on the values: the host reads that number where the device finds them, else all.

export interface Attrs {
  /** The function that asks, and what it says to do instead. */
  readonly title: string;
  readonly instead?: string | undefined;
  /** Where the positions go; a mask on the cpu can be for a tensor elsewhere. */
  readonly device: string;
}

const why = "how many elements are picked depends on the values";

/**
 * Positions as the device finds them: [n], or coordinates [n, ndim]; null where it cannot, or they are wanted on another one.
 * @throws UnavailableError where the device cannot be read synchronously.
 */
function positionsOnDevice(x: Tensor, attrs: Attrs, inRows: boolean): Tensor | null {
  const { title, instead, device } = attrs;
  if (x.device !== device || x.size === 0 || x.ndim === 0 || !takesFused("nonzero", [x], attrs)) return null;
  const mask = x.dtype === "bool" ? dense(x) : copyInto(empty(x.backend, "bool", x.shape), x);
  const all = x.shape.map((_, d) => d);
  const n = Number(valuesFor(title, reduceKept("sum", mask, all, "int32"), why, instead)[0]);
  const outputs = () => [empty(x.backend, "int32", inRows ? [n, x.ndim] : [n])];
  const out = n === 0 ? outputs() : runFused("nonzero", [mask], outputs, attrs);
  return out === null ? null : out[0];
}

/** Row-major positions of the elements that are not 0. @throws UnavailableError where the device cannot be read synchronously. */
function positionsIn(x: Tensor, { title, instead }: Attrs): Int32Array {
  const values = valuesFor(title, x, why, instead);
  if (values instanceof Uint8Array) return nonzeroBytes(values);
  // half floats come as bits: both zeros are 0 but for the sign
  const mask = isHalf(x.dtype) ? 0x7fff : null;
  const truth = Uint8Array.from(values as ArrayLike<number | bigint>, (v) =>
    Number(mask === null ? Number(v) !== 0 : (Number(v) & mask) !== 0),
  );
  return nonzeroBytes(truth);
}
function nonzeroBytes(values: Uint8Array): Int32Array {
  const found = new Int32Array(values.length);
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    found[n] = i;
    // 1 for all but 0: a branch would be guessed wrong half of the time
    n += -values[i] >>> 31;
  }
  return found.slice(0, n);
}
/** Coordinates along each dimension of row-major positions. */
function coordinates(shape: readonly number[], positions: Int32Array): Int32Array[] {
  if (shape.length === 1) return [positions];
  const out = shape.map(() => new Int32Array(positions.length));
  writeCoordinates(shape, positions, (d, i, at) => {
    out[d][i] = at;
  });
  return out;
}
function writeCoordinates(
  shape: readonly number[],
  positions: Int32Array,
  write: (dim: number, i: number, at: number) => void,
): void {
  for (let i = 0; i < positions.length; i++) {
    let rest = positions[i];
    for (let d = shape.length - 1; d > 0; d--) {
      const above = Math.floor(rest / shape[d]);
      write(d, i, rest - above * shape[d]);
      rest = above;
    }
    write(0, i, rest);
  }
}
const indexOf = (values: ArrayLike<number>, shape: readonly number[], device: string): Tensor =>
  fromValues("nonzero", values, shape, { dtype: "int32", device });

/** Row-major positions, as one dimension. */
export const flatNonzeroOp: Op<Attrs> = {
  name: "flatNonzero",
  forward([x], attrs) {
    const found = positionsOnDevice(x, attrs, false);
    if (found !== null) return found;
    const positions = positionsIn(x, attrs);
    return indexOf(positions, [positions.length], attrs.device);
  },
};
/** A tensor of positions for each dimension; a 0-d tensor counts as having one. */
export const nonzeroPlacesOp: Op<Attrs> = {
  name: "nonzeroPlaces",
  forward([x], attrs) {
    const found = positionsOnDevice(x, attrs, true);
    if (found !== null) return x.shape.map((_, d) => freshCopy(select(found, 1, d)));
    const rows = coordinates(x.ndim === 0 ? [1] : x.shape, positionsIn(x, attrs));
    return rows.map((row) => indexOf(row, [row.length], attrs.device));
  },
};
/** Positions as the rows of a matrix [n, ndim]. */
export const nonzeroOp: Op<Attrs> = {
  name: "nonzero",
  forward([x], attrs) {
    const found = positionsOnDevice(x, attrs, true);
    if (found !== null) return found;
    const positions = positionsIn(x, attrs);
    const { shape, ndim } = x;
    if (ndim === 1) return indexOf(positions, [positions.length, 1], attrs.device);
    const flat = new Int32Array(positions.length * ndim);
    if (ndim > 0)
      writeCoordinates(shape, positions, (d, i, at) => {
        flat[i * ndim + d] = at;
      });
    return indexOf(flat, [positions.length, ndim], attrs.device);
  },
};

/** Row-major positions of the elements of `x` that are not 0, for the function `title`; int32. */
export const truePositions = (title: string, x: Tensor, device: string = x.device): Tensor =>
  applyOne(flatNonzeroOp, [x], { title, device });
/** Positions of the elements that are not 0, one int32 tensor for each dimension. */
export const truePlaces = (title: string, x: Tensor, device: string = x.device, instead?: string): readonly Tensor[] =>
  applyMany(nonzeroPlacesOp, [x], { title, device, instead });
