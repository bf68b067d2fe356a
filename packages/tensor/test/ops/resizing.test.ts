import "@flambeau/autograd";
import { grad, gradcheck } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  adaptiveAvgPool2d,
  affineGrid,
  fractionalMaxPool2d,
  gridSample,
  interpolate,
  manualSeed,
  maxUnpool1d,
  rand,
  registerBackend,
  tensor,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, it } from "vitest";

registerBackend(cpuWasm({ threads: 1 }));

describe("resizing", () => {
  it("makes NaN of an infinity that it reads with weight 0, as PyTorch does", () => {
    const x = tensor([[[1, Infinity, 3, 5]]]);
    expect(interpolate(x, { size: 7, mode: "linear", alignCorners: true }).tolist()).toEqual([
      [[NaN, Infinity, Infinity, Infinity, 3, 4, 5]],
    ]);
  });

  it("has gradients of every order", () => {
    manualSeed(0);
    const x = rand([1, 2, 3, 4], { dtype: "float64", requiresGrad: true });
    expect(gradcheck((t) => interpolate(t, { size: [5, 2], mode: "bicubic" }).pow(3), [x])).toBe(true);
    expect(gradcheck((t) => adaptiveAvgPool2d(t, [2, 3]).pow(3), [x])).toBe(true);
    const twice = (t: typeof x) => grad(adaptiveAvgPool2d(t, [2, 3]).pow(3).sum(), [t], { createGraph: true })[0];
    expect(gradcheck((t) => twice(t) ?? zeros([1]), [x])).toBe(true);
  });

  it("samples at the grid of the identity what was there", () => {
    manualSeed(0);
    const x = rand([1, 2, 3, 4]);
    const identity = tensor([
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
    ]);
    const same = gridSample(x, affineGrid(identity, [1, 2, 3, 4]), { mode: "nearest" });
    expect(same.tolist()).toEqual(x.tolist());
  });
});

describe("messages", () => {
  const image = zeros([1, 1, 4, 4]);
  it.each([
    [
      "a mode for another rank",
      () => interpolate(image, { size: 2, mode: "linear" }),
      'interpolate: mode "linear" needs [N, C, ...] with 1 spatial dimensions, got [1,1,4,4]',
    ],
    [
      "size and factor",
      () => interpolate(image, { size: 2, scaleFactor: 2 }),
      "interpolate: give either size or scaleFactor, not both",
    ],
    ["neither", () => interpolate(image), "interpolate: give either size or scaleFactor"],
    [
      "alignCorners",
      () => interpolate(image, { size: 2, alignCorners: true }),
      'interpolate: alignCorners is for linear and cubic modes, not for "nearest"',
    ],
    [
      "an empty result",
      () => interpolate(image, { scaleFactor: 0.1 }),
      "interpolate: sizes must be at least 1: input [1,1,4,4], result [0,0]",
    ],
    [
      "a rank",
      () => adaptiveAvgPool2d(zeros([2, 2]), 1),
      "adaptiveAvgPool2d: expected input with 3 or 4 dimensions, got [2,2]",
    ],
    [
      "positions",
      () => maxUnpool1d(zeros([1, 1, 2]), tensor([[[0, 9]]], { dtype: "int32" }), 2),
      "index 9 is out of range",
    ],
    [
      "an output size",
      () => maxUnpool1d(zeros([1, 1, 2]), tensor([[[0, 1]]], { dtype: "int32" }), 2, { outputSize: [8] }),
      "maxUnpool1d: outputSize [8] is not within a stride [2] of [4]",
    ],
    [
      "windows",
      () => fractionalMaxPool2d(image, 3, { outputSize: 3 }),
      "fractionalMaxPool2d: [3,3] windows of [3,3] do not fit the input [1,1,4,4]",
    ],
    [
      "a grid",
      () => gridSample(image, zeros([1, 2, 2, 3])),
      "gridSample: expected input [N, C, H, W] and grid [N, h, w, 2], or one dimension more and 3, got [1,1,4,4] and [1,2,2,3]",
    ],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
