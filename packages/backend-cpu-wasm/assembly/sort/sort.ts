import { slot } from "../core/slots";

// Stable sort of rows: each value becomes an unsigned key whose order is the wanted one, and (key, position) pairs go
// through a least-significant-digit radix sort; short rows through insertion. NaN is the largest value, as in PyTorch.
// Slots: 0 x  1 values out or 0  2 positions out (i32)  3 n  4 descending?  5 work area (see below)
// Work area of one row: keys, keys, positions: n·(2·key bytes + 4) bytes, each part aligned to 8; the other positions
// buffer is the output itself. 0 at slot 5: the area is this thread's own.

import { scratch } from "../core/scratch";

// @ts-ignore: decorator
@inline export function key<T, K>(x: T): K {
  if (isFloat<T>()) {
    if (sizeof<T>() == 4) {
      if (x != x) return <K>0xffffffff;
      // -0 and 0 are equal
      const bits = reinterpret<u32>(<f32>x + <f32>0);
      return <K>(bits >> 31 ? ~bits : bits | 0x80000000);
    }
    if (x != x) return <K>0xffffffffffffffff;
    const bits = reinterpret<u64>(<f64>x + 0.0);
    return <K>(bits >> 63 ? ~bits : bits | 0x8000000000000000);
  }
  if (isSigned<T>()) return <K>(<K>x ^ (<K>1 << (sizeof<T>() * 8 - 1)));
  return <K>x;
}

/**
 * Sorts n keys, whose `passes` low bytes count, stably, and with each its position, which come from `at` and end in `positions`. There is room for
 * as many keys at `keys1`, for as many positions at `at1`, and for 1024 bytes at `counts`.
 */
// @ts-ignore: decorator
@inline export function sortKeys<K>(
  keys: usize, keys1: usize, at: usize, at1: usize, n: i32, counts: usize, passes: usize, positions: usize,
): void {
  const KB: usize = sizeof<K>();
  if (n <= 48) {
    for (let i = 1; i < n; i++) {
      const k = load<K>(keys + <usize>i * KB);
      const own = load<i32>(at + (<usize>i << 2));
      let j = i - 1;
      for (; j >= 0; j--) {
        const other = load<K>(keys + <usize>j * KB);
        if (other <= k) break;
        store<K>(keys + <usize>(j + 1) * KB, other);
        store<i32>(at + (<usize>(j + 1) << 2), load<i32>(at + (<usize>j << 2)));
      }
      store<K>(keys + <usize>(j + 1) * KB, k);
      store<i32>(at + (<usize>(j + 1) << 2), own);
    }
    if (at != positions) memory.copy(positions, at, <usize>n << 2);
    return;
  }
  for (let pass: usize = 0; pass < passes; pass++) {
    const shift = <K>(pass << 3);
    memory.fill(counts, 0, 1024);
    for (let i: usize = 0; i < <usize>n * KB; i += KB) {
      const c = counts + (<usize>((load<K>(keys + i) >> shift) & 255) << 2);
      store<i32>(c, load<i32>(c) + 1);
    }
    // a digit that is the same everywhere orders nothing
    if (load<i32>(counts + (<usize>((load<K>(keys) >> shift) & 255) << 2)) == n) continue;
    let total = 0;
    for (let d: usize = 0; d < 1024; d += 4) {
      const c = load<i32>(counts + d);
      store<i32>(counts + d, total);
      total += c;
    }
    for (let i = 0; i < n; i++) {
      const k = load<K>(keys + <usize>i * KB);
      const c = counts + (<usize>((k >> shift) & 255) << 2);
      const to = <usize>load<i32>(c);
      store<i32>(c, <i32>to + 1);
      store<K>(keys1 + to * KB, k);
      store<i32>(at1 + (to << 2), load<i32>(at + (<usize>i << 2)));
    }
    let t = keys;
    keys = keys1;
    keys1 = t;
    t = at;
    at = at1;
    at1 = t;
  }
  if (at != positions) memory.copy(positions, at, <usize>n << 2);
}

// @ts-ignore: decorator
@inline function sortRow<T, K>(x: usize, n: i32, descending: bool, positions: usize, work: usize): void {
  const KB: usize = sizeof<K>();
  // bits of a key that are in use: for types narrower than the key
  const mask: K = sizeof<T>() == sizeof<K>() ? ~(<K>0) : (<K>1 << (sizeof<T>() * 8)) - 1;
  const keys1 = work + (<usize>n * KB + 7 & ~7);
  for (let i = 0; i < n; i++) {
    let k = key<T, K>(load<T>(x + <usize>i * sizeof<T>())) & mask;
    if (descending) k = ~k & mask;
    store<K>(work + <usize>i * KB, k);
    store<i32>(positions + (<usize>i << 2), i);
  }
  const at1 = keys1 + (<usize>n * KB + 7 & ~7);
  sortKeys<K>(work, keys1, positions, at1, n, at1 + (<usize>n << 2), sizeof<T>(), positions);
}

// @ts-ignore: decorator
@inline function sort<T, K>(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 3);
  const S: usize = sizeof<T>();
  const work: usize = slot(desc, 5) ? slot(desc, 5) : scratch();
  for (let row = start; row < end; row++) {
    const x = <usize>slot(desc, 0) + <usize>row * <usize>n * S;
    const positions = <usize>slot(desc, 2) + <usize>row * (<usize>n << 2);
    sortRow<T, K>(x, n, slot(desc, 4) != 0, positions, work);
    if (!slot(desc, 1)) continue;
    const values = <usize>slot(desc, 1) + <usize>row * <usize>n * S;
    for (let i = 0; i < n; i++) {
      store<T>(values + <usize>i * S, load<T>(x + <usize>load<i32>(positions + (<usize>i << 2)) * S));
    }
  }
}

export function sort_f32(desc: usize, start: i32, end: i32): void { sort<f32, u32>(desc, start, end); }
export function sort_f64(desc: usize, start: i32, end: i32): void { sort<f64, u64>(desc, start, end); }
export function sort_i64(desc: usize, start: i32, end: i32): void { sort<i64, u64>(desc, start, end); }
export function sort_i32(desc: usize, start: i32, end: i32): void { sort<i32, u32>(desc, start, end); }
export function sort_i16(desc: usize, start: i32, end: i32): void { sort<i16, u32>(desc, start, end); }
export function sort_i8(desc: usize, start: i32, end: i32): void { sort<i8, u32>(desc, start, end); }
export function sort_u8(desc: usize, start: i32, end: i32): void { sort<u8, u32>(desc, start, end); }
