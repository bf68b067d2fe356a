import { expConstant } from "../core/exp";
import { fma, nfma } from "../core/lanes";
import { sigmoids, tanhs } from "./activations";

// One step of one sequence: rows of `n` values, n that of the hidden size. `w` is private memory, five rows and a vector.

/** Writes what there is of a vector when `left` values are. */
// @ts-ignore: decorator
@inline export function put(p: usize, v: v128, left: i32): void {
  if (left >= 4) {
    v128.store(p, v);
    return;
  }
  v128.store32_lane(p, v, 0);
  if (left > 1) v128.store32_lane(p, v, 1, 4);
  if (left > 2) v128.store32_lane(p, v, 2, 8);
}
/** The slope of a sigmoid by its value, and that of a tanh, times d. */
// @ts-ignore: decorator
@inline function bySigmoid(d: v128, s: v128): v128 {
  return f32x4.mul(d, nfma<f32>(s, s, s));
}
// @ts-ignore: decorator
@inline function byTanh(d: v128, t: v128): v128 {
  return f32x4.mul(d, nfma<f32>(t, t, expConstant(10)));
}
/** Puts a gradient at p, and adds it to the sums where there are some. */
// @ts-ignore: decorator
@inline function give(p: usize, sums: usize, v: v128, left: i32): void {
  put(p, v, left);
  if (sums) put(sums, f32x4.add(v128.load(sums), v), left);
}

/** h' of the sum of the shares. */
export function plainRow(n: i32, relu: bool, sums: usize, h: usize, out: usize, w: usize): void {
  if (!relu) tanhs(w, sums, n);
  for (; n > 0; n -= 4) {
    // of zeros of either sign and NaN what max(0, x) gives
    const y = relu ? f32x4.max(v128.load(sums), i32x4.splat(0)) : v128.load(w);
    put(h, y, n);
    put(out, y, n);
    sums += 16;
    h += 16;
    out += 16;
    w += 16;
  }
}
/** The sums' gradient d from those of h' that came from the step after (dh, which is used up) and from the output (g). */
export function plainRowBack(n: i32, relu: bool, out: usize, g: usize, dh: usize, d: usize, sums: usize): void {
  const zero = i32x4.splat(0);
  for (; n > 0; n -= 4) {
    const y = v128.load(out), own = f32x4.add(v128.load(g), v128.load(dh));
    give(d, sums, relu ? f32x4.mul(own, v128.and(f32x4.gt(y, zero), expConstant(10))) : byTanh(own, y), n);
    put(dh, zero, n);
    out += 16;
    g += 16;
    dh += 16;
    d += 16;
    if (sums) sums += 16;
  }
}

/** h' and c' of the sums of the gates i, f, g, o: c' = f c + i g, h' = o tanh(c'). */
export function lstmRow(n: i32, sums: usize, h: usize, c: usize, out: usize, cells: usize, w: usize): void {
  const row = <usize>n << 2;
  sigmoids(w, sums, 2 * n);
  tanhs(w + 2 * row, sums + 2 * row, n);
  sigmoids(w + 3 * row, sums + 3 * row, n);
  const o = w + 3 * row;
  let p = w, to = cells;
  for (let left = n; left > 0; left -= 4) {
    const next = fma<f32>(v128.load(p), v128.load(p + 2 * row), f32x4.mul(v128.load(p + row), v128.load(c)));
    put(c, next, left);
    put(to, next, left);
    p += 16;
    c += 16;
    to += 16;
  }
  tanhs(w + 4 * row, cells, n);
  p = o;
  for (; n > 0; n -= 4) {
    const y = f32x4.mul(v128.load(p), v128.load(p + row));
    put(h, y, n);
    put(out, y, n);
    p += 16;
    h += 16;
    out += 16;
  }
}
/** The sums' gradients d, from those of h' (dh, used up, and g) and of c' (dc, which becomes that of c). `before` is c. */
export function lstmRowBack(
  n: i32, from: usize, cells: usize, before: usize, g: usize, dh: usize, dc: usize, d: usize, sums: usize, w: usize,
): void {
  const row = <usize>n << 2;
  sigmoids(w, from, 2 * n);
  tanhs(w + 2 * row, from + 2 * row, n);
  sigmoids(w + 3 * row, from + 3 * row, n);
  tanhs(w + 4 * row, cells, n);
  for (; n > 0; n -= 4) {
    const i = v128.load(w), f = v128.load(w + row), G = v128.load(w + 2 * row), o = v128.load(w + 3 * row);
    const t = v128.load(w + 4 * row), own = f32x4.add(v128.load(g), v128.load(dh));
    const all = f32x4.add(v128.load(dc), byTanh(f32x4.mul(own, o), t));
    give(d, sums, bySigmoid(f32x4.mul(all, G), i), n);
    give(d + row, sums ? sums + row : 0, bySigmoid(f32x4.mul(all, v128.load(before)), f), n);
    give(d + 2 * row, sums ? sums + 2 * row : 0, byTanh(f32x4.mul(all, i), G), n);
    give(d + 3 * row, sums ? sums + 3 * row : 0, bySigmoid(f32x4.mul(own, t), o), n);
    put(dc, f32x4.mul(all, f), n);
    put(dh, i32x4.splat(0), n);
    w += 16;
    before += 16;
    g += 16;
    dh += 16;
    dc += 16;
    d += 16;
    if (sums) sums += 16;
  }
}

/** r and z of the sums into w, and n = tanh(share_x + r share) behind them. */
function gruGates(n: i32, sums: usize, shares: usize, w: usize): void {
  const row = <usize>n << 2, gate = w + 2 * row;
  sigmoids(w, sums, 2 * n);
  for (let o: usize = 0; o < row; o += 16)
    v128.store(gate + o, fma<f32>(v128.load(w + o), v128.load(shares + o), v128.load(sums + 2 * row + o)));
  tanhs(gate, gate, n);
}
/** h' of the sums of the gates r and z with n's share of the input, and n's share of the state, to which its shift is added: h' = n + z (h - n). */
export function gruRow(n: i32, sums: usize, shares: usize, shift: usize, h: usize, out: usize, w: usize): void {
  const row = <usize>n << 2;
  if (shift)
    for (let left = n, o: usize = 0; left > 0; left -= 4) {
      put(shares + o, f32x4.add(v128.load(shares + o), v128.load(shift + o)), left);
      o += 16;
    }
  gruGates(n, sums, shares, w);
  for (; n > 0; n -= 4) {
    const own = v128.load(w + 2 * row);
    const y = fma<f32>(v128.load(w + row), f32x4.sub(v128.load(h), own), own);
    put(h, y, n);
    put(out, y, n);
    w += 16;
    h += 16;
    out += 16;
  }
}
/** The gradients of the sums of r and z, of n's share of the input and of that of the state: d; dh becomes what comes to h past the gates. */
export function gruRowBack(
  n: i32, from: usize, shares: usize, before: usize, g: usize, dh: usize, d: usize, sums: usize, w: usize,
): void {
  const row = <usize>n << 2;
  gruGates(n, from, shares, w);
  for (; n > 0; n -= 4) {
    const r = v128.load(w), z = v128.load(w + row), N = v128.load(w + 2 * row);
    const own = f32x4.add(v128.load(g), v128.load(dh));
    const dn = byTanh(nfma<f32>(own, z, own), N);
    give(d, sums, bySigmoid(f32x4.mul(dn, v128.load(shares)), r), n);
    give(d + row, sums ? sums + row : 0, bySigmoid(f32x4.mul(own, f32x4.sub(v128.load(before), N)), z), n);
    give(d + 2 * row, sums ? sums + 2 * row : 0, dn, n);
    give(d + 3 * row, sums ? sums + 3 * row : 0, f32x4.mul(dn, r), n);
    put(dh, f32x4.mul(own, z), n);
    w += 16;
    shares += 16;
    before += 16;
    g += 16;
    dh += 16;
    d += 16;
    if (sums) sums += 16;
  }
}
