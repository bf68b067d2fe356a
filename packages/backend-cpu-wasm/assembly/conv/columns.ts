import { scratch } from "../core/scratch";
import { slot } from "../core/slots";
import { patchRows } from "./patches";

// What lays the images of a block side by side, so that a convolution of small planes is one product of matrices whose columns are the
// output pixels of all of them, and what brings them back. Rows of such a matrix are `slot 21` bytes apart and end in 10 values or more
// that nothing reads, over which runs may be copied whole vectors at a time. The slots 4 to 19 are those of patches.ts; 20 images of the
// block  21 bytes from row to row.

/** Copies n values, up to three more than that. */
// @ts-ignore: decorator
@inline function copyOver(q: usize, p: usize, n: i32): void {
  for (const end = q + (<usize>n << 2); q < end; q += 16) {
    v128.store(q, v128.load(p));
    p += 16;
  }
}

/** The patches of all images of the block: index = channel; its taps are rows. */
export function conv_columns(desc: usize, start: i32, end: i32): void {
  // 0 input  1 columns
  const channels = slot(desc, 5), images = slot(desc, 20);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12), taps = slot(desc, 13) * slot(desc, 14);
  const rowBytes: usize = slot(desc, 21);
  for (let c = start; c < end; c++) {
    let plane = <usize>slot(desc, 0) + <usize>c * planeBytes;
    let out = <usize>slot(desc, 1) + <usize>(c * taps) * rowBytes;
    // in this order, as the end of one image's run may reach into the next one's
    for (let image = 0; image < images; image++) {
      patchRows(desc, plane, 1, 0, pixels, out, rowBytes, scratch());
      plane += <usize>channels * planeBytes;
      out += <usize>pixels << 2;
    }
  }
}

/** Planes [images, filters, pixels] to rows [filters, images · pixels]: index = filter. */
export function conv_rows(desc: usize, start: i32, end: i32): void {
  // 0 planes  1 rows
  const filters = slot(desc, 6), images = slot(desc, 20);
  const pixels = slot(desc, 11) * slot(desc, 12);
  const rowBytes: usize = slot(desc, 21);
  for (let f = start; f < end; f++) {
    let p = <usize>slot(desc, 0) + (<usize>(f * pixels) << 2);
    let q = <usize>slot(desc, 1) + <usize>f * rowBytes;
    for (let image = 0; image < images; image++) {
      copyOver(q, p, pixels);
      p += <usize>(filters * pixels) << 2;
      q += <usize>pixels << 2;
    }
  }
}

/** Rows [filters, images · pixels] and a bias for each to planes: index = image · filters + filter. */
export function conv_planes(desc: usize, start: i32, end: i32): void {
  // 0 rows  1 planes  3 bias or 0
  const filters = slot(desc, 6);
  const pixels = slot(desc, 11) * slot(desc, 12);
  const rowBytes: usize = slot(desc, 21), bias: usize = slot(desc, 3);
  for (let index = start; index < end; index++) {
    const image = index / filters, f = index % filters;
    let p = <usize>slot(desc, 0) + <usize>f * rowBytes + (<usize>(image * pixels) << 2);
    let q = <usize>slot(desc, 1) + (<usize>(index * pixels) << 2);
    const value = bias ? load<f32>(bias + (<usize>f << 2)) : 0;
    const v = f32x4.splat(value);
    let left = pixels;
    for (; left >= 4; left -= 4) {
      v128.store(q, f32x4.add(v128.load(p), v));
      p += 16;
      q += 16;
    }
    for (; left > 0; left--) {
      store<f32>(q, load<f32>(p) + value);
      p += 4;
      q += 4;
    }
  }
}

/** Adds n values to every second one from q on; those between stay as they are. */
// @ts-ignore: decorator
@inline function addToSecond(q: usize, p: usize, n: i32): void {
  const none = f32x4.splat(0);
  // the last vector of eight reaches one value further than the last of the four
  for (; n >= 5; n -= 4) {
    const v = v128.load(p);
    v128.store(q, f32x4.add(v128.load(q), v128.shuffle<u32>(v, none, 0, 4, 1, 4)));
    v128.store(q, f32x4.add(v128.load(q, 16), v128.shuffle<u32>(v, none, 2, 4, 3, 4)), 16);
    p += 16;
    q += 32;
  }
  for (; n > 0; n--) {
    store<f32>(q, load<f32>(q) + load<f32>(p));
    p += 4;
    q += 8;
  }
}

// @ts-ignore: decorator
@inline function addTo(q: usize, p: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    v128.store(q, f32x4.add(v128.load(q), v128.load(p)));
    p += 16;
    q += 16;
  }
  for (; n > 0; n--) {
    store<f32>(q, load<f32>(q) + load<f32>(p));
    p += 4;
    q += 4;
  }
}

/** Adds a tap's values, one for each output pixel from p0 on, to where the tap was read. */
export function scatterTap(desc: usize, column: usize, p0: i32, p1: i32, ky: i32, kx: i32, plane: usize): void {
  const height = slot(desc, 7), width = slot(desc, 8), outWidth = slot(desc, 12);
  const strideY = slot(desc, 15), strideX = slot(desc, 16);
  const dy = ky * slot(desc, 17) - slot(desc, 9), dx = kx * slot(desc, 18) - slot(desc, 10);
  // the columns x with 0 <= x · stride + dx < width
  const first = dx < 0 ? (strideX - 1 - dx) / strideX : 0;
  const last = dx < width ? (width - dx + strideX - 1) / strideX : 0;
  for (let p = p0; p < p1; ) {
    const row = p / outWidth, x0 = p % outWidth;
    const x1 = min(outWidth, x0 + p1 - p);
    const y = row * strideY + dy;
    if (y >= 0 && y < height) {
      const lo = max(x0, first), n = min(x1, last) - lo;
      let q = plane + (<usize>(y * width + lo * strideX + dx) << 2);
      let from = column + (<usize>(p - p0 + lo - x0) << 2);
      if (strideX == 1) addTo(q, from, n);
      else if (strideX == 2) addToSecond(q, from, n);
      else {
        for (let i = 0; i < n; i++) {
          store<f32>(q, load<f32>(q) + load<f32>(from));
          q += <usize>strideX << 2;
          from += 4;
        }
      }
    }
    p += x1 - x0;
  }
}

/** The transpose of `conv_columns`: each value is added to where it was read: index = image · channels + channel. */
export function conv_columns_add(desc: usize, start: i32, end: i32): void {
  // 0 columns  1 input's gradient
  const channels = slot(desc, 5);
  const planeBytes = <usize>(slot(desc, 7) * slot(desc, 8)) << 2;
  const pixels = slot(desc, 11) * slot(desc, 12);
  const kernelHeight = slot(desc, 13), kernelWidth = slot(desc, 14);
  const rowBytes: usize = slot(desc, 21);
  for (let index = start; index < end; index++) {
    const image = index / channels, c = index % channels;
    const plane = <usize>slot(desc, 1) + <usize>index * planeBytes;
    let column = <usize>slot(desc, 0) + <usize>(c * kernelHeight * kernelWidth) * rowBytes + (<usize>(image * pixels) << 2);
    memory.fill(plane, 0, planeBytes);
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        scatterTap(desc, column, 0, pixels, ky, kx, plane);
        column += rowBytes;
      }
    }
  }
}
