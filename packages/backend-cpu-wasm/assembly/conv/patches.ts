import { slot } from "../core/slots";

// The patches that a convolution reads, laid out for the register tile: k = (channel, ky, kx) by 8 output pixels.
// All direct convolution kernels share these slots:
// 4 images  5 channels of a group  6 filters of a group  7 height  8 width  9 padding top  10 padding left
// 11 out height  12 out width  13 kernel height  14 kernel width  15 stride y  16 stride x  17 dilation y
// 18 dilation x  19 groups

/**
 * Packs `channels` channels from `plane` on, for output pixels [pixel, pixel + count) of one image, count at most 8,
 * as rows of 8 values; missing pixels and padding are 0. `work` is 96 bytes of private memory.
 */
export function packPatches(
  desc: usize, plane: usize, channels: i32, pixel: i32, count: i32, out: usize, work: usize,
): void {
  const height = slot(desc, 7), width = slot(desc, 8);
  const outWidth = slot(desc, 12), kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14);
  const strideX = slot(desc, 16), dilationY = slot(desc, 17), dilationX = slot(desc, 18);
  const planeStep = <usize>(height * width) << 2;
  const taps = kernelHeight * kernelWidth;
  const tapBytes = <usize>taps << 5;
  const row = pixel / outWidth, column = pixel % outWidth;
  const top = row * slot(desc, 15) - slot(desc, 9), left = column * strideX - slot(desc, 10);
  const straight = count == 8 && strideX == 1 && column + 8 <= outWidth;
  if (!straight) {
    for (let j = 0; j < 8; j++) {
      const p = pixel + j;
      store<i32>(work + (<usize>j << 2), p / outWidth * slot(desc, 15) - slot(desc, 9));
      store<i32>(work + (<usize>j << 2), p % outWidth * strideX - slot(desc, 10), 32);
    }
  }
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      let q = out + (<usize>(ky * kernelWidth + kx) << 5);
      let p = plane;
      if (straight) {
        const y = top + ky * dilationY, x = left + kx * dilationX;
        if (y < 0 || y >= height || x <= -8 || x >= width) {
          for (let c = 0; c < channels; c++) {
            v128.store(q, i32x4.splat(0));
            v128.store(q, i32x4.splat(0), 16);
            q += tapBytes;
          }
          continue;
        }
        if (x >= 0 && x + 8 <= width) {
          p += <usize>(y * width + x) << 2;
          for (let c = 0; c < channels; c++) {
            v128.store(q, v128.load(p));
            v128.store(q, v128.load(p, 16), 16);
            p += planeStep;
            q += tapBytes;
          }
          continue;
        }
      }
      let all = true;
      for (let j = 0; j < 8; j++) {
        const y = (straight ? top : load<i32>(work + (<usize>j << 2))) + ky * dilationY;
        const x = (straight ? left + j : load<i32>(work + (<usize>j << 2), 32)) + kx * dilationX;
        const inside = j < count && y >= 0 && y < height && x >= 0 && x < width;
        all = all && inside;
        store<i32>(work + (<usize>j << 2), inside ? (y * width + x) << 2 : -1, 64);
      }
      if (all) {
        const o0: usize = load<i32>(work, 64), o1: usize = load<i32>(work, 68), o2: usize = load<i32>(work, 72);
        const o3: usize = load<i32>(work, 76), o4: usize = load<i32>(work, 80), o5: usize = load<i32>(work, 84);
        const o6: usize = load<i32>(work, 88), o7: usize = load<i32>(work, 92);
        for (let c = 0; c < channels; c++) {
          store<f32>(q, load<f32>(p + o0));
          store<f32>(q, load<f32>(p + o1), 4);
          store<f32>(q, load<f32>(p + o2), 8);
          store<f32>(q, load<f32>(p + o3), 12);
          store<f32>(q, load<f32>(p + o4), 16);
          store<f32>(q, load<f32>(p + o5), 20);
          store<f32>(q, load<f32>(p + o6), 24);
          store<f32>(q, load<f32>(p + o7), 28);
          p += planeStep;
          q += tapBytes;
        }
      } else {
        for (let c = 0; c < channels; c++) {
          for (let j: usize = 0; j < 32; j += 4) {
            const offset = load<i32>(work + j, 64);
            store<f32>(q + j, offset < 0 ? 0 : load<f32>(p + <usize>offset));
          }
          p += planeStep;
          q += tapBytes;
        }
      }
    }
  }
}
