import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { gruRow, gruRowBack, lstmRow, lstmRowBack, plainRow, plainRowBack } from "./cells";
import { product } from "./product";

// A direction of a recurrent layer over all steps; index = a sequence: the state of one depends on no other, so that a thread takes its own
// through all steps. Slots:
// 0 kind: 0 tanh, 1 ReLU, 2 LSTM, 3 GRU  1 steps  2 sequences  3 hidden size  4 from the end?
// 5 lengths or 0  6 bytes of one (4 or 8)  7 output [steps, sequences, hidden]  8 sums of the gates [.., .., gates · hidden]
// 9 LSTM: c after each step, GRU: the state's share of n [.., .., hidden]
const LSTM: i32 = 2;
const GRU: i32 = 3;

/** How many steps a sequence has. */
// @ts-ignore: decorator
@inline function lengthOf(desc: usize, i: i32): i32 {
  const lengths: usize = slot(desc, 5), steps = slot(desc, 1);
  if (!lengths) return steps;
  const bytes = slot(desc, 6), p = lengths + <usize>i * <usize>bytes;
  return <i32>min<i64>(steps, bytes == 8 ? load<i64>(p) : <i64>load<i32>(p));
}

/**
 * Forward. 10 h [sequences, hidden], first in and last out  11 c likewise  12 packed W_hh  13 that of n (GRU)  14 shift of n's share of the state or 0.
 * The sums hold the input's shares with all other shifts; plain nets have them in the output.
 */
export function recurrent(desc: usize, start: i32, end: i32): void {
  const kind = slot(desc, 0), steps = slot(desc, 1), all = slot(desc, 2), n = slot(desc, 3), reverse = slot(desc, 4) != 0;
  const gates = kind < LSTM ? 1 : kind == LSTM ? 4 : 3, added = kind == GRU ? 2 * n : gates * n;
  const row = <usize>n << 2, wide = <usize>gates * row, panelStep = <usize>n << 5;
  const first = <usize>slot(desc, 10) + <usize>start * row;
  const corner = scratch(), w = corner + 256;
  for (let k = 0; k < steps; k++) {
    const t = reverse ? steps - 1 - k : k, place = <usize>t * <usize>all + <usize>start;
    let out = <usize>slot(desc, 7) + place * row, cells = <usize>slot(desc, 9) + place * row;
    let sums = kind < LSTM ? out : <usize>slot(desc, 8) + place * wide;
    product(end - start, added, n, first, row, slot(desc, 12), panelStep, sums, wide, true, corner);
    if (kind == GRU) product(end - start, n, n, first, row, slot(desc, 13), panelStep, cells, row, false, corner);
    for (let i = start; i < end; i++) {
      const h = <usize>slot(desc, 10) + <usize>i * row, c = <usize>slot(desc, 11) + <usize>i * row;
      if (t < lengthOf(desc, i)) {
        if (kind == LSTM) lstmRow(n, sums, h, c, out, cells, w);
        else if (kind == GRU) gruRow(n, sums, cells, slot(desc, 14), h, out, w);
        else plainRow(n, kind == 1, sums, h, out, w);
      } else {
        memory.fill(out, 0, row);
        if (kind == LSTM) memory.copy(cells, c, row);
      }
      out += row;
      cells += row;
      sums += wide;
    }
  }
}

/**
 * Back through the steps. 10 first h  11 first c  12 W_hh in panels  13 gradient of the output  14 dh [sequences, hidden], of the last state in and of
 * the first out  15 dc likewise  16 gradients d of the sums [steps, sequences, gates · hidden]; a GRU's are of r, z, and n's shares of input and state
 * 17 their sums over the steps of a sequence [sequences, ..] or 0  18 those of each sequence's first step [sequences, ..] or 0
 */
export function recurrent_backward(desc: usize, start: i32, end: i32): void {
  const kind = slot(desc, 0), steps = slot(desc, 1), all = slot(desc, 2), n = slot(desc, 3), reverse = slot(desc, 4) != 0;
  const gates = kind < LSTM ? 1 : kind == LSTM ? 4 : 3;
  const row = <usize>n << 2, wide = <usize>gates * row, wideD = kind < LSTM ? row : 4 * row;
  const panelStep = <usize>(gates * n) << 5;
  const corner = scratch(), w = corner + 256;
  const sums: usize = slot(desc, 17), firsts: usize = slot(desc, 18);
  if (sums) memory.fill(sums + <usize>start * wideD, 0, <usize>(end - start) * wideD);
  if (firsts) memory.fill(firsts + <usize>start * wideD, 0, <usize>(end - start) * wideD);
  // from a step to the one that was taken before
  const back = (reverse ? <usize>all : -<usize>all) * row;
  for (let k = steps - 1; k >= 0; k--) {
    const t = reverse ? steps - 1 - k : k, place = <usize>t * <usize>all + <usize>start;
    let out = <usize>slot(desc, 7) + place * row, from = <usize>slot(desc, 8) + place * wide;
    let cells = <usize>slot(desc, 9) + place * row, g = <usize>slot(desc, 13) + place * row;
    const firstD = <usize>slot(desc, 16) + place * wideD;
    let d = firstD;
    for (let i = start; i < end; i++) {
      const at = <usize>i * row, dh = <usize>slot(desc, 14) + at, length = lengthOf(desc, i);
      const own = sums ? sums + <usize>i * wideD : 0;
      const begins = t == (reverse ? length - 1 : 0);
      if (t >= length) memory.fill(d, 0, wideD);
      else if (kind == LSTM) {
        const before = begins ? <usize>slot(desc, 11) + at : cells + back;
        lstmRowBack(n, from, cells, before, g, dh, <usize>slot(desc, 15) + at, d, own, w);
      } else if (kind == GRU) {
        gruRowBack(n, from, cells, begins ? <usize>slot(desc, 10) + at : out + back, g, dh, d, own, w);
      } else plainRowBack(n, kind == 1, out, g, dh, d, own);
      if (begins && firsts) memory.copy(firsts + <usize>i * wideD, d, wideD);
      out += row;
      from += wide;
      cells += row;
      g += row;
      d += wideD;
    }
    const dh = <usize>slot(desc, 14) + <usize>start * row, panels: usize = slot(desc, 12);
    if (kind == GRU) {
      product(end - start, n, 2 * n, firstD, wideD, panels, panelStep, dh, row, true, corner);
      product(end - start, n, n, firstD + 3 * row, wideD, panels + (<usize>n << 6), panelStep, dh, row, true, corner);
    } else product(end - start, n, gates * n, firstD, wideD, panels, panelStep, dh, row, true, corner);
  }
}
