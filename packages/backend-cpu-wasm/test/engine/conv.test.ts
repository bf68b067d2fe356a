import { expect, it } from "vitest";
import { conv2dForward, conv2dInputGradient, conv2dWeightGradient } from "../../src/engine/conv.ts";
import type { Conv2dShape } from "../../src/engine/conv-shape.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, put, random } from "./reference.ts";

let engine: Engine;

type Case = [
  images: number,
  channels: number,
  size: [number, number],
  filters: number,
  kernel: [number, number],
  options?: { stride?: [number, number]; padding?: [number, number]; dilation?: [number, number]; groups?: number },
];

function shapeOf([images, channels, [height, width], filters, [kernelHeight, kernelWidth], o = {}]: Case): Conv2dShape {
  const [strideY, strideX] = o.stride ?? [1, 1];
  const [paddingTop, paddingLeft] = o.padding ?? [0, 0];
  const [dilationY, dilationX] = o.dilation ?? [1, 1];
  const out = (n: number, k: number, s: number, p: number, d: number) =>
    Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1;
  return {
    images,
    channels,
    filters,
    groups: o.groups ?? 1,
    height,
    width,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    paddingTop,
    paddingLeft,
    dilationY,
    dilationX,
    outHeight: out(height, kernelHeight, strideY, paddingTop, dilationY),
    outWidth: out(width, kernelWidth, strideX, paddingLeft, dilationX),
  };
}

/** Visits every product of the definition: indices into input, weight and output. */
function eachProduct(s: Conv2dShape, visit: (input: number, weight: number, output: number) => void): void {
  const channels = s.channels / s.groups;
  const filters = s.filters / s.groups;
  for (let n = 0; n < s.images; n++) {
    for (let f = 0; f < s.filters; f++) {
      const group = Math.floor(f / filters);
      for (let y = 0; y < s.outHeight; y++) {
        for (let x = 0; x < s.outWidth; x++) {
          const output = ((n * s.filters + f) * s.outHeight + y) * s.outWidth + x;
          for (let c = 0; c < channels; c++) {
            for (let i = 0; i < s.kernelHeight; i++) {
              const v = y * s.strideY + i * s.dilationY - s.paddingTop;
              if (v < 0 || v >= s.height) continue;
              for (let j = 0; j < s.kernelWidth; j++) {
                const u = x * s.strideX + j * s.dilationX - s.paddingLeft;
                if (u < 0 || u >= s.width) continue;
                visit(
                  ((n * s.channels + group * channels + c) * s.height + v) * s.width + u,
                  ((f * channels + c) * s.kernelHeight + i) * s.kernelWidth + j,
                  output,
                );
              }
            }
          }
        }
      }
    }
  }
}

const cases: Case[] = [
  // tiles of 4×4
  [3, 8, [26, 26], 16, [3, 3]],
  [2, 9, [13, 17], 13, [3, 3], { padding: [1, 1] }],
  [5, 20, [12, 30], 8, [3, 3], { padding: [2, 0] }],
  [1, 32, [66, 70], 12, [3, 3], { padding: [1, 1] }],
  // direct
  [2, 16, [8, 8], 24, [3, 3], { padding: [1, 1] }], // few tiles
  [4, 1, [28, 28], 10, [3, 3]],
  [2, 3, [15, 11], 7, [5, 3], { padding: [2, 1] }],
  [2, 4, [17, 19], 6, [3, 3], { stride: [2, 2], padding: [1, 1] }],
  [1, 20, [9, 9], 5, [1, 1]],
  [2, 5, [14, 13], 9, [3, 2], { dilation: [2, 3], padding: [1, 2] }],
  [2, 6, [10, 10], 8, [3, 3], { groups: 2, padding: [1, 1] }],
  [2, 6, [10, 11], 6, [3, 3], { groups: 6, padding: [1, 1] }],
  [2, 5, [13, 19], 5, [3, 5], { groups: 5, padding: [1, 2], stride: [2, 2] }],
  [3, 4, [8, 40], 4, [2, 3], { groups: 4, dilation: [3, 2] }],
  [1, 3, [33, 33], 4, [7, 7], { stride: [4, 3], padding: [3, 3] }],
  [2, 64, [6, 6], 20, [5, 5], { padding: [2, 2] }],
  [1, 2, [5, 5], 3, [2, 2], { padding: [3, 3] }],
  [1, 40, [20, 20], 14, [4, 4], { stride: [2, 2] }],
  [7, 33, [5, 5], 70, [3, 3], { padding: [1, 1], stride: [2, 1] }], // several images at a time, parts of the channels
  [11, 8, [3, 5], 144, [2, 2], { groups: 2 }],
  [1, 96, [9, 9], 192, [3, 3], { groups: 24, padding: [1, 1] }], // samples as groups
  [3, 4, [31, 5], 4, [5, 3], { groups: 4, padding: [2, 1], stride: [3, 1] }],
  [2, 3, [50, 47], 3, [3, 3], { groups: 3, padding: [1, 1] }],
  [2, 7, [9, 40], 7, [1, 4], { groups: 7, padding: [0, 1], stride: [1, 2], dilation: [1, 3] }],
  // small groups on larger planes
  [1, 5, [17, 19], 60, [3, 3], { groups: 5, padding: [1, 1] }],
  [3, 6, [20, 33], 15, [2, 4], { groups: 3, padding: [1, 2], dilation: [2, 1] }],
  [2, 4, [3, 300], 14, [1, 3], { groups: 2, padding: [0, 1] }],
  // planes of nothing but padding
  [3, 2, [0, 1], 2, [4, 1], { padding: [2, 3], groups: 2 }],
  [2, 3, [0, 4], 5, [2, 3], { padding: [1, 1] }],
  [2, 3, [4, 0], 5, [3, 2], { padding: [1, 2], stride: [2, 1] }],
  // small planes, of many images side by side
  [7, 24, [8, 8], 40, [4, 4], { stride: [2, 2], padding: [1, 1] }],
  [5, 33, [4, 4], 19, [4, 4]],
  [6, 12, [7, 7], 50, [3, 3], { stride: [2, 2], padding: [1, 1] }],
  [9, 4, [5, 6], 8, [2, 2], { groups: 2, stride: [2, 1] }],
  [2, 70, [14, 14], 36, [1, 1], { stride: [2, 2] }],
  [3, 4, [1, 90], 5, [1, 7], { stride: [1, 2], padding: [0, 3] }],
  [2, 4, [21, 22], 530, [3, 3], { stride: [3, 3], padding: [2, 1], dilation: [1, 2] }],
];

// planes of several images side by side: few pixels, or more weights than a cache holds
const columns: Case[] = [
  [7, 5, [4, 4], 9, [4, 4]], // one pixel each
  [5, 6, [5, 7], 10, [3, 3], { stride: [2, 3], padding: [1, 1] }],
  [9, 3, [6, 6], 4, [3, 2], { stride: [2, 2], dilation: [2, 1], padding: [2, 1] }],
  [2, 7, [1, 9], 5, [1, 3], { stride: [1, 1] }],
  [3, 4, [3, 3], 6, [5, 5], { padding: [2, 2] }], // a kernel larger than the plane
  [4, 12, [6, 6], 20, [3, 3], { padding: [1, 1] }], // the weight's gradient alone
  [1, 14, [16, 16], 6, [4, 4], { stride: [2, 2], padding: [1, 1] }], // the input's gradient alone, as one image is too few
  [3, 240, [4, 4], 490, [3, 3], { padding: [1, 1] }],
  [140, 100, [3, 3], 4, [3, 3], { padding: [1, 1] }], // two blocks of images
];

// sizes that do not fit a thread's private memory at the usual block size
const extremes: Case[] = [
  [1, 1, [1, 1_200_000], 2, [1, 3], { padding: [0, 1] }],
  [1, 1, [130, 130], 2, [120, 120], { padding: [1, 1] }],
  [1, 2, [9, 9], 3000, [1, 1]],
  [1, 1, [4000, 4], 1, [3, 3], { stride: [40, 1], dilation: [700, 1], padding: [1, 1] }],
];

function compute(s: Conv2dShape, threads: number) {
  engine.setThreads(threads);
  const next = numbers(s.channels * 100 + s.filters);
  const input = random(s.images * s.channels * s.height * s.width, next);
  const weight = random((s.filters * s.channels * s.kernelHeight * s.kernelWidth) / s.groups, next);
  const bias = random(s.filters, next);
  const gradient = random(s.images * s.filters * s.outHeight * s.outWidth, next);
  const x = put(engine, input);
  const w = put(engine, weight);
  const b = put(engine, bias);
  const g = put(engine, gradient);
  const y = put(
    engine,
    gradient.map(() => Number.NaN),
  );
  const dx = put(
    engine,
    input.map(() => Number.NaN),
  );
  const dw = put(
    engine,
    weight.map(() => Number.NaN),
  );
  const db = put(
    engine,
    bias.map(() => Number.NaN),
  );
  conv2dForward(engine, s, x, w, b, y);
  conv2dInputGradient(engine, s, g, w, dx);
  conv2dWeightGradient(engine, s, x, g, dw, db);
  const result = {
    y: get(engine, y, gradient.length),
    dx: get(engine, dx, input.length),
    dw: get(engine, dw, weight.length),
    db: get(engine, db, bias.length),
  };
  const blocks = [
    [x, input],
    [w, weight],
    [b, bias],
    [g, gradient],
    [y, gradient],
    [dx, input],
    [dw, weight],
    [db, bias],
  ] as const;
  for (const [address, data] of blocks) engine.free(address, data.byteLength);
  return { input, weight, bias, gradient, result };
}

const use = (made: Engine): void => {
  engine = made;
};

describeBuilds("conv2d", { threads: 2 }, use, () => {
  it.each([...cases, ...columns, ...extremes].map((c) => [JSON.stringify(c), shapeOf(c)] as const))(
    "%s: output and gradients equal the definition in float64, same bits on any thread count",
    (_, s) => {
      const { input, weight, bias, gradient, result } = compute(s, 1);
      const plane = s.outHeight * s.outWidth;
      const y = Float64Array.from(gradient, (_, i) => bias[Math.floor(i / plane) % s.filters]);
      const dx = new Float64Array(input.length);
      const dw = new Float64Array(weight.length);
      eachProduct(s, (i, k, o) => {
        y[o] += input[i] * weight[k];
        dx[i] += gradient[o] * weight[k];
        dw[k] += gradient[o] * input[i];
      });
      const db = new Float64Array(s.filters);
      for (let o = 0; o < gradient.length; o++) db[Math.floor(o / plane) % s.filters] += gradient[o];
      // sums of tens of thousands of float32 products lose more
      const bound = s.kernelHeight > 100 ? 6e-6 : 2e-6;
      expect(error(result.y, y)).toBeLessThan(bound);
      expect(error(result.dx, dx)).toBeLessThan(bound);
      expect(error(result.dw, dw)).toBeLessThan(bound);
      expect(error(result.db, db)).toBeLessThan(1e-6);
      for (const threads of [2, 3]) expect(compute(s, threads).result).toEqual(result);
    },
  );

  it.each([
    ["depthwise", [1, 2, [9, 8], 2, [3, 3], { groups: 2 }]],
    ["small groups", [1, 4, [18, 17], 6, [3, 3], { groups: 2, padding: [1, 0] }]],
  ] satisfies [string, Case][])(
    "%s: an infinite or undefined input reaches the taps that read it, and no others",
    (_, dims) => {
      const s = shapeOf(dims);
      const counts = [s.channels * s.height * s.width, s.filters * s.outHeight * s.outWidth];
      const weights = (s.filters * s.channels * s.kernelHeight * s.kernelWidth) / s.groups;
      for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
        for (const at of [0, 7, 20, 55, 71, counts[0] - 1]) {
          const x = random(counts[0], numbers(at));
          x[at] = value;
          const g = random(counts[1], numbers(1 + at));
          const [px, pg, pw] = [put(engine, x), put(engine, g), put(engine, new Float32Array(weights))];
          conv2dWeightGradient(engine, s, px, pg, pw, 0);
          const dw = new Float64Array(weights);
          eachProduct(s, (i, k, o) => {
            dw[k] += g[o] * x[i];
          });
          const result = get(engine, pw, weights);
          dw.forEach((want, k) => {
            if (Number.isFinite(want)) expect(Math.abs(result[k] - want)).toBeLessThan(1e-4);
            else expect(result[k]).toBe(want);
          });
        }
      }
    },
  );
});
