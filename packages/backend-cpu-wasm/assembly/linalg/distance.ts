import { fma } from "../core/lanes";
import { slot } from "../core/slots";

// Distances between rows of f32, from the differences: what |x|² + |y|² - 2 x·y would cancel stays.

/** Rows of x that meet the columns of y together, and squares that are added up before their sum joins the others. */
const ROWS: i32 = 4;
const DEPTH: i32 = 32;

// @ts-ignore: decorator
@inline function squared(x: usize, y: v128, sum: v128): v128 {
  const d = f32x4.sub(v128.load32_splat(x), y);
  return fma<f32>(d, d, sum);
}
// @ts-ignore: decorator
@inline function add4(out: usize, sum: v128, first: bool, last: bool): void {
  const total = first ? sum : f32x4.add(v128.load(out), sum);
  v128.store(out, last ? f32x4.sqrt(total) : total);
}

/** Two vectors of columns of four rows; where there are fewer rows, the last one stands for those that lack. */
function eight(x0: usize, x1: usize, x2: usize, x3: usize, y: usize, step: usize, n: i32, o0: usize, o1: usize, o2: usize, o3: usize, first: bool, last: bool): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  for (; n > 0; n--) {
    const y0 = v128.load(y), y1 = v128.load(y, 16);
    a0 = squared(x0, y0, a0);
    a1 = squared(x0, y1, a1);
    b0 = squared(x1, y0, b0);
    b1 = squared(x1, y1, b1);
    c0 = squared(x2, y0, c0);
    c1 = squared(x2, y1, c1);
    d0 = squared(x3, y0, d0);
    d1 = squared(x3, y1, d1);
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    y += step;
  }
  add4(o0, a0, first, last);
  add4(o0 + 16, a1, first, last);
  if (o1 == o0) return;
  add4(o1, b0, first, last);
  add4(o1 + 16, b1, first, last);
  if (o2 == o1) return;
  add4(o2, c0, first, last);
  add4(o2 + 16, c1, first, last);
  if (o3 == o2) return;
  add4(o3, d0, first, last);
  add4(o3 + 16, d1, first, last);
}

/**
 * The Euclidean distance of each row of x to each column of y. Index = four rows of a batch's matrix.
 * 0 x [batch, rows, m]  1 y [batch, m, columns]  2 out [batch, rows, columns]  3 rows  4 columns  5 m
 */
export function distances(desc: usize, start: i32, end: i32): void {
  const rows = slot(desc, 3), columns = slot(desc, 4), m = slot(desc, 5);
  const blocks = (rows + ROWS - 1) / ROWS;
  const row = <usize>m << 2, step = <usize>columns << 2;
  for (let index = start; index < end; index++) {
    const batch = <usize>(index / blocks), i = index % blocks * ROWS;
    const more = min(ROWS, rows - i) - 1;
    const x = <usize>slot(desc, 0) + (batch * <usize>rows + <usize>i) * row;
    const y = <usize>slot(desc, 1) + batch * <usize>m * step;
    const out = <usize>slot(desc, 2) + (batch * <usize>rows + <usize>i) * step;
    for (let k = 0; k < m; k += DEPTH) {
      const n = min(DEPTH, m - k);
      const from = x + (<usize>k << 2), right = y + <usize>k * step;
      const first = k == 0, last = k + n == m;
      const r1 = <usize>min(1, more), r2 = <usize>min(2, more), r3 = <usize>min(3, more);
      let j: usize = 0;
      for (; j + 32 <= step; j += 32) {
        const o = out + j;
        eight(from, from + r1 * row, from + r2 * row, from + r3 * row, right + j, step, n, o, o + r1 * step, o + r2 * step, o + r3 * step, first, last);
      }
      for (; j < step; j += 4) {
        for (let r: usize = 0; r <= <usize>more; r++) {
          let sum: f32 = 0, p = from + r * row, q = right + j;
          for (let l = 0; l < n; l++) {
            const d = load<f32>(p) - load<f32>(q);
            sum += d * d;
            p += 4;
            q += step;
          }
          const o = out + r * step + j;
          const total = first ? sum : load<f32>(o) + sum;
          store<f32>(o, last ? sqrt<f32>(total) : total);
        }
      }
    }
  }
}
