import { slot } from "../core/slots";
import { addTo, at, dot, get, put, scaleBy, scaleOf, takeRows } from "./rows";

// Reflections of row-major f64 matrices, one matrix at a time: the indices that a kernel is called with mean nothing.

/** Applies I - tau v v^T, v from `top` to m, to `count` columns of `a` (rows of `row` bytes) from `from` on; w is room for their sums. */
function turn(a: usize, row: usize, from: i32, count: i32, v: usize, top: i32, m: i32, tau: f64, w: usize): void {
  if (count == 0) return;
  memory.fill(w, 0, <usize>count << 3);
  // w = -v^T A
  takeRows(w, at(v, top), 8, at(a + <usize>top * row, from), row, m - top, count);
  for (let i = top; i < m; i++) addTo(at(a + <usize>i * row, from), tau * get(v, i), w, count);
}

/**
 * Householder QR in place, as LAPACK's geqrf: R on and above the diagonal, below it the vectors of the reflections, whose first element 1
 * is left out. 0 a [m, n]  1 taus  2 m  3 n  4 room for m + n numbers
 */
export function householder(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), taus = <usize>slot(desc, 1), m = slot(desc, 2), n = slot(desc, 3);
  const v = <usize>slot(desc, 4), w = at(v, m);
  const row = <usize>n << 3;
  const k = min(m, n);
  const scale = scaleOf(a, m * n);
  for (let i = 0; i < m * n; i++) put(a, i, get(a, i) / scale);
  for (let j = 0; j < k; j++) {
    const own = a + <usize>j * row;
    const alpha = get(own, j);
    let below = 0.0;
    for (let i = j + 1; i < m; i++) {
      const x = get(a + <usize>i * row, j);
      put(v, i, x);
      below += x * x;
    }
    put(taus, j, 0.0);
    if (below == 0.0) continue;
    const beta = (alpha < 0.0 ? 1.0 : -1.0) * sqrt<f64>(alpha * alpha + below);
    const tau = (beta - alpha) / beta;
    put(taus, j, tau);
    put(v, j, 1.0);
    for (let i = j + 1; i < m; i++) {
      const x = get(v, i) / (alpha - beta);
      put(v, i, x);
      put(a + <usize>i * row, j, x);
    }
    put(own, j, beta);
    turn(a, row, j + 1, n - j - 1, v, j, m, tau, w);
  }
  for (let i = 0; i < k; i++) scaleBy(at(a + <usize>i * row, i), n - i, scale);
}

/**
 * The first columns of Q from {@link householder}'s result, in place of the identity's.
 * 0 a [m, n]  1 taus  2 m  3 n  4 room for m + columns numbers  5 q [m, columns]  6 columns
 */
export function reflected(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), taus = <usize>slot(desc, 1), m = slot(desc, 2), n = slot(desc, 3);
  const v = <usize>slot(desc, 4), w = at(v, m), q = <usize>slot(desc, 5), columns = slot(desc, 6);
  const row = <usize>n << 3, width = <usize>columns << 3;
  memory.fill(q, 0, <usize>m * width);
  for (let i = 0; i < min(m, columns); i++) put(q + <usize>i * width, i, 1.0);
  // columns before j are those of the identity still, which reflection j leaves as they are
  for (let j = min(min(m, n), columns) - 1; j >= 0; j--) {
    const tau = get(taus, j);
    if (tau == 0.0) continue;
    put(v, j, 1.0);
    for (let i = j + 1; i < m; i++) put(v, i, get(a + <usize>i * row, j));
    turn(q, width, j, columns - j, v, j, m, tau, w);
  }
}
