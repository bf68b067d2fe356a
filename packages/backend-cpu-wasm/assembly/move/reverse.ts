import { slot } from "../core/slots";

/** Rows back to front. Index = a row. 0 x  1 out  2 elements of a row */
// @ts-ignore: decorator
@inline function reverse<T>(desc: usize, start: i32, end: i32): void {
  const bytes = <usize>slot(desc, 2) * sizeof<T>();
  for (let row = start; row < end; row++) {
    const out = <usize>slot(desc, 1) + <usize>row * bytes;
    let from = <usize>slot(desc, 0) + (<usize>row + 1) * bytes;
    let to = out;
    for (; to + 16 <= out + bytes; to += 16) {
      from -= 16;
      const x = v128.load(from);
      if (sizeof<T>() == 8) v128.store(to, v128.shuffle<u64>(x, x, 1, 0));
      else if (sizeof<T>() == 4) v128.store(to, v128.shuffle<u32>(x, x, 3, 2, 1, 0));
      else if (sizeof<T>() == 2) v128.store(to, v128.shuffle<u16>(x, x, 7, 6, 5, 4, 3, 2, 1, 0));
      else v128.store(to, v128.shuffle<u8>(x, x, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    }
    for (; to < out + bytes; to += sizeof<T>()) {
      from -= sizeof<T>();
      store<T>(to, load<T>(from));
    }
  }
}
export function reverse_8(desc: usize, start: i32, end: i32): void { reverse<u8>(desc, start, end); }
export function reverse_16(desc: usize, start: i32, end: i32): void { reverse<u16>(desc, start, end); }
export function reverse_32(desc: usize, start: i32, end: i32): void { reverse<u32>(desc, start, end); }
export function reverse_64(desc: usize, start: i32, end: i32): void { reverse<u64>(desc, start, end); }
