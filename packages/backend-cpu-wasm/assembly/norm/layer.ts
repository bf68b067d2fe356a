import { fma, sumF32 } from "../core/lanes";
import { slot, slotF32 } from "../core/slots";
import { sum } from "../core/sums";

// Layer normalisation over rows of n neighbouring f32.

/** Σ (x - mean)². */
export function squares(p: usize, n: i32, mean: f32): f64 {
  const m = f32x4.splat(mean);
  let total: f64 = 0;
  while (n >= 8) {
    const end = p + (<usize>min(512, n & ~7) << 2);
    n -= <i32>((end - p) >> 2);
    let s0 = f32x4.splat(0), s1 = s0;
    for (; p < end; p += 32) {
      const d0 = f32x4.sub(v128.load(p), m), d1 = f32x4.sub(v128.load(p, 16), m);
      s0 = fma<f32>(d0, d0, s0);
      s1 = fma<f32>(d1, d1, s1);
    }
    total += <f64>sumF32(f32x4.add(s0, s1));
  }
  for (; n > 0; n--) {
    const d = load<f32>(p) - mean;
    total += <f64>(d * d);
    p += 4;
  }
  return total;
}

/**
 * y = (x - mean)·rstd·weight + bias, rstd = 1/√(var + eps); index = a row.
 * 0 x  1 weight or 0  2 bias or 0  3 y  4 mean  5 rstd  6 n  7 eps (f32)
 */
export function layer_norm(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 6);
  const weight: usize = slot(desc, 1), bias: usize = slot(desc, 2);
  const eps = slotF32(desc, 7);
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  for (let row = start; row < end; row++) {
    const at = <usize>row * (<usize>n << 2);
    const x = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 3) + at;
    const mean = <f32>(sum(x, n) / <f64>n);
    const rstd = <f32>(1.0 / sqrt<f64>(squares(x, n, mean) / <f64>n + <f64>eps));
    store<f32>(<usize>slot(desc, 4) + (<usize>row << 2), mean);
    store<f32>(<usize>slot(desc, 5) + (<usize>row << 2), rstd);
    const m = f32x4.splat(mean), r = f32x4.splat(rstd);
    let i = 0, o: usize = 0;
    for (; i + 4 <= n; i += 4) {
      const v = f32x4.mul(f32x4.sub(v128.load(x + o), m), r);
      v128.store(y + o, fma<f32>(v, weight ? v128.load(weight + o) : one, bias ? v128.load(bias + o) : zero));
      o += 16;
    }
    for (; i < n; i++) {
      const v = (load<f32>(x + o) - mean) * rstd;
      store<f32>(y + o, v * (weight ? load<f32>(weight + o) : 1) + (bias ? load<f32>(bias + o) : 0));
      o += 4;
    }
  }
}

/**
 * dx, and a share's sums of dy·x̂ (weight) and dy (bias): index = a share of `rowsPerShare` rows.
 * 0 dy  1 x  2 weight or 0  3 mean  4 rstd  5 dx or 0  6 sums [shares, 2, n] or 0  7 n  8 rows  9 rowsPerShare
 */
export function layer_norm_backward(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 7), rows = slot(desc, 8), share = slot(desc, 9);
  const weight: usize = slot(desc, 2), sums: usize = slot(desc, 6);
  const one = f32x4.splat(1);
  const rowBytes = <usize>n << 2;
  for (let index = start; index < end; index++) {
    const dWeight = sums + <usize>index * 2 * rowBytes;
    const dBias = dWeight + rowBytes;
    if (sums) memory.fill(dWeight, 0, 2 * rowBytes);
    for (let row = index * share; row < min(rows, (index + 1) * share); row++) {
      const at = <usize>row * rowBytes;
      const g = <usize>slot(desc, 0) + at, x = <usize>slot(desc, 1) + at;
      const mean = load<f32>(<usize>slot(desc, 3) + (<usize>row << 2));
      const rstd = load<f32>(<usize>slot(desc, 4) + (<usize>row << 2));
      const m = f32x4.splat(mean), r = f32x4.splat(rstd);
      let s0 = f32x4.splat(0), s1 = s0;
      let i = 0, o: usize = 0;
      for (; i + 4 <= n; i += 4) {
        const d = v128.load(g + o);
        const h = f32x4.mul(f32x4.sub(v128.load(x + o), m), r);
        const dw = weight ? f32x4.mul(d, v128.load(weight + o)) : d;
        s0 = f32x4.add(s0, dw);
        s1 = fma<f32>(dw, h, s1);
        if (sums) {
          v128.store(dWeight + o, fma<f32>(d, h, v128.load(dWeight + o)));
          v128.store(dBias + o, f32x4.add(d, v128.load(dBias + o)));
        }
        o += 16;
      }
      let t0 = sumF32(s0), t1 = sumF32(s1);
      for (; i < n; i++) {
        const d = load<f32>(g + o);
        const h = (load<f32>(x + o) - mean) * rstd;
        const dw = weight ? d * load<f32>(weight + o) : d;
        t0 += dw;
        t1 += dw * h;
        if (sums) {
          store<f32>(dWeight + o, load<f32>(dWeight + o) + d * h);
          store<f32>(dBias + o, load<f32>(dBias + o) + d);
        }
        o += 4;
      }
      if (!slot(desc, 5)) continue;
      const out = <usize>slot(desc, 5) + at;
      const a = t0 / <f32>n, b = t1 / <f32>n;
      const va = f32x4.splat(a), vb = f32x4.splat(-b);
      for (i = 0, o = 0; i + 4 <= n; i += 4) {
        const h = f32x4.mul(f32x4.sub(v128.load(x + o), m), r);
        const dw = f32x4.mul(v128.load(g + o), weight ? v128.load(weight + o) : one);
        v128.store(out + o, f32x4.mul(r, fma<f32>(h, vb, f32x4.sub(dw, va))));
        o += 16;
      }
      for (; i < n; i++) {
        const h = (load<f32>(x + o) - mean) * rstd;
        const dw = load<f32>(g + o) * (weight ? load<f32>(weight + o) : 1);
        store<f32>(out + o, rstd * (dw - a - h * b));
        o += 4;
      }
    }
  }
}

/** out[i] = Σ over parts of parts[part, i], in f64; index = i. 0 parts  1 out  2 number of parts  3 part step (values) */
export function sum_parts(desc: usize, start: i32, end: i32): void {
  const parts = slot(desc, 2), step = <usize>slot(desc, 3) << 2;
  for (let i = start; i < end; i++) {
    let p = <usize>slot(desc, 0) + (<usize>i << 2);
    let total: f64 = 0;
    for (let part = 0; part < parts; part++) {
      total += <f64>load<f32>(p);
      p += step;
    }
    store<f32>(<usize>slot(desc, 1) + (<usize>i << 2), <f32>total);
  }
}
