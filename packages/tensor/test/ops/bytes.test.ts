import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, describe, expect, test } from "vitest";
import * as f from "../../src/index.ts";
import { registerBackend, type Tensor, tensor, tolist } from "../../src/index.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});

// figures of PyTorch 2.13
const uint8 = { dtype: "uint8" } as const;
const flat = (x: Tensor): unknown => tolist(f.flatten(x));

describe("images of bytes are interpolated in fixed point", () => {
  const small = () =>
    tensor(
      [
        [
          [
            [10, 200],
            [30, 90],
          ],
        ],
      ],
      uint8,
    ); // prettier than a shape
  const wide = () =>
    tensor(
      [
        [
          [
            [10, 200, 7, 3],
            [30, 90, 255, 0],
            [0, 255, 0, 255],
          ],
        ],
      ],
      uint8,
    );
  test.each([
    ["bilinear", false, [10, 58, 153, 200, 20, 52, 114, 145, 30, 45, 75, 90], [42, 121, 14, 42, 139, 170]],
    ["bilinear", true, [10, 58, 153, 200, 20, 52, 114, 145, 30, 45, 75, 90], [60, 130, 31, 66, 145, 140]],
    ["bicubic", false, [0, 54, 164, 231, 12, 49, 117, 158, 26, 43, 69, 85], [40, 143, 3, 40, 148, 176]],
    ["bicubic", true, [0, 49, 166, 225, 13, 46, 120, 156, 27, 42, 73, 87], [55, 138, 21, 62, 151, 143]],
  ] as const)("%s, antialias %s", (mode, antialias, larger, smaller) => {
    const y = f.interpolate(small(), { size: [3, 4], mode, antialias });
    expect(y.dtype).toBe("uint8");
    expect(flat(y)).toEqual(larger);
    expect(flat(f.interpolate(wide(), { size: [2, 3], mode, antialias }))).toEqual(smaller);
  });
  test("with aligned corners", () => {
    const first = (mode: "bilinear" | "bicubic", antialias: boolean) =>
      (flat(f.interpolate(wide(), { size: [5, 5], mode, antialias, alignCorners: true })) as number[]).slice(0, 12);
    expect(first("bilinear", false)).toEqual([10, 153, 104, 6, 3, 20, 114, 139, 99, 2, 30, 75]);
    expect(first("bilinear", true)).toEqual([10, 129, 128, 7, 4, 15, 114, 134, 61, 11, 25, 83]);
    expect(first("bicubic", false)).toEqual([10, 177, 122, 0, 3, 23, 103, 169, 125, 0, 30, 59]);
    expect(first("bicubic", true)).toEqual([0, 151, 146, 0, 0, 6, 124, 150, 51, 1, 23, 67]);
  });
  test("not along one dimension, which PyTorch has not, and no other integers", () => {
    expect(() => f.interpolate(tensor([[[10, 200]]], uint8), { size: 4, mode: "linear" })).toThrow(f.DTypeError);
    expect(() => f.interpolate(f.ones([1, 1, 2, 2], { dtype: "int32" }), { size: 4, mode: "bilinear" })).toThrow(
      f.DTypeError,
    );
  });
});

describe("narrow integers", () => {
  const x = () =>
    tensor(
      [
        [1, 2],
        [3, 4],
      ],
      uint8,
    );
  test("are summed and multiplied into the dtype that is asked for", () => {
    for (const [y, values] of [
      [f.sum(x(), 1, uint8), [3, 7]],
      [f.prod(x(), 1, uint8), [2, 12]],
      [f.prod(x(), null, uint8), [24]],
      [f.cumsum(x(), 1, uint8), [1, 3, 3, 7]],
      [f.cumprod(x(), 1, uint8), [1, 2, 3, 12]],
    ] as const) {
      expect(y.dtype).toBe("uint8");
      expect(flat(y)).toEqual(values);
    }
  });
  test("of bytes any and all are bytes", () => {
    for (const y of [f.any(x(), 1), f.all(x(), 1)]) {
      expect(y.dtype).toBe("uint8");
      expect(tolist(y)).toEqual([1, 1]);
    }
    expect(f.all(tensor([1, 2], { dtype: "int32" })).dtype).toBe("bool");
  });
  test("have powers of the default integer dtype in vander", () => {
    const y = f.vander(tensor([1, 20, 3], uint8));
    expect(y.dtype).toBe("int32");
    expect(flat(y)).toEqual([1, 1, 1, 400, 20, 1, 9, 3, 1]);
    expect(flat(f.vander(tensor([true, false])))).toEqual([1, 1, 0, 1]);
  });
  test("have distances, with eps or without", () => {
    const [a, b] = [tensor([[1n, 2n]]), tensor([[3n, 4n]])];
    expect(f.pairwiseDistance(a, b, { eps: 1e-6 }).item()).toBeCloseTo(2.828425884, 6);
    expect(f.pairwiseDistance(a, b, { eps: 0 }).item()).toBeCloseTo(2.828427076, 6);
  });
});

test("what is left of variances, norms and trapezoids where there is little to take them of", () => {
  const gradient = (run: (x: Tensor) => Tensor, x: Tensor): unknown => {
    x.requiresGrad = true;
    const y = run(x);
    return y.requiresGrad ? y.dtype : "constant";
  };
  expect(gradient((x) => f.trapezoid(x), f.zeros([2, 0]))).toBe("constant");
  expect(f.trapezoid(f.zeros([2, 0], { dtype: "bool" })).dtype).toBe("bool");
  expect(f.interpolate(f.ones([1, 2, 1, 6]), { scaleFactor: [0.7, 0.4], mode: "area" }).shape).toEqual([1, 2, 0, 2]);
  expect(f.convTranspose2d(f.ones([1, 1, 2, 2]), f.ones([1, 1, 1, 1]), null, { padding: 1 }).shape).toEqual([
    1, 1, 0, 0,
  ]);
});

test("nearest keeps and doubles the sizes of images exactly, whatever the factor's fraction; those of lines by the factor", () => {
  const line = f.reshape(f.arange(6, { dtype: "float32" }), [1, 1, 6]);
  const image = f.reshape(line, [1, 1, 1, 6]);
  expect(flat(f.interpolate(image, { scaleFactor: [1, 2.05] }))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  expect(flat(f.interpolate(image, { scaleFactor: [1, 1.1] }))).toEqual([0, 1, 2, 3, 4, 5]);
  expect(flat(f.interpolate(line, { scaleFactor: 2.05 }))).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
  expect(flat(f.interpolate(line, { scaleFactor: 1.1 }))).toEqual([0, 0, 1, 2, 3, 4]);
});
