import { slot } from "../core/slots";
import { addTo, at, dot, get, put, scaleBy, swapRows, takeRows } from "./rows";

// Factors and triangles of row-major f64 matrices, one at a time: the indices that a kernel is called with mean nothing.

/** Columns that are eliminated together: rows below are read and written once for all of them. */
const BLOCK: i32 = 4;

/**
 * Gaussian elimination with partial pivoting, as LAPACK's getrf, in place.
 * 0 a [m, n]  1 pivots (i32, counted from 0)  2 m  3 n  4 out: 0, or the number of the first pivot that is 0, counted from 1
 */
export function lu_factor(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), pivots = <usize>slot(desc, 1), m = slot(desc, 2), n = slot(desc, 3);
  const row = <usize>n << 3;
  const k = min(m, n);
  let info = 0;
  for (let j0 = 0; j0 < k; j0 += BLOCK) {
    const j1 = min(j0 + BLOCK, k);
    for (let j = j0; j < j1; j++) {
      let p = j;
      for (let i = j + 1; i < m; i++) {
        if (abs(get(a + <usize>i * row, j)) > abs(get(a + <usize>p * row, j))) p = i;
      }
      store<i32>(pivots + (<usize>j << 2), p);
      const own = a + <usize>j * row;
      const pivot = get(a + <usize>p * row, j);
      if (pivot == 0.0) {
        if (info == 0) info = j + 1;
        // nothing below the diagonal either: these columns take no part in what follows
        for (let i = j + 1; i < m; i++) put(a + <usize>i * row, j, 0.0);
        continue;
      }
      if (p != j) swapRows(own, a + <usize>p * row, n);
      // within the block only
      for (let i = j + 1; i < m; i++) {
        const x = a + <usize>i * row;
        const f = get(x, j) / pivot;
        put(x, j, f);
        for (let c = j + 1; c < j1; c++) put(x, c, get(x, c) - f * get(own, c));
      }
    }
    if (j1 == n) continue;
    for (let i = j0 + 1; i < m; i++) {
      const x = a + <usize>i * row;
      takeRows(at(x, j1), at(x, j0), 8, at(a + <usize>j0 * row, j1), row, min(i, j1) - j0, n - j1);
    }
  }
  store<i32>(desc, info, 16);
}

function solveTriangle(a: usize, n: i32, b: usize, r: i32, upper: bool, unit: bool): void {
  const row = <usize>n << 3, width = <usize>r << 3;
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const from = upper ? i + 1 : 0;
    const x = b + <usize>i * width, f = a + <usize>i * row;
    if (r == 1) put(x, 0, get(x, 0) - columnDot(at(f, from), b + <usize>from * width, upper ? n - 1 - i : i));
    else takeRows(x, at(f, from), 8, b + <usize>from * width, width, upper ? n - 1 - i : i, r);
    if (!unit) for (let c = 0; c < r; c++) put(x, c, get(x, c) / get(f, i));
  }
}
// @ts-ignore: decorator
@inline function columnDot(x: usize, y: usize, n: i32): f64 {
  return n > 0 ? dot(x, y, n) : 0.0;
}

/** Solves T x = b in place of b. 0 a [n, n]  1 b [n, r]  2 n  3 r  4 upper?  5 ones on the diagonal? */
export function triangular_solve(desc: usize, start: i32, end: i32): void {
  solveTriangle(<usize>slot(desc, 0), slot(desc, 2), <usize>slot(desc, 1), slot(desc, 3), slot(desc, 4) != 0, slot(desc, 5) != 0);
}

/** Solves A x = b in place of b, A factored. 0 factors [n, n]  1 b [n, r]  2 n  3 r  4 pivots */
export function lu_solve(desc: usize, start: i32, end: i32): void {
  const lu = <usize>slot(desc, 0), b = <usize>slot(desc, 1), n = slot(desc, 2), r = slot(desc, 3);
  const width = <usize>r << 3;
  for (let i = 0; i < n; i++) {
    const p = load<i32>(<usize>slot(desc, 4) + (<usize>i << 2));
    if (p != i) swapRows(b + <usize>i * width, b + <usize>p * width, r);
  }
  solveTriangle(lu, n, b, r, false, true);
  solveTriangle(lu, n, b, r, true, false);
}

/**
 * A = L L^T in place, its lower triangle read; the upper one is cleared.
 * 0 a [n, n]  1 n  2 out: 0, or the order of the first leading minor that is not positive, counted from 1
 */
export function cholesky(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), n = slot(desc, 1);
  const row = <usize>n << 3;
  for (let j = 0; j < n; j++) {
    const own = a + <usize>j * row;
    const d = get(own, j) - dot(own, own, j);
    if (!(d > 0.0)) {
      store<i32>(desc, j + 1, 8);
      return;
    }
    const root = sqrt<f64>(d);
    put(own, j, root);
    for (let i = j + 1; i < n; i++) {
      const x = a + <usize>i * row;
      put(x, j, (get(x, j) - dot(x, own, j)) / root);
    }
    for (let c = j + 1; c < n; c++) put(own, c, 0.0);
  }
  store<i32>(desc, 0, 8);
}
