/**
 * Copies `rows` rows of a plane from row y0, starting at column x0, `width` values each, to rows `outStep` bytes apart;
 * what lies outside the plane's height × columns becomes 0.
 */
export function copyPadded(
  plane: usize, height: i32, columns: i32, y0: i32, x0: i32, rows: i32, width: i32, out: usize, outStep: usize,
): void {
  const from = max(0, x0), to = min(columns, x0 + width);
  for (let y = y0; y < y0 + rows; y++) {
    if (y < 0 || y >= height || to <= from) {
      memory.fill(out, 0, <usize>width << 2);
    } else {
      let q = out;
      const left = out + (<usize>(from - x0) << 2);
      while (q < left) {
        store<f32>(q, 0);
        q += 4;
      }
      let p = plane + (<usize>(y * columns + from) << 2);
      const end = left + (<usize>(to - from) << 2);
      for (; q + 16 <= end; q += 16) {
        v128.store(q, v128.load(p));
        p += 16;
      }
      for (; q < end; q += 4) {
        store<f32>(q, load<f32>(p));
        p += 4;
      }
      const right = out + (<usize>width << 2);
      while (q < right) {
        store<f32>(q, 0);
        q += 4;
      }
    }
    out += outStep;
  }
}
