/** A point of the drawing square: both coordinates in 0..1, from the top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Stroke = readonly Point[];

/** The scans of the digits set are 32x32; its images count the ink in blocks of 4x4. */
const scan = 32;
const block = 4;
const size = scan / block;
/**
 * The pen's width in a scan: with it, drawn digits carry about as much ink as the set's. Not a whole number, so that the edge of
 * an upright stroke does not pass through the middle of pixels, where rounding would decide.
 */
const penWidth = 4.8;

function distance(x: number, y: number, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - along * dx, y - a.y - along * dy);
}

/**
 * Strokes as an image of the digits set is made: scaled to fill the 32x32 scan and centred, then the share of ink in each of
 * the 8x8 blocks of 4x4.
 *
 * Source: https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits
 * @returns 64 values in 0..1, row by row; undefined for an empty drawing
 */
export function imageOf(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, bottom - top);
  // a dot has no extent to scale: it stays a dot of the pen's size
  const scale = extent === 0 ? 1 : (scan - penWidth) / extent;
  const placed = strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({
      x: scan / 2 + (x - (left + right) / 2) * scale,
      y: scan / 2 + (y - (top + bottom) / 2) * scale,
    })),
  );
  const image = new Float32Array(size * size);
  for (let row = 0; row < scan; row++) {
    for (let column = 0; column < scan; column++) {
      if (!inked(column + 0.5, row + 0.5, placed)) continue;
      image[Math.floor(row / block) * size + Math.floor(column / block)] += 1 / (block * block);
    }
  }
  return image;
}

const inked = (x: number, y: number, strokes: readonly Stroke[]): boolean =>
  strokes.some((stroke) =>
    stroke.some((point, i) => distance(x, y, stroke[Math.max(0, i - 1)], point) <= penWidth / 2),
  );
