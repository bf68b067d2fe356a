import type { LinearAlgebra } from "../../contract/linear-algebra.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError, ShapeError, showShape } from "../../core/errors.ts";
import type { Tensor } from "../../core/tensor.ts";
import { sizeOf } from "../../layout/shapes.ts";
import { decode, valuesFor } from "../../lower/host.ts";
import { hasValues } from "../../lower/machine.ts";
import { fromValues } from "../create/allocation.ts";
import { hostAlgebra } from "./host-algebra.ts";

// Factorizations run on the host in float64, matrix by matrix: their gradients are ordinary ops.

/** Matrices of a batch, row-major one after the other. */
export interface Matrices {
  readonly values: Float64Array;
  /** Dimensions in front of the last two. */
  readonly batch: readonly number[];
  readonly count: number;
  readonly m: number;
  readonly n: number;
  /** Who factors them. */
  readonly by: LinearAlgebra;
}

/** The matrices of `x`, for the op `op`. @throws UnavailableError where the device cannot be read synchronously. */
export function readMatrices(op: string, x: Tensor): Matrices {
  const batch = x.shape.slice(0, -2);
  const sizes = { batch, count: sizeOf(batch), m: x.shape[x.ndim - 2], n: x.shape[x.ndim - 1] };
  if (!hasValues(x)) return { values: identities(sizes), ...sizes, by: hostAlgebra };
  const raw = valuesFor(op, x, "dense linear algebra runs on the host");
  const values =
    raw instanceof Float64Array
      ? raw
      : raw instanceof Float32Array
        ? new Float64Array(raw)
        : Float64Array.from(decode(raw, x.dtype), Number);
  return { values, ...sizes, by: algebraFor(x, sizes.m * sizes.n, values) };
}
/** Who solves for the second, by the first. */
export const finite = (a: Matrices, b: Matrices): LinearAlgebra =>
  a.by === hostAlgebra || allFinite(b.values) ? a.by : hostAlgebra;
function allFinite(values: Float64Array): boolean {
  // two sums, so that one addition need not wait for the one before
  let [even, odd] = [0, 0];
  const n = values.length;
  for (let i = 1; i < n; i += 2) {
    even += values[i - 1] - values[i - 1];
    odd += values[i] - values[i];
  }
  return even === 0 && odd === 0 && Number.isFinite(n % 2 === 1 ? values[n - 1] : 0);
}
/** The device's algebra for matrices of at least 256 finite elements: copying smaller ones costs more than it brings. */
function algebraFor({ backend: { linearAlgebra } }: Tensor, size: number, values: Float64Array): LinearAlgebra {
  if (linearAlgebra === undefined || size < 256) return hostAlgebra;
  return allFinite(values) ? linearAlgebra : hostAlgebra;
}
/** Stand-ins for matrices without values: every factorization knows what to make of them. */
function identities({ count, m, n }: Omit<Matrices, "values" | "by">): Float64Array {
  const values = new Float64Array(count * m * n);
  for (let i = 0; i < count; i++) for (let d = 0; d < Math.min(m, n); d++) values[(i * m + d) * n + d] = 1;
  return values;
}
/** Matrix `i`, sharing memory. */
export const matrixAt = ({ values, m, n }: Matrices, i: number): Float64Array =>
  values.subarray(i * m * n, (i + 1) * m * n);

/** Host values as a tensor beside `like`. */
export const onDevice = (
  op: string,
  values: ArrayLike<number>,
  shape: readonly number[],
  like: Tensor,
  dtype: DType = like.dtype,
): Tensor => fromValues(op, values, shape, { dtype, device: like.device });

/** Refuses what is no floating-point batch of matrices. */
export function checkMatrices(op: string, x: Tensor): void {
  if (x.ndim < 2) throw new ShapeError(op, `needs matrices [..., M, N], got ${showShape(x.shape)}`, [x.shape]);
  if (!isFloat(x.dtype))
    throw new DTypeError(op, `needs a floating-point tensor, got ${x.dtype}`, 'convert it: x.to("float32")');
}
export function checkSquare(op: string, x: Tensor): void {
  checkMatrices(op, x);
  if (x.shape[x.ndim - 1] !== x.shape[x.ndim - 2])
    throw new ShapeError(op, `needs square matrices, got ${showShape(x.shape)}`, [x.shape]);
}
/** "" for one matrix, else which of the batch. */
export const which = (batch: readonly number[], i: number): string =>
  batch.length === 0 ? "" : ` (matrix ${i} of the batch)`;
