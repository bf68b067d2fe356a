import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { MR, microDirect, microPacked, putCorner } from "../gemm/micro";
import { packA, packB } from "../gemm/pack";
import { sum } from "../core/sums";
import { scatterTap } from "./columns";
import { sumRowBytes } from "./sums";
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
 * Sums of the weight's gradient over a share of (image, pixel block): index = share · groups + group, each with its own
 * sums [filters up to 6, rows of k as in sums.ts].
 */
export function conv_weight(desc: usize, start: i32, end: i32): void {
  // 0 input  1 gradient of the output  2 sums  20 pixels in a block  21 blocks of an image  23 units in a share
  const channels = slot(desc, 5), filters = slot(desc, 6);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12);
  const taps = slot(desc, 13) * slot(desc, 14);
  const groups = slot(desc, 19), blockPixels = slot(desc, 20), blocks = slot(desc, 21), share = slot(desc, 23);
  const units = slot(desc, 4) * blocks;
  const k = channels * taps;
  const rowStep = <usize>pixels << 2;
  const panels = (filters + MR - 1) / MR;
  const sumStep = sumRowBytes(k);
  const sumBytes = <usize>(panels * MR) * sumStep;
  const packedA = scratch();
  const packedB = packedA + <usize>(panels * blockPixels) * 24;
  const patches = packedB + (<usize>blockPixels << 5);
  const patchStep = patchRowBytes(blockPixels);
  // channels that are laid out together: all, or so many that their taps fill whole columns of 8
  const together = slot(desc, 22);
  const stage = patches + <usize>(min(channels, together) * taps) * patchStep + 64;
  for (let index = start; index < end; index++) {
    const group = index % groups;
    const sums = <usize>slot(desc, 2) + <usize>index * sumBytes;
    memory.fill(sums, 0, sumBytes);
    const first = index / groups * share;
    for (let unit = first; unit < min(units, first + share); unit++) {
      const image = unit / blocks, p0 = unit % blocks * blockPixels;
      const depth = min(blockPixels, pixels - p0);
      const input = <usize>slot(desc, 0) + <usize>((image * groups + group) * channels) * planeBytes;
      const gradient = <usize>slot(desc, 1) + <usize>((image * groups + group) * filters) * rowStep + (<usize>p0 << 2);
      for (let f = 0; f < filters; f += MR) {
        packA<f32>(
          packedA + (<usize>(f * depth) << 2), gradient + <usize>f * rowStep, rowStep, 4, min(MR, filters - f), depth);
      }
      for (let c0 = 0; c0 < channels; c0 += together) {
        const some = min(together, channels - c0);
        const rows = some * taps;
        patchRows(desc, input + <usize>c0 * planeBytes, some, p0, p0 + depth, patches, patchStep, stage);
        for (let r = 0; r < rows; r += 8) {
          packB<f32>(packedB, patches + <usize>r * patchStep, 4, patchStep, depth, min(8, rows - r));
          let to = sums + (<usize>(c0 * taps + r) << 2);
          for (let f = 0; f < filters; f += MR) {
            microPacked<f32>(depth, packedA + (<usize>(f * depth) << 2), packedB, 32, to, sumStep, true, 0);
            to += 6 * sumStep;
          }
        }
      }
    }
  }
}

/** Adds up the shares: index = a filter (of all groups). */
export function conv_weight_end(desc: usize, start: i32, end: i32): void {
  // 0 sums  1 out  2 shares  3 filters of a group  4 k  5 add to what is there?  6 groups
  const shares = slot(desc, 2), filters = slot(desc, 3), k = slot(desc, 4), groups = slot(desc, 6);
  const add = slot(desc, 5) != 0;
  const sumStep = sumRowBytes(k);
  const sumBytes = <usize>((filters + MR - 1) / MR * MR) * sumStep;
  for (let f = start; f < end; f++) {
    const from = <usize>slot(desc, 0) + <usize>(f / filters) * sumBytes + <usize>(f % filters) * sumStep;
    const to = <usize>slot(desc, 1) + (<usize>(f * k) << 2);
    for (let i: usize = 0; i < <usize>k << 2; i += 4) {
      let p = from + i;
      let v: f32 = 0;
      for (let s = 0; s < shares; s++) {
        v += load<f32>(p);
        p += <usize>groups * sumBytes;
      }
      if (add) v += load<f32>(to + i);
      store<f32>(to + i, v);
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
