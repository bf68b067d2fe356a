import { slot } from "../core/slots";
import { addTo, at, beta, dot, get, put, reflection, rotate, scaleBy, scaleOf, takeRows } from "./rows";

/** Steps for one singular value; two or three are usual. */
const MOST: i32 = 60;

/**
 * Singular values, of any sign and in any order, of a tall matrix, and its singular vectors as rows: reflections bring it to two diagonals, of
 * which rotations leave one (Golub and Kahan, with implicit shifts; G. Golub, C. Van Loan, Matrix Computations, 4th ed., 5.4.8 and 8.6).
 * 0 a [m, n], m >= n, overwritten  1 values  2 left [n, m]  3 right [n, n]  4 m  5 n  6 room for n m + n n + 4 n numbers
 */
export function tall_svd(desc: usize, start: i32, end: i32): void {
  const a = <usize>slot(desc, 0), d = <usize>slot(desc, 1), left = <usize>slot(desc, 2), right = <usize>slot(desc, 3);
  const m = slot(desc, 4), n = slot(desc, 5);
  const lefts = <usize>slot(desc, 6), rights = at(lefts, n * m), e = at(rights, n * n), w = at(e, n);
  const tausLeft = at(w, n), tausRight = at(tausLeft, n);
  const row = <usize>n << 3, long = <usize>m << 3;
  const scale = scaleOf(a, m * n);
  for (let i = 0; i < m * n; i++) put(a, i, get(a, i) / scale);
  for (let k = 0; k < n; k++) {
    put(e, k, 0.0);
    put(tausRight, k, 0.0);
  }
  for (let k = 0; k < n; k++) {
    const after = k + 1, count = n - after, v = at(lefts + <usize>k * long, k);
    for (let i = k; i < m; i++) put(v, i - k, get(a + <usize>i * row, k));
    const tau = reflection(v, m - k);
    put(d, k, beta);
    put(tausLeft, k, tau);
    if (tau != 0.0 && count > 0) {
      // w = -v^T A, then A + tau v w^T
      memory.fill(w, 0, <usize>count << 3);
      takeRows(w, v, 8, at(a + <usize>k * row, after), row, m - k, count);
      for (let i = k; i < m; i++) addTo(at(a + <usize>i * row, after), tau * get(v, i - k), w, count);
    }
    if (count <= 0) break;
    const u = at(rights + <usize>k * row, after);
    memory.copy(u, at(a + <usize>k * row, after), <usize>count << 3);
    const turn = reflection(u, count);
    put(e, k, beta);
    put(tausRight, k, turn);
    if (turn == 0.0) continue;
    for (let i = after; i < m; i++) {
      const x = at(a + <usize>i * row, after);
      addTo(x, -turn * dot(x, u, count), u, count);
    }
  }
  identity(left, n, m);
  for (let k = n - 1; k >= 0; k--) reflectRows(left, m, k, n, at(lefts + <usize>k * long, k), m - k, get(tausLeft, k));
  identity(right, n, n);
  for (let k = n - 2; k >= 0; k--) {
    reflectRows(right, n, k + 1, n, at(rights + <usize>k * row, k + 1), n - k - 1, get(tausRight, k));
  }
  diagonalize(d, e, left, right, m, n);
  scaleBy(d, n, scale);
}

function identity(rows: usize, n: i32, width: i32): void {
  memory.fill(rows, 0, <usize>(n * width) << 3);
  for (let i = 0; i < n; i++) put(rows, i * width + i, 1.0);
}

/** Applies a reflection, whose v has `count` elements, to the last elements of rows [from, to). */
function reflectRows(rows: usize, width: i32, from: i32, to: i32, v: usize, count: i32, tau: f64): void {
  if (tau == 0.0) return;
  for (let i = from; i < to; i++) {
    const x = at(rows, (i + 1) * width - count);
    addTo(x, -tau * dot(x, v, count), v, count);
  }
}

/** Makes d the singular values, with any signs, and turns the rows along; e[i] is between d[i] and d[i + 1]. */
function diagonalize(d: usize, e: usize, left: usize, right: usize, m: i32, n: i32): void {
  let norm = 0.0;
  for (let i = 0; i < n; i++) norm = max(norm, abs(get(d, i)) + abs(get(e, i)));
  if (norm - norm != 0.0) {
    for (let i = 0; i < n; i++) put(d, i, NaN);
    for (let i = 0; i < n * m; i++) put(left, i, NaN);
    for (let i = 0; i < n * n; i++) put(right, i, NaN);
    return;
  }
  const nothing = f64.EPSILON * norm;
  for (let high = n - 1; high > 0; high--) {
    for (let step = 0; step < MOST; step++) {
      let low = high;
      while (low > 0 && abs(get(e, low - 1)) > f64.EPSILON * (abs(get(d, low - 1)) + abs(get(d, low)))) low--;
      if (low > 0) put(e, low - 1, 0.0);
      if (low == high) break;
      let zero = high;
      while (zero >= low && abs(get(d, zero)) > nothing) zero--;
      if (zero < low) chase(d, e, left, right, m, n, low, high);
      else if (zero < high) turnRow(d, e, left, m, zero, high);
      else turnColumn(d, e, right, n, low, high);
    }
  }
}

// @ts-ignore: decorator
@inline function turnRows(rows: usize, width: i32, p: i32, q: i32, c: f64, s: f64): void {
  rotate(at(rows, p * width), at(rows, q * width), c, s, width);
}

/** One step: a rotation of the first two columns, as those of B^T B less the eigenvalue at its end ask for, and what makes B bidiagonal again. */
function chase(d: usize, e: usize, left: usize, right: usize, m: i32, n: i32, low: i32, high: i32): void {
  const last = get(d, high), before = get(d, high - 1);
  const beside = high - 1 > low ? get(e, high - 2) : 0.0;
  const p = before * before + beside * beside, q = last * last + get(e, high - 1) * get(e, high - 1);
  const off = before * get(e, high - 1);
  const half = (p - q) / 2.0;
  const root = half + (half < 0.0 ? -1.0 : 1.0) * sqrt<f64>(half * half + off * off);
  const shift = root == 0.0 ? q : q - (off * off) / root;
  let y = get(d, low) * get(d, low) - shift, z = get(d, low) * get(e, low);
  for (let k = low; k < high; k++) {
    let r = sqrt<f64>(y * y + z * z);
    let c = r == 0.0 ? 1.0 : y / r, s = r == 0.0 ? 0.0 : z / r;
    if (k > low) put(e, k - 1, r);
    y = c * get(d, k) + s * get(e, k);
    put(e, k, c * get(e, k) - s * get(d, k));
    z = s * get(d, k + 1);
    put(d, k + 1, get(d, k + 1) * c);
    turnRows(right, n, k, k + 1, c, s);
    r = sqrt<f64>(y * y + z * z);
    c = r == 0.0 ? 1.0 : y / r;
    s = r == 0.0 ? 0.0 : z / r;
    put(d, k, r);
    y = c * get(e, k) + s * get(d, k + 1);
    put(d, k + 1, c * get(d, k + 1) - s * get(e, k));
    if (k < high - 1) {
      z = s * get(e, k + 1);
      put(e, k + 1, get(e, k + 1) * c);
    }
    turnRows(left, m, k, k + 1, c, s);
  }
  put(e, high - 1, y);
}

/** With d[at] = 0, clears e[at] by turning row `zero` with those below. */
function turnRow(d: usize, e: usize, left: usize, m: i32, zero: i32, high: i32): void {
  put(d, zero, 0.0);
  let f = get(e, zero);
  put(e, zero, 0.0);
  for (let j = zero + 1; j <= high; j++) {
    const r = sqrt<f64>(get(d, j) * get(d, j) + f * f);
    if (r == 0.0) return;
    const c = get(d, j) / r, s = f / r;
    put(d, j, r);
    f = -s * get(e, j);
    put(e, j, get(e, j) * c);
    turnRows(left, m, j, zero, c, s);
  }
}
/** With d[high] = 0, clears e[high - 1] by turning column `high` with those before. */
function turnColumn(d: usize, e: usize, right: usize, n: i32, low: i32, high: i32): void {
  put(d, high, 0.0);
  let f = get(e, high - 1);
  put(e, high - 1, 0.0);
  for (let j = high - 1; j >= low; j--) {
    const r = sqrt<f64>(get(d, j) * get(d, j) + f * f);
    if (r == 0.0) return;
    const c = get(d, j) / r, s = f / r;
    put(d, j, r);
    if (j > low) {
      f = -s * get(e, j - 1);
      put(e, j - 1, get(e, j - 1) * c);
    }
    turnRows(right, n, j, high, c, s);
  }
}
