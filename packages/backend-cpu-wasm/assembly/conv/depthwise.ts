import { fma, sumF32 } from "../core/lanes";
import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { copyPadded } from "./plane";

// Convolutions of each channel with a filter of its own, stride 1 or 2 in x: no matrix products, each plane is copied
// with its padding into private memory and read in vectors from there.
// Slots 7 to 18 are those of patches.ts; 4 images  19 channels  20 rows of a padded plane  21 its row's values

/** Four values, or four of every second. */
// @ts-ignore: decorator
@inline function take(p: usize, two: bool): v128 {
  return two ? v128.shuffle<u32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6) : v128.load(p);
}

/** Output (+ bias): index = image · channels + channel. 0 input  1 weight  2 output  3 bias or 0  22 taps turned around? */
export function conv_depthwise(desc: usize, start: i32, end: i32): void {
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outHeight = slot(desc, 11), outWidth = slot(desc, 12);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14), strideY = slot(desc, 15);
  const two = slot(desc, 16) == 2;
  const dilationY = slot(desc, 17), dilationX = slot(desc, 18), channels = slot(desc, 19);
  const rows = slot(desc, 20), rowValues = slot(desc, 21);
  const turned = slot(desc, 22) != 0;
  const step = <usize>rowValues << 2;
  const taps = kernelHeight * kernelWidth;
  const plane = scratch();
  for (let index = start; index < end; index++) {
    const c = index % channels;
    copyPadded(
      <usize>slot(desc, 0) + (<usize>index * <usize>(height * width) << 2), height, width, -padTop, -padLeft, rows,
      rowValues, plane, step,
    );
    const weight = <usize>slot(desc, 1) + (<usize>(c * taps) << 2);
    const bias = f32x4.splat(slot(desc, 3) ? load<f32>(<usize>slot(desc, 3) + (<usize>c << 2)) : 0);
    let out = <usize>slot(desc, 2) + (<usize>index * <usize>(outHeight * outWidth) << 2);
    for (let y = 0; y < outHeight; y++) {
      const top = plane + <usize>(y * strideY) * step;
      for (let x = 0; x < outWidth; x += 8) {
        let s0 = bias, s1 = bias;
        let line = top + (<usize>(two ? 2 * x : x) << 2);
        let w = turned ? weight + (<usize>(taps - 1) << 2) : weight;
        for (let ky = 0; ky < kernelHeight; ky++) {
          let p = line;
          for (let kx = 0; kx < kernelWidth; kx++) {
            const f = v128.load32_splat(w);
            s0 = fma<f32>(f, take(p, two), s0);
            s1 = fma<f32>(f, take(p + (two ? 32 : 16), two), s1);
            w = turned ? w - 4 : w + 4;
            p += <usize>dilationX << 2;
          }
          line += <usize>dilationY * step;
        }
        const left = outWidth - x;
        if (left >= 8) {
          v128.store(out, s0);
          v128.store(out, s1, 16);
          out += 32;
        } else {
          let n = left;
          if (n >= 4) {
            v128.store(out, s0);
            out += 16;
            n -= 4;
            s0 = s1;
          }
          for (; n > 0; n--) {
            store<f32>(out, f32x4.extract_lane(s0, 0));
            s0 = v128.shuffle<u32>(s0, s0, 1, 2, 3, 3);
            out += 4;
          }
        }
      }
    }
  }
}

/** Gradient of the weight: index = a channel. 0 input  1 gradient of the output  2 gradient of the weight */
export function conv_depthwise_weight(desc: usize, start: i32, end: i32): void {
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outHeight = slot(desc, 11), outWidth = slot(desc, 12);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14), strideY = slot(desc, 15);
  const strideX = slot(desc, 16), two = strideX == 2;
  const dilationY = slot(desc, 17), dilationX = slot(desc, 18), images = slot(desc, 4), channels = slot(desc, 19);
  const rows = slot(desc, 20), rowValues = slot(desc, 21);
  const step = <usize>rowValues << 2;
  const taps = kernelHeight * kernelWidth;
  const totals = scratch();
  const plane = totals + (<usize>(taps * 8) + 15 & ~15);
  for (let c = start; c < end; c++) {
    memory.fill(totals, 0, <usize>taps << 3);
    for (let image = 0; image < images; image++) {
      const index = <usize>(image * channels + c);
      copyPadded(
        <usize>slot(desc, 0) + (index * <usize>(height * width) << 2), height, width, -padTop, -padLeft, rows,
        rowValues, plane, step,
      );
      const gradient = <usize>slot(desc, 1) + (index * <usize>(outHeight * outWidth) << 2);
      let total = totals;
      for (let ky = 0; ky < kernelHeight; ky++) {
        for (let kx = 0; kx < kernelWidth; kx++) {
          let sum: f64 = 0;
          for (let y = 0; y < outHeight; y++) {
            let p = plane + <usize>(y * strideY + ky * dilationY) * step + (<usize>(kx * dilationX) << 2);
            let g = gradient + (<usize>(y * outWidth) << 2);
            let s0 = f32x4.splat(0), s1 = s0;
            let n = outWidth;
            for (; n >= 8; n -= 8) {
              s0 = fma<f32>(v128.load(g), take(p, two), s0);
              s1 = fma<f32>(v128.load(g, 16), take(p + (two ? 32 : 16), two), s1);
              g += 32;
              p += two ? 64 : 32;
            }
            let rest = sumF32(f32x4.add(s0, s1));
            for (; n > 0; n--) {
              rest += load<f32>(g) * load<f32>(p);
              g += 4;
              p += <usize>strideX << 2;
            }
            sum += <f64>rest;
          }
          store<f64>(total, load<f64>(total) + sum);
          total += 8;
        }
      }
    }
    const out = <usize>slot(desc, 2) + (<usize>(c * taps) << 2);
    for (let t: usize = 0; t < <usize>taps; t++) store<f32>(out + (t << 2), <f32>load<f64>(totals + (t << 3)));
  }
}
