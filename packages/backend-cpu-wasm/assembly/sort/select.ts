import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { key, sortKeys } from "./sort";

// Which elements of a row of f32 a sort would put where, without sorting: counts of the keys' leading digits tell which digits the key at a
// place has, and only keys that begin with them are looked at again.

/** The key at the place that was asked for, and how many are smaller. */
let found: u32 = 0;
let below: i32 = 0;

/** The keys of four values, whose order is that of `sort`; `flip` is all ones where it falls. */
// @ts-ignore: decorator
@inline function keys(x: v128, flip: v128): v128 {
  // -0 and 0 are equal
  const v = f32x4.add(x, f32x4.splat(0));
  const ordered = v128.xor(v, v128.or(i32x4.shr_s(v, 31), i32x4.splat(0x80000000)));
  return v128.xor(v128.or(ordered, f32x4.ne(v, v)), flip);
}
// @ts-ignore: decorator
@inline function count(counts: usize, digit: u32): void {
  const c = counts + (<usize>digit << 2);
  store<i32>(c, load<i32>(c) + 1);
}

/** Finds the key at a place of the row in order. `work` is room for 8192 bytes and for the keys. */
function find(x: usize, n: i32, place: i32, flip: u32, work: usize): void {
  const counts = work, kept = work + 8192;
  const flips = i32x4.splat(flip);
  // short rows are done with before long tables are
  const bits = n > 16384 ? 11 : 8;
  let shift = 32 - bits;
  memory.fill(counts, 0, <usize>4 << bits);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const digits = i32x4.shr_u(keys(v128.load(x + (<usize>i << 2)), flips), shift);
    count(counts, i32x4.extract_lane(digits, 0));
    count(counts, i32x4.extract_lane(digits, 1));
    count(counts, i32x4.extract_lane(digits, 2));
    count(counts, i32x4.extract_lane(digits, 3));
  }
  for (; i < n; i++) count(counts, (key<f32, u32>(load<f32>(x + (<usize>i << 2))) ^ flip) >> shift);
  let rest = place, digit: u32 = 0;
  for (let c = load<i32>(counts); rest >= c; c = load<i32>(counts + (<usize>digit << 2))) {
    rest -= c;
    digit++;
  }
  let size = 0;
  const wanted = i32x4.splat(digit);
  for (i = 0; i + 4 <= n; i += 4) {
    const k = keys(v128.load(x + (<usize>i << 2)), flips);
    let mask = i32x4.bitmask(i32x4.eq(i32x4.shr_u(k, shift), wanted));
    if (mask == 0) continue;
    // the table has been read
    v128.store(counts, k);
    for (; mask != 0; mask &= mask - 1) {
      store<u32>(kept + (<usize>size << 2), load<u32>(counts + (<usize>ctz(mask) << 2)));
      size++;
    }
  }
  for (; i < n; i++) {
    const k = key<f32, u32>(load<f32>(x + (<usize>i << 2))) ^ flip;
    if (k >> shift != digit) continue;
    store<u32>(kept + (<usize>size << 2), k);
    size++;
  }
  while (shift > 0 && size > 32) {
    const next = max(0, shift - bits);
    const digits: u32 = (1 << (shift - next)) - 1;
    memory.fill(counts, 0, <usize>4 << bits);
    for (i = 0; i < size; i++) count(counts, (load<u32>(kept + (<usize>i << 2)) >> next) & digits);
    digit = 0;
    for (let c = load<i32>(counts); rest >= c; c = load<i32>(counts + (<usize>digit << 2))) {
      rest -= c;
      digit++;
    }
    let left = 0;
    for (i = 0; i < size; i++) {
      const k = load<u32>(kept + (<usize>i << 2));
      store<u32>(kept + (<usize>left << 2), k);
      left += ((k >> next) & digits) == digit ? 1 : 0;
    }
    size = left;
    shift = next;
  }
  // all that are left are equal, or few
  if (shift > 0) {
    for (i = 1; i < size; i++) {
      const k = load<u32>(kept + (<usize>i << 2));
      let j = i - 1;
      for (; j >= 0 && load<u32>(kept + (<usize>j << 2)) > k; j--) {
        store<u32>(kept + (<usize>(j + 1) << 2), load<u32>(kept + (<usize>j << 2)));
      }
      store<u32>(kept + (<usize>(j + 1) << 2), k);
    }
    below = place - rest;
    found = load<u32>(kept + (<usize>rest << 2));
    for (i = 0; load<u32>(kept + (<usize>i << 2)) < found; i++) below++;
  } else {
    found = load<u32>(kept);
    below = place - rest;
  }
}

/**
 * The positions of the first k of each row in order, where no two of the first k + 1 are equal; else a flag is set. k < n. Index = a row.
 * 0 x  1 positions out [rows, k]  2 k  3 n  4 falling?  5 work area (8192 + 4 n + 12 k + 1056 bytes), 0: this thread's own  6 flag (i32)
 */
export function top_f32(desc: usize, start: i32, end: i32): void {
  const k = slot(desc, 2), n = slot(desc, 3);
  const flip: u32 = slot(desc, 4) ? 0xffffffff : 0;
  const work: usize = slot(desc, 5) ? slot(desc, 5) : scratch();
  const own = work + 8192 + (<usize>n << 2) + 7 & ~7;
  const own1 = own + (<usize>k << 2), at1 = own1 + (<usize>k << 2), counts = at1 + (<usize>k << 2);
  const flips = i32x4.splat(flip);
  for (let row = start; row < end; row++) {
    const x = <usize>slot(desc, 0) + <usize>row * (<usize>n << 2);
    const positions = <usize>slot(desc, 1) + <usize>row * (<usize>k << 2);
    find(x, n, k, flip, work);
    if (below != k) {
      store<i32>(<usize>slot(desc, 6), 1);
      continue;
    }
    const limit = i32x4.splat(found);
    let size = 0, i = 0;
    for (; i + 4 <= n; i += 4) {
      const four = keys(v128.load(x + (<usize>i << 2)), flips);
      let mask = i32x4.bitmask(i32x4.lt_u(four, limit));
      if (mask == 0) continue;
      v128.store(work, four);
      for (; mask != 0; mask &= mask - 1) {
        const lane = ctz(mask);
        store<u32>(own + (<usize>size << 2), load<u32>(work + (<usize>lane << 2)));
        store<i32>(positions + (<usize>size << 2), i + lane);
        size++;
      }
    }
    for (; i < n; i++) {
      const one = key<f32, u32>(load<f32>(x + (<usize>i << 2))) ^ flip;
      if (one >= found) continue;
      store<u32>(own + (<usize>size << 2), one);
      store<i32>(positions + (<usize>size << 2), i);
      size++;
    }
    sortKeys<u32>(own, own1, positions, at1, k, counts, 4, positions);
    let before = load<f32>(x + (<usize>load<i32>(positions) << 2));
    for (i = 1; i < k; i++) {
      const after = load<f32>(x + (<usize>load<i32>(positions + (<usize>i << 2)) << 2));
      if (after == before || (after != after && before != before)) store<i32>(<usize>slot(desc, 6), 1);
      before = after;
    }
  }
}

/**
 * The position of what a stable rising sort puts at a place of each row. Index = a row.
 * 0 x  1 positions out  2 places (i32)  3 n  4 unused  5 work area (8192 + 4 n bytes), 0: this thread's own
 */
export function place_f32(desc: usize, start: i32, end: i32): void {
  const n = slot(desc, 3);
  const work: usize = slot(desc, 5) ? slot(desc, 5) : scratch();
  const flips = i32x4.splat(0);
  for (let row = start; row < end; row++) {
    const x = <usize>slot(desc, 0) + <usize>row * (<usize>n << 2);
    const place = load<i32>(<usize>slot(desc, 2) + (<usize>row << 2));
    find(x, n, place, 0, work);
    const limit = i32x4.splat(found);
    let left = place - below, i = 0;
    for (; i + 4 <= n; i += 4) {
      let mask = i32x4.bitmask(i32x4.eq(keys(v128.load(x + (<usize>i << 2)), flips), limit));
      const here = popcnt(mask);
      if (left >= here) {
        left -= here;
        continue;
      }
      for (; left > 0; left--) mask &= mask - 1;
      i += ctz(mask);
      left = -1;
      break;
    }
    if (left >= 0) {
      for (; ; i++) {
        if (key<f32, u32>(load<f32>(x + (<usize>i << 2))) != found) continue;
        if (left == 0) break;
        left--;
      }
    }
    store<i32>(<usize>slot(desc, 1) + (<usize>row << 2), i);
  }
}
