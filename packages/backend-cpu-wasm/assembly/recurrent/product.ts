import { broadcast, fma } from "../core/lanes";
import { MR, microDirect, putCorner } from "../gemm/micro";

/** Adds two vectors to what is at p, or puts them there. */
// @ts-ignore: decorator
@inline function put(p: usize, v0: v128, v1: v128, add: bool): void {
  v128.store(p, add ? f32x4.add(v0, v128.load(p)) : v0);
  v128.store(p, add ? f32x4.add(v1, v128.load(p, 16)) : v1, 16);
}

/** Up to four rows of the register tile: batches are small, and a whole tile would multiply for nothing. */
function microFew(k: i32, a: usize, aRow: usize, rows: i32, b: usize, c: usize, cRow: usize, add: bool): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let a1 = rows > 1 ? a + aRow : a;
  let a2 = rows > 2 ? a1 + aRow : a1;
  let a3 = rows > 3 ? a2 + aRow : a2;
  for (; k > 0; k--) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = broadcast<f32>(a); c00 = fma<f32>(x, b0, c00); c01 = fma<f32>(x, b1, c01); a += 4;
    x = broadcast<f32>(a1); c10 = fma<f32>(x, b0, c10); c11 = fma<f32>(x, b1, c11); a1 += 4;
    x = broadcast<f32>(a2); c20 = fma<f32>(x, b0, c20); c21 = fma<f32>(x, b1, c21); a2 += 4;
    x = broadcast<f32>(a3); c30 = fma<f32>(x, b0, c30); c31 = fma<f32>(x, b1, c31); a3 += 4;
    b += 32;
  }
  put(c, c00, c01, add);
  if (rows > 1) put(c + cRow, c10, c11, add);
  if (rows > 2) put(c + 2 * cRow, c20, c21, add);
  if (rows > 3) put(c + 3 * cRow, c30, c31, add);
}

/**
 * C (+)= A·B of a few rows: A m × k with neighbouring values in a row, B in panels of 8 columns that lie `panelStep` apart. A row's sums are the
 * same bits whatever rows go with it. `corner` is 256 bytes of private memory.
 */
export function product(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, panel: usize, panelStep: usize, c: usize, cRow: usize, add: bool, corner: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    const columns = min(8, n - j);
    let x = a, to = c + (<usize>j << 2);
    for (let i = 0; i < m;) {
      const left = m - i;
      if (columns == 8 && left < 5) {
        microFew(k, x, aRow, left, panel, to, cRow, add);
        break;
      }
      const rows = min(MR, left), whole = columns == 8 && rows == MR;
      microDirect<f32>(k, x, aRow, 4, rows, panel, 32, whole ? to : corner, whole ? cRow : 32, add && whole, 0);
      if (!whole) putCorner<f32>(corner, rows, columns, to, cRow, add, 0);
      i += MR;
      x += <usize>MR * aRow;
      to += <usize>MR * cRow;
    }
    panel += panelStep;
  }
}
