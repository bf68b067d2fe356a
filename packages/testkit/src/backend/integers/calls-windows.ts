import type { Calls, Maker } from "./maker.ts";
import { int, nul, opt, real } from "./places.ts";

/** An image of one example with `channels` channels and n spatial dimensions of size 5. */
const image = (make: Maker, n: number, channels = 2) => make.floats(1, channels, ...new Array<number>(n).fill(5));
const each = (n: number, value: number): number[] => new Array<number>(n).fill(value);

const conv = (n: number) => (make: Maker) => ({
  x: image(make, n),
  weight: make.floats(2, 1, ...each(n, 2)),
  bias: null,
  options: { stride: opt(each(n, 2), 1), padding: opt(each(n, 1), 0), dilation: opt(each(n, 2), 1), groups: opt(2, 1) },
});
const grouped = (n: number) => (make: Maker) => ({
  x: image(make, n),
  weight: make.floats(2, 2, ...each(n, 2)),
  bias: null,
  options: { groups: opt(1, 1), padding: opt(0, 0) },
});
const convTranspose = (n: number) => (make: Maker) => ({
  x: image(make, n),
  weight: make.floats(2, 1, ...each(n, 2)),
  bias: null,
  options: {
    stride: opt(each(n, 2), 1),
    padding: opt(each(n, 1), 0),
    outputPadding: opt(each(n, 1), 0),
    dilation: opt(each(n, 2), 1),
    groups: opt(2, 1),
  },
});
const maxPool = (n: number) => (make: Maker) => ({
  x: image(make, n),
  kernelSize: int(each(n, 2)),
  options: { stride: nul(each(n, 1), 2), padding: opt(each(n, 1), 0), dilation: opt(each(n, 2), 1) },
});
const avgPool = (n: number) => (make: Maker) => ({
  x: image(make, n),
  kernelSize: int(each(n, 2)),
  options: { stride: nul(each(n, 1), 2), padding: opt(each(n, 1), 0), divisorOverride: nul(3, 2 ** n) },
});
const lpPool = (n: number) => (make: Maker) => ({
  x: image(make, n),
  normType: 2,
  kernelSize: int(each(n, 2)),
  options: { stride: nul(each(n, 1), 2) },
});
const adaptive = (n: number) => [
  (make: Maker) => ({ x: image(make, n), outputSize: int(each(n, 2)) }),
  (make: Maker) => ({ x: image(make, n), outputSize: int(2) }),
];
const fractional = (n: number) => [
  (make: Maker) => ({
    x: image(make, n),
    kernelSize: int(each(n, 2)),
    options: { ...make.seeded, outputSize: int(each(n, 2)) },
  }),
  (make: Maker) => ({ x: image(make, n), kernelSize: int(2), options: { ...make.seeded, outputRatio: real(0.6) } }),
];
const unpool = (n: number) => (make: Maker) => ({
  x: make.floats(1, 1, ...each(n, 2)),
  indices: make.ints(...Array.from({ length: 2 ** n }, (_, i) => i)).reshape([1, 1, ...each(n, 2)]),
  kernelSize: int(each(n, 2)),
  options: { stride: nul(each(n, 2), 2), padding: opt(each(n, 0), 0), outputSize: nul(each(n, 4), each(n, 4)) },
});
const patches = { dilation: opt([2, 1], 1), padding: opt([1, 0], 0), stride: opt([1, 2], 1) };
const resized = [
  (make: Maker) => ({ x: image(make, 2), options: { size: int([3, 6]) } }),
  (make: Maker) => ({ x: image(make, 2), options: { size: int(3) } }),
  (make: Maker) => ({ x: image(make, 2), options: { scaleFactor: real(2) } }),
];
const mode = (name: string, n: number) => (make: Maker) => ({
  x: image(make, n),
  options: { size: int(each(n, 3)), mode: name },
});

/** Convolutions, pooling, blocks of images, and sizes of images. */
export const windows: Calls = {
  conv1d: [conv(1), grouped(1)],
  conv2d: [conv(2), grouped(2)],
  conv3d: [conv(3), grouped(3)],
  convTranspose1d: [convTranspose(1), grouped(1)],
  convTranspose2d: [convTranspose(2), grouped(2)],
  convTranspose3d: [convTranspose(3), grouped(3)],
  maxPool1d: maxPool(1),
  maxPool2d: maxPool(2),
  maxPool3d: maxPool(3),
  maxPool1dWithIndices: maxPool(1),
  maxPool2dWithIndices: maxPool(2),
  maxPool3dWithIndices: maxPool(3),
  avgPool1d: avgPool(1),
  avgPool2d: avgPool(2),
  avgPool3d: avgPool(3),
  lpPool1d: lpPool(1),
  lpPool2d: lpPool(2),
  lpPool3d: lpPool(3),
  adaptiveAvgPool1d: adaptive(1),
  adaptiveAvgPool2d: adaptive(2),
  adaptiveAvgPool3d: adaptive(3),
  adaptiveMaxPool1d: adaptive(1),
  adaptiveMaxPool2d: adaptive(2),
  adaptiveMaxPool3d: adaptive(3),
  adaptiveMaxPool1dWithIndices: adaptive(1),
  adaptiveMaxPool2dWithIndices: adaptive(2),
  adaptiveMaxPool3dWithIndices: adaptive(3),
  fractionalMaxPool2d: fractional(2),
  fractionalMaxPool3d: fractional(3),
  fractionalMaxPool2dWithIndices: fractional(2),
  fractionalMaxPool3dWithIndices: fractional(3),
  maxUnpool1d: unpool(1),
  maxUnpool2d: unpool(2),
  maxUnpool3d: unpool(3),
  im2col: [
    (make) => ({ x: image(make, 2), kernelSize: int([2, 2]), options: patches }),
    (make) => ({ x: image(make, 2), kernelSize: int(2) }),
  ],
  col2im: (make) => ({
    x: make.floats(1, 8, 10),
    outputSize: int([5, 5]),
    kernelSize: int([2, 2]),
    options: patches,
  }),
  spatial: () => ({ op: "spatial", name: "stride", value: int([1, 2]), n: 2 }),
  interpolate: [
    ...resized,
    mode("nearest", 1),
    mode("nearest-exact", 2),
    mode("linear", 1),
    mode("bilinear", 2),
    mode("bicubic", 2),
    mode("trilinear", 3),
    mode("area", 2),
  ],
  upsampleNearest: resized,
  upsampleBilinear: resized,
  localResponseNorm: (make) => ({ x: image(make, 1, 4), size: int(3) }),
  affineGrid: (make) => ({ theta: make.floats(1, 2, 3), size: int([1, 1, 2, 3]) }),
};
