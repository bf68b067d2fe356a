import { addTo, dot, orderOf, reflection, rotateRows, scaleOf } from "./rows.ts";

/** Steps for one eigenvalue; two or three are usual. */
const mostSteps = 60;

/**
 * Eigenvalues (rising) and eigenvectors (columns of `vectors`) of a symmetric matrix (n × n, its lower triangle read, overwritten): reflections
 * bring it to three diagonals, of which rotations (QL with implicit shifts) leave one. 9 n^3 multiply-adds about; errors are those of rounding
 * the matrix.
 *
 * @see G. Golub, C. Van Loan, Matrix Computations, 4th ed., 8.3
 */
export function symmetricEigen(
  a: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const scale = scaleOf(a);
  for (let i = 0; i < a.length; i++) a[i] /= scale;
  const { diagonal, beside, rows } = tridiagonal(a, n);
  diagonalize(diagonal, beside, rows, n);
  const order = orderOf(diagonal, (x, y) => x - y);
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let k = 0; k < n; k++) vectors[k * n + to] = rows[from * n + k];
  });
  return { values: Float64Array.from(order, (i) => diagonal[i] * scale), vectors };
}

/** A = Q T Q^T with T of three diagonals: its diagonal, what lies beside that, and Q^T. */
function tridiagonal(a: Float64Array, n: number) {
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  // reflection k is I - taus[k] v v^T, its v in row k of `reflections` from k + 1 on
  const [reflections, taus] = [new Float64Array(n * n), new Float64Array(n)];
  const w = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    diagonal[k] = a[k * n + k];
    if (k === n - 1) break;
    const [first, at] = [k + 1, k * n];
    for (let i = first; i < n; i++) reflections[at + i] = a[i * n + k];
    const { tau, beta } = reflection(reflections, at + first, n - first);
    beside[k] = beta;
    taus[k] = tau;
    if (tau === 0) continue;
    // w = tau A v, each element of the lower triangle being used for both of its places
    for (let i = first; i < n; i++) {
      const v = reflections[at + i];
      w[i] = a[i * n + i] * v + dot(a, i * n + first, reflections, at + first, i - first);
      addTo(w, first, v, a, i * n + first, i - first);
    }
    for (let i = first; i < n; i++) w[i] *= tau;
    addTo(w, first, (-tau / 2) * dot(w, first, reflections, at + first, n - first), reflections, at + first, n - first);
    // A - v w^T - w v^T
    for (let i = first; i < n; i++) {
      const [v, u, row] = [reflections[at + i], w[i], i * n];
      for (let j = first; j <= i; j++) a[row + j] -= v * w[j] + u * reflections[at + j];
    }
  }
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i++) rows[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) {
    const [from, count] = [k * n + k + 1, n - k - 1];
    if (taus[k] === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const row = i * n + k + 1;
      addTo(rows, row, -taus[k] * dot(rows, row, reflections, from, count), reflections, from, count);
    }
  }
  return { diagonal, beside, rows };
}

/** Makes the diagonal d the eigenvalues of the symmetric matrix with e beside it (e[i] between d[i] and d[i + 1]), and turns the rows along. */
function diagonalize(d: Float64Array, e: Float64Array, rows: Float64Array, n: number): void {
  if (!d.every(Number.isFinite)) {
    for (const all of [d, rows]) all.fill(Number.NaN);
    return;
  }
  for (let low = 0; low < n; low++)
    for (let step = 0; step < mostSteps; step++) {
      let high = low;
      while (high < n - 1 && !(Math.abs(e[high]) <= Number.EPSILON * (Math.abs(d[high]) + Math.abs(d[high + 1]))))
        high++;
      if (high === low) break;
      // the eigenvalue of the first two rows that is nearer to d[low], taken away
      const g = (d[low + 1] - d[low]) / (2 * e[low]);
      let y = d[high] - d[low] + e[low] / (g + (g < 0 ? -1 : 1) * Math.sqrt(g * g + 1));
      let [c, s, p, i] = [1, 1, 0, high - 1];
      for (; i >= low; i--) {
        const [f, b] = [s * e[i], c * e[i]];
        const r = Math.sqrt(f * f + y * y);
        e[i + 1] = r;
        if (r === 0) break;
        s = f / r;
        c = y / r;
        const q = d[i + 1] - p;
        const t = (d[i] - q) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = q + p;
        y = c * t - b;
        rotateRows(rows, n, i + 1, i, c, s);
      }
      if (i >= low) d[i + 1] -= p;
      else {
        d[low] -= p;
        e[low] = y;
      }
      e[high] = 0;
    }
}
