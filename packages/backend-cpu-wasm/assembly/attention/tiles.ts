import { MR, microDirect, putCorner } from "../gemm/micro";
import { packB } from "../gemm/pack";

/** No bound. */
export const NONE: i32 = -0x40000000;

/** Packs a k × n matrix (strides in bytes) into panels of 8 columns, k·32 bytes each. */
export function packPanels(out: usize, b: usize, rowStep: usize, colStep: usize, k: i32, n: i32): void {
  for (let j = 0; j < n; j += 8) {
    packB<f32>(out, b + <usize>j * colStep, rowStep, colStep, k, min(8, n - j));
    out += <usize>k << 5;
  }
}

/**
 * C (+)= A·B for a few rows: A m × k with any strides, B in panels made by packPanels with `panelRows` rows each.
 * `corner` is 256 bytes of private memory. Row i needs only the products [i + from, i + upTo) unless a bound is
 * NONE; a tile takes the widest range of its rows, so A must be 0 in what the others do not need.
 */
export function product(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aStep: usize, panels: usize, panelRows: i32, c: usize, cRow: usize,
  add: bool, from: i32, upTo: i32, corner: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    const cols = min(8, n - j);
    for (let i = 0; i < m; i += MR) {
      const rows = min(MR, m - i);
      const k0 = from > NONE ? min(k, max(0, i + from)) : 0;
      const k1 = upTo > NONE ? min(k, i + rows - 1 + upTo) : k;
      const to = c + <usize>i * cRow + (<usize>j << 2);
      const x = a + <usize>i * aRow + <usize>k0 * aStep, p = panels + (<usize>k0 << 5);
      if (rows == MR && cols == 8) {
        microDirect<f32>(k1 - k0, x, aRow, aStep, rows, p, 32, to, cRow, add, 0);
      } else {
        microDirect<f32>(k1 - k0, x, aRow, aStep, rows, p, 32, corner, 32, false, 0);
        putCorner<f32>(corner, rows, cols, to, cRow, add, 0);
      }
    }
    panels += <usize>panelRows << 5;
  }
}

