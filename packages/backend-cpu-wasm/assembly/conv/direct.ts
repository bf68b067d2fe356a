import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { MR, microDirect, microPacked, putCorner } from "../gemm/micro";
import { packA, packB } from "../gemm/pack";
import { storeTransposed4 } from "../core/transpose";
import { sum } from "../core/sums";
import { scatterTap } from "./columns";
import { patchRowBytes, patchRows } from "./patches";

// Convolutions of any kernel, stride, padding, dilation and groups as matrix products whose patch matrix is packed
// straight from the image and never stored whole. The slots 4 to 19 are those of patches.ts.

/** Filters to panels of 6 rows by k = (channel, ky, kx): index = group · panels + panel. */
export function conv_filters(desc: usize, start: i32, end: i32): void {
  // 0 weight  1 out  2 filters of a group  3 channels of a group  13, 14 kernel
  // 20 group step  21 filter step  22 channel step  23 y step  24 x step (bytes; y and x steps may be negative)
  const filters = slot(desc, 2), channels = slot(desc, 3);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14);
  const panels = (filters + MR - 1) / MR;
  for (let i = start; i < end; i++) {
    const group = i / panels, panel = i % panels;
    let q: usize = <usize>slot(desc, 1) + <usize>i * <usize>(channels * kernelHeight * kernelWidth) * 24;
    const base = <usize>slot(desc, 0) + <usize>(group * slot(desc, 20));
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < kernelHeight; y++) {
        for (let x = 0; x < kernelWidth; x++) {
          const tap = base + <usize>(c * slot(desc, 22) + y * slot(desc, 23) + x * slot(desc, 24));
          for (let r = 0; r < MR; r++) {
            const f = panel * MR + r;
            store<f32>(q, f < filters ? load<f32>(tap + <usize>(f * slot(desc, 21))) : 0);
            q += 4;
          }
        }
      }
    }
  }
}

/** Output (+ bias): index = (image · groups + group) · blocks + block of output pixels. */
export function conv_forward(desc: usize, start: i32, end: i32): void {
  // 0 input  1 panels of filters  2 output  3 bias or 0  20 pixels in a block (multiple of 8)  21 blocks
  // 22 channels that are summed at a time
  const channels = slot(desc, 5), filters = slot(desc, 6);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12);
  const taps = slot(desc, 13) * slot(desc, 14);
  const groups = slot(desc, 19), blockPixels = slot(desc, 20), blocks = slot(desc, 21), together = slot(desc, 22);
  const bias: usize = slot(desc, 3);
  const rowStep = <usize>pixels << 2;
  const patchStep = patchRowBytes(blockPixels);
  const panels = (filters + MR - 1) / MR;
  const panelBytes = <usize>(channels * taps) * 24;
  const corner = scratch();
  const patches = corner + 256;
  const stage = patches + <usize>(min(channels, together) * taps) * patchStep + 64;
  for (let index = start; index < end; index++) {
    const unit = index / blocks, p0 = index % blocks * blockPixels;
    const group = unit % groups;
    const p1 = min(pixels, p0 + blockPixels);
    const input = <usize>slot(desc, 0) + <usize>(unit * channels) * planeBytes;
    const output = <usize>slot(desc, 2) + <usize>(unit * filters) * rowStep + (<usize>p0 << 2);
    const filterPanels = <usize>slot(desc, 1) + <usize>(group * panels) * panelBytes;
    for (let c0 = 0; c0 < channels; c0 += together) {
      const some = min(together, channels - c0);
      patchRows(desc, input + <usize>c0 * planeBytes, some, p0, p1, patches, patchStep, stage);
      const add = c0 > 0 || bias != 0;
      let a = filterPanels + <usize>(c0 * taps) * 24;
      let q = output;
      for (let f = 0; f < filters; f += MR) {
        const rows = min(MR, filters - f);
        if (c0 == 0 && bias) {
          for (let r = 0; r < rows; r++) {
            fillRow(q + <usize>r * rowStep, p1 - p0, load<f32>(bias + (<usize>(group * filters + f + r) << 2)));
          }
        }
        for (let p = p0; p < p1; p += 8) {
          const count = min(8, p1 - p);
          const at = <usize>(p - p0) << 2;
          if (rows == MR && count == 8) {
            microPacked<f32>(some * taps, a, patches + at, patchStep, q + at, rowStep, add, 0);
          } else {
            microPacked<f32>(some * taps, a, patches + at, patchStep, corner, 32, false, 0);
            putCorner<f32>(corner, rows, count, q + at, rowStep, add, 0);
          }
        }
        a += panelBytes;
        q += 6 * rowStep;
      }
    }
  }
}

function fillRow(q: usize, n: i32, value: f32): void {
  const v = f32x4.splat(value);
  for (; n >= 4; n -= 4) {
    v128.store(q, v);
    q += 16;
  }
  for (; n > 0; n--) {
    store<f32>(q, value);
    q += 4;
  }
}

/** Gradient of the input for any stride: index = image · groups + group. */
export function conv_input(desc: usize, start: i32, end: i32): void {
  // 0 gradient of the output  1 weight  2 gradient of the input  20 pixels in a block (multiple of 8)
  // 22 channels at a time
  const channels = slot(desc, 5), filters = slot(desc, 6);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14);
  const taps = kernelHeight * kernelWidth;
  const groups = slot(desc, 19), blockPixels = slot(desc, 20), together = slot(desc, 22);
  const k = channels * taps;
  const rowStep = <usize>pixels << 2, columnStep = <usize>blockPixels << 2;
  const packed = scratch();
  const columns = packed + <usize>filters * 32;
  for (let unit = start; unit < end; unit++) {
    const weight = <usize>slot(desc, 1) + (<usize>(unit % groups * filters * k) << 2);
    const gradient = <usize>slot(desc, 0) + <usize>(unit * filters) * rowStep;
    const input = <usize>slot(desc, 2) + <usize>(unit * channels) * planeBytes;
    memory.fill(input, 0, <usize>channels * planeBytes);
    for (let c0 = 0; c0 < channels; c0 += together) {
      const some = min(together, channels - c0);
      for (let p0 = 0; p0 < pixels; p0 += blockPixels) {
        const p1 = min(pixels, p0 + blockPixels);
        for (let p = p0; p < p1; p += 8) {
          packB<f32>(packed, gradient + (<usize>p << 2), rowStep, 4, filters, min(8, p1 - p));
          for (let row = 0; row < some * taps; row += MR) {
            microDirect<f32>(
              filters, weight + (<usize>(c0 * taps + row) << 2), 4, <usize>k << 2, min(MR, some * taps - row),
              packed, 32, columns + <usize>row * columnStep + (<usize>(p - p0) << 2), columnStep, false, 0,
            );
          }
        }
        for (let c = 0; c < some; c++) {
          for (let ky = 0; ky < kernelHeight; ky++) {
            for (let kx = 0; kx < kernelWidth; kx++) {
              scatterTap(
                desc, columns + <usize>(c * taps + ky * kernelWidth + kx) * columnStep, p0, p1, ky, kx,
                input + <usize>(c0 + c) * planeBytes,
              );
            }
          }
        }
      }
    }
  }
}

/**
 * Sums of the weight's gradient over a share of the units, a block of an image's pixels or all those of several images:
 * index = (share · groups + group) · parts + part of the channels, each with its own sums [k up to 6, filters up to 8]. The
 * patches are read where they lie, and only the smaller gradient is packed.
 */
export function conv_weight(desc: usize, start: i32, end: i32): void {
  // 0 input  1 gradient of the output  2 sums  20 pixels in a block  21 blocks of an image  22 channels of a part: all, or so
  // many that their taps fill whole tiles  23 units in a share  24 images of a unit
  const channels = slot(desc, 5), filters = slot(desc, 6);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12);
  const taps = slot(desc, 13) * slot(desc, 14);
  const groups = slot(desc, 19), blockPixels = slot(desc, 20), blocks = slot(desc, 21), together = slot(desc, 22);
  const share = slot(desc, 23), images = slot(desc, 4), several = slot(desc, 24);
  const units = (images + several - 1) / several * blocks;
  const parts = (channels + together - 1) / together;
  const rowStep = <usize>pixels << 2;
  const panels = (filters + 7) >> 3;
  const sumStep = <usize>panels << 5;
  const sumBytes = <usize>((channels * taps + MR - 1) / MR * MR) * sumStep;
  const packedA = scratch();
  const packed = packedA + <usize>blockPixels * 24;
  const patches = packed + (<usize>(panels * blockPixels) << 5);
  const patchStep = patchRowBytes(blockPixels);
  const stage = patches + <usize>(together * taps) * patchStep + 64;
  for (let index = start; index < end; index++) {
    const whole = index / parts, c0 = index % parts * together;
    const group = whole % groups;
    const some = min(together, channels - c0);
    const rows = some * taps;
    const sums = <usize>slot(desc, 2) + <usize>whole * sumBytes + <usize>(c0 * taps) * sumStep;
    const first = whole / groups * share;
    for (let unit = first; unit < min(units, first + share); unit++) {
      const image = unit / blocks * several, p0 = unit % blocks * blockPixels;
      const count = min(several, images - image), own = blocks > 1 ? min(blockPixels, pixels - p0) : pixels;
      const panelBytes = <usize>(own * count) << 5;
      for (let i = 0; i < count; i++) {
        const plane: usize = (image + i) * groups + group;
        const gradient = <usize>slot(desc, 1) + plane * <usize>filters * rowStep + (<usize>p0 << 2);
        const to = packed + (<usize>(i * own) << 5);
        for (let f = 0; f < panels; f++) {
          const left = min(8, filters - 8 * f);
          packB<f32>(to + <usize>f * panelBytes, gradient + <usize>(8 * f) * rowStep, 4, rowStep, own, left);
        }
        const input = <usize>slot(desc, 0) + (plane * <usize>channels + <usize>c0) * planeBytes;
        patchRows(desc, input, some, p0, p0 + own, patches + (<usize>(i * own) << 2), patchStep, stage);
      }
      if (panels >= 8) {
        for (let r = 0; r < rows; r += MR) {
          packA<f32>(packedA, patches + <usize>r * patchStep, patchStep, 4, min(MR, rows - r), own * count);
          for (let f = 0; f < panels; f++) {
            microPacked<f32>(
              own * count, packedA, packed + <usize>f * panelBytes, 32,
              sums + <usize>r * sumStep + (<usize>f << 5), sumStep, unit > first, 0,
            );
          }
        }
        continue;
      }
      for (let f = 0; f < panels; f++) {
        for (let r = 0; r < rows; r += MR) {
          microDirect<f32>(
            own * count, patches + <usize>r * patchStep, patchStep, 4, min(MR, rows - r),
            packed + <usize>f * panelBytes, 32, sums + <usize>r * sumStep + (<usize>f << 5), sumStep, unit > first, 0,
          );
        }
      }
    }
  }
}

/** Four sums of each share, `step` bytes apart, added up. */
// @ts-ignore: decorator
@inline function addShares(p: usize, shares: i32, step: usize): v128 {
  let v = v128.load(p);
  for (let s = 1; s < shares; s++) v = f32x4.add(v, v128.load((p += step)));
  return v;
}

/** Adds up the shares, and turns them: index = group · quads + four filters. */
export function conv_weight_end(desc: usize, start: i32, end: i32): void {
  // 0 sums  1 out  2 shares  3 filters of a group  4 k  5 groups
  const shares = slot(desc, 2), filters = slot(desc, 3), k = slot(desc, 4), groups = slot(desc, 5);
  const sumStep = <usize>((filters + 7) >> 3) << 5;
  const sumBytes = <usize>((k + MR - 1) / MR * MR) * sumStep;
  const shareStep = <usize>groups * sumBytes;
  const quads = (filters + 3) >> 2;
  const row = <usize>k << 2;
  for (let index = start; index < end; index++) {
    const group: usize = index / quads, f = index % quads * 4;
    let p = <usize>slot(desc, 0) + group * sumBytes + (<usize>f << 2);
    let q = <usize>slot(desc, 1) + (group * <usize>filters + <usize>f) * row;
    let left = k;
    if (f + 4 <= filters) {
      for (; left >= 4; left -= 4) {
        const v0 = addShares(p, shares, shareStep), v1 = addShares(p + sumStep, shares, shareStep);
        const v2 = addShares(p + 2 * sumStep, shares, shareStep), v3 = addShares(p + 3 * sumStep, shares, shareStep);
        storeTransposed4(q, row, v0, v1, v2, v3);
        p += 4 * sumStep;
        q += 16;
      }
    }
    const count = min(4, filters - f);
    for (; left > 0; left--) {
      let v = addShares(p, shares, shareStep);
      for (let i = 0; i < count; i++) {
        store<f32>(q + <usize>i * row, f32x4.extract_lane(v, 0));
        v = v128.shuffle<u32>(v, v, 1, 2, 3, 3);
      }
      p += sumStep;
      q += 4;
    }
  }
}

/** Sums the planes of a channel over all images (a bias's gradient): index = a channel. */
export function channel_sums(desc: usize, start: i32, end: i32): void {
  // 0 input [images, channels, plane]  1 out  2 images  3 channels  4 values in a plane
  const images = slot(desc, 2), channels = slot(desc, 3), plane = slot(desc, 4);
  for (let c = start; c < end; c++) {
    let total: f64 = 0;
    for (let image = 0; image < images; image++) {
      total += sum(<usize>slot(desc, 0) + (<usize>((image * channels + c) * plane) << 2), plane);
    }
    store<f32>(<usize>slot(desc, 1) + (<usize>c << 2), <f32>total);
  }
}
