import { fma, nfma } from "../core/lanes";
import { slot, slotF32 } from "../core/slots";

// Optimizer steps over one parameter, f32, in place; index = an element. Chunks start at multiples of 4, so that each
// element is always done by the same instructions.

/** One f32 in the first lane, or four: the tail of an array takes the same path as the rest. */
// @ts-ignore: decorator
@inline function read(p: usize, whole: bool): v128 {
  return whole ? v128.load(p) : v128.load32_zero(p);
}

// @ts-ignore: decorator
@inline function write(p: usize, v: v128, whole: bool): void {
  if (whole) v128.store(p, v);
  else v128.store32_lane(p, v, 0);
}

/**
 * g ← ±g + decay·p;  buf ← momentum·buf + (1 - dampening)·g (g itself at the first step);
 * g ← g + momentum·buf (Nesterov) or buf;  p ← p - lr·g.
 * 0 parameter  1 gradient  2 momentum buffer or 0  3 first step?  4 nesterov?  5 maximize?
 * f32: 6 lr  7 momentum  8 dampening  9 weight decay
 */
export function sgd_step(desc: usize, start: i32, end: i32): void {
  const nesterov = slot(desc, 4) != 0, first = slot(desc, 3) != 0;
  const sign = f32x4.splat(slot(desc, 5) ? -1 : 1);
  const lr = f32x4.splat(slotF32(desc, 6)), momentum = f32x4.splat(slotF32(desc, 7));
  const fresh = f32x4.splat(1 - slotF32(desc, 8)), decay = f32x4.splat(slotF32(desc, 9));
  const buffered = slot(desc, 2) != 0, decays = slotF32(desc, 9) != 0;
  const at = <usize>start << 2;
  let p = <usize>slot(desc, 0) + at, q = <usize>slot(desc, 1) + at, b = <usize>slot(desc, 2) + at;
  for (let i = start; i < end; ) {
    const whole = i + 4 <= end;
    const old = read(p, whole);
    let g = f32x4.mul(read(q, whole), sign);
    if (decays) g = fma<f32>(decay, old, g);
    if (buffered) {
      const buf = first ? g : fma<f32>(fresh, g, f32x4.mul(momentum, read(b, whole)));
      write(b, buf, whole);
      g = nesterov ? fma<f32>(momentum, buf, g) : buf;
      b += whole ? 16 : 4;
    }
    write(p, nfma<f32>(lr, g, old), whole);
    const step = whole ? 4 : 1;
    i += step;
    p += <usize>step << 2;
    q += <usize>step << 2;
  }
}

/**
 * p ← shrink·p (decoupled decay);  g ← ±g + decay·p;  m ← m + (1 - β1)·(g - m);  v ← β2·v + (1 - β2)·g²;
 * p ← p - stepSize·m / (√v·rootFactor + eps), with v's running maximum instead of v for AMSGrad.
 * 0 parameter  1 gradient  2 m  3 v  4 maximum of v or 0  5 maximize?
 * f32: 6 stepSize = lr / (1 - β1ᵗ)  7 rootFactor = 1/√(1 - β2ᵗ)  8 1 - β1  9 β2  10 1 - β2  11 eps  12 decay
 * 13 shrink = 1 - lr·decoupled decay
 */
export function adam_step(desc: usize, start: i32, end: i32): void {
  const sign = f32x4.splat(slot(desc, 5) ? -1 : 1);
  const stepSize = f32x4.splat(slotF32(desc, 6)), root = f32x4.splat(slotF32(desc, 7));
  const c1 = f32x4.splat(slotF32(desc, 8)), b2 = f32x4.splat(slotF32(desc, 9)), c2 = f32x4.splat(slotF32(desc, 10));
  const eps = f32x4.splat(slotF32(desc, 11)), decay = f32x4.splat(slotF32(desc, 12));
  const shrink = f32x4.splat(slotF32(desc, 13));
  const amsgrad = slot(desc, 4) != 0, decays = slotF32(desc, 12) != 0;
  const at = <usize>start << 2;
  let p = <usize>slot(desc, 0) + at, q = <usize>slot(desc, 1) + at, m = <usize>slot(desc, 2) + at;
  let v = <usize>slot(desc, 3) + at, w = <usize>slot(desc, 4) + at;
  for (let i = start; i < end; ) {
    const whole = i + 4 <= end;
    const old = f32x4.mul(read(p, whole), shrink);
    let g = f32x4.mul(read(q, whole), sign);
    if (decays) g = fma<f32>(decay, old, g);
    let first = read(m, whole);
    first = fma<f32>(c1, f32x4.sub(g, first), first);
    write(m, first, whole);
    let second = fma<f32>(f32x4.mul(c2, g), g, f32x4.mul(b2, read(v, whole)));
    write(v, second, whole);
    if (amsgrad) {
      second = f32x4.max(second, read(w, whole));
      write(w, second, whole);
    }
    const denominator = fma<f32>(f32x4.sqrt(second), root, eps);
    write(p, nfma<f32>(stepSize, f32x4.div(first, denominator), old), whole);
    const step = whole ? 4 : 1;
    i += step;
    const bytes = <usize>step << 2;
    p += bytes;
    q += bytes;
    m += bytes;
    v += bytes;
    w += bytes;
  }
}

/** Sums of squares, one f64 for each 4096 values: index = a part. 0 x  1 out (f64)  2 n */
export function square_parts(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 2);
  for (let part = start; part < end; part++) {
    let p = <usize>slot(desc, 0) + (<usize>part << 14);
    let left = min(4096, n - part * 4096);
    let total: f64 = 0;
    // f64 lanes: squares of large gradients must not overflow
    let s0 = f64x2.splat(0), s1 = s0;
    for (; left >= 4; left -= 4) {
      const x = v128.load(p);
      const lo = f64x2.promote_low_f32x4(x), hi = f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 0));
      s0 = fma<f64>(lo, lo, s0);
      s1 = fma<f64>(hi, hi, s1);
      p += 16;
    }
    s0 = f64x2.add(s0, s1);
    total = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
    for (; left > 0; left--) {
      const x = <f64>load<f32>(p);
      total += x * x;
      p += 4;
    }
    store<f64>(<usize>slot(desc, 1) + (<usize>part << 3), total);
  }
}
