import { slot, slotF32 } from "../core/slots";

// 2-d pooling, f32, index = a plane (image · channels + channel). All kernels share these slots:
// 4 height  5 width  6 out height  7 out width  8 kernel height  9 kernel width  10 stride y  11 stride x
// 12 padding top  13 padding left  14 dilation y  15 dilation x

/** Windows of 2×2 side by side: four outputs at a time, the last of a row once more where they are no four. */
function maxPairs(x: usize, width: i32, y: usize, at: usize, outHeight: i32, outWidth: i32): void {
  const steps = i32x4(0, 2, 4, 6);
  const below = <usize>width << 2;
  for (let i = 0; i < outHeight; i++) {
    const line = x + (<usize>(2 * i * width) << 2);
    let j = 0;
    if (outWidth >= 4) {
      for (; j < outWidth; j += 4) {
        j = min(j, outWidth - 4);
        const p = line + (<usize>j << 3), q = <usize>j << 2;
        const a0 = v128.load(p), a1 = v128.load(p, 16), b0 = v128.load(p + below), b1 = v128.load(p + below, 16);
        let best = v128.shuffle<u32>(a0, a1, 0, 2, 4, 6);
        const first = i32x4.add(i32x4.splat(2 * (i * width + j)), steps);
        let where = first;
        let v = v128.shuffle<u32>(a0, a1, 1, 3, 5, 7);
        // a NaN wins, and the last of several, as in PyTorch
        let take = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
        best = v128.bitselect(v, best, take);
        where = v128.bitselect(i32x4.add(first, i32x4.splat(1)), where, take);
        v = v128.shuffle<u32>(b0, b1, 0, 2, 4, 6);
        take = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
        best = v128.bitselect(v, best, take);
        where = v128.bitselect(i32x4.add(first, i32x4.splat(width)), where, take);
        v = v128.shuffle<u32>(b0, b1, 1, 3, 5, 7);
        take = v128.or(f32x4.gt(v, best), f32x4.ne(v, v));
        best = v128.bitselect(v, best, take);
        where = v128.bitselect(i32x4.add(first, i32x4.splat(width + 1)), where, take);
        v128.store(y + q, best);
        if (at) v128.store(at + q, where);
      }
    }
    for (; j < outWidth; j++) {
      const p = line + (<usize>j << 3), q = <usize>j << 2;
      const base = 2 * (i * width + j);
      let best = load<f32>(p), where = base;
      let v = load<f32>(p, 4);
      if (v > best || v != v) { best = v; where = base + 1; }
      v = load<f32>(p + below);
      if (v > best || v != v) { best = v; where = base + width; }
      v = load<f32>(p + below, 4);
      if (v > best || v != v) { best = v; where = base + width + 1; }
      store<f32>(y + q, best);
      if (at) store<i32>(at + q, where);
    }
    y += <usize>outWidth << 2;
    if (at) at += <usize>outWidth << 2;
  }
}

/** The largest value of each window and its position in the plane (y·width + x). 0 x  1 y  2 positions (i32) or 0 */
export function max_pool(desc: usize, start: i32, end: i32): void {
  const height = slot(desc, 4), width = slot(desc, 5), outHeight = slot(desc, 6), outWidth = slot(desc, 7);
  const kernelHeight = slot(desc, 8), kernelWidth = slot(desc, 9), strideY = slot(desc, 10), strideX = slot(desc, 11);
  const padTop = slot(desc, 12), padLeft = slot(desc, 13), dilationY = slot(desc, 14), dilationX = slot(desc, 15);
  const pairs = kernelHeight == 2 && kernelWidth == 2 && strideY == 2 && strideX == 2 && dilationY == 1
    && dilationX == 1 && padTop == 0 && padLeft == 0 && 2 * outHeight <= height && 2 * outWidth <= width;
  for (let plane = start; plane < end; plane++) {
    const x = <usize>slot(desc, 0) + <usize>plane * (<usize>(height * width) << 2);
    const move = <usize>plane * (<usize>(outHeight * outWidth) << 2);
    let y = <usize>slot(desc, 1) + move;
    let at = slot(desc, 2) ? <usize>slot(desc, 2) + move : 0;
    if (pairs) {
      maxPairs(x, width, y, at, outHeight, outWidth);
      continue;
    }
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        let top = i * strideY - padTop, left = j * strideX - padLeft;
        const bottom = min(height, top + (kernelHeight - 1) * dilationY + 1);
        const right = min(width, left + (kernelWidth - 1) * dilationX + 1);
        while (top < 0) top += dilationY;
        while (left < 0) left += dilationX;
        let best: f32 = -Infinity, where = top * width + left;
        for (let r = top; r < bottom; r += dilationY) {
          for (let c = left; c < right; c += dilationX) {
            const v = load<f32>(x + (<usize>(r * width + c) << 2));
            if (v > best || v != v) {
              best = v;
              where = r * width + c;
            }
          }
        }
        store<f32>(y, best);
        y += 4;
        if (at) {
          store<i32>(at, where);
          at += 4;
        }
      }
    }
  }
}

/** Adds each output's gradient where its value came from. 0 dy  1 positions  2 dx */
export function max_pool_backward(desc: usize, start: i32, end: i32): void {
  const size = <usize>(slot(desc, 4) * slot(desc, 5)) << 2;
  const outSize = <usize>(slot(desc, 6) * slot(desc, 7)) << 2;
  for (let plane = start; plane < end; plane++) {
    const dx = <usize>slot(desc, 2) + <usize>plane * size;
    memory.fill(dx, 0, size);
    const move = <usize>plane * outSize;
    const at = <usize>slot(desc, 1) + move, dy = <usize>slot(desc, 0) + move;
    for (let o: usize = 0; o < outSize; o += 4) {
      const to = dx + (<usize>load<i32>(at + o) << 2);
      store<f32>(to, load<f32>(to) + load<f32>(dy + o));
    }
  }
}

/** What a window's sum is divided by. */
// @ts-ignore: decorator
@inline function divisor(desc: usize, top: i32, left: i32, bottom: i32, right: i32, counted: bool): f32 {
  const given = slotF32(desc, 16);
  if (given != 0) return given;
  if (counted) {
    // padding counts, but not what lies beyond it
    const b = min(bottom, slot(desc, 4) + slot(desc, 18)), r = min(right, slot(desc, 5) + slot(desc, 19));
    return <f32>((b - top) * (r - left));
  }
  return <f32>((min(bottom, slot(desc, 4)) - max(top, 0)) * (min(right, slot(desc, 5)) - max(left, 0)));
}

/**
 * The mean of each window. 0 x  1 y  16 divisor (f32) or 0  17 does padding count?  18 padding bottom  19 padding right
 */
export function avg_pool(desc: usize, start: i32, end: i32): void {
  const height = slot(desc, 4), width = slot(desc, 5), outHeight = slot(desc, 6), outWidth = slot(desc, 7);
  const kernelHeight = slot(desc, 8), kernelWidth = slot(desc, 9), strideY = slot(desc, 10), strideX = slot(desc, 11);
  const padTop = slot(desc, 12), padLeft = slot(desc, 13);
  const counted = slot(desc, 17) != 0;
  for (let plane = start; plane < end; plane++) {
    const x = <usize>slot(desc, 0) + <usize>plane * (<usize>(height * width) << 2);
    let y = <usize>slot(desc, 1) + <usize>plane * (<usize>(outHeight * outWidth) << 2);
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const top = i * strideY - padTop, left = j * strideX - padLeft;
        const bottom = top + kernelHeight, right = left + kernelWidth;
        let total: f32 = 0;
        for (let r = max(top, 0); r < min(bottom, height); r++) {
          for (let c = max(left, 0); c < min(right, width); c++) total += load<f32>(x + (<usize>(r * width + c) << 2));
        }
        store<f32>(y, total / divisor(desc, top, left, bottom, right, counted));
        y += 4;
      }
    }
  }
}

/** 0 dy  1 dx  and the slots of avg_pool. */
export function avg_pool_backward(desc: usize, start: i32, end: i32): void {
  const height = slot(desc, 4), width = slot(desc, 5), outHeight = slot(desc, 6), outWidth = slot(desc, 7);
  const kernelHeight = slot(desc, 8), kernelWidth = slot(desc, 9), strideY = slot(desc, 10), strideX = slot(desc, 11);
  const padTop = slot(desc, 12), padLeft = slot(desc, 13);
  const counted = slot(desc, 17) != 0;
  for (let plane = start; plane < end; plane++) {
    const dx = <usize>slot(desc, 1) + <usize>plane * (<usize>(height * width) << 2);
    memory.fill(dx, 0, <usize>(height * width) << 2);
    let dy = <usize>slot(desc, 0) + <usize>plane * (<usize>(outHeight * outWidth) << 2);
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        const top = i * strideY - padTop, left = j * strideX - padLeft;
        const bottom = top + kernelHeight, right = left + kernelWidth;
        const g = load<f32>(dy) / divisor(desc, top, left, bottom, right, counted);
        dy += 4;
        for (let r = max(top, 0); r < min(bottom, height); r++) {
          for (let c = max(left, 0); c < min(right, width); c++) {
            const to = dx + (<usize>(r * width + c) << 2);
            store<f32>(to, load<f32>(to) + g);
          }
        }
      }
    }
  }
}
