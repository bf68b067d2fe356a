import type { Tensor } from "../../core/tensor.ts";
import { valuesFor } from "../../lower/host.ts";
import { fromValues } from "../create/allocation.ts";

/**
 * Row-major positions of the elements that are not 0, for the op `op`.
 *
 * @throws UnavailableError where the device cannot be read synchronously.
 */
export function truePositions(op: string, x: Tensor, instead?: string): Int32Array {
  const values = valuesFor(op, x, "how many elements are picked depends on the values", instead);
  if (values instanceof Uint8Array) return nonzeroBytes(values);
  // half floats come as bits: both zeros are 0 but for the sign
  const mask = x.dtype === "float16" || x.dtype === "bfloat16" ? 0x7fff : null;
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
    n += values[i] === 0 ? 0 : 1;
  }
  return found.slice(0, n);
}

/** Coordinates along each dimension of row-major positions. */
export function coordinates(shape: readonly number[], positions: Int32Array): Int32Array[] {
  let step = 1;
  const out: Int32Array[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    const [size, below] = [shape[d], step];
    out.unshift(positions.map((p) => Math.floor(p / below) % size));
    step *= size;
  }
  return out;
}

/** Positions of the elements that are not 0, one int32 tensor for each dimension (a 0-d tensor counts as having one). */
export function truePlaces(op: string, x: Tensor): Tensor[] {
  const rows = coordinates(x.ndim === 0 ? [1] : x.shape, truePositions(op, x));
  return rows.map((row) => fromValues("nonzero", row, [row.length], { dtype: "int32", device: x.device }));
}
