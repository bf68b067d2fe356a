import { slot } from "../core/slots";

// The patches that a convolution reads, as the rows of a matrix: k = (channel, ky, kx) by output pixels.
// All direct convolution kernels share these slots:
// 4 images  5 channels of a group  6 filters of a group  7 height  8 width  9 padding top  10 padding left
// 11 out height  12 out width  13 kernel height  14 kernel width  15 stride y  16 stride x  17 dilation y
// 18 dilation x  19 groups

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

/**
 * Lays out `channels` channels from `plane` on, for output pixels [p0, p1) of one image; padding is 0, and so are the
 * pixels up to the next multiple of 8.
 */
export function patchRows(
  desc: usize, plane: usize, channels: i32, p0: i32, p1: i32, out: usize, rowBytes: usize,
): void {
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
          else if (strideX == 1) {
            const lo = min(x1, max(x0, -dx)), hi = max(lo, min(x1, width - dx));
            const from = q + (<usize>(lo - x0) << 2), to = q + (<usize>(hi - x0) << 2);
            fillZero(q, from);
            let p = plane + (<usize>(y * width + lo + dx) << 2);
            q = from;
            for (; q + 16 <= to; q += 16) {
              v128.store(q, v128.load(p));
              p += 16;
            }
            for (; q < to; q += 4) {
              store<f32>(q, load<f32>(p));
              p += 4;
            }
            fillZero(to, next);
          } else if (strideX == 2) {
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
