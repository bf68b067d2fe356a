import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { MR, NR, microDirect, microPacked, putCorner } from "./micro";
import { packB, packColumns, packRows, panelBytesA } from "./pack";

// C = A·B (+ C) (+ bias), one output tile per index: index = (batch · mTiles + mTile) · nTiles + nTile.
// What is summed in which order follows from the shapes alone, so any thread count gives the same bits.
// Slots (i32) of the descriptor, strides in bytes:
// 0 a  1 b  2 c  3 bias  4 m  5 n  6 k  7 aBatch  8 aRow  9 aCol  10 bBatch  11 bRow  12 bCol  13 cBatch  14 cRow
// 15 add  16 tileM  17 tileN  18 mTiles  19 nTiles  20 packed B or 0  21 kc  22 pack A?  23 pack B?
/** Packs all of B, four panels of NR columns per index: index = batch · quads + quad. */
// @ts-ignore: decorator
@inline export function packAllB<T>(desc: usize, start: i32, end: i32): void {
  const b: usize = slot(desc, 1);
  const n = slot(desc, 5), k = slot(desc, 6);
  const bBatch: usize = slot(desc, 10), bRow: usize = slot(desc, 11), bCol: usize = slot(desc, 12);
  const packed: usize = slot(desc, 20);
  const panels = (n + NR<T>() - 1) / NR<T>();
  const quads = (panels + 3) >> 2;
  for (let i = start; i < end; i++) {
    const batch = i / quads, column = (i % quads) * 4 * NR<T>();
    packColumns<T>(
      packed + <usize>(batch * panels + column / NR<T>()) * <usize>k * 32,
      b + <usize>batch * bBatch + <usize>column * bCol,
      bRow, bCol, k, min(4 * NR<T>(), n - column),
    );
  }
}

/** Reads one value of each cache line of a block, so that it is at hand; `sink` is where the reads are made to count. */
function fetch(p: usize, rows: i32, rowStep: usize, bytes: usize, sink: usize): void {
  let all = 0;
  for (let i = 0; i < rows; i++) {
    for (let o: usize = 0; o < bytes; o += 64) all |= load<i32>(p + o);
    p += rowStep;
  }
  store<i32>(sink, all);
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
  const unpacked = !packed && slot(desc, 23) == 0;
  const doPackA = slot(desc, 22) != 0, doPackB = slot(desc, 23) != 0;
  const panels = (n + NR<T>() - 1) / NR<T>();
  // private area: corner tile, a panel of B's last columns, packed A, packed B
  const corner = scratch();
  const spareB = corner + 256;
  const areaA = spareB + <usize>kc * 32;
  const areaB = areaA + (<usize>((tileM + MR - 1) / MR) * panelBytesA<T>(kc) + 63 & ~63);
  // Where A's and C's rows are whole (one stretch of memory for a tile), the next tile's are read a few cache lines at a
  // time between the products of this one: slow and in order, so that the processor's own prefetching runs ahead of it.
  const stretchA = aCol == S && aRow == <usize>k * S, stretchC = nTiles == 1 && cRow == <usize>n * S;
  let ready = false, all = 0;
  for (let index = start; index < end; index++) {
    const batch = index / (mTiles * nTiles), rest = index % (mTiles * nTiles);
    const m0 = (rest / nTiles) * tileM, n0 = (rest % nTiles) * tileN;
    const m1 = min(m0 + tileM, m), n1 = min(n0 + tileN, n);
    const a: usize = <usize>slot(desc, 0) + <usize>batch * <usize>slot(desc, 7) + <usize>m0 * aRow;
    const b: usize = <usize>slot(desc, 1) + <usize>batch * <usize>slot(desc, 10) + <usize>n0 * bCol;
    const c: usize = <usize>slot(desc, 2) + <usize>batch * <usize>slot(desc, 13) + <usize>m0 * cRow + <usize>n0 * S;
    let aheadA: usize = 0, endA: usize = 0, aheadC: usize = 0, endC: usize = 0, lines: usize = 0;
    // the next tile of this matrix, if this call does it
    if (nTiles == 1 && index + 1 < end && m1 < m) {
      const rows = <usize>min(tileM, m - m1);
      if (stretchA) {
        aheadA = a + <usize>(m1 - m0) * aRow;
        endA = aheadA + rows * aRow;
      }
      if (stretchC) {
        aheadC = c + <usize>(m1 - m0) * cRow;
        endC = aheadC + rows * cRow;
      }
      const products = <usize>((m1 - m0 + MR - 1) / MR) * <usize>panels * <usize>((k + kc - 1) / max(1, kc));
      lines = (((endA - aheadA + endC - aheadC) >> 6) + products - 1) / max(1, products);
    }
    for (let k0 = 0; k0 < k || k0 == 0; k0 += kc) {
      const depth = min(kc, k - k0);
      const more = add || k0 > 0;
      const rowBias = bias && k0 == 0 ? bias + <usize>n0 * S : 0;
      // Rows are fetched in order before the tile needs them in columns: that the processor foresees.
      if (!doPackA && aCol == S && !(ready && stretchA)) fetch(a + <usize>k0 * aCol, m1 - m0, aRow, <usize>depth * S, corner);
      if (k0 == 0 && !(ready && stretchC)) fetch(c, m1 - m0, cRow, <usize>(n1 - n0) * S, corner);
      if (doPackA) packRows<T>(areaA, a + <usize>k0 * aCol, aRow, aCol, m1 - m0, depth);
      // the panels of B: where the first lies, and the bytes to the next panel and to the next row of one
      let panel = b + <usize>k0 * bRow, panelStep: usize = 32, bStep = bRow;
      if (packed) {
        panel = packed + (<usize>(batch * panels + n0 / NR<T>()) * <usize>k + <usize>k0) * 32;
        panelStep = <usize>k * 32;
        bStep = 32;
      } else if (doPackB) {
        for (let j = n0; j < n1; j += 4 * NR<T>()) {
          packColumns<T>(
            areaB + <usize>((j - n0) / NR<T>()) * <usize>depth * 32, panel + <usize>(j - n0) * bCol, bRow, bCol, depth,
            min(4 * NR<T>(), n1 - j),
          );
        }
        panel = areaB;
        panelStep = <usize>depth * 32;
        bStep = 32;
      } else if ((n1 - n0) % NR<T>() != 0) {
        const whole = (n1 - n0) / NR<T>() * NR<T>();
        packB<T>(spareB, panel + <usize>whole * S, bRow, bCol, depth, n1 - n0 - whole);
      }
      // Columns outside, unless rows are asked for: the panel of B stays in the first-level cache and the smaller ones
      // of A come again and again from the second.
      const rowsOutside = slot(desc, 24) != 0;
      const outerEnd = rowsOutside ? m1 : n1, outerStep = rowsOutside ? MR : NR<T>();
      const innerStart = rowsOutside ? n0 : m0, innerEnd = rowsOutside ? n1 : m1, innerStep = rowsOutside ? NR<T>() : MR;
      for (let u = rowsOutside ? m0 : n0; u < outerEnd; u += outerStep) {
        for (let v = innerStart; v < innerEnd; v += innerStep) {
          const i = rowsOutside ? u : v, j = rowsOutside ? v : u;
          const rows = min(MR, m1 - i), cols = min(NR<T>(), n1 - j);
          const whole = rows == MR && cols == NR<T>();
          const to = c + <usize>(i - m0) * cRow + <usize>(j - n0) * S;
          let from = panel + <usize>((j - n0) / NR<T>()) * panelStep, fromStep = bStep;
          if (unpacked && cols < NR<T>()) {
            from = spareB;
            fromStep = 32;
          }
          const ownBias = rowBias ? rowBias + <usize>(j - n0) * S : 0;
          const target = whole ? to : corner, step = whole ? cRow : 32;
          if (doPackA) {
            microPacked<T>(
              depth, areaA + <usize>((i - m0) / MR) * panelBytesA<T>(depth), from, fromStep, target, step, more && whole,
              whole ? ownBias : 0,
            );
          } else {
            microDirect<T>(
              depth, a + <usize>(i - m0) * aRow + <usize>k0 * aCol, aRow, aCol, rows, from, fromStep, target, step,
              more && whole, whole ? ownBias : 0,
            );
          }
          if (!whole) putCorner<T>(corner, rows, cols, to, cRow, more, ownBias);
          for (let l: usize = 0; l < lines; l++) {
            if (aheadA < endA) {
              all |= load<i32>(aheadA);
              aheadA += 64;
            } else if (aheadC < endC) {
              all |= load<i32>(aheadC);
              aheadC += 64;
            } else break;
          }
        }
      }
    }
    ready = lines > 0;
  }
  store<i32>(corner, all);
}
