import { slot } from "../core/slots";

// Reading and writing along the middle of the layout [outer, dim, inner]. Index = outer · spans + span, where a span is
// `span` neighbouring values of inner: writes of different indices never meet, and within one the order is that of dim.
// Slots: 0 source  1 indices (i32)  2 out  3 dim of the table (what the indices count)  4 number of indices (the other
// side's dim)  5 inner  6 span  7 spans  8 elementwise? (an index for each value, laid out as the other side) or one
// index for each of `4`  9 address of an i32 that is set to 1 when an index is outside [0, dim)  10 operation of scatter

// @ts-ignore: decorator
@inline function gather<T>(desc: usize, start: i32, end: i32): void {
  const S: usize = sizeof<T>();
  const dim = slot(desc, 3), count = slot(desc, 4), inner = slot(desc, 5), span = slot(desc, 6), spans = slot(desc, 7);
  const each = slot(desc, 8) != 0;
  for (let index = start; index < end; index++) {
    const outer = index / spans, from = index % spans * span, to = min(inner, from + span);
    const source = <usize>slot(desc, 0) + <usize>outer * <usize>dim * <usize>inner * S;
    let out = <usize>slot(desc, 2) + (<usize>outer * <usize>count * <usize>inner + <usize>from) * S;
    let at = <usize>slot(desc, 1) + (each ? (<usize>outer * <usize>count * <usize>inner + <usize>from) << 2 : 0);
    for (let j = 0; j < count; j++) {
      if (each) {
        for (let i = from; i < to; i++) {
          const k = load<i32>(at + (<usize>(i - from) << 2));
          if (<u32>k >= <u32>dim) {
            store<i32>(<usize>slot(desc, 9), 1);
            store<T>(out + <usize>(i - from) * S, <T>0);
          } else {
            store<T>(out + <usize>(i - from) * S, load<T>(source + (<usize>k * <usize>inner + <usize>i) * S));
          }
        }
        at += <usize>inner << 2;
      } else {
        const k = load<i32>(at);
        const bytes = <usize>(to - from) * S;
        if (<u32>k >= <u32>dim) {
          store<i32>(<usize>slot(desc, 9), 1);
          memory.fill(out, 0, bytes);
        } else {
          const p = source + (<usize>k * <usize>inner + <usize>from) * S;
          let b: usize = 0;
          for (; b + 16 <= bytes; b += 16) v128.store(out + b, v128.load(p + b));
          for (; b < bytes; b += S) store<T>(out + b, load<T>(p + b));
        }
        at += 4;
      }
      out += <usize>inner * S;
    }
  }
}

// @ts-ignore: decorator
@inline function combine<T>(op: i32, old: T, x: T): T {
  if (op == 1) return <T>(old + x);
  if (op == 2) return <T>(old * x);
  if (isFloat<T>()) {
    if (op == 3) return max<T>(old, x);
    if (op == 4) return min<T>(old, x);
  } else {
    if (op == 3) return old > x ? old : x;
    if (op == 4) return old < x ? old : x;
  }
  return x;
}

/** 10: 0 set, 1 add, 2 multiply, 3 maximum, 4 minimum. Here 0 is what is read, 2 what is changed. */
// @ts-ignore: decorator
@inline function scatter<T>(desc: usize, start: i32, end: i32): void {
  const S: usize = sizeof<T>();
  const dim = slot(desc, 3), count = slot(desc, 4), inner = slot(desc, 5), span = slot(desc, 6), spans = slot(desc, 7);
  const each = slot(desc, 8) != 0;
  const op = slot(desc, 10);
  for (let index = start; index < end; index++) {
    const outer = index / spans, from = index % spans * span, to = min(inner, from + span);
    const out = <usize>slot(desc, 2) + <usize>outer * <usize>dim * <usize>inner * S;
    let source = <usize>slot(desc, 0) + (<usize>outer * <usize>count * <usize>inner + <usize>from) * S;
    let at = <usize>slot(desc, 1) + (each ? (<usize>outer * <usize>count * <usize>inner + <usize>from) << 2 : 0);
    for (let j = 0; j < count; j++) {
      let k = each ? 0 : load<i32>(at);
      if (!each && <u32>k >= <u32>dim) store<i32>(<usize>slot(desc, 9), 1);
      else if (isFloat<T>() && S == 4 && !each && op == 1) {
        let q = out + (<usize>k * <usize>inner + <usize>from) * S, p = source, n = to - from;
        for (; n >= 4; n -= 4) {
          v128.store(q, f32x4.add(v128.load(q), v128.load(p)));
          p += 16;
          q += 16;
        }
        for (; n > 0; n--) {
          store<T>(q, load<T>(q) + load<T>(p));
          p += S;
          q += S;
        }
      } else {
        for (let i = from; i < to; i++) {
          if (each) {
            k = load<i32>(at + (<usize>(i - from) << 2));
            if (<u32>k >= <u32>dim) {
              store<i32>(<usize>slot(desc, 9), 1);
              continue;
            }
          }
          const q = out + (<usize>k * <usize>inner + <usize>i) * S;
          const x = load<T>(source + <usize>(i - from) * S);
          store<T>(q, combine<T>(op, load<T>(q), x));
        }
      }
      at += each ? <usize>inner << 2 : 4;
      source += <usize>inner * S;
    }
  }
}

export function gather_1(desc: usize, start: i32, end: i32): void { gather<u8>(desc, start, end); }
export function gather_2(desc: usize, start: i32, end: i32): void { gather<u16>(desc, start, end); }
export function gather_4(desc: usize, start: i32, end: i32): void { gather<u32>(desc, start, end); }
export function gather_8(desc: usize, start: i32, end: i32): void { gather<u64>(desc, start, end); }
export function scatter_f32(desc: usize, start: i32, end: i32): void { scatter<f32>(desc, start, end); }
export function scatter_f64(desc: usize, start: i32, end: i32): void { scatter<f64>(desc, start, end); }
export function scatter_i64(desc: usize, start: i32, end: i32): void { scatter<i64>(desc, start, end); }
export function scatter_i32(desc: usize, start: i32, end: i32): void { scatter<i32>(desc, start, end); }
export function scatter_i16(desc: usize, start: i32, end: i32): void { scatter<i16>(desc, start, end); }
export function scatter_i8(desc: usize, start: i32, end: i32): void { scatter<i8>(desc, start, end); }
export function scatter_u8(desc: usize, start: i32, end: i32): void { scatter<u8>(desc, start, end); }
