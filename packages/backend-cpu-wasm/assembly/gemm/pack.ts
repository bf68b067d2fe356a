import { storeTransposed4 } from "../core/transpose";
import { MR, NR } from "./micro";

// Packing lays a block of an operand out in the order in which the register tile reads it.
// Strides are in bytes here.

/** Packs `cols` (at most NR) columns of k rows of B into k groups of NR values; missing columns become 0. */
export function packB<T>(out: usize, b: usize, rowStep: usize, colStep: usize, k: i32, cols: i32): void {
  const nr = NR<T>();
  const S: usize = sizeof<T>();
  if (cols == nr && colStep == S) {
    for (; k > 0; k--) {
      v128.store(out, v128.load(b));
      v128.store(out, v128.load(b, 16), 16);
      out += 32;
      b += rowStep;
    }
    return;
  }
  if (cols == nr && rowStep == S) {
    if (S == 4) {
      const b4 = b + 4 * colStep;
      let p = b, q = b4;
      for (; k >= 4; k -= 4) {
        storeTransposed4(
          out, 32, v128.load(p), v128.load(p + colStep), v128.load(p + 2 * colStep), v128.load(p + 3 * colStep));
        storeTransposed4(
          out + 16, 32, v128.load(q), v128.load(q + colStep), v128.load(q + 2 * colStep), v128.load(q + 3 * colStep));
        out += 128;
        p += 16;
        q += 16;
      }
      b = p;
    } else {
      for (; k >= 2; k -= 2) {
        const r0 = v128.load(b), r1 = v128.load(b + colStep);
        const r2 = v128.load(b + 2 * colStep), r3 = v128.load(b + 3 * colStep);
        v128.store(out, v128.shuffle<u64>(r0, r1, 0, 2));
        v128.store(out, v128.shuffle<u64>(r2, r3, 0, 2), 16);
        v128.store(out, v128.shuffle<u64>(r0, r1, 1, 3), 32);
        v128.store(out, v128.shuffle<u64>(r2, r3, 1, 3), 48);
        out += 64;
        b += 16;
      }
    }
  }
  for (; k > 0; k--) {
    let p = b;
    for (let j = 0; j < cols; j++) {
      store<T>(out + <usize>j * S, load<T>(p));
      p += colStep;
    }
    for (let j = cols; j < nr; j++) store<T>(out + <usize>j * S, <T>0);
    out += 32;
    b += rowStep;
  }
}

/** Packs up to four panels: neighbouring columns are read in runs of two cache lines, not of half a one. */
export function packColumns<T>(out: usize, b: usize, rowStep: usize, colStep: usize, k: i32, cols: i32): void {
  const nr = NR<T>();
  const panelStep = <usize>k << 5;
  if (cols == 4 * nr && colStep == sizeof<T>()) {
    for (; k > 0; k--) {
      v128.store(out, v128.load(b));
      v128.store(out, v128.load(b, 16), 16);
      let q = out + panelStep;
      v128.store(q, v128.load(b, 32));
      v128.store(q, v128.load(b, 48), 16);
      q += panelStep;
      v128.store(q, v128.load(b, 64));
      v128.store(q, v128.load(b, 80), 16);
      q += panelStep;
      v128.store(q, v128.load(b, 96));
      v128.store(q, v128.load(b, 112), 16);
      out += 32;
      b += rowStep;
    }
    return;
  }
  for (let j = 0; j < cols; j += nr) {
    packB<T>(out, b + <usize>j * colStep, rowStep, colStep, k, min(nr, cols - j));
    out += panelStep;
  }
}

/** Packs `rows` (at most 6) rows of k values of A into k groups of 6 values; missing rows become 0. */
export function packA<T>(out: usize, a: usize, rowStep: usize, colStep: usize, rows: i32, k: i32): void {
  const S: usize = sizeof<T>();
  if (rows == MR) {
    if (S == 4 && rowStep == S) {
      for (; k > 0; k--) {
        v128.store(out, v128.load(a));
        v128.store64_lane(out, v128.load64_zero(a, 16), 0, 16);
        out += 24;
        a += colStep;
      }
      return;
    }
    if (S == 4 && colStep == S) {
      let p = a, q = a + 4 * rowStep;
      for (; k >= 4; k -= 4) {
        storeTransposed4(
          out, 24, v128.load(p), v128.load(p + rowStep), v128.load(p + 2 * rowStep), v128.load(p + 3 * rowStep));
        const r4 = v128.load(q), r5 = v128.load(q + rowStep);
        const lo = v128.shuffle<u32>(r4, r5, 0, 4, 1, 5), hi = v128.shuffle<u32>(r4, r5, 2, 6, 3, 7);
        v128.store64_lane(out, lo, 0, 16);
        v128.store64_lane(out, lo, 1, 40);
        v128.store64_lane(out, hi, 0, 64);
        v128.store64_lane(out, hi, 1, 88);
        out += 96;
        p += 16;
        q += 16;
      }
      a = p;
    }
    for (; k > 0; k--) {
      let p = a;
      store<T>(out, load<T>(p));
      p += rowStep;
      store<T>(out, load<T>(p), sizeof<T>());
      p += rowStep;
      store<T>(out, load<T>(p), 2 * sizeof<T>());
      p += rowStep;
      store<T>(out, load<T>(p), 3 * sizeof<T>());
      p += rowStep;
      store<T>(out, load<T>(p), 4 * sizeof<T>());
      p += rowStep;
      store<T>(out, load<T>(p), 5 * sizeof<T>());
      out += 6 * S;
      a += colStep;
    }
    return;
  }
  for (; k > 0; k--) {
    let p = a;
    for (let i = 0; i < rows; i++) {
      store<T>(out + <usize>i * S, load<T>(p));
      p += rowStep;
    }
    for (let i = rows; i < MR; i++) store<T>(out + <usize>i * S, <T>0);
    out += 6 * S;
    a += colStep;
  }
}

/** Bytes from one packed panel of A to the next: not a multiple of the page, or the panels would share their sets. */
// @ts-ignore: decorator
@inline export function panelBytesA<T>(k: i32): usize {
  return <usize>(MR * k) * sizeof<T>() + 96;
}

/** Packs any number of rows of A, panel by panel; where rows are neighbours in memory each k is read in one run. */
export function packRows<T>(out: usize, a: usize, rowStep: usize, colStep: usize, rows: i32, k: i32): void {
  const panelStep = panelBytesA<T>(k);
  let done = 0;
  if (sizeof<T>() == 4 && rowStep == 4) {
    const panels = rows / MR;
    done = panels * MR;
    let q = out, from = a;
    for (let i = 0; i < k; i++) {
      let to = q, p = from;
      for (let j = 0; j < panels; j++) {
        v128.store(to, v128.load(p));
        v128.store64_lane(to, v128.load64_zero(p, 16), 0, 16);
        to += panelStep;
        p += 24;
      }
      q += 24;
      from += colStep;
    }
  }
  for (; done < rows; done += MR) {
    packA<T>(
      out + <usize>(done / MR) * panelStep, a + <usize>done * rowStep, rowStep, colStep, min(MR, rows - done), k);
  }
}
