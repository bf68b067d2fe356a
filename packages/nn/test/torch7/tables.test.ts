// What Torch7's doc/table.md and doc/containers.md say, with their figures; dimensions and indices count from 0 here.
import { losses, manualSeed, nn, noGrad, ones, optim, rand, randn, type Tensor, tensor, zeros } from "flambeau";
import {
  Bottle,
  CAddTable,
  CAddTensorTable,
  CMaxTable,
  CMinTable,
  Concat,
  ConcatTable,
  CosineDistance,
  DepthConcat,
  DotProduct,
  FlattenTable,
  JoinTable,
  MapTable,
  MixtureTable,
  MM,
  MV,
  NarrowTable,
  PairwiseDistance,
  Parallel,
  ParallelTable,
  PrintSize,
  Reshape,
  SelectTable,
  Sequential,
  SplitTable,
  type Table,
  ZipTable,
  ZipTableOneToMany,
} from "flambeau/torch7";
import { describe, expect, test, vi } from "vitest";

const sizes = (xs: readonly Tensor[]) => xs.map((x) => x.shape);
const close = (x: Tensor, y: Tensor) => expect(x.sub(y).abs().max().item()).toBeLessThan(1e-6);

describe("containers of tables", () => {
  test("ConcatTable gives one input to all, tables too", () => {
    const both = new ConcatTable().add(new nn.Identity()).add(new nn.Identity());
    const x: Table = [randn([2]), [randn([3])]];
    const [first, second] = both.forward<[Tensor, [Tensor]]>(x);
    for (const [a, [b]] of [first, second]) expect([a.shape, b.shape]).toEqual([[2], [3]]);
    const layers = new ConcatTable(new nn.Linear(5, 2), new nn.Linear(5, 3));
    const y = randn([5]);
    const outs = layers.forward(y);
    close(outs[1], (layers.get(1) as nn.Linear).forward(y));
  });
  test("ParallelTable gives each its own", () => {
    const [a, b] = [new nn.Linear(10, 2), new nn.Linear(5, 3)];
    const [x, y] = [randn([10]), rand([5])];
    const outs = new ParallelTable(a, b).forward([x, y]);
    close(outs[0], a.forward(x));
    close(outs[1], b.forward(y));
    expect(() => new ParallelTable(a, b).forward([x])).toThrow("ParallelTable: has 2 modules and got a list of 1");
    expect(() => new ParallelTable(a).forward(x as never)).toThrow("ParallelTable: takes a list");
  });
  test("MapTable shares one module, or has a copy for each", () => {
    const layer = new nn.Linear(10, 3);
    const x = [rand([10]), rand([10])];
    const shared = new MapTable().add(layer);
    close(shared.forward(x)[1], layer.forward(x[1]));
    expect([...shared.parameters()].length).toBe(2);
    expect(() => shared.add(layer)).toThrow("MapTable: has its module already");

    const apart = new MapTable(layer, { shared: false });
    const before = apart.forward(x);
    close(before[1], layer.forward(x[1])); // copies start alike
    expect([...apart.stateDict().keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    noGrad(() => (apart.get(1) as nn.Linear).bias?.add_(1));
    close(apart.forward(x)[1], before[1].add(1));
    close(apart.forward(x)[0], before[0]);
    expect([...apart.resize(1).parameters()].length).toBe(2);
    expect([...apart.resize(4).parameters()].length).toBe(8);
  });
  test("copies have tied weights, buffers and the state of training of the first", () => {
    class Tied extends nn.Module {
      one = new nn.Linear(2, 2);
      two = new nn.Linear(2, 2);
      norm = new nn.BatchNorm1d(2);
      constructor() {
        super();
        this.two.weight = this.one.weight;
      }
      forward(x: Tensor): Tensor {
        return this.norm.forward(this.two.forward(this.one.forward(x)));
      }
    }
    const map = new MapTable(new Tied().eval(), { shared: false }).resize(2);
    const [first, second] = [map.get(0), map.get(1)] as [Tied, Tied];
    expect(second).toBeInstanceOf(Tied);
    expect(second.two.weight).toBe(second.one.weight);
    expect(second.one.weight).not.toBe(first.one.weight);
    expect(second.norm.training).toBe(false);
    expect([...second.buffers()].length).toBe([...first.buffers()].length);
    map.train();
    map.forward([randn([4, 2]), randn([4, 2]).add(10)]);
    expect(second.norm.runningMean?.tolist()).not.toEqual(first.norm.runningMean?.tolist());
  });
});

describe("between tables and tensors", () => {
  test("SplitTable's examples", () => {
    expect(sizes(new SplitTable(1).forward(randn([4, 3])))).toEqual([[4], [4], [4]]);
    expect(sizes(new SplitTable(0).forward(randn([4, 3])))).toEqual([[3], [3], [3], [3]]);
    const split = new SplitTable(0, 2);
    expect(sizes(split.forward(randn([2, 4, 3])))).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect(sizes(split.forward(randn([4, 3])))).toEqual([[3], [3], [3], [3]]);
    const fromEnd = new SplitTable(-2);
    expect(sizes(fromEnd.forward(randn([3, 2])))).toEqual([[2], [2], [2]]);
    expect(sizes(fromEnd.forward(randn([1, 3, 2])))).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    const x = randn([4, 3]);
    expect(new SplitTable(1).forward(x)[2].tolist()).toEqual(x.select(1, 2).tolist());
  });
  test("JoinTable's examples", () => {
    const [x, y, z] = [randn([5, 1]), randn([5, 1]), randn([2, 1])];
    expect(new JoinTable(0).forward([x, y]).shape).toEqual([10, 1]);
    expect(new JoinTable(1).forward([x, y]).shape).toEqual([5, 2]);
    expect(new JoinTable(0).forward([x, z]).shape).toEqual([7, 1]);
    const module = new JoinTable(1, 2);
    expect(module.forward([randn([3, 1]), randn([3, 1])]).shape).toEqual([3, 2]);
    expect(module.forward([randn([2, 3, 1]), randn([2, 3, 1])]).shape).toEqual([2, 3, 2]);
    const joined = new JoinTable(0).forward([x, z]);
    expect(joined.narrow(0, 5, 2).tolist()).toEqual(z.tolist());
    expect(() => module.forward([])).toThrow("JoinTable: takes a list of tensors, got an empty one");
  });
  test("SelectTable's examples, with zeros for what was not selected", () => {
    const x = [randn([2, 3]), randn([2, 1])];
    expect(new SelectTable(0).forward(x)).toBe(x[0]);
    expect(new SelectTable(-1).forward(x)).toBe(x[1]);
    const named = { A: randn([2, 3]), B: randn([2, 1]) };
    expect(new SelectTable("A").forward(named)).toBe(named.A);
    const nested = [randn([2, 3]), [randn([2, 1]), [randn([2, 2])]]];
    expect(new SelectTable(1).forward<Table>(nested)).toBe(nested[1]);
    expect(() => new SelectTable(2).forward(x)).toThrow("SelectTable: index 2 is out of range for 2 entries");
    expect(() => new SelectTable("C").forward(named)).toThrow('SelectTable: there is no entry "C"');
    expect(() => new SelectTable("length").forward(x)).toThrow("SelectTable: takes an object of names");
    expect(() => new SelectTable(0).forward(named)).toThrow("SelectTable: takes a list");
  });
  test("NarrowTable, FlattenTable, ZipTable and ZipTableOneToMany's examples", () => {
    const x = [randn([2, 3]), randn([2, 1]), randn([1, 2])];
    expect(new NarrowTable(1, 2).forward(x)).toEqual([x[1], x[2]]);
    expect(new NarrowTable(0).forward(x)).toEqual([x[0]]);
    expect(() => new NarrowTable(2, 2).forward(x)).toThrow("NarrowTable: entries 2 to 4 of a list of 3");
    const deep = [rand([1]), [rand([2]), [rand([3])]], rand([4])];
    expect(sizes(new FlattenTable().forward(deep))).toEqual([[1], [2], [3], [4]]);
    const [a1, a2, b1, b2, c1, c2] = [0, 1, 2, 3, 4, 5].map((v) => tensor(v));
    expect(
      new ZipTable().forward([
        [a1, a2],
        [b1, b2],
        [c1, c2],
      ]),
    ).toEqual([
      [a1, b1, c1],
      [a2, b2, c2],
    ]);
    expect(new ZipTableOneToMany().forward([a1, [a2, b1, b2]])).toEqual([
      [a1, a2],
      [a1, b1],
      [a1, b2],
    ]);
    expect(() => new ZipTable().forward([[a1], [b1, b2]])).toThrow(
      "ZipTable: lists must be of one length, got 1 and 2",
    );
  });
});

describe("pairs", () => {
  test("have the figures of the documentation", () => {
    const [x, y] = [tensor([1, 2, 3]), tensor([4, 5, 6])];
    expect(new PairwiseDistance(1).forward([x, y]).tolist()).toEqual([9]);
    expect(new PairwiseDistance(2).forward([x, y]).item()).toBeCloseTo(5.1962, 4);
    expect(new DotProduct().forward([x, y]).tolist()).toEqual([32]);
    expect(new CosineDistance().forward([x, y]).item()).toBeCloseTo(0.9746, 4);
    const batch = [
      tensor([
        [1, 2, 3],
        [1, 2, -3],
      ]),
      tensor([
        [4, 5, 6],
        [-4, 5, 6],
      ]),
    ];
    const [first, second] = new CosineDistance().forward(batch).tolist() as number[];
    expect(first).toBeCloseTo(0.9746, 4);
    expect(second).toBeCloseTo(-0.3655, 4);
    expect(new DotProduct().forward(batch).tolist()).toEqual([32, -12]);
  });
  test("of equal vectors have no distance, and finite gradients", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    new PairwiseDistance().forward([x, x.detach()]).sum().backward();
    expect(x.grad?.tolist()).toEqual([0, 0]);
    expect(() => new DotProduct().forward([x, randn([3])])).toThrow(
      /DotProduct: takes two vectors .* got \[2\] and \[3\]/,
    );
  });
  test("MM and MV multiply each pair, transposed where they say so", () => {
    const [a, b] = [randn([2, 3, 4]), randn([2, 4, 5])];
    close(new MM().forward([a, b]), a.matmul(b));
    close(new MM(true, false).forward([a.transpose(1, 2), b]), a.matmul(b));
    close(new MM(false, true).forward([a, b.transpose(1, 2)]), a.matmul(b));
    close(new MM().forward([a.select(0, 0), b.select(0, 0)]), a.select(0, 0).matmul(b.select(0, 0)));
    const v = randn([2, 4]);
    close(new MV().forward([a, v]).select(0, 1), a.select(0, 1).matmul(v.select(0, 1)));
    close(new MV(true).forward([a.transpose(1, 2), v]), new MV().forward([a, v]));
    expect(() => new MM().forward([a, b.select(0, 0)])).toThrow("MM: takes two matrices");
  });
  test("in-place sums write to the first", () => {
    const xs = [ones([2]), ones([2]).mul(2)];
    expect(new CAddTable({ inplace: true }).forward(xs)).toBe(xs[0]);
    expect(xs[0].tolist()).toEqual([3, 3]);
  });
  test("of equal elements the first gets the gradient of CMaxTable and CMinTable", () => {
    for (const Class of [CMaxTable, CMinTable]) {
      const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([1, 2], { requiresGrad: true })];
      new Class().forward([a, b]).sum().backward();
      expect([a.grad?.tolist(), b.grad?.tolist()]).toEqual([
        [1, 1],
        [0, 0],
      ]);
    }
  });
  test("CAddTensorTable's example", () => {
    const out = new CAddTensorTable().forward([tensor([0, 1, 1]), [tensor([0, 0, 0]), tensor([1, 1, 1])]]);
    expect(out.map((y) => y.tolist())).toEqual([
      [0, 1, 1],
      [1, 2, 2],
    ]);
  });
});

describe("MixtureTable", () => {
  const gater = tensor([
    [0.5, 0.25, 0.25],
    [0, 1, 0],
  ]);
  test("weighs a list of experts, for each example of a batch", () => {
    const experts = [1, 2, 4].map((v) => ones([2, 2]).mul(v));
    expect(new MixtureTable().forward([gater, experts]).tolist()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(
      new MixtureTable().forward([tensor([0.5, 0.25, 0.25]), [1, 2, 4].map((v) => ones([2]).mul(v))]).tolist(),
    ).toEqual([2, 2]);
  });
  test("weighs experts along a dimension, as the list of them", () => {
    const experts = randn([2, 4, 2, 5, 3]);
    const listed = new MixtureTable().forward([gater, experts.unbind(4)]);
    expect(listed.shape).toEqual([2, 4, 2, 5]);
    close(new MixtureTable(4).forward([gater, experts]), listed);
    close(new MixtureTable().forward([gater, experts.movedim(4, 1)]), listed);
    expect(() => new MixtureTable().forward([gater, [experts]])).toThrow("the gater has 3 weights for 1 experts");
  });
  test("is the mixture of experts of the documentation", () => {
    const experts = new Concat(4);
    for (let i = 0; i < 3; i++)
      experts.add(
        new Sequential(
          new nn.Linear(3, 4),
          new nn.Tanh(),
          new nn.Linear(4, 40),
          new nn.Tanh(),
          new Reshape(4, 2, 5, 1),
        ),
      );
    const gate = new Sequential(new nn.Linear(3, 7), new nn.Tanh(), new nn.Linear(7, 3), new nn.Softmax(-1));
    const moe = new Sequential(new ConcatTable(gate, experts), new MixtureTable(4));
    expect(moe.forward(randn([2, 3])).shape).toEqual([2, 4, 2, 5]);
  });
});

describe("containers of tensors", () => {
  test("Concat joins what its modules give, DepthConcat in the middle of zeros", () => {
    const [a, b] = [new nn.Linear(5, 3), new nn.Linear(5, 7)];
    const x = randn([5]);
    close(new Concat(0, a, b).forward(x).narrow(0, 3, 7), b.forward(x));
    // doc/containers.md: of 4 by 4 in 7 by 7, 1 column of zeros to the left and top, 2 to the right and bottom
    const convs = [1, 3, 4].map((size) => new nn.Conv2d(3, 2, size));
    const image = randn([3, 7, 7]);
    const y = new DepthConcat(0, ...convs).forward(image);
    expect(y.shape).toEqual([6, 7, 7]);
    close(y.narrow(0, 0, 2), convs[0].forward(image));
    close(y.narrow(0, 2, 2).narrow(1, 1, 5).narrow(2, 1, 5), convs[1].forward(image));
    close(y.narrow(0, 4, 2).narrow(1, 1, 4).narrow(2, 1, 4), convs[2].forward(image));
    const sums = [0, 5, 6].flatMap((i) => [y.select(1, i).narrow(0, 4, 2), y.select(2, i).narrow(0, 4, 2)]);
    for (const border of sums) expect(border.abs().sum().item()).toBe(0);
    expect(() => new Concat(0).forward(x)).toThrow("Concat: has no modules");
  });
  test("Parallel gives each a slice", () => {
    const [a, b] = [new nn.Linear(10, 3), new nn.Linear(10, 2)];
    const x = randn([10, 2]);
    const y = new Parallel(1, 0, a, b).forward(x);
    close(y.narrow(0, 0, 3), a.forward(x.select(1, 0)));
    close(y.narrow(0, 3, 2), b.forward(x.select(1, 1)));
    expect(() => new Parallel(1, 0, a).forward(x)).toThrow("Parallel: has 1 modules for 2 slices of [10,2]");
  });
  test("Bottle lets more dimensions through", () => {
    const layer = new nn.Linear(10, 2);
    const x = randn([4, 5, 3, 10]);
    close(new Bottle(layer).forward(x), layer.forward(x));
    const conv = new nn.Conv2d(2, 3, 2);
    expect(new Bottle(conv, 4).forward(randn([5, 1, 2, 4, 4])).shape).toEqual([5, 1, 3, 3, 3]);
    expect(new Bottle(new nn.Flatten(1), 3, 2).forward(zeros([5, 2, 3, 4])).shape).toEqual([5, 2, 12]);
    expect(() => new Bottle(new nn.Flatten(1), 3).forward(zeros([5, 2, 3, 4]))).toThrow(
      "the module's result needs 3 dimensions",
    );
    expect(new Bottle(layer).forward(randn([3, 10])).shape).toEqual([3, 2]);
  });
  test("PrintSize says what goes through", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const x = [zeros([2, 3]), [zeros([4])]];
    expect(new PrintSize("here").forward(x)).toBe(x);
    expect(log.mock.calls).toEqual([["here: input [2,3], [4]"]]);
    log.mockRestore();
  });
});

describe("nets of the documentation learn", () => {
  const train = (net: nn.Module, x: Table, loss: (y: Tensor) => Tensor, steps: number, lr = 0.05): number[] => {
    const optimizer = new optim.SGD(net.parameters(), { lr });
    return Array.from({ length: steps }, () => {
      const error = loss(net.forward(x));
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
      return error.item();
    });
  };
  test("one that splits, and joins again", () => {
    manualSeed(1);
    const net = new Sequential(
      new SplitTable(1),
      new ParallelTable(new nn.Linear(10, 3), new nn.Linear(10, 7)),
      new ParallelTable(new nn.Linear(3, 2), new nn.Linear(7, 1)),
      new JoinTable(0),
    );
    const errors = train(net, ones([10, 2]), (y) => losses.mse(y, ones([3])), 100);
    expect(errors[99]).toBeLessThan(errors[0] * 1e-3);
  });
  test("a pair of nets that share their weights draws together and apart", () => {
    manualSeed(1);
    const one = new nn.Linear(5, 2);
    const net = new Sequential(new ParallelTable(one, one), new PairwiseDistance(1));
    const pair = [rand([5]), rand([5])];
    const distance = () => net.forward(pair).item();
    const start = distance();
    const target = (y: number) => (d: Tensor) => losses.hingeEmbedding(d, tensor([y]), { margin: 1 });
    train(net, pair, target(1), 10, 0.01);
    const near = distance();
    expect(near).toBeLessThan(start);
    train(net, pair, target(-1), 10, 0.01);
    expect(distance()).toBeGreaterThan(near);
  });
});
