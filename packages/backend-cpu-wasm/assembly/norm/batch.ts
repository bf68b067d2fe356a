import { fma, sumF32 } from "../core/lanes";
import { slot, slotF32 } from "../core/slots";
import { sum } from "../core/sums";
import { squares } from "./layer";

// Batch normalisation in training, NCHW (or NC with planes of one value); index = a channel.
// Statistics are accumulated in f64 over sums of at most 512 values.

/**
 * y = (x - mean)·rstd·weight + bias with the batch's own statistics; updates the running ones where given.
 * 0 x  1 weight or 0  2 bias or 0  3 y  4 mean  5 rstd  6 images  7 channels  8 plane  9 eps (f32)
 * 10 running mean or 0  11 running variance or 0  12 momentum (f32)
 */
export function batch_norm(desc: usize, start: i32, end: i32): void {
  const images = slot(desc, 6), channels = slot(desc, 7), plane = slot(desc, 8);
  const imageBytes = <usize>(channels * plane) << 2;
  const count = <f64>images * <f64>plane;
  for (let c = start; c < end; c++) {
    const at = <usize>(c * plane) << 2;
    const x = <usize>slot(desc, 0) + at, y = <usize>slot(desc, 3) + at;
    let total: f64 = 0;
    for (let i = 0; i < images; i++) total += sum(x + <usize>i * imageBytes, plane);
    const mean = <f32>(total / count);
    total = 0;
    for (let i = 0; i < images; i++) total += squares(x + <usize>i * imageBytes, plane, mean);
    const rstd = <f32>(1.0 / sqrt<f64>(total / count + <f64>slotF32(desc, 9)));
    const own = <usize>c << 2;
    store<f32>(<usize>slot(desc, 4) + own, mean);
    store<f32>(<usize>slot(desc, 5) + own, rstd);
    const momentum = slotF32(desc, 12);
    if (slot(desc, 10)) {
      const p = <usize>slot(desc, 10) + own;
      store<f32>(p, (1 - momentum) * load<f32>(p) + momentum * mean);
    }
    if (slot(desc, 11)) {
      const p = <usize>slot(desc, 11) + own;
      store<f32>(p, (1 - momentum) * load<f32>(p) + momentum * <f32>(total / (count - 1)));
    }
    const factor = slot(desc, 1) ? rstd * load<f32>(<usize>slot(desc, 1) + own) : rstd;
    const bias = slot(desc, 2) ? load<f32>(<usize>slot(desc, 2) + own) : 0;
    const m = f32x4.splat(mean), f = f32x4.splat(factor), b = f32x4.splat(bias);
    for (let i = 0; i < images; i++) {
      let p = x + <usize>i * imageBytes, q = y + <usize>i * imageBytes, n = plane;
      for (; n >= 4; n -= 4) {
        v128.store(q, fma<f32>(f32x4.sub(v128.load(p), m), f, b));
        p += 16;
        q += 16;
      }
      for (; n > 0; n--) {
        store<f32>(q, (load<f32>(p) - mean) * factor + bias);
        p += 4;
        q += 4;
      }
    }
  }
}

/**
 * dx, dweight = Σ dy·x̂, dbias = Σ dy.
 * 0 dy  1 x  2 weight or 0  3 mean  4 rstd  5 dx or 0  6 images  7 channels  8 plane  9 dweight or 0  10 dbias or 0
 */
export function batch_norm_backward(desc: usize, start: i32, end: i32): void {
  const images = slot(desc, 6), channels = slot(desc, 7), plane = slot(desc, 8);
  const imageBytes = <usize>(channels * plane) << 2;
  const count = <f64>images * <f64>plane;
  for (let c = start; c < end; c++) {
    const at = <usize>(c * plane) << 2, own = <usize>c << 2;
    const g = <usize>slot(desc, 0) + at, x = <usize>slot(desc, 1) + at;
    const mean = load<f32>(<usize>slot(desc, 3) + own), rstd = load<f32>(<usize>slot(desc, 4) + own);
    const m = f32x4.splat(mean);
    let total: f64 = 0, dot: f64 = 0;
    for (let i = 0; i < images; i++) {
      let p = g + <usize>i * imageBytes, q = x + <usize>i * imageBytes, n = plane;
      while (n >= 4) {
        const stop = p + (<usize>min(512, n & ~3) << 2);
        n -= <i32>((stop - p) >> 2);
        let s0 = f32x4.splat(0), s1 = s0;
        for (; p < stop; p += 16) {
          const d = v128.load(p);
          s0 = f32x4.add(s0, d);
          s1 = fma<f32>(d, f32x4.sub(v128.load(q), m), s1);
          q += 16;
        }
        total += <f64>sumF32(s0);
        dot += <f64>sumF32(s1);
      }
      for (; n > 0; n--) {
        const d = load<f32>(p);
        total += <f64>d;
        dot += <f64>(d * (load<f32>(q) - mean));
        p += 4;
        q += 4;
      }
    }
    if (slot(desc, 9)) store<f32>(<usize>slot(desc, 9) + own, <f32>(dot * <f64>rstd));
    if (slot(desc, 10)) store<f32>(<usize>slot(desc, 10) + own, <f32>total);
    if (!slot(desc, 5)) continue;
    const factor = slot(desc, 2) ? rstd * load<f32>(<usize>slot(desc, 2) + own) : rstd;
    // dx = factor·(dy - Σdy/count - (x - mean)·rstd²·Σdy(x - mean)/count)
    const shift = <f32>(total / count), slope = <f32>(-dot * <f64>rstd * <f64>rstd / count);
    const f = f32x4.splat(factor), s = f32x4.splat(shift), k = f32x4.splat(slope);
    for (let i = 0; i < images; i++) {
      const move = at + <usize>i * imageBytes;
      let p = <usize>slot(desc, 0) + move, q = <usize>slot(desc, 1) + move, o = <usize>slot(desc, 5) + move, n = plane;
      for (; n >= 4; n -= 4) {
        v128.store(o, f32x4.mul(f, fma<f32>(f32x4.sub(v128.load(q), m), k, f32x4.sub(v128.load(p), s))));
        p += 16;
        q += 16;
        o += 16;
      }
      for (; n > 0; n--) {
        store<f32>(o, factor * (load<f32>(p) - shift + (load<f32>(q) - mean) * slope));
        p += 4;
        q += 4;
        o += 4;
      }
    }
  }
}
