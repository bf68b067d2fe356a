import { fma, nfma } from "../core/lanes";
import { storeTransposed4 } from "../core/transpose";

// Winograd's minimal filtering, 4 outputs by 3 taps from 6 inputs in each direction (36 multiplications instead of
// 144), for Cook-Toom points 0, ±3/4, ±3/2 and infinity. The customary ±1, ±2 lose three times more accuracy; with
// these the error is about twice that of the direct sum, and every constant below is exact in binary.
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015); Barabasz and others, "Error Analysis and
// Improving the Accuracy of Winograd Convolution" (2020).
// All of them work on four tiles that are neighbours in a row at once, one to a lane.

// one over the product of a point's distances to the other points
const F0: f64 = 1.0 / 1.265625;
const FA: f64 = 1.0 / (2.0 * 0.5625 * (0.5625 - 2.25));
const FB: f64 = 1.0 / (2.0 * 2.25 * (2.25 - 0.5625));

// With a = 3/4 and b = 3/2, four lanes of each: vectors are read from memory in one load, where V8 would build a
// v128.const in four instructions at every use.
const TABLE = memory.data<f32>([
  0.75, 0.75, 0.75, 0.75, // a
  1.5, 1.5, 1.5, 1.5, // b
  0.5625, 0.5625, 0.5625, 0.5625, // a²
  2.25, 2.25, 2.25, 2.25, // b²
  0.421875, 0.421875, 0.421875, 0.421875, // a³
  3.375, 3.375, 3.375, 3.375, // b³
  1.265625, 1.265625, 1.265625, 1.265625, // a²b²
  2.8125, 2.8125, 2.8125, 2.8125, // a² + b²
  0.7901234567901234, 0.7901234567901234, 0.7901234567901234, 0.7901234567901234, // f0
  -0.5267489711934157, -0.5267489711934157, -0.5267489711934157, -0.5267489711934157, // fa
  -0.39506172839506176, -0.39506172839506176, -0.39506172839506176, -0.39506172839506176, // a·fa
  -0.29629629629629634, -0.29629629629629634, -0.29629629629629634, -0.29629629629629634, // a²·fa
  -0.22222222222222224, -0.22222222222222224, -0.22222222222222224, -0.22222222222222224, // a³·fa
  0.13168724279835392, 0.13168724279835392, 0.13168724279835392, 0.13168724279835392, // fb
  0.19753086419753088, 0.19753086419753088, 0.19753086419753088, 0.19753086419753088, // b·fb
  0.29629629629629634, 0.29629629629629634, 0.29629629629629634, 0.29629629629629634, // b²·fb
  0.4444444444444445, 0.4444444444444445, 0.4444444444444445, 0.4444444444444445, // b³·fb
], 16);
const A = 0, B = 1, A2 = 2, B2 = 3, A3 = 4, B3 = 5, AB = 6, SUM = 7;
const G0 = 8, GA = 9, A_GA = 10, A2_GA = 11, A3_GA = 12, GB = 13, B_GB = 14, B2_GB = 15, B3_GB = 16;

// @ts-ignore: decorator
@inline function k(i: i32): v128 {
  return v128.load(TABLE + (<usize>i << 4));
}

/** Six values of one direction to the six points; written `step` bytes apart. */
// @ts-ignore: decorator
@inline function toPoints(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, out: usize, step: usize): void {
  v128.store(out, nfma<f32>(k(SUM), d2, fma<f32>(k(AB), d0, d4)));
  const ea = nfma<f32>(k(B2), d2, d4);
  const oa = f32x4.mul(k(A), nfma<f32>(k(B2), d1, d3));
  v128.store(out + step, f32x4.add(ea, oa));
  v128.store(out + 2 * step, f32x4.sub(ea, oa));
  const eb = nfma<f32>(k(A2), d2, d4);
  const ob = f32x4.mul(k(B), nfma<f32>(k(A2), d1, d3));
  v128.store(out + 3 * step, f32x4.add(eb, ob));
  v128.store(out + 4 * step, f32x4.sub(eb, ob));
  v128.store(out + 5 * step, nfma<f32>(k(SUM), d3, fma<f32>(k(AB), d1, d5)));
}

/**
 * Four 6×6 input tiles, 4 apart in x, to their 36 points. Reads 6 rows of 20 values at `src`; point (i, j) of the four
 * goes to out + (6i + j)·pointStep. `work` is 480 bytes of private memory.
 */
export function inputTiles(src: usize, rowStep: usize, out: usize, pointStep: usize, work: usize): void {
  for (let v: usize = 0; v < 80; v += 16) {
    const p = src + v;
    toPoints(
      v128.load(p), v128.load(p + rowStep), v128.load(p + 2 * rowStep), v128.load(p + 3 * rowStep),
      v128.load(p + 4 * rowStep), v128.load(p + 5 * rowStep), work + v, 80,
    );
  }
  for (let i = 0; i < 6; i++) {
    const r0 = v128.load(work), r1 = v128.load(work, 16), r2 = v128.load(work, 32), r3 = v128.load(work, 48);
    const r4 = v128.load(work, 64);
    const t0 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const t1 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const t2 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const t3 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    const d0 = v128.shuffle<u64>(t0, t2, 0, 2), d1 = v128.shuffle<u64>(t0, t2, 1, 3);
    const d2 = v128.shuffle<u64>(t1, t3, 0, 2), d3 = v128.shuffle<u64>(t1, t3, 1, 3);
    const d4 = v128.shuffle<u32>(d0, r4, 1, 2, 3, 4), d5 = v128.shuffle<u32>(d1, r4, 1, 2, 3, 5);
    toPoints(d0, d1, d2, d3, d4, d5, out, pointStep);
    out += 6 * pointStep;
    work += 80;
  }
}

/** Four values of one direction (the taps of the weight gradient's correlation) to the six points. */
// @ts-ignore: decorator
@inline function tapsToPoints(g0: v128, g1: v128, g2: v128, g3: v128, out: usize, step: usize): void {
  v128.store(out, f32x4.mul(k(G0), g0));
  const ea = fma<f32>(k(A2_GA), g2, f32x4.mul(k(GA), g0));
  const oa = fma<f32>(k(A3_GA), g3, f32x4.mul(k(A_GA), g1));
  v128.store(out + step, f32x4.add(ea, oa));
  v128.store(out + 2 * step, f32x4.sub(ea, oa));
  const eb = fma<f32>(k(B2_GB), g2, f32x4.mul(k(GB), g0));
  const ob = fma<f32>(k(B3_GB), g3, f32x4.mul(k(B_GB), g1));
  v128.store(out + 3 * step, f32x4.add(eb, ob));
  v128.store(out + 4 * step, f32x4.sub(eb, ob));
  v128.store(out + 5 * step, g3);
}

/** Four 4×4 tiles of the output's gradient, neighbours in x (4 rows of 16 values at `src`), to their 36 points. */
export function gradientTiles(src: usize, rowStep: usize, out: usize, pointStep: usize, work: usize): void {
  for (let v: usize = 0; v < 64; v += 16) {
    const p = src + v;
    tapsToPoints(
      v128.load(p), v128.load(p + rowStep), v128.load(p + 2 * rowStep), v128.load(p + 3 * rowStep), work + v, 64,
    );
  }
  for (let i = 0; i < 6; i++) {
    const r0 = v128.load(work), r1 = v128.load(work, 16), r2 = v128.load(work, 32), r3 = v128.load(work, 48);
    const t0 = v128.shuffle<u32>(r0, r1, 0, 4, 1, 5);
    const t1 = v128.shuffle<u32>(r0, r1, 2, 6, 3, 7);
    const t2 = v128.shuffle<u32>(r2, r3, 0, 4, 1, 5);
    const t3 = v128.shuffle<u32>(r2, r3, 2, 6, 3, 7);
    tapsToPoints(
      v128.shuffle<u64>(t0, t2, 0, 2), v128.shuffle<u64>(t0, t2, 1, 3),
      v128.shuffle<u64>(t1, t3, 0, 2), v128.shuffle<u64>(t1, t3, 1, 3), out, pointStep,
    );
    out += 6 * pointStep;
    work += 64;
  }
}

/**
 * The 36 points of four tiles back to 4×4 outputs each, plus `bias`: 4 rows of 16 values at `out`.
 * `work` is 384 bytes of private memory.
 */
export function outputTiles(src: usize, pointStep: usize, bias: f32, out: usize, rowStep: usize, work: usize): void {
  for (let j: usize = 0; j < 6; j++) {
    let p = src + j * pointStep;
    const m0 = v128.load(p);
    p += 6 * pointStep;
    const m1 = v128.load(p);
    p += 6 * pointStep;
    const m2 = v128.load(p);
    p += 6 * pointStep;
    const m3 = v128.load(p);
    p += 6 * pointStep;
    const m4 = v128.load(p);
    p += 6 * pointStep;
    const m5 = v128.load(p);
    const sa = f32x4.add(m1, m2), da = f32x4.sub(m1, m2), sb = f32x4.add(m3, m4), db = f32x4.sub(m3, m4);
    const w = work + j * 16;
    v128.store(w, f32x4.add(f32x4.add(sa, sb), m0));
    v128.store(w, fma<f32>(k(B), db, f32x4.mul(k(A), da)), 96);
    v128.store(w, fma<f32>(k(B2), sb, f32x4.mul(k(A2), sa)), 192);
    v128.store(w, fma<f32>(k(B3), db, fma<f32>(k(A3), da, m5)), 288);
  }
  const offset = f32x4.splat(bias);
  for (let i = 0; i < 4; i++) {
    const m0 = v128.load(work), m1 = v128.load(work, 16), m2 = v128.load(work, 32), m3 = v128.load(work, 48);
    const m4 = v128.load(work, 64), m5 = v128.load(work, 80);
    const sa = f32x4.add(m1, m2), da = f32x4.sub(m1, m2), sb = f32x4.add(m3, m4), db = f32x4.sub(m3, m4);
    storeTransposed4(
      out, 16,
      f32x4.add(f32x4.add(f32x4.add(sa, sb), m0), offset),
      fma<f32>(k(B), db, fma<f32>(k(A), da, offset)),
      fma<f32>(k(B2), sb, fma<f32>(k(A2), sa, offset)),
      fma<f32>(k(B3), db, fma<f32>(k(A3), da, f32x4.add(m5, offset))),
    );
    work += 96;
    out += rowStep;
  }
}

/** The three taps of a filter, `step` bytes apart, at point i; in f64, as it is done once for many tiles. */
// @ts-ignore: decorator
@inline function tapAt(i: i32, g0: f64, g1: f64, g2: f64): f64 {
  if (i == 0) return g0 * F0;
  if (i == 5) return g2;
  const p: f64 = i < 3 ? 0.75 : 1.5;
  const v = (g0 + p * p * g2) + (i & 1 ? p * g1 : -p * g1);
  return v * (i < 3 ? FA : FB);
}

/** A 3×3 filter (taps at src + y·yStep + x·xStep) to its 36 points, written `pointStep` bytes apart. */
export function filterPoints(src: usize, yStep: usize, xStep: usize, out: usize, pointStep: usize): void {
  const s0 = src, s1 = src + yStep, s2 = s1 + yStep;
  for (let i = 0; i < 6; i++) {
    const c0 = tapAt(i, <f64>load<f32>(s0), <f64>load<f32>(s1), <f64>load<f32>(s2));
    const c1 = tapAt(i, <f64>load<f32>(s0 + xStep), <f64>load<f32>(s1 + xStep), <f64>load<f32>(s2 + xStep));
    const c2 = tapAt(
      i, <f64>load<f32>(s0 + 2 * xStep), <f64>load<f32>(s1 + 2 * xStep), <f64>load<f32>(s2 + 2 * xStep));
    for (let j = 0; j < 6; j++) {
      store<f32>(out, <f32>tapAt(j, c0, c1, c2));
      out += pointStep;
    }
  }
}

/** The 36 points of a weight gradient (at src + point·pointStep) back to its 3×3 taps, nine f32 at `out`. */
export function tapsFromPoints(src: usize, pointStep: usize, out: usize): void {
  for (let y = 0; y < 3; y++) {
    let r0: f64 = 0, r1: f64 = 0, r2: f64 = 0;
    for (let j = 0; j < 6; j++) {
      let p = src + <usize>j * pointStep;
      const m0 = <f64>load<f32>(p);
      p += 6 * pointStep;
      const m1 = <f64>load<f32>(p);
      p += 6 * pointStep;
      const m2 = <f64>load<f32>(p);
      p += 6 * pointStep;
      const m3 = <f64>load<f32>(p);
      p += 6 * pointStep;
      const m4 = <f64>load<f32>(p);
      p += 6 * pointStep;
      const m5 = <f64>load<f32>(p);
      let v: f64;
      if (y == 0) v = m0 + (m1 + m2) + (m3 + m4);
      else if (y == 1) v = 0.75 * (m1 - m2) + 1.5 * (m3 - m4);
      else v = 0.5625 * (m1 + m2) + 2.25 * (m3 + m4) + m5;
      if (j < 5) {
        const x: f64 = j == 0 ? 0.0 : j == 1 ? 0.75 : j == 2 ? -0.75 : j == 3 ? 1.5 : -1.5;
        r0 += v;
        r1 += x * v;
        r2 += x * x * v;
      } else r2 += v;
    }
    store<f32>(out, <f32>r0);
    store<f32>(out, <f32>r1, 4);
    store<f32>(out, <f32>r2, 8);
    out += 12;
  }
}
