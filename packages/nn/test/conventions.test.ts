import { empty, losses, manualSeed, nn, ones, optim, type Tensor, tensor, zeros } from "flambeau";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
});
const heard = () => vi.spyOn(console, "warn").mockImplementation(() => {});

describe("what a module does not see", () => {
  const linear = () => new nn.Linear(2, 2);
  const weight = () => new nn.Parameter(zeros([2]));
  abstract class Net extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  class InArray extends Net {
    layers = [linear()];
  }
  class InMap extends Net {
    layers = new Map([["a", linear()]]);
  }
  class InObject extends Net {
    layers = { a: linear() };
  }
  class Weights extends Net {
    weights = [weight()];
  }
  class Named extends Net {
    weights = { a: weight() };
  }
  test.each([
    [InArray, /InArray.layers holds modules .* nn.ModuleList/],
    [InMap, /InMap.layers holds modules .* nn.ModuleDict/],
    [InObject, /InObject.layers holds modules .* nn.ModuleDict/],
    [Weights, /Weights.weights holds parameters .* nn.ParameterList/],
    [Named, /Named.weights holds parameters .* nn.ParameterDict/],
  ] as const)("is said once: %o", (Class, message) => {
    const warn = heard();
    const net = new Class();
    expect([...net.parameters()]).toEqual([]);
    expect(net.stateDict().size).toBe(0);
    expect([...new nn.Sequential(new Class()).parameters()]).toEqual([]);
    expect(warn.mock.calls.length).toBe(1);
    expect(warn.mock.calls[0][0]).toMatch(message);
  });

  test("but nothing is said of a list beside the fields, of tensors and of other objects", () => {
    class Both extends Net {
      first = linear();
      second = new nn.Sequential(linear());
      all = [this.first, this.second.get(0)];
      constants = [zeros([2]), ones([1])];
      settings = { sizes: [1, 2], name: "net" };
      kept = new nn.ModuleList([linear()]);
    }
    const warn = heard();
    expect([...new Both().parameters()].length).toBe(6);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("arguments", () => {
  test("of layers that take none are refused", () => {
    const make = nn.Tanh as unknown as new (x: boolean) => nn.Tanh;
    expect(() => new make(true)).toThrow("Tanh: takes no arguments, got true");
    class Own extends nn.Module {
      readonly size: number;
      constructor(size: number) {
        super();
        this.size = size;
      }
      forward(): number {
        return this.size;
      }
    }
    expect(new Own(3).forward()).toBe(3);
    class Plain extends nn.Linear {}
    expect(new Plain(2, 3).weight.shape).toEqual([3, 2]);
  });

  test.each([
    () => new nn.ReLU({ inplace: true }),
    () => new nn.ReLU6({ inplace: true }),
    () => new nn.SELU({ inplace: true }),
    () => new nn.SiLU({ inplace: true }),
    () => new nn.Mish({ inplace: true }),
    () => new nn.Hardswish({ inplace: true }),
    () => new nn.Hardsigmoid({ inplace: true }),
    () => new nn.LeakyReLU(0.2, { inplace: true }),
    () => new nn.ELU(0.5, { inplace: true }),
    () => new nn.CELU(0.5, { inplace: true }),
    () => new nn.Hardtanh(-0.5, 0.5, { inplace: true }),
    () => new nn.Threshold(0.5, -2, { inplace: true }),
    () => new nn.RReLU(0.1, 0.3, { inplace: true }).eval(),
    () => new nn.Dropout(0.5, { inplace: true }),
    () => new nn.Dropout2d(0.5, { inplace: true }),
    () => new nn.AlphaDropout(0.5, { inplace: true }),
  ])("inplace writes over the input, with the gradient of the other form: %o", (make) => {
    const values = [-1.5, -0.25, 0.25, 1.5];
    const layer: nn.Module = make();
    const plain = make();
    Object.assign(plain, { inplace: false });
    const [given, other] = [layer, plain].map((l, i) => {
      manualSeed(3);
      const leaf = tensor(values, { requiresGrad: true });
      const x = leaf.mul(1).reshape([1, 4, 1, 1]);
      const y = l.forward(x);
      expect(y === x).toBe(i === 0);
      expect(x.flatten().tolist()).toEqual(i === 0 ? y.flatten().tolist() : values);
      y.sum().backward();
      return { y: y.flatten().tolist(), grad: leaf.grad?.tolist() };
    });
    expect(given).toEqual(other);
  });
});

test("modules convert by PyTorch's names", () => {
  const net = new nn.BatchNorm1d(2);
  const dtypes = ({ weight, runningMean, numBatchesTracked }: nn.BatchNorm1d) =>
    [weight, runningMean, numBatchesTracked].map((t) => t?.dtype);
  expect(dtypes(net.double())).toEqual(["float64", "float64", "int32"]);
  expect(dtypes(net.half())).toEqual(["float16", "float16", "int32"]);
  expect(dtypes(net.bfloat16())).toEqual(["bfloat16", "bfloat16", "int32"]);
  expect(dtypes(net.float())).toEqual(["float32", "float32", "int32"]);
});

test("weights can be tied, and stay so", () => {
  class Tied extends nn.Module {
    table = new nn.Embedding(5, 3);
    out = new nn.Linear(3, 5, { bias: false });
    constructor() {
      super();
      this.out.weight = this.table.weight;
    }
    forward(index: Tensor): Tensor {
      return this.out.forward(this.table.forward(index));
    }
  }
  const [net, copy] = [new Tied(), new Tied()];
  expect([...net.parameters()].length).toBe(1);
  expect([...net.stateDict().keys()]).toEqual(["table.weight", "out.weight"]);
  copy.loadStateDict(net.stateDict());
  copy.double();
  expect(copy.out.weight).toBe(copy.table.weight);
  const index = tensor([1, 4], { dtype: "int32" });
  expect(copy.forward(index).sub(net.forward(index)).abs().max().item()).toBeLessThan(1e-6);
});

test("a module of unknown class can be called", () => {
  const layers: nn.Module[] = [new nn.Linear(2, 3), new nn.ReLU()];
  let x = ones([1, 2]);
  for (const layer of layers) x = layer.forward(x);
  expect(x.shape).toEqual([1, 3]);
});

describe("init", () => {
  const drawn = (seed: number, t: () => Tensor): number[] => {
    manualSeed(seed);
    return t().flatten().tolist() as number[]; // of one dimension
  };
  // the figures are PyTorch 2.13's, from the same seeds
  test("orthogonal_ draws PyTorch's numbers", () => {
    const wide = drawn(3, () => nn.init.orthogonal_(empty([3, 5]), 2));
    const expected = [1.558571, 0.339224, 0.172641, -1.190777, 0.089606, -1.10015, 0.278281, 0.825648, -1.180967];
    for (const [i, value] of expected.entries()) expect(wide[i]).toBeCloseTo(value, 5);
    const kernel = drawn(3, () => nn.init.orthogonal_(empty([4, 2, 3]), 2));
    for (const [i, value] of [-0.135685, 0.637106, -1.38442, 0.126627, 1.176979, -0.507693].entries())
      expect(kernel[i]).toBeCloseTo(value, 5);
    const tall = nn.init.orthogonal_(empty([6, 4], { dtype: "float64" }), 3);
    const gram = tall
      .t()
      .matmul(tall)
      .sub(nn.init.eye_(empty([4, 4], { dtype: "float64" })).mul(9));
    expect(gram.abs().max().item()).toBeLessThan(1e-13);
  });
  test("sparse_ draws PyTorch's numbers", () => {
    expect(drawn(5, () => nn.init.sparse_(empty([6, 4]), 0.4, 1)).map((x) => Number(x.toFixed(6)))).toEqual([
      0, 0, 0, -1.701379, 0, -0.268614, -0.130718, -1.437414, 2.614577, -0.434023, 0, -0.064551, 0.768629, 0.923347, 0,
      0, 0, 0, -1.172414, 0, -0.148105, 0, 0.227251, 0,
    ]);
  });
  test("dirac_ and eye_ hand their input on", () => {
    expect(
      nn.init
        .dirac_(empty([4, 2, 3, 3]), 2)
        .nonzero()
        .tolist(),
    ).toEqual([
      [0, 0, 1, 1],
      [1, 1, 1, 1],
      [2, 0, 1, 1],
      [3, 1, 1, 1],
    ]);
    expect(
      nn.init
        .dirac_(empty([5, 3, 2]))
        .nonzero()
        .tolist(),
    ).toEqual([
      [0, 0, 1],
      [1, 1, 1],
      [2, 2, 1],
    ]);
  });
  test("and they refuse what they cannot fill", () => {
    expect(() => nn.init.eye_(empty([2]))).toThrow(/eye_: expected a tensor of 2 dimensions, got \[2\]/);
    expect(() => nn.init.dirac_(empty([2, 2]))).toThrow(/dirac_: expected a tensor of 3 to 5 dimensions/);
    expect(() => nn.init.dirac_(empty([3, 2, 1]), 2)).toThrow(/groups \(2\) must divide/);
    expect(() => nn.init.orthogonal_(empty([3]))).toThrow(/orthogonal_: expected/);
    expect(() => nn.init.sparse_(empty([3, 2]), 1.5)).toThrow(/sparsity must be a share/);
  });
});

describe("losses and schedules speak up", () => {
  test("when sizes are broadcast", () => {
    const warn = heard();
    for (let i = 0; i < 2; i++) losses.mse(zeros([4, 1]), zeros([4]));
    losses.mse(zeros([4]), zeros([4]));
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/mse: the target's size \[4\] is not the input's, \[4,1\]/),
    ]);
  });
  test("when a schedule steps before its optimizer", () => {
    const warn = heard();
    const sgd = () => new optim.SGD([zeros([1], { requiresGrad: true })], { lr: 1 });
    const first = sgd();
    const schedule = new optim.lrScheduler.ExponentialLR(first, 0.5);
    first.step();
    schedule.step();
    expect(warn).not.toHaveBeenCalled();
    new optim.lrScheduler.ExponentialLR(sgd(), 0.5).step();
    expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(/before the first optimizer.step/)]);
  });
  test("weighted means are PyTorch's", () => {
    const [x, y, weight] = [
      [1, 2, 3],
      [2, 4, 9],
      [1, 2, 0.5],
    ].map((values) => tensor(values));
    expect(losses.mse(x, y, { weight }).item()).toBeCloseTo(7.7142859, 5);
    expect(losses.l1(x, y, { weight }).item()).toBeCloseTo(2.2857144, 6);
    expect(losses.huber(x, y, { weight }).item()).toBeCloseTo(2.0833333, 6);
    expect(losses.mse(x, y, { weight, reduction: "sum" }).item()).toBe(27);
  });
});

describe("a tensor where a number belongs", () => {
  const plateau = () =>
    new optim.lrScheduler.ReduceLROnPlateau(new optim.SGD([zeros([1], { requiresGrad: true })], { lr: 1 }), {
      patience: 0,
    });
  test("is read by ReduceLROnPlateau", () => {
    const schedule = plateau();
    for (const loss of [1, 0.5, 0.2]) schedule.step(tensor(loss));
    expect(schedule.getLastLr()).toEqual([1]);
    schedule.step(tensor(0.3));
    expect(schedule.getLastLr()[0]).toBeCloseTo(0.1, 12);
    expect(() => schedule.step("0.1" as never)).toThrow(/the metric is a number, got "0.1"/);
  });
  test("is refused by JavaScript's operators", () => {
    const [two, best] = [tensor(2), tensor(1) as unknown as number];
    const loss = two as unknown as number;
    const message = /operators and number functions do not take tensors/;
    for (const mistake of [() => loss * 2, () => loss + 1, () => loss < best, () => Math.max(loss, 1), () => +loss])
      expect(mistake).toThrow(message);
    expect(`${two}`).toBe("tensor(2.)");
  });
});
