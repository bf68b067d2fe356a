// What Torch7's doc/criterion.md and the sources of its criterions say, with the figures of its tests.
import { losses, manualSeed, nn, optim, rand, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  ClassSimplexCriterion,
  ConcatTable,
  CriterionTable,
  DistanceRatioCriterion,
  L1Cost,
  L1HingeEmbeddingCriterion,
  MarginCriterion,
  ModuleCriterion,
  ModuleFromCriterion,
  MultiCriterion,
  NarrowTable,
  Normalize,
  PairwiseDistance,
  ParallelCriterion,
  ParallelTable,
  Sequential,
  SpatialAutoCropMSECriterion,
  WeightedMSECriterion,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const gradientOf = (x: Tensor, loss: (x: Tensor) => Tensor): unknown => {
  const leaf = x.detach().clone();
  leaf.requiresGrad = true;
  loss(leaf).backward();
  return leaf.grad?.add(0).tolist(); // without negative zeros
};

describe("MarginCriterion", () => {
  const [x, y] = [tensor([0.5, 2, -1, 0.25]), tensor([1, 1, 1, -1])];
  test("is the mean of hinges", () => {
    // 0.5 + 0 + 2 + 1.25, by hand
    expect(new MarginCriterion().forward(x, y).item()).toBeCloseTo(3.75 / 4, 6);
    expect(new MarginCriterion(1, { sizeAverage: false }).forward(x, y).item()).toBeCloseTo(3.75, 6);
    expect(new MarginCriterion(0.5).forward(x, y).item()).toBeCloseTo((0 + 0 + 1.5 + 0.75) / 4, 6);
    expect(gradientOf(x, (v) => new MarginCriterion().forward(v, y))).toEqual([-0.25, 0, -0.25, 0.25]);
    expect(gradientOf(tensor([1]), (v) => new MarginCriterion().forward(v, tensor([1])))).toEqual([0]); // at the margin
    expect(() => new MarginCriterion().forward(x, tensor([1]))).toThrow(
      "input and target need one shape, got [4] and [1]",
    );
  });
  test("separates the two points of the documentation's example, to a loss of 0", () => {
    manualSeed(4);
    const net = new nn.Linear(5, 1);
    const points = [
      [rand([5]), tensor([1])],
      [rand([5]), tensor([-1])],
    ] as const;
    const criterion = new MarginCriterion(1);
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.05 });
    for (let i = 0; i < 1000; i++)
      for (const [at, target] of points) {
        optimizer.zeroGrad();
        criterion.forward(net.forward(at), target).backward();
        optimizer.step();
      }
    for (const [at, target] of points) {
      expect(net.forward(at).mul(target).item()).toBeGreaterThan(0.9);
      expect(criterion.forward(net.forward(at), target).item()).toBeLessThan(0.1);
    }
  });
});

describe("L1HingeEmbeddingCriterion", () => {
  const pair = [tensor([1, 2, 3]), tensor([1.5, 2, 2])];
  test("is the distance of similar ones, what is left of the margin of others", () => {
    expect(new L1HingeEmbeddingCriterion().forward(pair, 1).item()).toBe(1.5);
    expect(new L1HingeEmbeddingCriterion().forward(pair, -1).item()).toBe(0);
    expect(new L1HingeEmbeddingCriterion(2).forward(pair, -1).item()).toBe(0.5);
    for (const y of [1, -1])
      expect(new L1HingeEmbeddingCriterion(2).forward(pair, tensor([y])).item()).toBe(y === 1 ? 1.5 : 0.5);
  });
  test("has Torch7's gradients", () => {
    const of = (margin: number, y: number) =>
      gradientOf(pair[0], (x) => new L1HingeEmbeddingCriterion(margin).forward([x, pair[1]], y));
    expect(of(1, 1)).toEqual([-1, 0, 1]);
    expect(of(2, -1)).toEqual([1, 0, -1]);
    expect(of(1, -1)).toEqual([0, 0, 0]);
    expect(() => new L1HingeEmbeddingCriterion().forward(pair, 0)).toThrow(
      "the target is 1, -1 or a tensor of one such element, got 0",
    );
    expect(() => new L1HingeEmbeddingCriterion().forward(pair, tensor([1, 1]))).toThrow("got one of [2]");
  });
});

describe("DistanceRatioCriterion", () => {
  test("has the figures of Torch7's test", () => {
    const [x, y] = [zeros([32, 1]).add(1), zeros([32, 1]).add(1)];
    const criterion = new DistanceRatioCriterion();
    expect(criterion.forward([x, y]).item()).toBeCloseTo(1 + Math.log(2 * Math.exp(-1)), 6);
    const sums = [0, 1].map((i) =>
      (gradientOf(i === 0 ? x : y, (v) => criterion.forward(i === 0 ? [v, y] : [x, v])) as number[][])
        .flat()
        .reduce((a, b) => a + b),
    );
    expect(sums[0]).toBeCloseTo(0.5, 6);
    expect(sums[1]).toBeCloseTo(-0.5, 6);
    expect(new DistanceRatioCriterion({ sizeAverage: false }).forward([x, y]).item()).toBeCloseTo(32 * Math.LN2, 4);
  });
  test("stays finite for large distances", () => {
    expect(new DistanceRatioCriterion().forward([tensor([1000]), tensor([10])]).item()).toBe(990);
  });
  test("trains the triplets of the documentation's example", () => {
    manualSeed(3);
    const embedding = new Sequential(new nn.Linear(16, 8), new nn.ReLU());
    const model = new Sequential(
      new ParallelTable(embedding, embedding, embedding),
      new ConcatTable(
        new Sequential(new NarrowTable(0, 2), new PairwiseDistance()),
        new Sequential(new NarrowTable(1, 2), new PairwiseDistance()),
      ),
    );
    const sample = [rand([32, 16]), rand([32, 16]), rand([32, 16])];
    const criterion = new DistanceRatioCriterion();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    const errors = Array.from({ length: 20 }, () => {
      const loss = criterion.forward(model.forward<Tensor[]>(sample));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    expect(errors[19]).toBeLessThan(errors[0]);
    expect([...model.parameters()].length).toBe(2);
  });
});

describe("ClassSimplexCriterion", () => {
  test.each([[2], [3], [7], [30]])("has the vertices of a regular simplex for %i classes", (n) => {
    const { simplex } = new ClassSimplexCriterion(n);
    const products = simplex.matmul(simplex.t()).tolist() as number[][];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) expect(products[i][j]).toBeCloseTo(i === j ? 1 : -1 / (n - 1), 5);
    for (const each of simplex.select(1, n - 1).tolist() as number[]) expect(each).toBe(0);
  });
  test("is the mean square from the vertex of the class", () => {
    const criterion = new ClassSimplexCriterion(4);
    const x = randn([3, 4]);
    const classes = tensor([3, 0, 3], { dtype: "int32" });
    const expected = losses.mse(x, criterion.simplex.indexSelect(0, classes)).item();
    expect(criterion.forward(x, classes).item()).toBeCloseTo(expected, 6);
    expect(criterion.forward(x.select(0, 1), 0).item()).toBeCloseTo(
      losses.mse(x.select(0, 1), criterion.simplex.select(0, 0)).item(),
      6,
    );
    expect(new ClassSimplexCriterion(4, { sizeAverage: false }).forward(x, classes).item()).toBeCloseTo(
      expected * 12,
      4,
    );
    expect(() => criterion.forward(x.select(0, 1), 4)).toThrow("ClassSimplexCriterion: target must be");
    expect(() => criterion.forward(x, tensor([0, 1]))).toThrow("input must be [2,4], got [3,4]");
    expect(() => new ClassSimplexCriterion(1)).toThrow("nClasses must be");
  });
  test("finds the class again", () => {
    const criterion = new ClassSimplexCriterion(5);
    const noisy = criterion.simplex.add(randn([5, 5]).mul(0.05));
    expect(criterion.getTopPrediction(noisy).tolist()).toEqual([0, 1, 2, 3, 4]);
    expect(criterion.getTopPrediction(noisy.select(0, 3)).tolist()).toEqual([3]);
    expect(criterion.getPredictions(noisy).shape).toEqual([5, 5]);
  });
  test("trains a net that ends in Normalize", () => {
    manualSeed(6);
    const net = new Sequential(
      new nn.Linear(2, 16),
      new nn.ReLU(),
      new nn.Linear(16, 3, { bias: false }),
      new Normalize(2),
    );
    const criterion = new ClassSimplexCriterion(3);
    const x = tensor([
      [0, 1],
      [1, 0],
      [-1, -1],
    ]);
    const y = tensor([0, 1, 2], { dtype: "int32" });
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.05 });
    for (let i = 0; i < 100; i++) {
      optimizer.zeroGrad();
      criterion.forward(net.forward(x), y).backward();
      optimizer.step();
    }
    expect(criterion.getTopPrediction(net.forward(x)).tolist()).toEqual([0, 1, 2]);
  });
});

describe("squares", () => {
  test("SpatialAutoCropMSECriterion compares with the middle", () => {
    const [x, y] = [randn([2, 3, 3, 4]), randn([2, 3, 6, 9])];
    const middle = y.narrow(2, 1, 3).narrow(3, 2, 4); // floor(3 / 2), floor(5 / 2)
    const criterion = new SpatialAutoCropMSECriterion();
    expect(criterion.forward(x, y).item()).toBeCloseTo(losses.mse(x, middle).item(), 6);
    expect(criterion.forward(x.select(0, 1), y.select(0, 1)).item()).toBeCloseTo(
      losses.mse(x.select(0, 1), middle.select(0, 1)).item(),
      6,
    );
    expect(criterion.forward(x, x).item()).toBe(0);
    expect(() => criterion.forward(y, x)).toThrow("a target with images that are no smaller");
    expect(() => criterion.forward(x, y.narrow(1, 0, 2))).toThrow(
      "input and target need one shape, got [2,3,3,4] and [2,2,3,4]",
    );
  });
  test("WeightedMSECriterion weighs the target", () => {
    const [x, y, w] = [randn([4, 3]), randn([4, 3]), tensor([1, 2, 3])];
    expect(new WeightedMSECriterion(w).forward(x, y).item()).toBeCloseTo(losses.mse(x, y.mul(w)).item(), 5);
    const whole = rand([4, 3]);
    expect(new WeightedMSECriterion(whole).forward(x, y).item()).toBeCloseTo(losses.mse(x, y.mul(whole)).item(), 5);
    expect(() => new WeightedMSECriterion(tensor([1])).forward(x, y)).toThrow("a weight [1] fits neither [4,3]");
  });
  test("L1Cost is a sum", () => {
    expect(
      new L1Cost()
        .forward(
          tensor([
            [1, -2],
            [0, 3],
          ]),
        )
        .item(),
    ).toBe(6);
    expect(gradientOf(tensor([1, -2, 0]), (x) => new L1Cost().forward(x))).toEqual([1, -1, 0]);
  });
});

describe("several", () => {
  test("MultiCriterion's example is the weighted sum", () => {
    const x = rand([2, 10]).logSoftmax(1);
    const target = tensor([0, 7], { dtype: "int32" });
    const [nll, ce] = [new losses.NLLLoss(), new losses.CrossEntropyLoss()];
    const both = new MultiCriterion().add(nll, 0.5).add(ce);
    expect(both.forward(x, target).item()).toBeCloseTo(
      0.5 * nll.forward(x, target).item() + ce.forward(x, target).item(),
      5,
    );
    expect(() => new MultiCriterion().forward(x, target)).toThrow("MultiCriterion: has no criterions");
    expect(() => new MultiCriterion().add(1 as never)).toThrow("a criterion has a forward(input, target), got 1");
  });
  test("ParallelCriterion's example, and one target for all", () => {
    const inputs = [rand([2, 10]).logSoftmax(1), randn([2, 10])];
    const targets = [tensor([0, 7], { dtype: "int32" }), randn([2, 10])];
    const [nll, mse] = [new losses.NLLLoss(), new losses.MSELoss()];
    const each = new ParallelCriterion().add(nll, 0.5).add(mse);
    const expected = 0.5 * nll.forward(inputs[0], targets[0]).item() + mse.forward(inputs[1], targets[1]).item();
    expect(each.forward(inputs, targets).item()).toBeCloseTo(expected, 5);
    const repeated = new ParallelCriterion({ repeatTarget: true }).add(mse).add(mse, 2);
    const one = targets[1];
    const sum = mse.forward(inputs[0], one).item() + 2 * mse.forward(inputs[1], one).item();
    expect(repeated.forward(inputs, one).item()).toBeCloseTo(sum, 5);
    expect(() => each.forward([inputs[0]], targets)).toThrow("has 2 criterions, got 1 inputs and 2 targets");
  });
  test("parameters of criterions are found", () => {
    const inner = new ModuleCriterion(new losses.MSELoss(), new nn.Linear(2, 1));
    expect([...new MultiCriterion().add(inner).add(new L1Cost()).stateDict().keys()]).toEqual([
      "0.inputModule.weight",
      "0.inputModule.bias",
    ]);
  });
  test("CriterionTable's example has a loss of 0 of a tensor and itself", () => {
    const [x, y] = [randn([5]), randn([5])];
    const module = new CriterionTable(new losses.MSELoss());
    expect(module.forward([x, x]).item()).toBe(0);
    expect(module.forward([x, y]).item()).toBeCloseTo(losses.mse(x, y).item(), 6);
    expect(() => module.forward([x])).toThrow("CriterionTable: takes a list of 2, got one of 1");
  });
  test("ModuleCriterion puts modules before", () => {
    const [x, y] = [randn([2, 3]), randn([2, 3])];
    const criterion = new ModuleCriterion(new losses.MSELoss(), new nn.Tanh(), new nn.ReLU());
    expect(criterion.forward(x, y).item()).toBeCloseTo(losses.mse(x.tanh(), y.relu()).item(), 6);
    expect(new ModuleCriterion(new losses.MSELoss()).forward(x, y).item()).toBeCloseTo(losses.mse(x, y).item(), 6);
  });
  test("ModuleFromCriterion keeps gradients from the target", () => {
    const [x, y] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 4], { requiresGrad: true })];
    const out = new ModuleFromCriterion(new losses.MSELoss()).forward([x, y]);
    expect(out.tolist()).toEqual([2]);
    out.sum().backward();
    expect([x.grad?.tolist(), y.grad]).toEqual([[0, -2], null]);
  });
});
