// Rows of row-major matrices, as reflections and rotations see them: what they touch lies together in memory.

/** The length of `a[from]` to `a[to - 1]`. Matrices are scaled before: squares neither overflow nor vanish. */
export function lengthOf(a: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += a[i] * a[i];
  return Math.sqrt(sum);
}

/** `x · y` of `count` elements from `i` and `j` on. Four sums, so that one addition need not wait for the one before. */
export function dot(x: Float64Array, i: number, y: Float64Array, j: number, count: number): number {
  let [p, q, r, s] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < count; k += 4) {
    p += x[i + k] * y[j + k];
    q += x[i + k + 1] * y[j + k + 1];
    r += x[i + k + 2] * y[j + k + 2];
    s += x[i + k + 3] * y[j + k + 3];
  }
  for (; k < count; k++) p += x[i + k] * y[j + k];
  return p + q + (r + s);
}

/** `x += f * y` of `count` elements from `i` and `j` on. */
export function addTo(x: Float64Array, i: number, f: number, y: Float64Array, j: number, count: number): void {
  for (let k = 0; k < count; k++) x[i + k] += f * y[j + k];
}

/** Rows p and q of `a` (of n columns) become c p + s q and c q - s p. */
export function rotateRows(a: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  const [i, j] = [p * n, q * n];
  for (let k = 0; k < n; k++) {
    const x = a[i + k];
    const y = a[j + k];
    a[i + k] = c * x + s * y;
    a[j + k] = c * y - s * x;
  }
}

/** {@link reflection} of `count` elements from `at` on. */
export interface Reflection {
  readonly tau: number;
  /** What becomes of the first element; the others become 0. */
  readonly beta: number;
}
/**
 * The reflection `I - tau v v^T` that leaves one element of `x`, written over it: v, whose first element is 1.
 *
 * @see G. Golub, C. Van Loan, Matrix Computations, 4th ed., 5.1
 */
export function reflection(x: Float64Array, at: number, count: number): Reflection {
  const alpha = x[at];
  const rest = lengthOf(x, at + 1, at + count);
  x[at] = 1;
  if (rest === 0) return { tau: 0, beta: alpha };
  const beta = -Math.sign(alpha || 1) * Math.sqrt(alpha * alpha + rest * rest);
  for (let i = at + 1; i < at + count; i++) x[i] /= alpha - beta;
  return { tau: (beta - alpha) / beta, beta };
}

/** A power of two by which the elements of `a` are to be divided so that none is above 1; 1 for zeros and what is not finite. */
export function scaleOf(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]));
  return most > 0 && Number.isFinite(most) ? 2 ** Math.min(1023, Math.ceil(Math.log2(most))) : 1;
}

export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j];
  return out;
}

/** The places of `values` in an order in which `compare` of two of them is never positive; equal ones stay in theirs. */
export const orderOf = (values: Float64Array, compare: (x: number, y: number) => number): number[] =>
  Array.from(values, (_, i) => i).sort((i, j) => compare(values[i], values[j]));
