import { expF32 } from "../core/exp";
import { fma, sumF32 } from "../core/lanes";
import { scratch } from "../core/scratch";
import { slot, slotF32 } from "../core/slots";
import { rowExp, rowMax, scaleRow } from "../norm/softmax";
import { NONE, packPanels, product } from "./tiles";

// Scaled dot-product attention, f32, a block of queries by a block of keys at a time: the matrix of scores is never stored whole,
// and the backward pass computes it again from the saved log-sums (Dao and others, "FlashAttention", 2022).
// Slots, strides in bytes, the last dim contiguous:
// 0 q  1 k  2 v  3 out  4 log-sums [batch, heads, queries]  5 mask or 0: floats that are added or bytes, 0 where a key is hidden
// 6 heads  7 queries  8 keys  9 dim of q and k  10 dim of v
// 11 q batch  12 q head  13 q row  14 k batch  15 k head  16 k row  17 v batch  18 v head  19 v row
// 20 out batch  21 out head  22 out row  23 mask batch  24 mask head  25 mask row  26 mask column
// 27 scale (f32)  28 causal?  29 queries in a block  30 blocks  47 bytes of a mask's element  48 keys in a block

// @ts-ignore: decorator
@inline function place(desc: usize, address: i32, strides: i32, batch: i32, head: i32): usize {
  return <usize>slot(desc, address) + <usize>batch * <usize>slot(desc, strides)
    + <usize>head * <usize>slot(desc, strides + 1);
}

/** Scores of one query: s ← s·scale + mask, or s·scale where the mask is a byte that is not 0, else -∞. */
function scoreRow(p: usize, n: i32, scale: f32, mask: usize, maskStep: usize, wide: i32): void {
  if (!mask) {
    scaleRow(p, n, scale);
    return;
  }
  const f = f32x4.splat(scale);
  if (wide == 1) {
    if (maskStep == 1) {
      const hidden = f32x4.splat(-Infinity), none = i32x4.splat(0);
      for (; n >= 4; n -= 4) {
        const seen = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(mask)));
        v128.store(p, v128.bitselect(hidden, f32x4.mul(v128.load(p), f), i32x4.eq(seen, none)));
        p += 16;
        mask += 4;
      }
    }
    for (; n > 0; n--) {
      store<f32>(p, load<u8>(mask) ? load<f32>(p) * scale : -Infinity);
      p += 4;
      mask += maskStep;
    }
    return;
  }
  if (maskStep == 4) {
    for (; n >= 4; n -= 4) {
      v128.store(p, fma<f32>(v128.load(p), f, v128.load(mask)));
      p += 16;
      mask += 16;
    }
  }
  for (; n > 0; n--) {
    store<f32>(p, load<f32>(p) * scale + load<f32>(mask));
    p += 4;
    mask += maskStep;
  }
}

/** A row of scores takes an odd number of cache lines, so that columns spread over all sets of the cache. */
// @ts-ignore: decorator
@inline function scoreBytes(keys: i32): usize {
  return ((<usize>keys << 2) + 63 & ~63) | 64;
}

/** Scores of `rows` queries from q0 on and `n` keys from k0 on, or the like; of columns past a query's own position whole tiles are left out. */
function scoresOf(
  rows: i32, n: i32, dim: i32, q: usize, qRow: usize, panels: usize, to: usize, step: usize, corner: usize, causal: bool,
  ahead: i32,
): void {
  if (!causal) {
    product(rows, n, dim, q, qRow, 4, panels, dim, to, step, false, NONE, NONE, corner);
    return;
  }
  for (let j = 0; j < n; j += 8) {
    const first = max(0, (j + ahead) / 6 * 6);
    product(
      rows - first, min(8, n - j), dim, q + <usize>first * qRow, qRow, 4, panels + <usize>j * (<usize>dim << 2), dim,
      to + <usize>first * step + (<usize>j << 2), step, false, NONE, NONE, corner,
    );
  }
}

/** Makes the values from `from` up to `end` of a row 0. */
// @ts-ignore: decorator
@inline function zeroRest(p: usize, from: i32, end: i32): void {
  memory.fill(p + (<usize>from << 2), 0, <usize>(end - from) << 2);
}

/** out = softmax(q·kᵀ·scale + mask)·v: index = (batch · heads + head) · blocks + block of queries. */
export function attention(desc: usize, start: i32, end: i32): void {
  const heads = slot(desc, 6), queries = slot(desc, 7), keys = slot(desc, 8), dim = slot(desc, 9), dimV = slot(desc, 10);
  const qRow: usize = slot(desc, 13), kRow: usize = slot(desc, 16), vRow: usize = slot(desc, 19);
  const outRow: usize = slot(desc, 22), maskRow: usize = slot(desc, 25), maskStep: usize = slot(desc, 26);
  const scale = slotF32(desc, 27);
  const causal = slot(desc, 28) != 0;
  const block = slot(desc, 29), blocks = slot(desc, 30), span = slot(desc, 48);
  const scoreStep = scoreBytes(span);
  const corner = scratch();
  const rowsSoFar = corner + 256; // of each row the largest score, and the sum of the others' exponentials relative to it
  const scores = rowsSoFar + (<usize>block * 8 + 63 & ~63);
  const panels = scores + <usize>block * scoreStep;
  for (let index = start; index < end; index++) {
    const unit = index / blocks, q0 = index % blocks * block;
    const batch = unit / heads, head = unit % heads;
    const rows = min(block, queries - q0);
    const needed = causal ? min(keys, q0 + rows) : keys;
    const q = place(desc, 0, 11, batch, head) + <usize>q0 * qRow;
    const out = place(desc, 3, 20, batch, head) + <usize>q0 * outRow;
    const mask = slot(desc, 5) ? place(desc, 5, 23, batch, head) + <usize>q0 * maskRow : 0;
    for (let k0 = 0; k0 < needed; k0 += span) {
      const seen = min(span, needed - k0);
      packPanels(panels, place(desc, 1, 14, batch, head) + <usize>k0 * kRow, 4, kRow, dim, seen);
      scoresOf(rows, seen, dim, q, qRow, panels, scores, scoreStep, corner, causal, k0 - q0);
      for (let i = 0; i < rows; i++) {
        const n = causal ? max(0, min(seen, q0 + i + 1 - k0)) : seen;
        const p = scores + <usize>i * scoreStep, soFar = rowsSoFar + (<usize>i << 3);
        scoreRow(p, n, scale, mask ? mask + <usize>i * maskRow + <usize>k0 * maskStep : 0, maskStep, slot(desc, 47));
        const before = k0 ? load<f32>(soFar) : <f32>-Infinity;
        const m = max(rowMax(p, n), before);
        // where nothing is seen, every exponential is 0
        let sum = rowExp(p, n, m == -Infinity ? 0 : m, p);
        zeroRest(p, n, seen);
        if (k0 && m > before) {
          const less = f32x4.extract_lane(expF32(f32x4.splat(before - m)), 0);
          scaleRow(out + <usize>i * outRow, dimV, less);
          sum += less * load<f32>(soFar, 4);
        } else if (k0) {
          sum += load<f32>(soFar, 4);
        }
        store<f32>(soFar, m);
        store<f32>(soFar, sum, 4);
      }
      packPanels(panels, place(desc, 2, 17, batch, head) + <usize>k0 * vRow, vRow, 4, seen, dimV);
      product(
        rows, dimV, seen, scores, scoreStep, 4, panels, seen, out, outRow, k0 > 0, NONE, causal ? q0 + 1 - k0 : NONE, corner);
    }
    for (let i = 0; i < rows; i++) {
      const m = load<f32>(rowsSoFar + (<usize>i << 3)), sum = load<f32>(rowsSoFar + (<usize>i << 3), 4);
      // a query that may see nothing gets zeros, as in PyTorch
      scaleRow(out + <usize>i * outRow, dimV, sum != 0 ? 1 / sum : 0);
      const lse = sum != 0 ? m + <f32>NativeMath.log(<f64>sum) : <f32>Infinity;
      if (slot(desc, 4)) store<f32>(<usize>slot(desc, 4) + (<usize>(unit * queries + q0 + i) << 2), lse);
    }
  }
}

/** Σ a·b of n neighbouring values. */
function dotRow(a: usize, b: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (; n >= 4; n -= 4) {
    s = fma<f32>(v128.load(a), v128.load(b), s);
    a += 16;
    b += 16;
  }
  let r = sumF32(s);
  for (; n > 0; n--) {
    r += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return r;
}

/** p ← p·inverse, d ← p·(d - delta)·scale. */
function gradientRow(p: usize, d: usize, n: i32, inverse: f32, delta: f32, scale: f32): void {
  const l = f32x4.splat(inverse), t = f32x4.splat(delta), f = f32x4.splat(scale);
  for (; n >= 4; n -= 4) {
    const e = f32x4.mul(v128.load(p), l);
    v128.store(p, e);
    v128.store(d, f32x4.mul(f32x4.mul(e, f), f32x4.sub(v128.load(d), t)));
    p += 16;
    d += 16;
  }
  for (; n > 0; n--) {
    const e = load<f32>(p) * inverse;
    store<f32>(p, e);
    store<f32>(d, e * scale * (load<f32>(d) - delta));
    p += 4;
    d += 4;
  }
}

/**
 * Gradients of q, k and v: index = batch · heads + head. Slots as above, but 3 is the output, and
 * 31 gradient of the output  32 dq  33 dk  34 dv
 * batch, head and row strides: 35, 36, 37 of dq  38, 39, 40 of dk  41, 42, 43 of dv  44, 45, 46 of the gradient
 */
export function attention_backward(desc: usize, start: i32, end: i32): void {
  const heads = slot(desc, 6), queries = slot(desc, 7), keys = slot(desc, 8), dim = slot(desc, 9), dimV = slot(desc, 10);
  const qRow: usize = slot(desc, 13), kRow: usize = slot(desc, 16), vRow: usize = slot(desc, 19);
  const outRow: usize = slot(desc, 22), maskRow: usize = slot(desc, 25), maskStep: usize = slot(desc, 26);
  const dqRow: usize = slot(desc, 37), dkRow: usize = slot(desc, 40), dvRow: usize = slot(desc, 43);
  const gRow: usize = slot(desc, 46);
  const scale = slotF32(desc, 27);
  const causal = slot(desc, 28) != 0;
  const block = slot(desc, 29), span = slot(desc, 48);
  const scoreStep = scoreBytes(span);
  const eights = <usize>((span + 7) & ~7), wide = <usize>((dim + 7) & ~7);
  const corner = scratch();
  const p = corner + 256;
  const d = p + <usize>block * scoreStep;
  const keysT = d + <usize>block * scoreStep; // dim × keys
  const valuesT = keysT + (eights * <usize>dim << 2); // dimV × keys
  const keysN = valuesT + (eights * <usize>dimV << 2); // keys × dim
  const some = keysN + (wide * <usize>span << 2); // a block of q, or of the gradient
  for (let unit = start; unit < end; unit++) {
    const batch = unit / heads, head = unit % heads;
    const q = place(desc, 0, 11, batch, head), out = place(desc, 3, 20, batch, head), g = place(desc, 31, 44, batch, head);
    const dq = place(desc, 32, 35, batch, head);
    const logSums = <usize>slot(desc, 4) + (<usize>(unit * queries) << 2);
    for (let k0 = 0; k0 < keys; k0 += span) {
      const most = min(span, keys - k0);
      const k = place(desc, 1, 14, batch, head) + <usize>k0 * kRow, v = place(desc, 2, 17, batch, head) + <usize>k0 * vRow;
      const dk = place(desc, 33, 38, batch, head) + <usize>k0 * dkRow, dv = place(desc, 34, 41, batch, head) + <usize>k0 * dvRow;
      packPanels(keysT, k, 4, kRow, dim, most);
      packPanels(valuesT, v, 4, vRow, dimV, most);
      packPanels(keysN, k, kRow, 4, most, dim);
      for (let j = 0; j < most; j++) {
        memory.fill(dk + <usize>j * dkRow, 0, <usize>dim << 2);
        memory.fill(dv + <usize>j * dvRow, 0, <usize>dimV << 2);
      }
      // blocks of queries before the first that sees one of these keys are passed over
      for (let q0 = causal ? k0 / block * block : 0; q0 < queries; q0 += block) {
        const rows = min(block, queries - q0);
        const seen = causal ? min(most, q0 + rows - k0) : most;
        const gBlock = g + <usize>q0 * gRow, qBlock = q + <usize>q0 * qRow;
        if (seen <= 0) continue;
        scoresOf(rows, seen, dim, qBlock, qRow, keysT, p, scoreStep, corner, causal, k0 - q0);
        scoresOf(rows, seen, dimV, gBlock, gRow, valuesT, d, scoreStep, corner, causal, k0 - q0);
        const mask = slot(desc, 5) ? place(desc, 5, 23, batch, head) + <usize>q0 * maskRow + <usize>k0 * maskStep : 0;
        for (let i = 0; i < rows; i++) {
          const n = causal ? max(0, min(seen, q0 + i + 1 - k0)) : seen;
          const pr = p + <usize>i * scoreStep, dr = d + <usize>i * scoreStep;
          const delta = dotRow(gBlock + <usize>i * gRow, out + <usize>(q0 + i) * outRow, dimV);
          scoreRow(pr, n, scale, mask ? mask + <usize>i * maskRow : 0, maskStep, slot(desc, 47));
          const sum = rowExp(pr, n, load<f32>(logSums + (<usize>(q0 + i) << 2)), pr);
          // the log-sum, rounded, is off by as much as it is large, which the sum over all keys tells
          gradientRow(pr, dr, n, span < keys ? 1 : sum != 0 ? 1 / sum : 0, delta, scale);
          zeroRest(pr, n, seen);
          zeroRest(dr, n, seen);
        }
        product(
          rows, dim, seen, d, scoreStep, 4, keysN, most, dq + <usize>q0 * dqRow, dqRow, k0 > 0,
          NONE, causal ? q0 + 1 - k0 : NONE, corner,
        );
        // key j is seen by the queries from j on
        const later = causal ? k0 - q0 : NONE;
        packPanels(some, qBlock, qRow, 4, rows, dim);
        product(seen, dim, rows, d, 4, scoreStep, some, rows, dk, dkRow, true, later, NONE, corner);
        packPanels(some, gBlock, gRow, 4, rows, dimV);
        product(seen, dimV, rows, p, 4, scoreStep, some, rows, dv, dvRow, true, later, NONE, corner);
      }
    }
  }
}
