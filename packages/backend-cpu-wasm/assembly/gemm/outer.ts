import { broadcast, lanes } from "../core/lanes";
import { slot } from "../core/slots";

// C[i,j] = a[i]·b[j] (+ bias[j]) (+ C[i,j]): the products over a k of 1, which are as fast as C can be written.
// Index = (batch · rows + row) · tiles + tile of `tile` columns. Slots (i32), strides in bytes:
// 0 a  1 b  2 c  3 bias  4 m  5 n  6 aBatch  7 aRow  8 bBatch  9 bCol  10 cBatch  11 cRow  12 add  13 tile  14 tiles

// @ts-ignore: decorator
@inline export function outer<T>(desc: usize, start: i32, end: i32): void {
  const S: usize = sizeof<T>();
  const L = lanes<T>();
  const m = slot(desc, 4), n = slot(desc, 5), tile = slot(desc, 13), tiles = slot(desc, 14);
  const bCol: usize = slot(desc, 9);
  const bias: usize = slot(desc, 3);
  const add = slot(desc, 12) != 0;
  // a sum begins with 0, of which -0 makes 0
  const zero = i32x4.splat(0);
  const aBatch: usize = slot(desc, 6), aRow: usize = slot(desc, 7), bBatch: usize = slot(desc, 8);
  const cBatch: usize = slot(desc, 10), cRow: usize = slot(desc, 11);
  // counted on, since divisions would cost as much as a short row
  let at = start % tiles, i = start / tiles % m;
  const first: usize = start / tiles / m;
  let aTop = <usize>slot(desc, 0) + first * aBatch, bTop = <usize>slot(desc, 1) + first * bBatch;
  let cTop = <usize>slot(desc, 2) + first * cBatch;
  for (let index = start; index < end; index++) {
    const j = at * tile;
    const a = aTop + <usize>i * aRow;
    let b = bTop + <usize>j * bCol;
    let c = cTop + <usize>i * cRow + <usize>j * S;
    let shift = bias + <usize>j * S;
    let count = min(tile, n - j);
    if (bCol == S) {
      const x = broadcast<T>(a);
      if (!bias && !add) {
        for (; count >= 2 * L; count -= 2 * L) {
          v128.store(c, v128.add<T>(v128.mul<T>(x, v128.load(b)), zero));
          v128.store(c, v128.add<T>(v128.mul<T>(x, v128.load(b, 16)), zero), 16);
          b += 32;
          c += 32;
        }
      } else {
        for (; count >= L; count -= L) {
          let v = v128.add<T>(v128.mul<T>(x, v128.load(b)), zero);
          if (bias) v = v128.add<T>(v, v128.load(shift));
          if (add) v = v128.add<T>(v, v128.load(c));
          v128.store(c, v);
          b += 16;
          c += 16;
          shift += 16;
        }
      }
    }
    const x = load<T>(a);
    for (; count > 0; count--) {
      let v = x * load<T>(b) + <T>0;
      if (bias) v += load<T>(shift);
      if (add) v += load<T>(c);
      store<T>(c, v);
      b += bCol;
      c += S;
      shift += S;
    }
    if (++at < tiles) continue;
    at = 0;
    if (++i < m) continue;
    i = 0;
    aTop += aBatch;
    bTop += bBatch;
    cTop += cBatch;
  }
}
