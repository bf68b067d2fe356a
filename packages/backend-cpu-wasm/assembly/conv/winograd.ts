import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { MR, microPacked } from "../gemm/micro";
import { packA, packB } from "../gemm/pack";
import { copyPadded } from "./plane";
import { filterPoints, gradientTiles, inputTiles, outputTiles, tapsFromPoints } from "./transform";

// 3×3 convolutions with stride 1 over NCHW. A "tile row" is one row of 4×4 output tiles of one image; a block is some
// consecutive tile rows, and all of a block's points stay in the second-level cache.
// Slots of conv3x3: 0 input  1 points of the filters  2 output  3 bias or 0  4 images  5 channels  6 filters
// 7 height  8 width  9 padding top  10 padding left  11 out height  12 out width  13 tiles in y  14 tiles in x
// 15 tile rows in a block  16 values in a row of a block's points (a multiple of 8)  17 filters at a time (multiple of 6)

const WORK: usize = 512;

/**
 * Bytes from one point's rows to the next's: an odd number of cache lines, so that the 36 lines which a transform
 * touches at once fall into different sets of the first-level cache.
 */
// @ts-ignore: decorator
@inline function pointBytes(rows: i32, rowBytes: usize): usize {
  return (<usize>rows * rowBytes + 63 & ~63) | 64;
}

/** Bytes from one point of all filters to the next, an odd number of cache lines for the same reason. */
// @ts-ignore: decorator
@inline function filterBytes(panels: i32, channels: i32): usize {
  return (<usize>(panels * channels) * 24 + 63 & ~63) | 64;
}

/** Filters to points, in the panels of 6 that the register tile reads: index = a panel of six filters. */
export function conv3x3_filters(desc: usize, start: i32, end: i32): void {
  // 0 weight  1 out  2 filters  3 channels  4 filter step  5 channel step  6 y step  7 x step (bytes; steps may be < 0)
  const weight: usize = slot(desc, 0), out: usize = slot(desc, 1);
  const filters = slot(desc, 2), channels = slot(desc, 3);
  const filterStep = slot(desc, 4), channelStep = slot(desc, 5);
  const yStep: usize = slot(desc, 6), xStep: usize = slot(desc, 7);
  const panels = (filters + MR - 1) / MR;
  const pointStep = filterBytes(panels, channels);
  for (let panel = start; panel < end; panel++) {
    for (let c = 0; c < channels; c++) {
      for (let r = 0; r < MR; r++) {
        const f = panel * MR + r;
        let q = out + (<usize>panel * <usize>channels + <usize>c) * 24 + (<usize>r << 2);
        if (f < filters) {
          filterPoints(weight + <usize>(f * filterStep + c * channelStep), yStep, xStep, q, pointStep);
        } else {
          for (let i = 0; i < 36; i++) {
            store<f32>(q, 0);
            q += pointStep;
          }
        }
      }
    }
  }
}

/** The points of the input tiles of one run of tile rows of one image, all channels, from tile position `at` on. */
function inputRun(
  input: usize, channels: i32, height: i32, width: i32, padTop: i32, padLeft: i32, tilesX: i32,
  ty: i32, rows: i32, points: usize, rowBytes: usize, at: i32, plane: usize, work: usize, last: bool,
): void {
  const pointStep = pointBytes(channels, rowBytes);
  const groups = (tilesX + 3) >> 2;
  const paddedWidth = groups * 16 + 4;
  const exact = padTop == 0 && padLeft == 0 && tilesX * 4 + 2 <= width && (ty + rows) * 4 + 2 <= height;
  for (let c = 0; c < channels; c++) {
    let source = input + (<usize>(c * height * width) << 2);
    let rowStep = <usize>width << 2;
    // four tiles are read at once: at the tensor's very end that would reach too far behind it
    if (exact && !(last && c == channels - 1)) source += <usize>(ty * 4 * width) << 2;
    else {
      copyPadded(
        source, height, width, ty * 4 - padTop, -padLeft, rows * 4 + 2, paddedWidth, plane, <usize>paddedWidth << 2);
      source = plane;
      rowStep = <usize>paddedWidth << 2;
    }
    let out = points + <usize>c * rowBytes + (<usize>at << 2);
    for (let y = 0; y < rows; y++) {
      for (let g = 0; g < groups; g++) {
        inputTiles(source + (<usize>g << 6), rowStep, out + (<usize>g << 4), pointStep, work);
      }
      source += 4 * rowStep;
      out += <usize>tilesX << 2;
    }
  }
}

/** The output tiles of one run of tile rows of one filter. */
function outputRun(
  points: usize, pointStep: usize, bias: f32, out: usize, outHeight: i32, outWidth: i32, tilesX: i32,
  ty: i32, rows: i32, work: usize,
): void {
  const groups = (tilesX + 3) >> 2;
  const rowStep = <usize>outWidth << 2;
  const block = work + WORK;
  for (let y = 0; y < rows; y++) {
    const top = (ty + y) * 4;
    const valid = min(4, outHeight - top);
    for (let g = 0; g < groups; g++) {
      const left = g * 16;
      const count = min(16, outWidth - left);
      const to = out + (<usize>(top * outWidth + left) << 2);
      const from = points + (<usize>g << 4);
      if (valid == 4 && count == 16) {
        outputTiles(from, pointStep, bias, to, rowStep, work);
        continue;
      }
      outputTiles(from, pointStep, bias, block, 64, work);
      for (let i = 0; i < valid; i++) {
        let q = to + <usize>i * rowStep, p = block + (<usize>i << 6), n = count;
        for (; n >= 4; n -= 4) {
          v128.store(q, v128.load(p));
          p += 16;
          q += 16;
        }
        for (; n > 0; n--) {
          store<f32>(q, load<f32>(p));
          p += 4;
          q += 4;
        }
      }
    }
    points += <usize>tilesX << 2;
  }
}

/** Output (+ bias) of a 3×3 convolution: index = a block of tile rows. */
export function conv3x3(desc: usize, start: i32, end: i32): void {
  const input: usize = slot(desc, 0), filterPoint: usize = slot(desc, 1), output: usize = slot(desc, 2);
  const bias: usize = slot(desc, 3);
  const images = slot(desc, 4), channels = slot(desc, 5), filters = slot(desc, 6);
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outHeight = slot(desc, 11), outWidth = slot(desc, 12), tilesY = slot(desc, 13), tilesX = slot(desc, 14);
  const blockRows = slot(desc, 15), rowValues = slot(desc, 16), together = slot(desc, 17);
  const rowBytes = <usize>rowValues << 2;
  const work = scratch();
  const points = work + 2 * WORK;
  const pointStep = pointBytes(channels, rowBytes), productStep = pointBytes(together, rowBytes);
  const products = points + 36 * pointStep + 64;
  const plane = products + 36 * productStep + 64;
  const filterStep = filterBytes((filters + MR - 1) / MR, channels);
  const allRows = images * tilesY;
  for (let index = start; index < end; index++) {
    const row0 = index * blockRows, row1 = min(allRows, row0 + blockRows);
    for (let row = row0; row < row1; ) {
      const image = row / tilesY, ty = row % tilesY;
      const rows = min(row1 - row, tilesY - ty);
      inputRun(
        input + (<usize>(image * channels) * <usize>(height * width) << 2), channels, height, width, padTop, padLeft,
        tilesX, ty, rows, points, rowBytes, (row - row0) * tilesX, plane, work, image == images - 1,
      );
      row += rows;
    }
    const tiles = (row1 - row0) * tilesX;
    for (let f0 = 0; f0 < filters; f0 += together) {
      const f1 = min(filters, f0 + together);
      for (let point = 0; point < 36; point++) {
        const v = points + <usize>point * pointStep;
        const u = filterPoint + <usize>point * filterStep + <usize>(f0 / MR * channels) * 24;
        const m = products + <usize>point * productStep;
        for (let t: usize = 0; t < <usize>tiles << 2; t += 32) {
          let a = u, c = m + t;
          for (let f = f0; f < f1; f += MR) {
            microPacked<f32>(channels, a, v + t, rowBytes, c, rowBytes, false, 0);
            a += <usize>channels * 24;
            c += 6 * rowBytes;
          }
        }
      }
      for (let row = row0; row < row1; ) {
        const image = row / tilesY, ty = row % tilesY;
        const rows = min(row1 - row, tilesY - ty);
        for (let f = f0; f < f1; f++) {
          outputRun(
            products + <usize>(f - f0) * rowBytes + (<usize>((row - row0) * tilesX) << 2),
            productStep, bias ? load<f32>(bias + (<usize>f << 2)) : 0,
            output + (<usize>(image * filters + f) * <usize>(outHeight * outWidth) << 2),
            outHeight, outWidth, tilesX, ty, rows, work,
          );
        }
        row += rows;
      }
    }
  }
}

/**
 * Points of the weight gradient, summed over a share of the blocks: index = a share, with its own sums.
 * Slots as conv3x3, but: 1 gradient of the output  2 sums [shares, 36, filters up to 6, channels up to 8]  3 blocks
 * 17 blocks in a share
 */
export function conv3x3_weight(desc: usize, start: i32, end: i32): void {
  const input: usize = slot(desc, 0), gradient: usize = slot(desc, 1), sums: usize = slot(desc, 2);
  const blocks = slot(desc, 3);
  const images = slot(desc, 4), channels = slot(desc, 5), filters = slot(desc, 6);
  const height = slot(desc, 7), width = slot(desc, 8), padTop = slot(desc, 9), padLeft = slot(desc, 10);
  const outHeight = slot(desc, 11), outWidth = slot(desc, 12), tilesY = slot(desc, 13), tilesX = slot(desc, 14);
  const blockRows = slot(desc, 15), rowValues = slot(desc, 16), share = slot(desc, 17);
  const rowBytes = <usize>rowValues << 2;
  const groups = (tilesX + 3) >> 2;
  const panels = (filters + MR - 1) / MR, columns = (channels + 7) >> 3;
  const sumStep = <usize>columns << 5; // bytes in a row of sums
  const work = scratch();
  const points = work + 2 * WORK;
  const pointStep = pointBytes(channels, rowBytes), gradientStep = pointBytes(filters, rowBytes);
  const gradientPoints = points + 36 * pointStep + 64;
  const packedA = gradientPoints + 36 * gradientStep + 64;
  const packedB = packedA + <usize>panels * rowBytes * 6;
  const plane = packedB + <usize>rowValues * 32;
  const allRows = images * tilesY;
  const fits = tilesX * 4 == outWidth;
  for (let index = start; index < end; index++) {
    const own = sums + <usize>index * <usize>(36 * panels * MR) * sumStep;
    memory.fill(own, 0, <usize>(36 * panels * MR) * sumStep);
    for (let block = index * share; block < min(blocks, (index + 1) * share); block++) {
      const row0 = block * blockRows, row1 = min(allRows, row0 + blockRows);
      for (let row = row0; row < row1; ) {
        const image = row / tilesY, ty = row % tilesY;
        const rows = min(row1 - row, tilesY - ty);
        inputRun(
          input + (<usize>(image * channels) * <usize>(height * width) << 2), channels, height, width, padTop, padLeft,
          tilesX, ty, rows, points, rowBytes, (row - row0) * tilesX, plane, work, image == images - 1,
        );
        for (let f = 0; f < filters; f++) {
          let source = gradient + (<usize>(image * filters + f) * <usize>(outHeight * outWidth) << 2);
          let rowStep = <usize>outWidth << 2;
          // lanes past the last tile may hold anything, but must not be read from behind the tensor
          if (fits && (ty + rows) * 4 <= outHeight && (image < images - 1 || f < filters - 1)) source += <usize>(ty * 4 * outWidth) << 2;
          else {
            copyPadded(source, outHeight, outWidth, ty * 4, 0, rows * 4, groups * 16, plane, <usize>groups << 6);
            source = plane;
            rowStep = <usize>groups << 6;
          }
          let out = gradientPoints + <usize>f * rowBytes + (<usize>((row - row0) * tilesX) << 2);
          for (let y = 0; y < rows; y++) {
            for (let g = 0; g < groups; g++) {
              gradientTiles(
                source + (<usize>g << 6), rowStep, out + (<usize>g << 4), gradientStep, work);
            }
            source += 4 * rowStep;
            out += <usize>tilesX << 2;
          }
        }
        row += rows;
      }
      const tiles = (row1 - row0) * tilesX;
      for (let point = 0; point < 36; point++) {
        const y = gradientPoints + <usize>point * gradientStep;
        for (let f = 0; f < filters; f += MR) {
          packA<f32>(
            packedA + <usize>(f * tiles << 2), y + <usize>f * rowBytes, rowBytes, 4, min(MR, filters - f), tiles);
        }
        for (let c = 0; c < channels; c += 8) {
          packB<f32>(
            packedB, points + <usize>point * pointStep + <usize>c * rowBytes, 4, rowBytes, tiles, min(8, channels - c));
          let to = own + <usize>(point * panels * MR) * sumStep + (<usize>c << 2);
          for (let f = 0; f < filters; f += MR) {
            microPacked<f32>(tiles, packedA + <usize>(f * tiles << 2), packedB, 32, to, sumStep, true, 0);
            to += 6 * sumStep;
          }
        }
      }
    }
  }
}

/** Adds up the shares and turns points back into 3×3 taps: index = a filter. */
export function conv3x3_weight_end(desc: usize, start: i32, end: i32): void {
  // 0 sums  1 out  2 shares  3 filters  4 channels  5 add to what is there?
  const sums: usize = slot(desc, 0), out: usize = slot(desc, 1);
  const shares = slot(desc, 2), filters = slot(desc, 3), channels = slot(desc, 4);
  const add = slot(desc, 5) != 0;
  const rows = (filters + MR - 1) / MR * MR;
  const sumStep = <usize>((channels + 7) >> 3) << 5;
  const total = scratch();
  const taps = total + 36 * sumStep;
  for (let f = start; f < end; f++) {
    for (let point = 0; point < 36; point++) {
      const to = total + <usize>point * sumStep;
      const from = sums + <usize>(point * rows + f) * sumStep;
      for (let x: usize = 0; x < sumStep; x += 16) {
        let p = from + x;
        let v = v128.load(p);
        for (let s = 1; s < shares; s++) {
          p += <usize>(36 * rows) * sumStep;
          v = f32x4.add(v, v128.load(p));
        }
        v128.store(to + x, v);
      }
    }
    for (let c = 0; c < channels; c++) {
      const to = out + <usize>(f * channels + c) * 36;
      if (add) {
        tapsFromPoints(total + (<usize>c << 2), sumStep, taps);
        for (let i: usize = 0; i < 36; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(taps + i));
      } else tapsFromPoints(total + (<usize>c << 2), sumStep, to);
    }
  }
}
