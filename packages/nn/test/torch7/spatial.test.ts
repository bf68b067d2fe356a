// Layers over sequences and images, against their formulas in Torch7's doc/convolution.md, computed here element by element.
import { cat, manualSeed, nn, noGrad, ones, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  FeatureLPPooling,
  SpatialContrastiveNormalization,
  SpatialConvolutionLocal,
  SpatialConvolutionMap,
  SpatialDivisiveNormalization,
  SpatialFullConvolutionMap,
  SpatialSubSampling,
  SpatialSubtractiveNormalization,
  TemporalDynamicKMaxPooling,
  TemporalRowConvolution,
  TemporalSubSampling,
  tables,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const double = { dtype: "float64" } as const;
const close = (x: Tensor, y: Tensor, within = 1e-10) => {
  expect(x.shape).toEqual(y.shape);
  expect(x.sub(y).abs().max().item()).toBeLessThan(within);
};
/** A tensor of what `at` gives for each place. */
function made(shape: readonly number[], at: (...place: number[]) => number): Tensor {
  const values: number[] = [];
  const fill = (place: number[]): void => {
    if (place.length === shape.length) values.push(at(...place));
    else for (let i = 0; i < shape[place.length]; i++) fill([...place, i]);
  };
  fill([]);
  return tensor(values, double).reshape(shape);
}
/** The element at a place, 0 outside. */
function reader(x: Tensor): (...place: number[]) => number {
  const { shape } = x;
  const values = x.detach().flatten().tolist() as number[];
  return (...place) =>
    place.some((p, d) => p < 0 || p >= shape[d]) ? 0 : values[place.reduce((at, p, d) => at * shape[d] + p, 0)];
}
const sum = (n: number, of: (i: number) => number): number =>
  Array.from({ length: n }, (_, i) => of(i)).reduce((a, b) => a + b, 0);

describe("sequences", () => {
  test.each([[1], [2]])("TemporalRowConvolution convolves each feature, %i frames apart", (dW) => {
    const layer = new TemporalRowConvolution(5, 3, dW, double);
    const x = randn([8, 5], double);
    const [at, w, b] = [x, layer.weight, layer.bias as Tensor].map(reader);
    const frames = Math.floor((8 - 3) / dW) + 1;
    const expected = (bias: boolean) =>
      made([frames, 5], (t, i) => (bias ? b(i) : 0) + sum(3, (k) => w(i, 0, k) * at(dW * t + k, i)));
    close(layer.forward(x), expected(true));
    close(layer.forward(x.unsqueeze(0)).select(0, 0), expected(true));
    const first = new TemporalRowConvolution(5, 3, dW, { featFirst: true, ...double });
    first.loadStateDict(layer.stateDict());
    close(first.forward(x.t()).t(), expected(true));
    close(layer.noBias().forward(x), expected(false));
    expect(() => layer.forward(randn([2, 5], double))).toThrow("TemporalRowConvolution: needs 3 frames, got 2");
    expect(() => layer.forward(randn([8, 4], double))).toThrow("x must be [T, 5] or [N, T, 5], got [8,4]");
  });
  test("TemporalSubSampling sums windows", () => {
    const layer = new TemporalSubSampling(4, 3, 2, double);
    const x = randn([9, 4], double);
    const [at, w, b] = [x, layer.weight, layer.bias].map(reader);
    const expected = made([4, 4], (t, i) => b(i) + w(i) * sum(3, (k) => at(2 * t + k, i)));
    close(layer.forward(x), expected);
    close(layer.forward(x.unsqueeze(0)), expected.unsqueeze(0));
  });
  test("TemporalDynamicKMaxPooling takes the largest in their order", () => {
    const x = tensor([
      [5, 1],
      [1, 2],
      [9, 3],
      [7, 0],
      [2, 9],
    ]);
    expect(new TemporalDynamicKMaxPooling(2).forward(x).tolist()).toEqual([
      [9, 3],
      [7, 9],
    ]);
    expect(new TemporalDynamicKMaxPooling(2, 0.5).forward(x).tolist()).toEqual([
      [5, 2],
      [9, 3],
      [7, 9],
    ]); // ceil(2.5) = 3
    const batch = randn([3, 7, 4]);
    const layer = new TemporalDynamicKMaxPooling(3);
    close(layer.forward(batch).select(0, 1), layer.forward(batch.select(0, 1)), 1e-12);
    expect(() => new TemporalDynamicKMaxPooling(6).forward(x)).toThrow("needs 6 frames, got 5");
  });
});

describe("connections", () => {
  test("tables", () => {
    expect(tables.full(2, 3)).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(tables.oneToOne(2)).toEqual([
      [0, 0],
      [1, 1],
    ]);
    manualSeed(2);
    const random = tables.random(6, 8, 3);
    const into = (o: number) => random.filter(([, output]) => output === o).map(([input]) => input);
    for (let o = 0; o < 8; o++) expect(new Set(into(o)).size).toBe(3);
    // 24 connections of 6 planes: each gets as many
    for (let i = 0; i < 6; i++) expect(random.filter(([input]) => input === i).length).toBe(4);
    expect(() => tables.random(2, 3, 3)).toThrow("nto must be at most nin, got 3 of 2");
  });
  const connections = [
    [0, 0],
    [2, 0],
    [1, 1],
    [0, 2],
    [1, 2],
    [2, 2],
  ] as const;
  test("SpatialConvolutionMap has a kernel for each", () => {
    const layer = new SpatialConvolutionMap(connections, 3, 2, 2, 1, double);
    const x = randn([3, 5, 7], double);
    const [at, w, b] = [x, layer.weight, layer.bias].map(reader);
    const expected = made([3, 4, 3], (o, i, j) => {
      const parts = connections.map(([input, output], k) =>
        output === o ? sum(2, (h) => sum(3, (v) => w(k, h, v) * at(input, i + h, 2 * j + v))) : 0,
      );
      return b(o) + parts.reduce((p, q) => p + q);
    });
    close(layer.forward(x), expected);
    close(layer.forward(x.unsqueeze(0)), expected.unsqueeze(0));
    close(layer.forward(cat([x, randn([1, 5, 7], double)])), expected); // planes without a connection
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
  });
  test("SpatialConvolutionMap of all connections is a convolution", () => {
    const layer = new SpatialConvolutionMap(tables.full(2, 3), 3, 3);
    const conv = new nn.Conv2d(2, 3, 3);
    noGrad(() => conv.weight.copy_(layer.weight.reshape([3, 2, 3, 3])));
    noGrad(() => conv.bias?.copy_(layer.bias));
    const x = randn([2, 2, 6, 6]);
    close(layer.forward(x), conv.forward(x), 1e-5);
    // the bounds count what leads to an output plane
    expect(layer.weight.detach().abs().max().item()).toBeLessThanOrEqual(1 / Math.sqrt(2 * 9));
  });
  test("SpatialFullConvolutionMap spreads each element", () => {
    const layer = new SpatialFullConvolutionMap(connections, 3, 2, 2, 3, double);
    const x = randn([3, 2, 3], double);
    const [at, w, b] = [x, layer.weight, layer.bias].map(reader);
    const expected = made([3, 5, 7], (o, i, j) => {
      const parts = connections.map(([input, output], k) =>
        output === o
          ? sum(2, (p) => sum(3, (q) => at(input, p, q) * (i >= 3 * p && j >= 2 * q ? w(k, i - 3 * p, j - 2 * q) : 0)))
          : 0,
      );
      return b(o) + parts.reduce((p, q) => p + q);
    });
    close(layer.forward(x), expected);
  });
  test("are held to pairs of planes", () => {
    const make = (given: unknown) => () => new SpatialConvolutionMap(given as never, 2, 2);
    expect(make([])).toThrow("connections are a list of pairs");
    expect(make([[0]])).toThrow("a connection is a pair [input, output]");
    expect(make([[0, -1]])).toThrow("a plane must be");
    expect(() => new SpatialConvolutionMap(connections, 2, 2).forward(zeros([2, 4, 4]))).toThrow(
      "with C at least 3, got [2,4,4]",
    );
  });
});

describe("images", () => {
  test("SpatialConvolutionLocal has weights of its own for each place", () => {
    const layer = new SpatialConvolutionLocal(2, 3, 6, 5, 3, 2, 2, 1, { padW: 1, padH: 2, ...double });
    const x = randn([2, 5, 6], double);
    const [at, w, b] = [x, layer.weight, layer.bias].map(reader);
    const expected = made(
      [3, 8, 3],
      (o, i, j) =>
        b(o, i, j) + sum(2, (c) => sum(2, (h) => sum(3, (v) => w(i, j, o, c, h, v) * at(c, i + h - 2, 2 * j + v - 1)))),
    );
    close(layer.forward(x), expected);
    close(layer.forward(x.unsqueeze(0).expand([4, 2, 5, 6])).select(0, 3), expected);
    expect(() => layer.forward(randn([2, 5, 5], double))).toThrow("x must be [2,5,6] or [N,2,5,6], got [2,5,5]");
    expect(() => new SpatialConvolutionLocal(1, 1, 2, 2, 3, 1)).toThrow("a kernel of 3 x 1 does not fit 2 x 2");
  });
  test("SpatialSubSampling sums windows", () => {
    const layer = new SpatialSubSampling(2, 3, 2, 2, 1, double);
    const x = randn([2, 4, 7], double);
    const [at, w, b] = [x, layer.weight, layer.bias].map(reader);
    const expected = made([2, 3, 3], (c, i, j) => b(c) + w(c) * sum(2, (h) => sum(3, (v) => at(c, i + h, 2 * j + v))));
    close(layer.forward(x), expected);
    close(layer.forward(x.unsqueeze(0)), expected.unsqueeze(0));
  });
  test("FeatureLPPooling takes norms of windows of features", () => {
    const x = randn([7, 2, 3], double);
    const at = reader(x);
    const expected = made([3, 2, 3], (f, a, b) => sum(3, (k) => at(2 * f + k, a, b) ** 4) ** (1 / 4));
    close(new FeatureLPPooling(3, 2, 4).forward(x), expected);
    close(new FeatureLPPooling(3, 2, 4, { batchMode: true }).forward(x.unsqueeze(0)), expected.unsqueeze(0));
    expect(new FeatureLPPooling(2, 1, 2).forward(tensor([3, 4, 0])).tolist()).toEqual([5, 4]);
    const none = zeros([3], { requiresGrad: true });
    new FeatureLPPooling(2, 1, 2).forward(none).sum().backward();
    expect(none.grad?.tolist()).toEqual([0, 0, 0]);
    expect(() => new FeatureLPPooling(17, 1, 2)).toThrow("FeatureLPPooling: width must be");
    expect(() => new FeatureLPPooling(2, 5, 2)).toThrow("FeatureLPPooling: stride must be");
  });
});

describe("normalizations", () => {
  const kernel = tensor(
    [
      [1, 2, 1],
      [2, 4, 2],
      [1, 2, 1],
      [3, 1, 0],
      [1, 1, 2],
    ],
    double,
  ); // 5 by 3
  const k = reader(kernel);
  const x = randn([2, 4, 6], double);
  const at = reader(x);
  /** The weighted sum of a neighbourhood in both planes, and what of the kernel lies inside of the image. */
  const around = (i: number, j: number, of: (value: number) => number) => {
    let [total, inside] = [0, 0];
    for (let h = 0; h < 5; h++)
      for (let v = 0; v < 3; v++) {
        const [p, q] = [i + h - 2, j + v - 1];
        if (p < 0 || p >= 4 || q < 0 || q >= 6) continue;
        total += k(h, v) * (of(at(0, p, q)) + of(at(1, p, q)));
        inside += 2 * k(h, v);
      }
    const whole = 2 * kernel.sum().item();
    return { mean: total / whole, coverage: inside / whole };
  };
  test("SpatialSubtractiveNormalization takes off the mean of a neighbourhood in all planes", () => {
    const expected = made([2, 4, 6], (c, i, j) => {
      const { mean, coverage } = around(i, j, (value) => value);
      return at(c, i, j) - mean / coverage;
    });
    const layer = new SpatialSubtractiveNormalization(2, kernel);
    close(layer.forward(x), expected);
    close(layer.forward(x.unsqueeze(0).expand([3, 2, 4, 6])).select(0, 2), expected);
    expect([...layer.parameters()].length).toBe(0);
    expect(kernel.sum().item()).toBe(24); // the caller's own stays as it is
    close(
      new SpatialSubtractiveNormalization().double().forward(ones([1, 20, 20], double)),
      zeros([1, 20, 20], double),
    );
  });
  test("SpatialDivisiveNormalization divides by the deviation of a neighbourhood in all planes", () => {
    const expected = made([2, 4, 6], (c, i, j) => {
      const { mean, coverage } = around(i, j, (value) => value * value);
      const deviation = Math.sqrt(mean) / coverage;
      return at(c, i, j) / (deviation > 1 ? deviation : 0.5);
    });
    const layer = new SpatialDivisiveNormalization(2, kernel, { threshold: 1, value: 0.5 });
    close(layer.forward(x), expected);
    const none = zeros([2, 4, 6], { requiresGrad: true, ...double });
    const y = layer.forward(none);
    expect(y.abs().sum().item()).toBe(0);
    y.sum().backward();
    close(none.grad as Tensor, ones([2, 4, 6], double).mul(2));
    expect([layer.threshold, new SpatialDivisiveNormalization().threshold]).toEqual([1, 1e-4]);
  });
  test("a kernel of one dimension stands for its product with itself", () => {
    const line = tensor([1, 2, 3, 2, 1], double);
    const square = line.unsqueeze(1).mul(line);
    for (const Class of [
      SpatialSubtractiveNormalization,
      SpatialDivisiveNormalization,
      SpatialContrastiveNormalization,
    ])
      close(new Class(2, line).forward(x), new Class(2, square).forward(x));
  });
  test("SpatialContrastiveNormalization is one after the other", () => {
    const y = new SpatialDivisiveNormalization(2, kernel).forward(
      new SpatialSubtractiveNormalization(2, kernel).forward(x),
    );
    close(new SpatialContrastiveNormalization(2, kernel).forward(x), y);
  });
  test("kernels have odd sizes", () => {
    expect(() => new SpatialSubtractiveNormalization(1, ones([2, 3]))).toThrow("of odd sizes, got [2,3]");
    expect(() => new SpatialContrastiveNormalization(1, ones([3, 3, 3]))).toThrow("one or two dimensions");
    expect(() => new SpatialDivisiveNormalization(2).forward(zeros([1, 4, 4]))).toThrow("x must be [2, H, W]");
  });
});
