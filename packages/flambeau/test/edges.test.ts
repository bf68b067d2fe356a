import * as fl from "flambeau";
import { describe, expect, test } from "vitest";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const values = (x: fl.Tensor | null): unknown => x?.reshape([-1]).tolist();

test("what does not count is not looked at", () => {
  const x = fl.tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  const target = fl.tensor([-100, 1], { dtype: "int32" });
  const weight = fl.tensor([nan, 1]);
  const loss = fl.losses.nll(x, target, { weight });
  expect(loss.item()).toBe(-4);
  expect(values(fl.grad(loss, [x])[0])).toEqual([0, 0, 0, -1]);
  const entropy = fl.losses.crossEntropy(x, target, { weight });
  expect(entropy.item()).toBeCloseTo(0.3132617, 6);
  expect(values(fl.grad(entropy, [x])[0])).toEqual([0, 0, expect.closeTo(0.2689414, 6), expect.closeTo(-0.2689414, 6)]);
});

test("the nearest element of an image goes by sizes that are equal or doubled, that of a line by the factor", () => {
  const line = fl.tensor([[[0, 1, 2, 3, 4, 5]]]);
  expect(values(fl.interpolate(line, { scaleFactor: 2.05 }))).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
  expect(values(fl.interpolate(line.unsqueeze(2), { scaleFactor: [1, 2.05] }))).toEqual([
    0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
  ]);
  expect(values(fl.interpolate(fl.tensor([[[0, 1]]]), { scaleFactor: 1.3 }))).toEqual([0, 0]);
  expect(values(fl.interpolate(fl.tensor([[[[0, 1]]]]), { scaleFactor: [1, 1.3] }))).toEqual([0, 1]);
});

test.each([
  [2, [-inf, inf], [inf]],
  [3, [1, -1], [inf]],
])("a variance with correction %d of two elements", (correction, slopes, figures) => {
  const x = fl.tensor([[1], [2]], { requiresGrad: true });
  const y = x.var(0, { correction });
  expect(values(y)).toEqual(figures);
  expect(values(fl.grad(y.sum(), [x])[0])).toEqual(slopes);
});

test("factors of 0 leave their term out", () => {
  const [one, two, bad] = [fl.tensor([[1]]), fl.tensor([[2]]), fl.tensor([[inf]])];
  expect(values(fl.addmm(bad, one, two, { beta: 0 }))).toEqual([2]);
  expect(values(fl.addmm(one, bad, two, { alpha: 0 }))).toEqual([1]);
  expect(values(fl.addmv(fl.tensor([1]), bad, fl.tensor([2]), { alpha: 0 }))).toEqual([1]);
  const a = fl.tensor([[inf]], { requiresGrad: true });
  expect(values(fl.grad(fl.addmm(one, a, two, { alpha: 0 }), [a])[0])).toEqual([0]);
});

test("gridSample takes NaN for the first element beside edges and for outside beside zeros", () => {
  const image = fl.tensor(
    [
      [
        [
          [0, 1],
          [2, 3],
        ],
      ],
    ],
    { requiresGrad: true },
  );
  const grid = fl.tensor([
    [
      [
        [nan, 0],
        [0, nan],
        [inf, 0],
        [0, -inf],
      ],
    ],
  ]);
  const sample = (options: fl.GridSampleOptions) => fl.gridSample(image, grid, { ...options, alignCorners: false });
  expect(values(sample({ paddingMode: "border" }))).toEqual([1, 0.5, 2, 0.5]);
  expect(values(sample({ paddingMode: "reflection" }))).toEqual([1, 0.5, 1, 0.5]);
  expect(values(sample({ mode: "nearest", paddingMode: "border" }))).toEqual([0, 0, 1, 0]);
  expect(values(sample({ mode: "nearest" }))).toEqual([0, 0, 0, 0]);
  for (const mode of ["bilinear", "nearest"] as const)
    expect(values(fl.grad(sample({ mode }).sum(), [image])[0])).toEqual([0, 0, 0, 0]);
});

test("histc refuses a range that is not finite, and bce what is no probability", () => {
  expect(() => fl.tensor([1, inf, 2]).histc(4)).toThrow(/range from 1 to Infinity must be finite/);
  expect(() => fl.tensor([1, nan, 2]).histc(4)).toThrow(/must be finite/);
  expect(values(fl.tensor([1, inf, nan, 2]).histc(4, 0, 4))).toEqual([0, 1, 1, 0]);
  for (const p of [1.5, -0.1, nan])
    expect(() => fl.losses.bce(fl.tensor([0.5, p]), fl.ones([2]))).toThrow(/between 0 and 1/);
  expect(fl.losses.bce(fl.tensor([1, 0]), fl.tensor([1, 0])).item()).toBe(0);
});

// figures of PyTorch 2.13
describe.each(["float32", "float64"] as const)("infinite weights in %s", (dtype) => {
  const tensor = (data: Parameters<typeof fl.tensor>[0], requiresGrad = false) =>
    fl.tensor(data, { dtype, requiresGrad });

  test("a transposed convolution adds them only where their taps lie", () => {
    const x = tensor([[[[2]]]]);
    const w = tensor([
      [
        [
          [1, 2],
          [3, -inf],
        ],
      ],
    ]);
    expect(values(fl.convTranspose2d(x, w))).toEqual([2, 4, 6, -inf]);
    expect(values(fl.convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, -inf]]]), null, { stride: 2 }))).toEqual([
      1,
      -inf,
      2,
      -inf,
    ]);
    const strided = fl.convTranspose2d(tensor([[[[10, 1]]]]), w, null, { stride: 3 });
    expect(values(strided)).toEqual([10, 20, 0, 1, 2, 30, -inf, 0, 3, -inf]);
  });

  test.each([
    [1, [1, inf, inf]],
    [2, [1, inf, 0]],
  ])("the input gradient of conv1d with stride %d", (stride, figures) => {
    const x = tensor([[[1, 2, 3]]], true);
    fl.conv1d(x, tensor([[[1, inf]]]), null, { stride })
      .sum()
      .backward();
    expect(values(x.grad)).toEqual(figures);
  });

  test("the input gradient of conv2d, also where weights outnumber its elements, and of one filter a channel", () => {
    const x = fl.ones([1, 1, 3, 3], { dtype, requiresGrad: true });
    const w = tensor([
      [
        [
          [1, 2],
          [3, inf],
        ],
      ],
    ]);
    const figures = [1, 3, 2, 4, inf, inf, 3, inf, inf];
    expect(values(fl.grad(fl.conv2d(x, w).sum(), [x])[0])).toEqual(figures);
    const many = fl.cat([w, fl.zeros([15, 1, 2, 2], { dtype })]);
    expect(values(fl.grad(fl.conv2d(x, many).sum(), [x])[0])).toEqual(figures);
    const two = fl.ones([1, 2, 3, 3], { dtype, requiresGrad: true });
    const each = fl.cat([w, fl.ones([1, 1, 2, 2], { dtype })]);
    const [g] = fl.grad(fl.conv2d(two, each, null, { groups: 2 }).sum(), [two]);
    expect(values(g)).toEqual([...figures, 1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });

  test("the input gradient of 3 by 3 filters of many channels", () => {
    const x = fl.ones([1, 16, 8, 8], { dtype, requiresGrad: true });
    const w = fl.ones([16, 16, 3, 3], { dtype });
    w.setAt_(inf, 0, 0, 0, 0);
    const [g] = fl.grad(fl.conv2d(x, w, null, { padding: 1 }).sum(), [x]);
    // the tap at the upper left reaches all but the last row and column of the first channel
    const plane = g.select(1, 0).select(0, 0);
    expect(values(plane.eq(inf))).toEqual(Array.from({ length: 64 }, (_, i) => i % 8 < 7 && i < 56));
    expect(g.isnan().any().item()).toBe(0);
    expect(g.select(1, 1).eq(inf).any().item()).toBe(0);
  });

  test("max pooling of -Infinity beside padding takes the window's first cell", () => {
    const x = fl.full([1, 1, 4, 4], -inf, { dtype, requiresGrad: true });
    x.maxPool2d(2, { padding: 1 }).sum().backward();
    expect(values(x.grad)).toEqual([1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1, 0, 1]);
  });

  test("a window of padding alone gives its gradient to where PyTorch has it, or to none outside of the plane", () => {
    const x = tensor(
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
          [
            [5, 6],
            [7, 8],
          ],
        ],
      ],
      true,
    );
    const y = x.maxPool2d(2, { stride: 2, padding: 1, dilation: 3 });
    expect(values(y)).toEqual([-inf, -inf]);
    y.sum().backward();
    expect(values(x.grad)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const column = tensor([[[[1], [2], [3]]]], true);
    column
      .maxPool2d(2, { stride: [3, 4], padding: [0, 1], dilation: 2, ceilMode: true })
      .sum()
      .backward();
    expect(values(column.grad)).toEqual([0, 1, 0]);
  });

  test("NaN passes through a convolution to what its window covers", () => {
    const y = fl.conv1d(tensor([[[nan, 1, 1, 1]]]), tensor([[[1, 1]]]));
    expect(values(y)).toEqual([nan, 2, 2]);
  });
});
