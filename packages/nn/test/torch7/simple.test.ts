// What Torch7's doc/simple.md says of its simple layers, with its figures; and the initial values of their sources.
import { losses, manualSeed, nn, noGrad, ones, optim, rand, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  Add,
  AddConstant,
  CAdd,
  Clamp,
  CMul,
  Constant,
  Cosine,
  CReLU,
  Euclidean,
  GradientReversal,
  L1Penalty,
  LinearWeightNorm,
  Max,
  Maxout,
  Min,
  Mul,
  MulConstant,
  Normalize,
  OneHot,
  PartialLinear,
  Sqrt,
  Sum,
  WeightedEuclidean,
  WhiteNoise,
  ZeroGrad,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const close = (x: Tensor, y: Tensor, within = 1e-6) => expect(x.sub(y).abs().max().item()).toBeLessThan(within);
const gradientOf = (run: (x: Tensor) => Tensor, values: readonly number[]): unknown => {
  const x = tensor(values, { requiresGrad: true });
  run(x).sum().backward();
  return x.grad?.tolist();
};

describe("learned shifts and factors find those of the data", () => {
  // the examples of doc/simple.md, with a larger step
  const learn = (layer: nn.Module, sizes: readonly number[], truth: (x: Tensor) => Tensor) => {
    manualSeed(3);
    const optimizer = new optim.SGD(layer.parameters(), { lr: 0.5 });
    for (let i = 0; i < 400; i++) {
      const x = rand(sizes);
      optimizer.zeroGrad();
      losses.mse(layer.forward(x), truth(x)).backward();
      optimizer.step();
    }
  };
  const steps = tensor([[1], [2], [3], [4], [5]]);
  test("Add", () => {
    const layer = new Add(5);
    learn(layer, [5], (x) => x.add(steps.flatten()));
    close(layer.bias, steps.flatten(), 1e-4);
  });
  test("Add of one number for all", () => {
    const layer = new Add(5, { scalar: true });
    learn(layer, [2, 5], (x) => x.add(3));
    expect(layer.bias.shape).toEqual([1]);
    expect(layer.bias.item()).toBeCloseTo(3, 4);
  });
  test("CAdd", () => {
    const layer = new CAdd(5, 1);
    learn(layer, [5, 4], (x) => x.add(steps));
    close(layer.bias, steps, 1e-4);
  });
  test("Mul", () => {
    const layer = new Mul();
    learn(layer, [5], (x) => x.mul(Math.PI));
    expect(layer.weight.tolist()).toEqual([expect.closeTo(Math.PI, 4)]);
  });
  test("CMul", () => {
    const layer = new CMul(5, 1);
    learn(layer, [5, 4], (x) => x.mul(steps));
    close(layer.weight, steps, 1e-2);
  });
  test("of one example go for each of a batch", () => {
    const layer = new CMul(2, 3);
    const x = randn([4, 2, 3]);
    close(layer.forward(x).select(0, 3), layer.forward(x.select(0, 3)));
    expect(() => layer.forward(randn([4, 5]))).toThrow("CMul: its parameter [2,3] fits neither [4,5]");
    expect(() => new CAdd(2, 0)).toThrow("CAdd: size 1 must be");
  });
});

describe("initial values", () => {
  const bound = (t: Tensor): number => t.detach().abs().max().item();
  test.each([
    ["Add", new Add(400).bias, 1 / 20],
    ["CAdd", new CAdd(20, 20).bias, 1 / 20],
    ["CMul", new CMul(20, 20).weight, 1 / 20],
    ["Euclidean", new Euclidean(100, 50).weight, 1 / 10],
    ["WeightedEuclidean", new WeightedEuclidean(100, 50).weight, 1 / 10],
    ["Cosine", new Cosine(50, 100).weight, 1 / 10],
    ["LinearWeightNorm", new LinearWeightNorm(100, 50).v, 1 / 10],
  ])("of %s are uniform, up to 1 / sqrt(size)", (_, parameter, most) => {
    expect(bound(parameter)).toBeLessThanOrEqual(most);
    expect(bound(parameter)).toBeGreaterThan(most * 0.98);
    expect(Math.abs(parameter.detach().mean().item())).toBeLessThan(most / 5);
  });
  test("of the others", () => {
    expect(new WeightedEuclidean(3, 2).diagCov.tolist()).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    const partial = new PartialLinear(100, 50);
    expect(partial.bias?.detach().abs().sum().item()).toBe(0);
    expect(partial.weight.std().item()).toBeCloseTo(1, 1);
    const normed = new LinearWeightNorm(4, 2);
    close(normed.g, normed.v.norm(2, 1).unsqueeze(1));
  });
});

describe("distances to centers", () => {
  const x = randn([3, 4], { dtype: "float64" });
  test("are Euclid's", () => {
    const layer = new Euclidean(4, 2, { dtype: "float64" });
    const y = layer.forward(x);
    for (let n = 0; n < 3; n++)
      for (let j = 0; j < 2; j++)
        expect(y.select(0, n).select(0, j).item()).toBeCloseTo(
          layer.weight.select(1, j).sub(x.select(0, n)).norm().item(),
          12,
        );
    close(layer.forward(x.select(0, 1)), y.select(0, 1), 1e-12);
    expect(layer.forward(x).shape).toEqual([3, 2]);
    const at = new Euclidean(1, 1);
    noGrad(() => at.weight.fill_(2));
    expect(gradientOf((v) => at.forward(v), [2])).toEqual([0]);
    expect(() => layer.forward(randn([3]))).toThrow("Euclidean: x must be [4] or [N, 4], got [3]");
  });
  test("are weighted ones", () => {
    const layer = new WeightedEuclidean(4, 2, { dtype: "float64" });
    noGrad(() => layer.diagCov.copy_(randn([4, 2])));
    const y = layer.forward(x);
    const expected = layer.weight.select(1, 1).sub(x.select(0, 2)).mul(layer.diagCov.select(1, 1)).norm().item();
    expect(y.select(0, 2).select(0, 1).item()).toBeCloseTo(expected, 12);
  });
  test("are cosines", () => {
    const layer = new Cosine(4, 2, { dtype: "float64" });
    const [w, v] = [layer.weight.select(0, 1), x.select(0, 2)];
    expect(layer.forward(x).select(0, 2).select(0, 1).item()).toBeCloseTo(
      w.dot(v).item() / ((w.norm().item() + 1e-12) * (v.norm().item() + 1e-12)),
      12,
    );
  });
});

describe("linear layers", () => {
  test("PartialLinear computes some outputs and keeps all parameters", () => {
    const layer = new PartialLinear(5, 3);
    noGrad(() => layer.bias?.copy_(tensor([[1, 2, 3]])));
    const x = randn([7, 5]);
    const all = layer.forward(x);
    close(all, x.matmul(layer.weight.t()).add(tensor([1, 2, 3])));
    const some = layer.setPartition([2, 0]).forward(x);
    close(some.select(1, 0), all.select(1, 2));
    close(some.select(1, 1), all.select(1, 0));
    some.sum().backward();
    expect(layer.weight.grad?.select(0, 1).abs().sum().item()).toBe(0);
    expect(layer.weight.grad?.select(0, 2).abs().sum().item()).toBeGreaterThan(0);
    close(layer.resetPartition().forward(x), all);
    close(layer.setPartition(tensor([1], { dtype: "int32" })).forward(x), all.narrow(1, 1, 1));
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
    expect(() => layer.setPartition([3])).toThrow("index 3 is out of range for 3 outputs");
    expect(new PartialLinear(5, 3, { bias: false }).forward(x).shape).toEqual([7, 3]);
  });
  test("LinearWeightNorm is a linear layer whose weights' lengths are g", () => {
    const linear = new nn.Linear(4, 3);
    const layer = LinearWeightNorm.fromLinear(linear);
    const x = randn([5, 4]);
    close(layer.forward(x), linear.forward(x));
    noGrad(() => layer.g.mul_(2));
    close(
      layer.forward(x).sub(linear.bias as Tensor),
      linear
        .forward(x)
        .sub(linear.bias as Tensor)
        .mul(2),
    );
    noGrad(() => layer.v.mul_(10)); // directions stay
    close(layer.toLinear().forward(x), layer.forward(x), 1e-5);
    expect(LinearWeightNorm.fromLinear(new nn.Linear(4, 3, { bias: false })).bias).toBe(null);
    expect(() => LinearWeightNorm.fromLinear(new nn.ReLU() as never)).toThrow(
      "LinearWeightNorm.fromLinear: takes a Linear",
    );
  });
  test("Maxout takes the largest of several linear layers", () => {
    const layer = new Maxout(4, 3, 2);
    const x = randn([5, 4]);
    const all = (layer.get(0) as nn.Linear).forward(x);
    close(layer.forward(x), all.narrow(1, 0, 3).maximum(all.narrow(1, 3, 3)));
    close(layer.forward(x.select(0, 2)), layer.forward(x).select(0, 2));
    const halved = new Maxout(4, 3, 2, new MulConstant(0.5));
    halved.loadStateDict(layer.stateDict());
    close(halved.forward(x), layer.forward(x).mul(0.5));
  });
  test("CReLU puts both parts beside each other, along the planes", () => {
    const x = randn([2, 3, 4, 5]);
    const y = new CReLU(3).forward(x);
    expect(y.shape).toEqual([2, 6, 4, 5]);
    close(y.narrow(1, 0, 3), x.relu());
    close(y.narrow(1, 3, 3), x.neg().relu());
    close(new CReLU(3).forward(x.select(0, 1)), y.select(0, 1));
  });
});

describe("what a backward pass does", () => {
  test("GradientReversal turns the sign, by lambda", () => {
    const layer = new GradientReversal();
    expect(layer.forward(tensor([1, -2])).tolist()).toEqual([1, -2]);
    const run = (x: Tensor) => layer.forward(x).mul(tensor([3, 4]));
    expect(gradientOf(run, [1, 2])).toEqual([-3, -4]);
    layer.setLambda(0.5);
    expect(gradientOf(run, [1, 2])).toEqual([-1.5, -2]);
  });
  test("ZeroGrad's example", () => {
    const layer = new ZeroGrad();
    expect(layer.forward(tensor([1, 2])).tolist()).toEqual([1, 2]);
    expect(gradientOf((x) => layer.forward(x).mul(tensor([3, 4])), [1, 2])).toEqual([0, 0]);
  });
  test("L1Penalty adds the gradient of the penalty", () => {
    const x = [3, -2, 0, 1];
    const g = tensor([1, 2, 3, 4]);
    const run = (layer: L1Penalty) => gradientOf((v) => layer.forward(v).mul(g), x);
    expect(run(new L1Penalty(0.5))).toEqual([1.5, 1.5, 3, 4.5]);
    expect(run(new L1Penalty(0.5, { sizeAverage: true }))).toEqual([1.125, 1.875, 3, 4.125]);
    expect(run(new L1Penalty(0.5, { provideOutput: false }))).toEqual([0.5, -0.5, 0, 0.5]);
    expect(new L1Penalty(0.5).penalty(tensor(x)).item()).toBe(3);
    expect(new L1Penalty(0.5, { sizeAverage: true }).penalty(tensor(x)).item()).toBe(0.75);
    expect(new L1Penalty(0.5).forward(tensor(x)).tolist()).toEqual(x);
  });
  test("Sqrt has no infinite gradient, Clamp none at its bounds", () => {
    expect(gradientOf((x) => new Sqrt().forward(x), [0, 4])).toEqual([0, 0.25]);
    expect(gradientOf((x) => new Clamp(-1, 2).forward(x), [-1, 0, 2, 3])).toEqual([0, 1, 0, 0]);
  });
  test("Max and Min give the first of equal elements the gradient", () => {
    expect(gradientOf((x) => new Max().forward(x), [2, 5, 5])).toEqual([0, 1, 0]);
    expect(gradientOf((x) => new Min().forward(x), [5, 2, 2])).toEqual([0, 1, 0]);
  });
});

describe("values", () => {
  test("reductions leave a tensor of one element of a vector", () => {
    const x = tensor([
      [1, 3],
      [4, 2],
    ]);
    expect(new Sum().forward(tensor([1, 2, 3])).tolist()).toEqual([6]);
    expect(new Sum(0).forward(x).tolist()).toEqual([5, 5]);
    expect(new Sum(1, undefined, { squeeze: false }).forward(x).tolist()).toEqual([[4], [6]]);
    expect(new Sum(0, 1, { sizeAverage: true }).forward(x).tolist()).toEqual([2, 3]);
    expect(new Sum(-1, 1).forward(x).tolist()).toEqual([4, 6]); // from the end, whatever is before
    expect(new Max(0).forward(tensor([1, 9, 3])).tolist()).toEqual([9]);
    expect(() => new Sum(2).forward(x)).toThrow("dim 2 is out of range");
  });
  test("Normalize gives p-norm 1", () => {
    const x = randn([3, 5]);
    close(new Normalize(2).forward(x).norm(2, 1), ones([3]));
    close(new Normalize(1).forward(x).abs().sum(1), ones([3]));
    close(new Normalize(Number.POSITIVE_INFINITY).forward(x), x.div(x.abs().amax(1, { keepdim: true })));
    expect(new Normalize(2).forward(zeros([2])).tolist()).toEqual([0, 0]);
    expect(() => new Normalize(0)).toThrow("Normalize: p must be positive, got 0");
  });
  test("WhiteNoise adds N(mean, std^2) while it trains, the mean in evaluation", () => {
    manualSeed(5);
    const layer = new WhiteNoise(2, 0.5);
    const x = zeros([20_000], { requiresGrad: true });
    const y = layer.forward(x);
    expect(y.mean().item()).toBeCloseTo(2, 1);
    expect(y.std().item()).toBeCloseTo(0.5, 1);
    y.sum().backward();
    close(x.grad as Tensor, ones([20_000]));
    expect(
      layer
        .eval()
        .forward(tensor([1]))
        .tolist(),
    ).toEqual([3]);
    const plain = new WhiteNoise();
    expect([plain.mean, plain.std]).toEqual([0, 0.1]);
  });
  test("Constant gives its value, once for each example", () => {
    const layer = new Constant(tensor([[1, 2]]), 1);
    expect(layer.forward(zeros([7])).tolist()).toEqual([[1, 2]]);
    expect(layer.forward(zeros([2, 7])).tolist()).toEqual([[[1, 2]], [[1, 2]]]);
    expect(new Constant(5).forward(zeros([2, 7])).tolist()).toEqual([5]);
    expect([...layer.parameters()].length).toBe(0);
  });
  test("OneHot's examples, with classes that count from 0", () => {
    const layer = new OneHot(5);
    expect(layer.forward(tensor([2], { dtype: "int32" })).tolist()).toEqual([[0, 0, 1, 0, 0]]);
    expect(layer.forward(tensor([2, 1, 0])).tolist()).toEqual([
      [0, 0, 1, 0, 0],
      [0, 1, 0, 0, 0],
      [1, 0, 0, 0, 0],
    ]);
    const y = layer.forward(
      tensor([
        [2, 1, 0],
        [0, 1, 2],
      ]),
    );
    expect(y.shape).toEqual([2, 3, 5]);
    expect(y.dtype).toBe("float32");
    expect(() => layer.forward(tensor([5]))).toThrow(/5/);
  });
  test("constants are added, also to each row, and in place", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(new AddConstant(tensor([10, 20])).forward(x).tolist()).toEqual([
      [11, 22],
      [13, 24],
    ]);
    expect(new AddConstant(1, { inplace: true }).forward(x)).toBe(x);
    expect(new MulConstant(2, { inplace: true }).forward(x)).toBe(x);
    expect(x.tolist()).toEqual([
      [4, 6],
      [8, 10],
    ]);
    expect(() => new AddConstant(tensor([1])).forward(x)).toThrow("AddConstant: x must be [1] or [N, 1], got [2,2]");
  });
});
