import { fma, nfma } from "../core/lanes";

// Rows of row-major f64 matrices, at addresses; counts are of elements.

// @ts-ignore: decorator
@inline export function get(p: usize, i: i32): f64 {
  return load<f64>(p + (<usize>i << 3));
}
// @ts-ignore: decorator
@inline export function put(p: usize, i: i32, value: f64): void {
  store<f64>(p + (<usize>i << 3), value);
}
/** Address of element i. */
// @ts-ignore: decorator
@inline export function at(p: usize, i: i32): usize {
  return p + (<usize>i << 3);
}

/** x · y. */
export function dot(x: usize, y: usize, n: i32): f64 {
  let p = f64x2.splat(0), q = p, r = p, s = p;
  for (; n >= 8; n -= 8) {
    p = fma<f64>(v128.load(x), v128.load(y), p);
    q = fma<f64>(v128.load(x, 16), v128.load(y, 16), q);
    r = fma<f64>(v128.load(x, 32), v128.load(y, 32), r);
    s = fma<f64>(v128.load(x, 48), v128.load(y, 48), s);
    x += 64;
    y += 64;
  }
  for (; n >= 2; n -= 2) {
    p = fma<f64>(v128.load(x), v128.load(y), p);
    x += 16;
    y += 16;
  }
  const sum = f64x2.add(f64x2.add(p, q), f64x2.add(r, s));
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return n > 0 ? total + load<f64>(x) * load<f64>(y) : total;
}

/** x += f y. */
export function addTo(x: usize, f: f64, y: usize, n: i32): void {
  const v = f64x2.splat(f);
  for (; n >= 8; n -= 8) {
    v128.store(x, fma<f64>(v, v128.load(y), v128.load(x)));
    v128.store(x, fma<f64>(v, v128.load(y, 16), v128.load(x, 16)), 16);
    v128.store(x, fma<f64>(v, v128.load(y, 32), v128.load(x, 32)), 32);
    v128.store(x, fma<f64>(v, v128.load(y, 48), v128.load(x, 48)), 48);
    x += 64;
    y += 64;
  }
  for (; n > 0; n--) {
    store<f64>(x, load<f64>(x) + f * load<f64>(y));
    x += 8;
    y += 8;
  }
}

/** x += f y + g z. */
export function addTwo(x: usize, f: f64, y: usize, g: f64, z: usize, n: i32): void {
  const v = f64x2.splat(f), w = f64x2.splat(g);
  for (; n >= 4; n -= 4) {
    v128.store(x, fma<f64>(w, v128.load(z), fma<f64>(v, v128.load(y), v128.load(x))));
    v128.store(x, fma<f64>(w, v128.load(z, 16), fma<f64>(v, v128.load(y, 16), v128.load(x, 16))), 16);
    x += 32;
    y += 32;
    z += 32;
  }
  for (; n > 0; n--) {
    store<f64>(x, load<f64>(x) + f * load<f64>(y) + g * load<f64>(z));
    x += 8;
    y += 8;
    z += 8;
  }
}

/** x -= f0 y0 + f1 y1 + f2 y2 + f3 y3, of rows that lie `step` bytes apart and factors `hop` apart. */
export function takeFour(x: usize, f: usize, hop: usize, y: usize, step: usize, n: i32): void {
  const f0 = v128.load64_splat(f), f1 = v128.load64_splat(f + hop);
  const f2 = v128.load64_splat(f + 2 * hop), f3 = v128.load64_splat(f + 3 * hop);
  let y1 = y + step, y2 = y1 + step, y3 = y2 + step;
  for (; n >= 4; n -= 4) {
    let a = v128.load(x), b = v128.load(x, 16);
    a = nfma<f64>(f0, v128.load(y), a);
    b = nfma<f64>(f0, v128.load(y, 16), b);
    a = nfma<f64>(f1, v128.load(y1), a);
    b = nfma<f64>(f1, v128.load(y1, 16), b);
    a = nfma<f64>(f2, v128.load(y2), a);
    b = nfma<f64>(f2, v128.load(y2, 16), b);
    a = nfma<f64>(f3, v128.load(y3), a);
    b = nfma<f64>(f3, v128.load(y3, 16), b);
    v128.store(x, a);
    v128.store(x, b, 16);
    x += 32;
    y += 32;
    y1 += 32;
    y2 += 32;
    y3 += 32;
  }
  for (; n > 0; n--) {
    store<f64>(x, load<f64>(x) - load<f64>(f) * load<f64>(y) - load<f64>(f + hop) * load<f64>(y1)
      - load<f64>(f + 2 * hop) * load<f64>(y2) - load<f64>(f + 3 * hop) * load<f64>(y3));
    x += 8;
    y += 8;
    y1 += 8;
    y2 += 8;
    y3 += 8;
  }
}

/** x -= Σ f[k] y[k] over `count` rows `step` bytes apart and as many factors `hop` bytes apart. */
export function takeRows(x: usize, f: usize, hop: usize, y: usize, step: usize, count: i32, n: i32): void {
  for (; count >= 4; count -= 4) {
    takeFour(x, f, hop, y, step, n);
    f += 4 * hop;
    y += 4 * step;
  }
  for (; count > 0; count--) {
    addTo(x, -load<f64>(f), y, n);
    f += hop;
    y += step;
  }
}

/** x, y = c x + s y, c y - s x. */
export function rotate(x: usize, y: usize, c: f64, s: f64, n: i32): void {
  const vc = f64x2.splat(c), vs = f64x2.splat(s);
  for (; n >= 4; n -= 4) {
    const a0 = v128.load(x), b0 = v128.load(y), a1 = v128.load(x, 16), b1 = v128.load(y, 16);
    v128.store(x, fma<f64>(vs, b0, f64x2.mul(vc, a0)));
    v128.store(y, nfma<f64>(vs, a0, f64x2.mul(vc, b0)));
    v128.store(x, fma<f64>(vs, b1, f64x2.mul(vc, a1)), 16);
    v128.store(y, nfma<f64>(vs, a1, f64x2.mul(vc, b1)), 16);
    x += 32;
    y += 32;
  }
  for (; n > 0; n--) {
    const a = load<f64>(x), b = load<f64>(y);
    store<f64>(x, c * a + s * b);
    store<f64>(y, c * b - s * a);
    x += 8;
    y += 8;
  }
}

export function swapRows(x: usize, y: usize, n: i32): void {
  for (; n > 0; n--) {
    const kept = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, kept);
    x += 8;
    y += 8;
  }
}

/** A power of two that the largest of n elements is divided by so that none is above 1; 1 for zeros and what is not finite. */
export function scaleOf(a: usize, n: i32): f64 {
  let most = 0.0;
  let odd = false;
  for (let i = 0; i < n; i++) {
    const size = abs(get(a, i));
    if (size != size) odd = true;
    most = max(most, size);
  }
  if (odd || !(most > 0.0) || most == Infinity) return 1.0;
  const bits = reinterpret<u64>(most);
  // subnormal numbers, too, become 1 at most: 2^-1022 times them is 0 or less than 1
  const exponent = <i32>(bits >> 52) - 1023 + ((bits & 0xfffffffffffff) != 0 ? 1 : 0);
  return powerOfTwo(min(1023, max(-1022, exponent)));
}
// @ts-ignore: decorator
@inline function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>(<u64>(k + 1023) << 52);
}
export function scaleBy(a: usize, n: i32, factor: f64): void {
  for (let i = 0; i < n; i++) put(a, i, get(a, i) * factor);
}

/** {@link reflection}'s second result. */
export let beta: f64 = 0;
/**
 * tau of the reflection I - tau v v^T that leaves one element of x, `beta`; v, whose first element is 1, is written over x (G. Golub,
 * C. Van Loan, Matrix Computations, 4th ed., 5.1).
 */
export function reflection(x: usize, n: i32): f64 {
  const alpha = load<f64>(x);
  const below = n > 1 ? dot(x + 8, x + 8, n - 1) : 0.0;
  store<f64>(x, 1.0);
  if (below == 0.0) {
    beta = alpha;
    return 0.0;
  }
  beta = (alpha < 0.0 ? 1.0 : -1.0) * sqrt<f64>(alpha * alpha + below);
  for (let i = 1; i < n; i++) put(x, i, get(x, i) / (alpha - beta));
  return (beta - alpha) / beta;
}
