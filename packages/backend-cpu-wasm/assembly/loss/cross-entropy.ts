import { expF32 } from "../core/exp";
import { slot, slotF32 } from "../core/slots";
import { rowExp, rowMax } from "../norm/softmax";

// Cross entropy of logits [rows, classes] with int32 class numbers; index = a row.

/**
 * loss = log Σ exp(x) - x[target], 0 where the target is `ignore`.
 * 0 logits  1 targets  2 losses  3 statistics [rows, 2]: max, log Σ exp(x - max)  4 classes  5 ignored target
 * 6 address of an i32 that is set to 1 when a target is outside [0, classes)
 */
export function cross_entropy(desc: usize, start: i32, end: i32): void {
  const classes = slot(desc, 4), ignore = slot(desc, 5);
  for (let row = start; row < end; row++) {
    const x = <usize>slot(desc, 0) + <usize>row * (<usize>classes << 2);
    const own = <usize>row << 2;
    const target = load<i32>(<usize>slot(desc, 1) + own);
    const m = rowMax(x, classes);
    const log = <f32>NativeMath.log(<f64>rowExp(x, classes, m, 0));
    store<f32>(<usize>slot(desc, 3) + 2 * own, m);
    store<f32>(<usize>slot(desc, 3) + 2 * own, log, 4);
    let loss: f32 = 0;
    if (target != ignore) {
      if (<u32>target < <u32>classes) loss = log - (load<f32>(x + (<usize>target << 2)) - m);
      else store<i32>(<usize>slot(desc, 6), 1);
    }
    store<f32>(<usize>slot(desc, 2) + own, loss);
  }
}

/**
 * Σ losses, or their mean over the rows that are not ignored. One index, one thread.
 * 0 losses  1 targets  2 rows  3 ignored target  4 mean?  5 out  6 out: number of rows that count (f32)
 */
export function cross_entropy_total(desc: usize, start: i32, end: i32): void {
  const rows = slot(desc, 2), ignore = slot(desc, 3);
  let total: f64 = 0, count = 0;
  for (let row = 0; row < rows; row++) {
    total += <f64>load<f32>(<usize>slot(desc, 0) + (<usize>row << 2));
    count += load<i32>(<usize>slot(desc, 1) + (<usize>row << 2)) != ignore ? 1 : 0;
  }
  store<f32>(<usize>slot(desc, 5), <f32>(slot(desc, 4) ? total / <f64>count : total));
  store<f32>(<usize>slot(desc, 6), <f32>count);
}

/**
 * dx = g·(softmax(x) - onehot(target)), 0 for ignored rows; g = gradient[row · step] / divisor.
 * 0 logits  1 targets  2 statistics  3 gradient  4 gradient's step (0 or 1)  5 address of the divisor or 0
 * 6 classes  7 ignored target  8 dx
 */
export function cross_entropy_backward(desc: usize, start: i32, end: i32): void {
  const classes = slot(desc, 6), ignore = slot(desc, 7);
  const divisor: f32 = slot(desc, 5) ? load<f32>(<usize>slot(desc, 5)) : 1;
  for (let row = start; row < end; row++) {
    const own = <usize>row << 2;
    const at = <usize>row * (<usize>classes << 2);
    let x = <usize>slot(desc, 0) + at, out = <usize>slot(desc, 8) + at;
    const target = load<i32>(<usize>slot(desc, 1) + own);
    if (target == ignore) {
      memory.fill(out, 0, <usize>classes << 2);
      continue;
    }
    const m = load<f32>(<usize>slot(desc, 2) + 2 * own), log = load<f32>(<usize>slot(desc, 2) + 2 * own, 4);
    const g = load<f32>(<usize>slot(desc, 3) + own * <usize>slot(desc, 4)) / divisor;
    const vm = f32x4.splat(m), vl = f32x4.splat(log), vg = f32x4.splat(g);
    const hit = out + (<usize>target << 2);
    let n = classes;
    for (; n >= 4; n -= 4) {
      v128.store(out, f32x4.mul(expF32(f32x4.sub(f32x4.sub(v128.load(x), vm), vl)), vg));
      x += 16;
      out += 16;
    }
    for (; n > 0; n--) {
      store<f32>(out, f32x4.extract_lane(expF32(f32x4.splat(load<f32>(x) - m - log)), 0) * g);
      x += 4;
      out += 4;
    }
    if (<u32>target < <u32>classes) store<f32>(hit, load<f32>(hit) - g);
  }
}
