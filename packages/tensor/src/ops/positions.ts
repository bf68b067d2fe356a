import { dataSync } from "../host.ts";
import type { Tensor } from "../tensor.ts";

/** Row-major positions of the elements that are not 0. Reads the tensor: the device must allow synchronous reads. */
export function truePositions(x: Tensor): Int32Array {
  const values = dataSync(x);
  // half floats come as bits: both zeros are 0 but for the sign
  const bits = x.dtype === "float16" || x.dtype === "bfloat16" ? 0x7fff : null;
  const isTrue = (v: number | bigint) => (bits === null ? v !== 0 && v !== 0n : (Number(v) & bits) !== 0);
  let n = 0;
  for (let i = 0; i < values.length; i++) if (isTrue(values[i])) n++;
  const found = new Int32Array(n);
  for (let i = 0, at = 0; i < values.length; i++) if (isTrue(values[i])) found[at++] = i;
  return found;
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
