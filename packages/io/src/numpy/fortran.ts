import { aligned } from "../widen.ts";

/** Elements on a side of the tiles that are turned at once: small enough for both of their sides to stay in the nearest cache. */
const tile = 32;

/** Elements of `width` bytes in Fortran order (the first index runs fastest) put into C order (the last one does). */
export function fromFortran(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const sizes = shape.filter((size) => size > 1);
  if (sizes.length < 2 || shape.includes(0)) return bytes;
  const out = new Uint8Array(bytes.length);
  const lane = width % 4 === 0 ? 4 : width % 2 === 0 ? 2 : 1;
  const Lanes = laneArrays[lane];
  const source = aligned(bytes, lane);
  turn(new Lanes(source.buffer, source.byteOffset, bytes.length / lane), new Lanes(out.buffer), sizes, width / lane);
  return out;
}

const laneArrays: {
  readonly [bytes in 1 | 2 | 4]: new (
    buffer: ArrayBufferLike,
    at?: number,
    length?: number,
  ) => Lanes;
} = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
};
type Lanes = Uint8Array | Uint16Array | Uint32Array;

/** The first and the last index are turned tile by tile, for each place of the indices between them. */
function turn(from: Lanes, to: Lanes, sizes: readonly number[], lanes: number): void {
  const rank = sizes.length;
  const [rows, columns] = [sizes[0], sizes[rank - 1]];
  const fromStrides = new Array<number>(rank).fill(lanes);
  for (let d = 1; d < rank; d++) fromStrides[d] = fromStrides[d - 1] * sizes[d - 1];
  const toStrides = new Array<number>(rank).fill(lanes);
  for (let d = rank - 2; d >= 0; d--) toStrides[d] = toStrides[d + 1] * sizes[d + 1];
  const [fromColumn, toRow] = [fromStrides[rank - 1], toStrides[0]];
  const index = new Array<number>(rank).fill(0);
  let [a, b] = [0, 0];
  for (;;) {
    for (let row = 0; row < rows; row += tile) {
      const lastRow = Math.min(row + tile, rows);
      for (let column = 0; column < columns; column += tile) {
        const lastColumn = Math.min(column + tile, columns);
        for (let r = row; r < lastRow; r++) {
          let source = a + r * lanes + column * fromColumn;
          let target = b + r * toRow + column * lanes;
          for (let c = column; c < lastColumn; c++) {
            for (let k = 0; k < lanes; k++) to[target + k] = from[source + k];
            source += fromColumn;
            target += lanes;
          }
        }
      }
    }
    let d = rank - 2;
    for (; d > 0; d--) {
      a += fromStrides[d];
      b += toStrides[d];
      if (++index[d] < sizes[d]) break;
      a -= sizes[d] * fromStrides[d];
      b -= sizes[d] * toStrides[d];
      index[d] = 0;
    }
    if (d <= 0) return;
  }
}
