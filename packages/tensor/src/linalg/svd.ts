import { addTo, dot, orderOf, reflection, rotateRows, scaleOf, transposed } from "./rows.ts";

/** Steps for one singular value; two or three are usual. */
const mostSteps = 60;

/**
 * Thin singular value decomposition of a tall matrix (m × n, m >= n, overwritten): A = U diag(s) V^T with s falling, U (m × n) and V^T (n × n).
 * Reflections bring it to two diagonals, of which rotations leave one (Golub and Kahan, with implicit shifts). Errors are those of rounding the
 * matrix.
 *
 * @see G. Golub, C. Van Loan, Matrix Computations, 4th ed., 5.4.8 and 8.6
 */
export function tallSvd(
  a: Float64Array,
  m: number,
  n: number,
): { readonly u: Float64Array; readonly s: Float64Array; readonly vh: Float64Array } {
  const scale = scaleOf(a);
  for (let i = 0; i < a.length; i++) a[i] /= scale;
  const { diagonal, above, left, right } = bidiagonal(a, m, n);
  diagonalize({ d: diagonal, e: above, left, right, m, n });
  for (let i = 0; i < n; i++) {
    if (!(diagonal[i] < 0)) continue;
    diagonal[i] = -diagonal[i];
    for (let k = 0; k < n; k++) right[i * n + k] *= -1;
  }
  const order = orderOf(diagonal, (x, y) => y - x);
  const [u, vh] = [new Float64Array(m * n), new Float64Array(n * n)];
  order.forEach((from, to) => {
    vh.set(right.subarray(from * n, (from + 1) * n), to * n);
    u.set(left.subarray(from * m, (from + 1) * m), to * m);
  });
  return { u: transposed(u, n, m), s: Float64Array.from(order, (i) => diagonal[i] * scale), vh };
}

/** A = U B V^T with B's diagonal, what lies above it, U^T (n × m) and V^T. */
function bidiagonal(a: Float64Array, m: number, n: number) {
  const [diagonal, above] = [new Float64Array(n), new Float64Array(n)];
  // the v of reflections from the left in rows of n × m, from the right in rows of n × n, each from its first element on
  const [lefts, rights] = [new Float64Array(n * m), new Float64Array(n * n)];
  const [tausLeft, tausRight] = [new Float64Array(n), new Float64Array(n)];
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const [at, after] = [k * m, k + 1];
    for (let i = k; i < m; i++) lefts[at + i] = a[i * n + k];
    const column = reflection(lefts, at + k, m - k);
    diagonal[k] = column.beta;
    tausLeft[k] = column.tau;
    if (column.tau !== 0 && after < n) {
      // w = tau v^T A, then A - v w^T, row by row
      w.fill(0, after);
      for (let i = k; i < m; i++) addTo(w, after, column.tau * lefts[at + i], a, i * n + after, n - after);
      for (let i = k; i < m; i++) addTo(a, i * n + after, -lefts[at + i], w, after, n - after);
    }
    if (after >= n) break;
    for (let j = after; j < n; j++) rights[k * n + j] = a[k * n + j];
    const row = reflection(rights, k * n + after, n - after);
    above[k] = row.beta;
    tausRight[k] = row.tau;
    if (row.tau !== 0)
      for (let i = after; i < m; i++) {
        const from = i * n + after;
        addTo(a, from, -row.tau * dot(a, from, rights, k * n + after, n - after), rights, k * n + after, n - after);
      }
  }
  const left = new Float64Array(n * m);
  for (let i = 0; i < n; i++) left[i * m + i] = 1;
  for (let k = n - 1; k >= 0; k--)
    if (tausLeft[k] !== 0) reflectRows(left, m, k, n, lefts, k * m + k, m - k, tausLeft[k]);
  const right = new Float64Array(n * n);
  for (let i = 0; i < n; i++) right[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--)
    if (tausRight[k] !== 0) reflectRows(right, n, k + 1, n, rights, k * n + k + 1, n - k - 1, tausRight[k]);
  return { diagonal, above, left, right };
}

/** Applies a reflection, whose v has `count` elements from `at` on, to the last elements of rows [from, to). */
function reflectRows(
  rows: Float64Array,
  width: number,
  from: number,
  to: number,
  v: Float64Array,
  at: number,
  count: number,
  tau: number,
): void {
  for (let i = from; i < to; i++) {
    const row = (i + 1) * width - count;
    addTo(rows, row, -tau * dot(rows, row, v, at, count), v, at, count);
  }
}

interface Bidiagonal {
  readonly d: Float64Array;
  /** e[i] is between d[i] and d[i + 1]. */
  readonly e: Float64Array;
  /** n × m. */
  readonly left: Float64Array;
  /** n × n. */
  readonly right: Float64Array;
  readonly m: number;
  readonly n: number;
}

/** Makes d the singular values, with any signs, and turns the rows along. */
function diagonalize(b: Bidiagonal): void {
  const { d, e, n } = b;
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  if (!Number.isFinite(norm)) {
    for (const all of [d, b.left, b.right]) all.fill(Number.NaN);
    return;
  }
  const nothing = Number.EPSILON * norm;
  for (let high = n - 1; high > 0; high--)
    for (let step = 0; step < mostSteps; step++) {
      let low = high;
      while (low > 0 && Math.abs(e[low - 1]) > Number.EPSILON * (Math.abs(d[low - 1]) + Math.abs(d[low]))) low--;
      if (low > 0) e[low - 1] = 0;
      if (low === high) break;
      let zero = high;
      while (zero >= low && Math.abs(d[zero]) > nothing) zero--;
      if (zero < low) chase(b, low, high);
      else if (zero < high) turnRow(b, zero, high);
      else turnColumn(b, low, high);
    }
}

/** One step: a rotation of the first two columns, as those of B^T B less the eigenvalue at its end ask for, and what makes B bidiagonal again. */
function chase({ d, e, left, right, m, n }: Bidiagonal, low: number, high: number): void {
  const [last, before] = [d[high], d[high - 1]];
  const beside = high - 1 > low ? e[high - 2] : 0;
  const [p, q] = [before * before + beside * beside, last * last + e[high - 1] * e[high - 1]];
  const off = before * e[high - 1];
  const half = (p - q) / 2;
  const root = half + (half < 0 ? -1 : 1) * Math.sqrt(half * half + off * off);
  const shift = root === 0 ? q : q - (off * off) / root;
  let [y, z] = [d[low] * d[low] - shift, d[low] * e[low]];
  for (let k = low; k < high; k++) {
    let r = Math.sqrt(y * y + z * z);
    let [c, s] = r === 0 ? [1, 0] : [y / r, z / r];
    if (k > low) e[k - 1] = r;
    y = c * d[k] + s * e[k];
    e[k] = c * e[k] - s * d[k];
    z = s * d[k + 1];
    d[k + 1] *= c;
    rotateRows(right, n, k, k + 1, c, s);
    r = Math.sqrt(y * y + z * z);
    [c, s] = r === 0 ? [1, 0] : [y / r, z / r];
    d[k] = r;
    y = c * e[k] + s * d[k + 1];
    d[k + 1] = c * d[k + 1] - s * e[k];
    if (k < high - 1) {
      z = s * e[k + 1];
      e[k + 1] *= c;
    }
    rotateRows(left, m, k, k + 1, c, s);
  }
  e[high - 1] = y;
}

/** With d[at] = 0, clears e[at] by turning row `at` with those below. */
function turnRow({ d, e, left, m }: Bidiagonal, at: number, high: number): void {
  d[at] = 0;
  let f = e[at];
  e[at] = 0;
  for (let j = at + 1; j <= high; j++) {
    const r = Math.sqrt(d[j] * d[j] + f * f);
    if (r === 0) return;
    const [c, s] = [d[j] / r, f / r];
    d[j] = r;
    f = -s * e[j];
    e[j] *= c;
    rotateRows(left, m, j, at, c, s);
  }
}
/** With d[high] = 0, clears e[high - 1] by turning column `high` with those before. */
function turnColumn({ d, e, right, n }: Bidiagonal, low: number, high: number): void {
  d[high] = 0;
  let f = e[high - 1];
  e[high - 1] = 0;
  for (let j = high - 1; j >= low; j--) {
    const r = Math.sqrt(d[j] * d[j] + f * f);
    if (r === 0) return;
    const [c, s] = [d[j] / r, f / r];
    d[j] = r;
    if (j > low) {
      f = -s * e[j - 1];
      e[j - 1] *= c;
    }
    rotateRows(right, n, j, high, c, s);
  }
}
