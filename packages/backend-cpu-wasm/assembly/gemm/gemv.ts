import { broadcast, fma, lanes } from "../core/lanes";
import { scratch } from "../core/scratch";
import { slot } from "../core/slots";

// y[r] = Σ_k M[r,k]·x[k] (+ y[r]) (+ bias): the products whose result is a single row or a single column.
// Index = batch · rowTiles + tile of `tile` rows. Slots (i32), strides in bytes:
// 0 matrix  1 x  2 y  3 bias  4 rows  5 k  6 mBatch  7 mRow  8 mCol  9 xBatch  10 xStep  11 yBatch  12 yStep  13 biasStep
// 14 add  15 tile  16 tiles
/** Values of x that are worked on at a time: they stay in the cache for all rows, and sums of sums lose less. */
const BLOCK: i32 = 8192;

// @ts-ignore: decorator
@inline function sumLanes<T>(v: v128): T {
  if (sizeof<T>() == 4) {
    return <T>(v128.extract_lane<T>(v, 0) + v128.extract_lane<T>(v, 2))
      + <T>(v128.extract_lane<T>(v, 1) + v128.extract_lane<T>(v, 3));
  }
  return v128.extract_lane<T>(v, 0) + v128.extract_lane<T>(v, 1);
}

// @ts-ignore: decorator
@inline function dot<T>(p: usize, x: usize, k: i32): T {
  const S: usize = sizeof<T>();
  const L = lanes<T>();
  let s0 = i32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; k >= 4 * L; k -= 4 * L) {
    s0 = fma<T>(v128.load(p), v128.load(x), s0);
    s1 = fma<T>(v128.load(p, 16), v128.load(x, 16), s1);
    s2 = fma<T>(v128.load(p, 32), v128.load(x, 32), s2);
    s3 = fma<T>(v128.load(p, 48), v128.load(x, 48), s3);
    p += 64;
    x += 64;
  }
  for (; k >= L; k -= L) {
    s0 = fma<T>(v128.load(p), v128.load(x), s0);
    p += 16;
    x += 16;
  }
  let s = sumLanes<T>(v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3)));
  for (; k > 0; k--) {
    s += load<T>(p) * load<T>(x);
    p += S;
    x += S;
  }
  return s;
}

/** The same of values that are no neighbours, summed as U. */
// @ts-ignore: decorator
@inline function strided<T, U>(p: usize, q: usize, k: i32, pStep: usize, qStep: usize): U {
  let s: U = <U>0;
  for (let j = 0; j < k; j++) {
    s += <U>load<T>(p) * <U>load<T>(q);
    p += pStep;
    q += qStep;
  }
  return s;
}

// @ts-ignore: decorator
@inline export function gemv<T>(desc: usize, start: i32, end: i32): void {
  const S: usize = sizeof<T>();
  const L = lanes<T>();
  const rows = slot(desc, 4), k = slot(desc, 5);
  const mRow: usize = slot(desc, 7), mCol: usize = slot(desc, 8);
  const xStep: usize = slot(desc, 10), yStep: usize = slot(desc, 12), biasStep: usize = slot(desc, 13);
  const bias: usize = slot(desc, 3);
  const add = slot(desc, 14) != 0;
  const tile = slot(desc, 15), tiles = slot(desc, 16);
  const sums = scratch();
  const gathered = sums + (<usize>tile * S + 64 & ~63);
  for (let index = start; index < end; index++) {
    const batch = index / tiles, r0 = (index % tiles) * tile;
    const count = min(tile, rows - r0);
    let m: usize = <usize>slot(desc, 0) + <usize>batch * <usize>slot(desc, 6) + <usize>r0 * mRow;
    let x: usize = <usize>slot(desc, 1) + <usize>batch * <usize>slot(desc, 9);
    if (mRow == S && mCol != S) {
      // rows are neighbours: add k scaled columns
      memory.fill(sums, 0, <usize>count * S);
      let j = 0;
      // four columns at a time: the sums are read and written once for all of them
      for (; j + 4 <= k; j += 4) {
        const x1 = x + xStep, x2 = x1 + xStep, x3 = x2 + xStep;
        const m1 = m + mCol, m2 = m1 + mCol, m3 = m2 + mCol;
        const v0 = broadcast<T>(x), v1 = broadcast<T>(x1), v2 = broadcast<T>(x2), v3 = broadcast<T>(x3);
        let o: usize = 0, i = count;
        for (; i >= L; i -= L) {
          let v = fma<T>(v0, v128.load(m + o), v128.load(sums + o));
          v = fma<T>(v1, v128.load(m1 + o), v);
          v = fma<T>(v2, v128.load(m2 + o), v);
          v128.store(sums + o, fma<T>(v3, v128.load(m3 + o), v));
          o += 16;
        }
        const s0 = load<T>(x), s1 = load<T>(x1), s2 = load<T>(x2), s3 = load<T>(x3);
        for (; i > 0; i--) {
          store<T>(
            sums + o,
            load<T>(sums + o) + s0 * load<T>(m + o) + s1 * load<T>(m1 + o) + s2 * load<T>(m2 + o) + s3 * load<T>(m3 + o),
          );
          o += S;
        }
        m = m3 + mCol;
        x = x3 + xStep;
      }
      for (; j < k; j++) {
        const s = load<T>(x);
        for (let i = 0; i < count; i++) {
          const o = <usize>i * S;
          store<T>(sums + o, load<T>(sums + o) + s * load<T>(m + o));
        }
        m += mCol;
        x += xStep;
      }
    } else if (mCol == S) {
      memory.fill(sums, 0, <usize>count * S);
      for (let k0 = 0; k0 < k; k0 += BLOCK) {
        const depth = min(BLOCK, k - k0);
        let dense = x;
        if (xStep != S) {
          dense = gathered;
          for (let j = 0; j < depth; j++) store<T>(dense + <usize>j * S, load<T>(x + <usize>j * xStep));
        }
        let p = m + <usize>k0 * S;
        for (let o: usize = 0; o < <usize>count * S; o += S) {
          store<T>(sums + o, load<T>(sums + o) + dot<T>(p, dense, depth));
          p += mRow;
        }
        x += <usize>depth * xStep;
      }
    } else {
      for (let i = 0; i < count; i++) {
        store<T>(sums + <usize>i * S, isFloat<T>() ? <T>strided<T, f64>(m, x, k, mCol, xStep) : strided<T, T>(m, x, k, mCol, xStep));
        m += mRow;
      }
    }
    let y: usize = <usize>slot(desc, 2) + <usize>batch * <usize>slot(desc, 11) + <usize>r0 * yStep;
    let c: usize = bias + <usize>r0 * biasStep;
    for (let i = 0; i < count; i++) {
      let s = load<T>(sums + <usize>i * S);
      if (bias) s += load<T>(c);
      if (add) s += load<T>(y);
      store<T>(y, s);
      y += yStep;
      c += biasStep;
    }
  }
}
