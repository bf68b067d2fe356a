import { slot } from "../core/slots";
import { copyPadded } from "./plane";

// The patches that a convolution reads, as the rows of a matrix: k = (channel, ky, kx) by output pixels.
// All direct convolution kernels share these slots:
// 4 images  5 channels of a group  6 filters of a group  7 height  8 width  9 padding top  10 padding left
// 11 out height  12 out width  13 kernel height  14 kernel width  15 stride y  16 stride x  17 dilation y
// 18 dilation x  19 groups  25 is there private memory for the rows of a plane (stride x of 1)?

/** Bytes in a row of patches for `pixels` pixels: an odd number of cache lines, so that a column spreads over all sets. */
// @ts-ignore: decorator
@inline export function patchRowBytes(pixels: i32): usize {
  return (((<usize>pixels << 2) + 63) & ~63) | 64;
}

// @ts-ignore: decorator
@inline function fillZero(q: usize, end: usize): void {
  for (; q + 16 <= end; q += 16) v128.store(q, i32x4.splat(0));
  for (; q < end; q += 4) store<f32>(q, 0);
}

/** Copies n values, up to three more than that: what follows at `q` must be written later. */
// @ts-ignore: decorator
@inline function copyRun(q: usize, p: usize, n: i32): void {
  for (const end = q + (<usize>n << 2); q < end; q += 16) {
    v128.store(q, v128.load(p));
    p += 16;
  }
}

/**
 * Stride 1 in x. Each plane's rows are first copied with their padding (unless there is none), so that a row of a tap is
 * one run of memory; `stage` is where, behind everything else.
 */
function patchRuns(
  desc: usize, plane: usize, channels: i32, p0: i32, p1: i32, out: usize, rowBytes: usize, stage: usize,
): void {
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outHeight = slot(desc, 11), outWidth = slot(desc, 12);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14), strideY = slot(desc, 15);
  const dilationY = slot(desc, 17), dilationX = slot(desc, 18);
  const row0 = p0 / outWidth, column0 = p0 % outWidth, row1 = (p1 - 1) / outWidth;
  // of a single row only the columns that are needed
  const first = row0 == row1 ? column0 : 0;
  const reach = (row0 == row1 ? p1 - p0 : outWidth) + (kernelWidth - 1) * dilationX;
  const top = row0 * strideY - padTop;
  const rows = (row1 - row0) * strideY + (kernelHeight - 1) * dilationY + 1;
  const exact = padTop == 0 && padLeft == 0 && outWidth + (kernelWidth - 1) * dilationX <= width
    && (outHeight - 1) * strideY + (kernelHeight - 1) * dilationY < height;
  const stageWidth = (reach + 3) & ~3;
  const step = <usize>(exact ? width : stageWidth) << 2;
  const whole = <usize>((p1 - p0 + 7) & ~7) << 2;
  for (let c = 0; c < channels; c++) {
    let source = stage;
    if (exact) source = plane + <usize>top * step + (<usize>first << 2);
    else copyPadded(plane, height, width, top, first - padLeft, rows, stageWidth, stage, step);
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        let p = source + <usize>(ky * dilationY) * step + (<usize>(kx * dilationX + column0 - first) << 2);
        let q = out, x = column0, left = p1 - p0;
        while (left > 0) {
          const n = min(outWidth - x, left);
          copyRun(q, p, n);
          q += <usize>n << 2;
          p += <usize>strideY * step - (<usize>(x - first) << 2);
          left -= n;
          x = 0;
        }
        while (q < out + whole) {
          store<f32>(q, 0);
          q += 4;
        }
        out += rowBytes;
      }
    }
    plane += <usize>(height * width) << 2;
  }
}

/**
 * Lays out `channels` channels from `plane` on, for output pixels [p0, p1) of one image; padding is 0, and so are the
 * pixels up to the next multiple of 8. `stage` is private memory for a plane's rows, with nothing behind it.
 */
export function patchRows(
  desc: usize, plane: usize, channels: i32, p0: i32, p1: i32, out: usize, rowBytes: usize, stage: usize,
): void {
  if (slot(desc, 16) == 1 && slot(desc, 25)) {
    patchRuns(desc, plane, channels, p0, p1, out, rowBytes, stage);
    return;
  }
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outWidth = slot(desc, 12), kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14);
  const strideY = slot(desc, 15), strideX = slot(desc, 16), dilationY = slot(desc, 17), dilationX = slot(desc, 18);
  const planeStep = <usize>(height * width) << 2;
  const row0 = p0 / outWidth, column0 = p0 % outWidth;
  const whole = <usize>((p1 - p0 + 7) & ~7) << 2;
  for (let c = 0; c < channels; c++) {
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        let q = out;
        const dx = kx * dilationX - padLeft;
        let y = row0 * strideY + ky * dilationY - padTop, x0 = column0;
        for (let left = p1 - p0; left > 0; ) {
          const x1 = min(outWidth, x0 + left);
          const next = q + (<usize>(x1 - x0) << 2);
          if (y < 0 || y >= height) fillZero(q, next);
          else if (strideX == 2) {
            // the pixels x with 0 <= 2x + dx < width
            const lo = min(x1, max(x0, (1 - dx) >> 1)), hi = max(lo, min(x1, (width - dx + 1) >> 1));
            const from = q + (<usize>(lo - x0) << 2), to = q + (<usize>(hi - x0) << 2);
            fillZero(q, from);
            let p = plane + (<usize>(y * width + 2 * lo + dx) << 2);
            q = from;
            for (; q + 16 <= to; q += 16) {
              v128.store(q, v128.shuffle<u32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6));
              p += 32;
            }
            for (; q < to; q += 4) {
              store<f32>(q, load<f32>(p));
              p += 8;
            }
            fillZero(to, next);
          } else {
            let x = x0 * strideX + dx;
            const line = plane + (<usize>(y * width) << 2);
            for (; q < next; q += 4) {
              store<f32>(q, <u32>x < <u32>width ? load<f32>(line + (<usize>x << 2)) : 0);
              x += strideX;
            }
          }
          q = next;
          left -= x1 - x0;
          x0 = 0;
          y += strideY;
        }
        fillZero(q, out + whole);
        out += rowBytes;
      }
    }
    plane += planeStep;
  }
}
