/**
 * Copies `rows` rows of a plane from row y0, starting at column x0, `width` values each (a multiple of 4), to rows
 * `outStep` bytes apart; what lies outside the plane's height × columns becomes 0.
 */
export function copyPadded(
  plane: usize, height: i32, columns: i32, y0: i32, x0: i32, rows: i32, width: i32, out: usize, outStep: usize,
): void {
  const from = max(0, x0), to = min(columns, x0 + width);
  const count = to - from;
  const bytes = <usize>width << 2;
  const zero = i32x4.splat(0);
  for (let y = y0; y < y0 + rows; y++) {
    for (let q = out; q < out + bytes; q += 16) v128.store(q, zero);
    if (y >= 0 && y < height && count > 0) {
      let p = plane + (<usize>(y * columns + from) << 2);
      let q = out + (<usize>(from - x0) << 2);
      const end = q + (<usize>count << 2);
      for (; q + 16 <= end; q += 16) {
        v128.store(q, v128.load(p));
        p += 16;
      }
      for (; q < end; q += 4) {
        store<f32>(q, load<f32>(p));
        p += 4;
      }
    }
    out += outStep;
  }
}
