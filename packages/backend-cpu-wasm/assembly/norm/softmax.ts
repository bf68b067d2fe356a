import { expBelow, expConstant, expF32 } from "../core/exp";
import { fma, maxF32, nfma, sumF32 } from "../core/lanes";
import { slot } from "../core/slots";

// Rows of n neighbouring f32; index = a row.
// Sums over a row are kept in f32, four lanes times two: rows of thousands lose no more than a few ulp.

/** The largest value of a row that is not NaN, -∞ if there is none: a NaN shows in the sum of the exponentials. */
export function rowMax(p: usize, n: i32): f32 {
  let m = f32x4.splat(-Infinity), m1 = m;
  for (; n >= 8; n -= 8) {
    m = f32x4.pmax(m, v128.load(p));
    m1 = f32x4.pmax(m1, v128.load(p, 16));
    p += 32;
  }
  let r = maxF32(f32x4.pmax(m, m1));
  for (; n > 0; n--) {
    const x = load<f32>(p);
    r = x > r ? x : r;
    p += 4;
  }
  return r;
}

/** Σ exp(x - shift) where shift is the row's largest; the terms are stored at q unless it is 0. */
export function rowExp(p: usize, n: i32, shift: f32, q: usize): f32 {
  const s = f32x4.splat(shift);
  const low = expConstant(12), perLn2 = expConstant(2), big = expConstant(13), ln2 = expConstant(4);
  const ln2Low = expConstant(5), p3 = expConstant(6), p2 = expConstant(7), p1 = expConstant(8), p0 = expConstant(9);
  const one = expConstant(10);
  let total = f32x4.splat(0), total1 = total;
  for (; n >= 8; n -= 8) {
    const x0 = f32x4.sub(v128.load(p), s), x1 = f32x4.sub(v128.load(p, 16), s);
    const e0 = expBelow(x0, low, perLn2, big, ln2, ln2Low, p3, p2, p1, p0, one);
    const e1 = expBelow(x1, low, perLn2, big, ln2, ln2Low, p3, p2, p1, p0, one);
    total = f32x4.add(total, e0);
    total1 = f32x4.add(total1, e1);
    if (q) {
      v128.store(q, e0);
      v128.store(q, e1, 16);
      q += 32;
    }
    p += 32;
  }
  let sum = sumF32(f32x4.add(total, total1));
  for (; n > 0; n--) {
    const x = f32x4.sub(v128.load32_splat(p), s);
    const e = f32x4.extract_lane(expBelow(x, low, perLn2, big, ln2, ln2Low, p3, p2, p1, p0, one), 0);
    sum += e;
    if (q) {
      store<f32>(q, e);
      q += 4;
    }
    p += 4;
  }
  return sum;
}

/** Multiplies a row in place. */
// @ts-ignore: decorator
@inline export function scaleRow(p: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 8; n -= 8) {
    v128.store(p, f32x4.mul(v128.load(p), f));
    v128.store(p, f32x4.mul(v128.load(p, 16), f), 16);
    p += 32;
  }
  for (; n > 0; n--) {
    store<f32>(p, load<f32>(p) * factor);
    p += 4;
  }
}

/** y = exp(x - max) / Σ. 0 x  1 y  2 n */
export function softmax(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 2);
  for (let row = start; row < end; row++) {
    const at = <usize>row * (<usize>n << 2);
    const x = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 1) + at;
    const sum = rowExp(x, n, rowMax(x, n), y);
    scaleRow(y, n, <f32>1.0 / sum);
  }
}

/** y = x - max - log Σ exp(x - max). 0 x  1 y  2 n */
export function log_softmax(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 2);
  for (let row = start; row < end; row++) {
    const at = <usize>row * (<usize>n << 2);
    let x = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 1) + at;
    const m = rowMax(x, n);
    const log = <f32>NativeMath.log(<f64>rowExp(x, n, m, 0));
    const vm = f32x4.splat(m), vl = f32x4.splat(log);
    let i = n;
    for (; i >= 4; i -= 4) {
      // in two steps: m + log would round where m is large
      v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), vm), vl));
      x += 16;
      y += 16;
    }
    for (; i > 0; i--) {
      store<f32>(y, load<f32>(x) - m - log);
      x += 4;
      y += 4;
    }
  }
}

/** dx = y·(dy - Σ dy·y). 0 dy  1 y  2 n  3 dx */
export function softmax_backward(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 2);
  for (let row = start; row < end; row++) {
    const at = <usize>row * (<usize>n << 2);
    const g = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 1) + at, out = <usize>slot(desc, 3) + at;
    let total = f32x4.splat(0), total1 = total;
    let i = 0, o: usize = 0;
    for (; i + 8 <= n; i += 8) {
      total = fma<f32>(v128.load(g + o), v128.load(y + o), total);
      total1 = fma<f32>(v128.load(g + o, 16), v128.load(y + o, 16), total1);
      o += 32;
    }
    let sum = sumF32(f32x4.add(total, total1));
    for (; i < n; i++) {
      sum += load<f32>(g + o) * load<f32>(y + o);
      o += 4;
    }
    const s = f32x4.splat(sum);
    for (i = 0, o = 0; i + 4 <= n; i += 4) {
      v128.store(out + o, f32x4.mul(v128.load(y + o), f32x4.sub(v128.load(g + o), s)));
      o += 16;
    }
    for (; i < n; i++) {
      store<f32>(out + o, load<f32>(y + o) * (load<f32>(g + o) - sum));
      o += 4;
    }
  }
}

/** dx = dy - exp(y)·Σ dy. 0 dy  1 y  2 n  3 dx */
export function log_softmax_backward(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 2);
  for (let row = start; row < end; row++) {
    const at = <usize>row * (<usize>n << 2);
    const g = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 1) + at, out = <usize>slot(desc, 3) + at;
    let total = f32x4.splat(0), total1 = total;
    let i = 0, o: usize = 0;
    for (; i + 8 <= n; i += 8) {
      total = f32x4.add(v128.load(g + o), total);
      total1 = f32x4.add(v128.load(g + o, 16), total1);
      o += 32;
    }
    let sum = sumF32(f32x4.add(total, total1));
    for (; i < n; i++) {
      sum += load<f32>(g + o);
      o += 4;
    }
    const s = f32x4.splat(sum);
    for (i = 0, o = 0; i + 4 <= n; i += 4) {
      v128.store(out + o, nfma<f32>(expF32(v128.load(y + o)), s, v128.load(g + o)));
      o += 16;
    }
    for (; i < n; i++) {
      const e = f32x4.extract_lane(expF32(f32x4.splat(load<f32>(y + o))), 0);
      store<f32>(out + o, load<f32>(g + o) - e * sum);
      o += 4;
    }
  }
}
