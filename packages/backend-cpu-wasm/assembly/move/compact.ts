import { scratch } from "../core/scratch";
import { slot } from "../core/slots";

// Where bytes are not 0. Index = a part of them: parts are counted, and then each knows where its positions go.

/** 0 bytes  1 counts out (i32)  2 how many bytes  3 bytes of a part */
export function count_true(desc: usize, start: i32, end: i32): void {
  const x = <usize>slot(desc, 0), n = slot(desc, 2), size = slot(desc, 3);
  for (let part = start; part < end; part++) {
    let i = part * size;
    const stop = min(n, i + size);
    let count = 0;
    for (; i + 16 <= stop; i += 16) count += popcnt(i8x16.bitmask(i8x16.ne(v128.load(x + <usize>i), i8x16.splat(0))));
    for (; i < stop; i++) count += i32(load<u8>(x + <usize>i) != 0);
    store<i32>(<usize>slot(desc, 1) + (<usize>part << 2), count);
  }
}

/**
 * The positions, row-major: as they are, or as coordinates.
 * 0 bytes  1 positions out (i32)  2 how many bytes  3 bytes of a part  4 places of the parts' first positions (i32)  5 dimensions  6, ... sizes
 */
export function nonzero(desc: usize, start: i32, end: i32): void {
  const x = <usize>slot(desc, 0), n = slot(desc, 2), size = slot(desc, 3), dims = slot(desc, 5);
  const found = scratch();
  for (let part = start; part < end; part++) {
    let i = part * size;
    const stop = min(n, i + size);
    // what is written behind the last one is not kept, so that nothing is asked of single elements
    let at = found;
    for (; i + 16 <= stop; i += 16) {
      let mask = i8x16.bitmask(i8x16.ne(v128.load(x + <usize>i), i8x16.splat(0)));
      if (popcnt(mask) <= 3) {
        for (; mask != 0; mask &= mask - 1) {
          store<i32>(at, i + <i32>ctz(mask));
          at += 4;
        }
        continue;
      }
      for (let k = 0; k < 16; k += 4) {
        store<i32>(at, i + k);
        at += (mask & 1) << 2;
        store<i32>(at, i + k + 1);
        at += (mask & 2) << 1;
        store<i32>(at, i + k + 2);
        at += mask & 4;
        store<i32>(at, i + k + 3);
        at += (mask & 8) >>> 1;
        mask >>>= 4;
      }
    }
    for (; i < stop; i++) {
      store<i32>(at, i);
      at += <usize>i32(load<u8>(x + <usize>i) != 0) << 2;
    }
    const place = <usize>load<i32>(<usize>slot(desc, 4) + (<usize>part << 2));
    let to = <usize>slot(desc, 1) + (place * <usize>dims << 2);
    if (dims == 1) {
      memory.copy(to, found, at - found);
      continue;
    }
    for (let from = found; from < at; from += 4) {
      let rest = load<u32>(from);
      for (let d = dims - 1; d > 0; d--) {
        const length = <u32>slot(desc, 6 + d), above = rest / length;
        store<u32>(to + (<usize>d << 2), rest - above * length);
        rest = above;
      }
      store<u32>(to, rest);
      to += <usize>dims << 2;
    }
  }
}
