import * as fl from "flambeau";
import { losses, type Tensor, tensor } from "flambeau";
import { describe, expect, test } from "vitest";

const inf = Infinity;
type Values = Parameters<typeof tensor>[0];
const f64 = { dtype: "float64" } as const;
const leaf = (values: Values): Tensor => tensor(values, { ...f64, requiresGrad: true });
/** The slopes of `f` at `x` for the gradient `g` of each result. */
function slopes(f: (x: Tensor) => Tensor, values: Values, g = 1): unknown {
  const x = leaf(values);
  const y = f(x);
  return fl.grad([y], [x], { gradOutputs: [fl.fullLike(y, g)] })[0].tolist();
}
/** The slopes of the sum of the slopes, for the gradient `g` of each result. */
function curvatures(f: (x: Tensor) => Tensor, values: Values, g = 1): unknown {
  const x = leaf(values);
  const y = f(x);
  const [once] = fl.grad([y], [x], { gradOutputs: [fl.fullLike(y, g)], createGraph: true });
  return fl.grad([once.sum()], [x])[0].add(0).tolist(); // 0 for -0
}

// figures of PyTorch 2.13
describe("products", () => {
  test("are divided by infinite factors where there is no 0, so that these have no slope", () => {
    expect(slopes((x) => x.prod(), [2, inf, 3])).toEqual([inf, NaN, inf]);
    expect(slopes((x) => x.prod(), [2, NaN, 3])).toEqual([NaN, NaN, NaN]);
    expect(slopes((x) => x.prod(), [0, inf, 3])).toEqual([inf, 0, NaN]);
    const rows = (last: number) => [
      [2, inf],
      [1, last],
    ];
    expect(slopes((x) => x.prod(1), rows(0))).toEqual([
      [inf, 2],
      [0, 1],
    ]);
    expect(slopes((x) => x.prod(1), rows(1))).toEqual([
      [inf, NaN],
      [1, 1],
    ]);
  });
  test("of two zeros have no slope, whatever comes back, but along a dimension", () => {
    expect(slopes((x) => x.prod(), [0, 0, 3], NaN)).toEqual([0, 0, 0]);
    expect(slopes((x) => x.prod(), [0, 2, 3], NaN)).toEqual([NaN, NaN, NaN]);
    expect(slopes((x) => x.prod(0), [0, 0, 3], NaN)).toEqual([NaN, NaN, NaN]);
  });
  test("that run have none behind a 0, whatever comes back", () => {
    expect(slopes((x) => x.cumprod(0), [2, inf, 3])).toEqual([inf, NaN, inf]);
    expect(slopes((x) => x.cumprod(0), [inf])).toEqual([1]);
    const weights = tensor([1, NaN, NaN], f64);
    expect(slopes((x) => x.cumprod(0).mul(weights), [2, 0, 4])).toEqual([1, NaN, 0]);
  });
});

describe("interpolations", () => {
  const row = tensor([[[[1, inf, 3, 4]]]], f64);
  const of = (x: Tensor, options: fl.InterpolateOptions): unknown => fl.interpolate(x, options).flatten().tolist();
  test("read with weight 0, too", () => {
    expect(of(row, { size: [1, 7], mode: "bilinear", alignCorners: true })).toEqual([NaN, NaN, NaN, NaN, 3, 3.5, 4]);
    expect(of(row, { size: [2, 4], mode: "bilinear" })).toEqual([1, NaN, 3, 4, 1, NaN, 3, 4]);
    const wider = [NaN, inf, inf, inf, inf, 3.25, 3.75, 4];
    expect(of(row.squeeze(0), { size: 8, mode: "linear" })).toEqual(wider);
    expect(of(row, { size: [1, 8], mode: "bilinear" })).toEqual(wider.map((v) => (v === inf ? NaN : v)));
  });
  test("leave a size that stays as it is, whatever the factor", () => {
    const line = tensor([[[1, 2, 4]]], f64);
    expect(of(line, { scaleFactor: 1.3, mode: "linear" })).toEqual([1, 2, 4]);
    const image = line.unsqueeze(2);
    expect(of(image, { scaleFactor: [1, 1.3], mode: "bilinear" })).toEqual([1, 2, 4]);
    expect(of(image, { scaleFactor: [1, 1.3], mode: "bicubic", antialias: true })).toEqual([1, 2, 4]);
    const cubic = of(image, { scaleFactor: [1, 1.3], mode: "bicubic" }) as number[]; // one dimension
    [0.9322799444198608, 1.4492769241333008, 2.9329917430877686].forEach((v, i) => {
      expect(cubic[i]).toBeCloseTo(v, 5); // its factor is a float32
    });
  });
});

describe("statistics", () => {
  test.each([
    [[1, inf], inf],
    [[inf, 1], NaN],
    [[inf, inf], NaN],
    [[1, -inf, 2], NaN],
    [[inf], inf],
  ])("of %j: the mean beside variance and deviation is %d", (values, mean) => {
    const x = tensor(values, f64);
    for (const [spread, middle] of [x.varMean(0), x.stdMean(0)]) {
      expect(spread.item()).toBeNaN();
      expect(middle.item()).toBe(mean);
    }
  });
  test("varMean and stdMean have the slopes of what they are made of", () => {
    const values = [
      [1, 2, 4],
      [3, 3, 5],
    ];
    for (const [both, spread] of [
      [fl.varMean, fl.variance],
      [fl.stdMean, fl.std],
    ] as const) {
      const sum = (x: Tensor): Tensor => both(x, 1)[0].add(both(x, 1)[1].mul(2));
      const parts = (x: Tensor): Tensor => spread(x, 1).add(fl.mean(x, 1).mul(2));
      for (const take of [slopes, curvatures]) {
        const [ours, theirs] = [take(sum, values), take(parts, values)].map((v) => (v as number[][]).flat());
        ours.forEach((v, i) => {
          expect(v).toBeCloseTo(theirs[i], 12);
        });
      }
    }
  });
  test("the deviation of numbers whose squares overflow does not", () => {
    const x = tensor([1e30, 0, 0, 0], { requiresGrad: true });
    expect((x.std().item() as number) / 1e30).toBeCloseTo(0.5, 6);
    expect(x.variance().item()).toBe(inf);
    (fl.grad([x.std()], [x])[0].tolist() as number[]).forEach((v, i) => {
      expect(v).toBeCloseTo(i === 0 ? 1 / 2 : -1 / 6, 6);
    });
  });
  test("the norm of one element is its magnitude, of a 0-d tensor a root of a power", () => {
    const x = tensor([[1e30], [-2]]);
    for (const p of [3, 0.5, -1]) expect(x.norm(p, 1).tolist()).toEqual([Math.fround(1e30), 2]);
    expect(fl.normalize(x, { p: 3, dim: 1 }).tolist()).toEqual([[1], [-1]]);
    expect(tensor(1e30).norm(3).item()).toBe(inf);
  });
  test("a range without width has its elements in the middle bin", () => {
    expect(tensor([1e30]).histc(2).tolist()).toEqual([0, 1]);
    expect(tensor([1e30, 1e30]).histc(5).tolist()).toEqual([0, 0, 2, 0, 0]);
  });
  test("the median of no integers is what NaN is as one", () => {
    const none = (dtype: fl.DType): unknown => fl.zeros([0], { dtype }).median().item();
    expect([none("int16"), none("int32"), none("int64")]).toEqual([0, -(2 ** 31), -(2n ** 63n)]);
  });
});

test("a factor of 0 leaves a product out, but that of vectors and of batches of few elements", () => {
  const a = tensor([
    [inf, 1],
    [-1, -1],
  ]);
  const [b, c] = [fl.ones([2, 2]), fl.full([2, 2], -1.5)];
  const without = { alpha: 0 };
  expect(fl.addmm(c, a, b, { alpha: 0, beta: 0 }).reciprocal().flatten().tolist()).toEqual([inf, inf, inf, inf]);
  expect(fl.addmv(c.select(0, 0), a, b.select(0, 0), without).tolist()).toEqual([-1.5, -1.5]);
  expect(fl.addbmm(c, a.unsqueeze(0), b.unsqueeze(0), without).flatten().tolist()).toEqual([-1.5, -1.5, -1.5, -1.5]);
  const kept = [NaN, NaN, -1.5, -1.5];
  expect(fl.baddbmm(c.unsqueeze(0), a.unsqueeze(0), b.unsqueeze(0), without).flatten().tolist()).toEqual(kept);
  expect(fl.addr(c, a.select(0, 0), b.select(0, 0), without).flatten().tolist()).toEqual(kept);
  const large = fl.ones([1, 8, 8]);
  large.setAt_(inf, 0, 0, 0);
  const ones = fl.ones([1, 8, 8]);
  expect(fl.baddbmm(ones, large, ones, without).sum().item()).toBe(64);
});

describe("curvatures", () => {
  test("of norms at 0", () => {
    const of = (p: number, values: readonly number[]): unknown => curvatures((x) => x.norm(p), values);
    expect(of(2, [0, 0])).toEqual([NaN, NaN]);
    expect(of(2, [0, 1])).toEqual([1, 0]);
    expect(of(3, [0, 0])).toEqual([0, 0]);
    for (const p of [1.5, 0.5, -1]) {
      expect(of(p, [0, 0])).toEqual([NaN, NaN]);
      expect(of(p, [0, 1])).toEqual([NaN, 0]);
    }
  });
  test("of sinc, copysign, atan2 and powers at 0", () => {
    expect(curvatures(fl.sinc, [0, 1])).toEqual([NaN, expect.closeTo(2, 12)]);
    expect(curvatures((x) => fl.copysign(x, 1), [0, -2])).toEqual([NaN, 0]);
    expect(curvatures((x) => fl.atan2(x, x), [0, 2])).toEqual([NaN, 0]);
    expect(curvatures((x) => x.pow(fl.zerosLike(x.detach())), [0, 2])).toEqual([NaN, 0]);
    expect(curvatures((x) => x.pow(2), [0, 2])).toEqual([2, 2]);
    expect(curvatures((x) => x.pow(1), [0, 2])).toEqual([0, 0]);
  });
  test("are multiplied by their masks", () => {
    const none = { reduction: "none" } as const;
    const zeros = fl.zeros([3], f64);
    const of = (loss: typeof losses.smoothL1) => (x: Tensor) => loss(x, zeros, none);
    for (const loss of [losses.smoothL1, losses.huber]) {
      expect(curvatures(of(loss), [NaN, 0.5, 3], inf)).toEqual([NaN, inf, NaN]);
      expect(curvatures(of(loss), [NaN, 0.5, 3])).toEqual([0, 1, 0]);
    }
    expect(curvatures(fl.elu, [0, -1], inf)).toEqual([NaN, inf]);
  });
  test("of digamma at its poles are infinite", () => {
    expect(curvatures(fl.digamma, [0, -1, -2])).toEqual([-inf, -inf, -inf]);
    expect(curvatures(fl.digamma, [1, -0.5])).toEqual([
      expect.closeTo(-2.404113806319188, 8),
      expect.closeTo(-0.82879664423432, 8),
    ]);
  });
});

test("the norm of order 0 gives no gradient", () => {
  const x = leaf([1, 2]);
  expect(fl.grad([x.norm(0)], [x], { allowUnused: true })).toEqual([null]);
});

test("the logarithm of what is below 0 is NaN without a sign", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor([-1, -3], { dtype });
    for (const f of [fl.log, fl.log2, fl.log10]) expect(fl.signbit(f(x)).tolist()).toEqual([false, false]);
  }
});
