import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { MR, NR, microDirect, microPacked, putCorner } from "./micro";
import { packA, packB } from "./pack";

// C = A·B (+ C) (+ bias), one output tile per index: index = (batch · mTiles + mTile) · nTiles + nTile.
// What is summed in which order follows from the shapes alone, so any thread count gives the same bits.
// Slots (i32) of the descriptor, strides in bytes:
// 0 a  1 b  2 c  3 bias  4 m  5 n  6 k  7 aBatch  8 aRow  9 aCol  10 bBatch  11 bRow  12 bCol  13 cBatch  14 cRow
// 15 add  16 tileM  17 tileN  18 mTiles  19 nTiles  20 packed B or 0  21 kc  22 pack A?  23 pack B?
/** Packs all of B, one panel of NR columns per index: index = batch · panels + panel. */
// @ts-ignore: decorator
@inline export function packAllB<T>(desc: usize, start: i32, end: i32): void {
  const b: usize = slot(desc, 1);
  const n = slot(desc, 5), k = slot(desc, 6);
  const bBatch: usize = slot(desc, 10), bRow: usize = slot(desc, 11), bCol: usize = slot(desc, 12);
  const packed: usize = slot(desc, 20);
  const panels = (n + NR<T>() - 1) / NR<T>();
  for (let i = start; i < end; i++) {
    const batch = i / panels, column = (i % panels) * NR<T>();
    packB<T>(
      packed + <usize>i * <usize>k * 32,
      b + <usize>batch * bBatch + <usize>column * bCol,
      bRow, bCol, k, min(NR<T>(), n - column),
    );
  }
}

// @ts-ignore: decorator
@inline export function gemm<T>(desc: usize, start: i32, end: i32): void {
  const S: usize = sizeof<T>();
  const m = slot(desc, 4), n = slot(desc, 5), k = slot(desc, 6);
  const aRow: usize = slot(desc, 8), aCol: usize = slot(desc, 9);
  const bRow: usize = slot(desc, 11), bCol: usize = slot(desc, 12);
  const cRow: usize = slot(desc, 14);
  const bias: usize = slot(desc, 3);
  const add = slot(desc, 15) != 0;
  const tileM = slot(desc, 16), tileN = slot(desc, 17), mTiles = slot(desc, 18), nTiles = slot(desc, 19);
  const packed: usize = slot(desc, 20);
  const kc = slot(desc, 21);
  const doPackA = slot(desc, 22) != 0, doPackB = slot(desc, 23) != 0;
  const panels = (n + NR<T>() - 1) / NR<T>();
  // private area: corner tile, one spare panel of B, packed A, packed B
  const corner = scratch();
  const spareB = corner + 256;
  const areaA = spareB + <usize>kc * 32;
  const areaB = areaA + (<usize>((tileM + MR - 1) / MR * MR) * <usize>kc * S + 63 & ~63);
  for (let index = start; index < end; index++) {
    const batch = index / (mTiles * nTiles), rest = index % (mTiles * nTiles);
    const m0 = (rest / nTiles) * tileM, n0 = (rest % nTiles) * tileN;
    const m1 = min(m0 + tileM, m), n1 = min(n0 + tileN, n);
    const a: usize = <usize>slot(desc, 0) + <usize>batch * <usize>slot(desc, 7) + <usize>m0 * aRow;
    const b: usize = <usize>slot(desc, 1) + <usize>batch * <usize>slot(desc, 10);
    const c: usize = <usize>slot(desc, 2) + <usize>batch * <usize>slot(desc, 13) + <usize>m0 * cRow;
    for (let k0 = 0; k0 < k || k0 == 0; k0 += kc) {
      const depth = min(kc, k - k0);
      const more = add || k0 > 0;
      if (doPackA) {
        for (let i = m0; i < m1; i += MR) {
          packA<T>(
            areaA + <usize>(i - m0) * <usize>depth * S,
            a + <usize>(i - m0) * aRow + <usize>k0 * aCol,
            aRow, aCol, min(MR, m1 - i), depth,
          );
        }
      }
      for (let j = n0; j < n1; j += NR<T>()) {
        const cols = min(NR<T>(), n1 - j);
        let panel: usize, bStep: usize = 32;
        if (packed) {
          panel = packed + (<usize>(batch * panels + j / NR<T>()) * <usize>k + <usize>k0) * 32;
        } else if (doPackB || cols < NR<T>()) {
          panel = doPackB ? areaB : spareB;
          packB<T>(panel, b + <usize>k0 * bRow + <usize>j * bCol, bRow, bCol, depth, cols);
        } else {
          panel = b + <usize>k0 * bRow + <usize>j * bCol;
          bStep = bRow;
        }
        const rowBias = bias && k0 == 0 ? bias + <usize>j * S : 0;
        for (let i = m0; i < m1; i += MR) {
          const rows = min(MR, m1 - i);
          const whole = rows == MR && cols == NR<T>();
          const to = c + <usize>(i - m0) * cRow + <usize>j * S;
          const target = whole ? to : corner;
          const step = whole ? cRow : 32;
          if (doPackA) {
            microPacked<T>(
              depth, areaA + <usize>(i - m0) * <usize>depth * S, panel, bStep, target, step,
              more && whole, whole ? rowBias : 0,
            );
          } else {
            microDirect<T>(
              depth, a + <usize>(i - m0) * aRow + <usize>k0 * aCol, aRow, aCol, rows, panel, bStep, target, step,
              more && whole, whole ? rowBias : 0,
            );
          }
          if (!whole) putCorner<T>(corner, rows, cols, to, cRow, more, rowBias);
        }
      }
    }
  }
}
