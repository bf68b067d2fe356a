// Kmeans and SparseLinear of Torch7's doc/simple.md.
import {
  cat,
  gradcheck,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "flambeau";
import { Kmeans, SparseLinear } from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const close = (x: Tensor, y: Tensor, within = 1e-6) => {
  expect(x.shape).toEqual(y.shape);
  expect(x.sub(y).abs().max().item()).toBeLessThan(within);
};

describe("SparseLinear", () => {
  const pairs = tensor([
    [0, 0.1],
    [1, 0.3],
    [9, 0.3],
    [30, 0.2],
  ]);
  const dense = zeros([40]);
  for (const [i, v] of [
    [0, 0.1],
    [1, 0.3],
    [9, 0.3],
    [30, 0.2],
  ])
    dense.narrow(0, i, 1).fill_(v);
  test("computes what a linear layer does of the whole vector", () => {
    const layer = new SparseLinear(40, 3);
    noGrad(() => layer.bias.copy_(randn([3])));
    const linear = new nn.Linear(40, 3);
    linear.loadStateDict(layer.stateDict());
    close(layer.forward(pairs), linear.forward(dense));
    close(layer.forward(stack([pairs, pairs.flip(0)])), linear.forward(stack([dense, dense])));
    close(layer.forward([pairs, pairs.narrow(0, 0, 2)]).select(0, 0), linear.forward(dense));
    expect(layer.forward([zeros([0, 2])]).tolist()).toEqual([layer.bias.tolist()]);
    layer
      .forward(cat([pairs, pairs]))
      .sum()
      .backward();
    close(layer.weight.grad as Tensor, ones([3, 1]).mul(dense.mul(2)));
  });
  test("has gradients of its values and parameters", () => {
    const layer = new SparseLinear(6, 3).double();
    const values = randn([2, 2], { dtype: "float64", requiresGrad: true });
    const weight = layer.weight.detach().clone();
    weight.requiresGrad = true;
    const index = tensor(
      [
        [0, 3],
        [5, 5],
      ],
      { dtype: "float64" },
    );
    const run = (v: Tensor, w: Tensor) => nn.functionalCall(layer, { weight: w }, [stack([index, v], 2)]);
    expect(gradcheck(run, [values, weight])).toBe(true);
  });
  test("starts as Torch7's does, and says what it takes", () => {
    const layer = new SparseLinear(100, 50);
    expect(layer.weight.detach().abs().max().item()).toBeLessThanOrEqual(0.1);
    expect(layer.bias.detach().abs().max().item()).toBeLessThanOrEqual(1e-7);
    expect(layer.bias.detach().abs().max().item()).toBeGreaterThan(0);
    expect(() => layer.forward(zeros([3, 3]))).toThrow(
      "x is [pairs, 2] or [N, pairs, 2], pairs of an index and a value, got [3,3]",
    );
    expect(() => layer.forward([zeros([1, 3, 2])])).toThrow("x is [pairs, 2], pairs");
    expect(() => layer.forward(tensor([[100, 1]]))).toThrow(/100/);
  });
});

describe("Kmeans", () => {
  const blobs = (each: number) =>
    cat(
      [
        [0, 0],
        [10, 0],
        [0, 10],
      ].map((center) => randn([each, 2]).mul(0.5).add(tensor(center))),
    );
  const train = (km: Kmeans, x: Tensor, steps: number, lr = 1) => {
    const optimizer = new optim.SGD(km.parameters(), { lr });
    for (let i = 0; i < steps; i++) {
      optimizer.zeroGrad();
      km.loss(x).backward();
      optimizer.step();
    }
  };
  test("names the nearest center; its loss is the sum of squared distances to them", () => {
    const km = new Kmeans(3, 2);
    noGrad(() =>
      km.weight.copy_(
        tensor([
          [0, 0],
          [4, 0],
          [0, 4],
        ]),
      ),
    );
    const x = tensor([
      [1, 0],
      [3, 0],
      [0, 3],
      [5, 1],
    ]);
    expect(km.forward(x).tolist()).toEqual([0, 1, 2, 1]);
    expect(km.forward(x).requiresGrad).toBe(false);
    expect(km.loss(x).item()).toBe(1 + 1 + 1 + 2);
  });
  test("a step goes to the means, or some of the way, and leaves centers without samples", () => {
    const x = tensor(
      [
        [1, 0],
        [3, 2],
        [9, 9],
      ],
      { requiresGrad: true },
    );
    const start = tensor([
      [0, 0],
      [8, 8],
      [-50, -50],
    ]);
    for (const [scale, lr] of [
      [1, 1],
      [0.5, 1],
      [1, 0.5],
    ]) {
      const km = new Kmeans(3, 2, { scale });
      noGrad(() => km.weight.copy_(start));
      train(km, x, 1, lr);
      const all = tensor([
        [2, 1],
        [9, 9],
        [-50, -50],
      ]);
      close(km.weight.detach(), start.add(all.sub(start).mul(scale * lr)));
    }
    expect(x.grad).toBe(null); // no gradient comes to the samples
  });
  test("finds the groups of nntest.Kmeans, from centers of kmeans++, to a loss of 0", () => {
    manualSeed(1);
    const x = tensor(Array.from({ length: 200 }, (_, i) => new Array<number>(5).fill(1 + ((i * 7) % 3))));
    const km = new Kmeans(3, 5).initKmeansPlus(x);
    train(km, x, 20);
    expect(km.loss(x).item()).toBeLessThan(1e-5);
  });
  test("finds blobs again", () => {
    manualSeed(2);
    const x = blobs(50);
    const km = new Kmeans(3, 2).initKmeansPlus(x);
    train(km, x, 10);
    const names = km.forward(x).tolist() as number[];
    const groups = [0, 1, 2].map((g) => new Set(names.slice(50 * g, 50 * g + 50)));
    expect(groups.map((g) => g.size)).toEqual([1, 1, 1]);
    expect(new Set(names).size).toBe(3);
    for (let g = 0; g < 3; g++)
      close(km.weight.select(0, names[50 * g]).detach(), x.narrow(0, 50 * g, 50).mean(0), 1e-4);
  });
  test("centers are taken from samples, far ones by kmeans++", () => {
    manualSeed(3);
    const x = blobs(40);
    const rows = (x.tolist() as number[][]).map((row) => row.join());
    for (const km of [
      new Kmeans(3, 2).initRandom(x),
      new Kmeans(3, 2).initKmeansPlus(x),
      new Kmeans(3, 2).initKmeansPlus(x, 1),
    ])
      for (const center of km.weight.tolist() as number[][]) expect(rows).toContain(center.join());
    for (let i = 0; i < 5; i++) {
      const places = (new Kmeans(3, 2).initKmeansPlus(x).weight.tolist() as number[][]).map((row) =>
        Math.floor(rows.indexOf(row.join()) / 40),
      );
      expect(new Set(places).size).toBe(3); // one of each blob
    }
    expect(() => new Kmeans(3, 2).initRandom(zeros([2, 2]))).toThrow(
      "samples must be [N, 2] with N at least 3, got [2,2]",
    );
    expect(() => new Kmeans(3, 2).initKmeansPlus(x, 2)).toThrow("p must be from 0 to 1, got 2");
    expect(() => new Kmeans(3, 2).forward(zeros([4]))).toThrow("Kmeans: samples must be [N, 2], got [4]");
  });
});
