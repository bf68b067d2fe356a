import { slot } from "../core/slots";
import { addTo, addTwo, at, beta, dot, get, put, reflection, rotate, scaleBy, scaleOf } from "./rows";

/** Steps for one eigenvalue; two or three are usual. */
const MOST: i32 = 60;

/**
 * Eigenvalues, in any order, and eigenvectors (rows of 2) of a symmetric matrix, its lower triangle read and overwritten: reflections bring it
 * to three diagonals, of which rotations (QL with implicit shifts) leave one (G. Golub, C. Van Loan, Matrix Computations, 4th ed., 8.3).
 * 0 a [n, n]  1 values  2 rows [n, n]  3 n  4 room for n n + 3 n numbers
 */
export function symmetric_eigen(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), d = <usize>slot(desc, 1), rows = <usize>slot(desc, 2), n = slot(desc, 3);
  const reflections = <usize>slot(desc, 4), e = at(reflections, n * n), w = at(e, n), taus = at(w, n);
  const row = <usize>n << 3;
  const scale = scaleOf(a, n * n);
  for (let i = 0; i < n * n; i++) put(a, i, get(a, i) / scale);
  put(e, n - 1, 0.0);
  for (let k = 0; k < n - 1; k++) {
    put(d, k, get(a + <usize>k * row, k));
    // reflection k is I - tau v v^T, its v in row k from k + 1 on
    const first = k + 1, count = n - first, v = at(reflections + <usize>k * row, first);
    for (let i = first; i < n; i++) put(v, i - first, get(a + <usize>i * row, k));
    const tau = reflection(v, count);
    put(e, k, beta);
    put(taus, k, tau);
    if (tau == 0.0) continue;
    // w = tau A v, each element of the lower triangle being used for both of its places
    for (let i = 0; i < count; i++) {
      const x = at(a + <usize>(first + i) * row, first), f = get(v, i);
      put(w, i, get(x, i) * f + dot(x, v, i));
      addTo(w, f, x, i);
    }
    scaleBy(w, count, tau);
    addTo(w, -0.5 * tau * dot(w, v, count), v, count);
    // A - v w^T - w v^T
    for (let i = 0; i < count; i++) addTwo(at(a + <usize>(first + i) * row, first), -get(v, i), w, -get(w, i), v, i + 1);
  }
  put(d, n - 1, get(a + <usize>(n - 1) * row, n - 1));
  memory.fill(rows, 0, <usize>n * row);
  for (let i = 0; i < n; i++) put(rows + <usize>i * row, i, 1.0);
  for (let k = n - 2; k >= 0; k--) {
    const v = at(reflections + <usize>k * row, k + 1), count = n - k - 1, tau = get(taus, k);
    if (tau == 0.0) continue;
    for (let i = k + 1; i < n; i++) {
      const x = at(rows + <usize>i * row, k + 1);
      addTo(x, -tau * dot(x, v, count), v, count);
    }
  }
  diagonalize(d, e, rows, n);
  scaleBy(d, n, scale);
}

function diagonalize(d: usize, e: usize, rows: usize, n: i32): void {
  const row = <usize>n << 3;
  for (let i = 0; i < n; i++) {
    if (get(d, i) - get(d, i) == 0.0) continue;
    for (let k = 0; k < n; k++) put(d, k, NaN);
    for (let k = 0; k < n * n; k++) put(rows, k, NaN);
    return;
  }
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < MOST; step++) {
      let high = low;
      while (high < n - 1 && !(abs(get(e, high)) <= f64.EPSILON * (abs(get(d, high)) + abs(get(d, high + 1))))) high++;
      if (high == low) break;
      // the eigenvalue of the first two rows that is nearer to d[low], taken away
      const g = (get(d, low + 1) - get(d, low)) / (2.0 * get(e, low));
      let y = get(d, high) - get(d, low) + get(e, low) / (g + (g < 0.0 ? -1.0 : 1.0) * sqrt<f64>(g * g + 1.0));
      let c = 1.0, s = 1.0, p = 0.0, i = high - 1;
      for (; i >= low; i--) {
        const f = s * get(e, i), b = c * get(e, i);
        const r = sqrt<f64>(f * f + y * y);
        put(e, i + 1, r);
        if (r == 0.0) break;
        s = f / r;
        c = y / r;
        const q = get(d, i + 1) - p;
        const t = (get(d, i) - q) * s + 2.0 * c * b;
        p = s * t;
        put(d, i + 1, q + p);
        y = c * t - b;
        rotate(rows + <usize>(i + 1) * row, rows + <usize>i * row, c, s, n);
      }
      if (i >= low) put(d, i + 1, get(d, i + 1) - p);
      else {
        put(d, low, get(d, low) - p);
        put(e, low, y);
      }
      put(e, high, 0.0);
    }
  }
}
