// nngraph's test/test_nngraph.lua and the examples of its README.
import { gradcheck, losses, nn, noGrad, rand, randn, type Tensor, tensor } from "flambeau";
import {
  CAddTable,
  CMul,
  CMulTable,
  gModule,
  JoinTable,
  type Node,
  node,
  ParallelTable,
  Sequential,
  SplitTable,
  type Table,
} from "flambeau/torch7";
import { describe, expect, test } from "vitest";

const id = (inputs?: Node | readonly Node[]) => node(new nn.Identity(), inputs);
const double = { dtype: "float64" } as const;
const flat = (x: unknown): Tensor[] => (Array.isArray(x) ? x.flatMap(flat) : [x as Tensor]);
/** Gradients against finite differences, for inputs in any nesting. */
function check(net: nn.Module, input: Table): void {
  net.double();
  const leaves = flat(input);
  for (const leaf of leaves) leaf.requiresGrad = true;
  const fill = (x: Table, next: Iterator<Tensor>): Table =>
    Array.isArray(x) ? x.map((each) => fill(each, next)) : next.next().value;
  expect(gradcheck((...xs) => flat(net.forward(fill(input, xs.values()))), leaves)).toBe(true);
}
const x = (...shape: number[]) => randn(shape, double);

describe("graphs", () => {
  test("of one output and of two", () => {
    const a = id();
    const one = gModule([a], [id(a)]);
    expect(one.forward(tensor([1])).tolist()).toEqual([1]);
    expect(one.forward<Tensor[]>([tensor([123])]).map((y) => y.tolist())).toEqual([[123]]); // a table goes through
    const b = id();
    const fork = gModule([b], [id(b), id(b)]);
    const v = tensor([1], { requiresGrad: true });
    const [p, q] = fork.forward<Tensor[]>(v);
    p.mul(-2).add(q.mul(-3)).backward();
    expect(v.grad?.tolist()).toEqual([-5]);
  });
  test("with a table that is split", () => {
    const a = node(new nn.Sigmoid());
    const [first, second] = node(new SplitTable(0), a).split(2);
    check(gModule([a], [first, second]), x(2, 3));
    const [c, state] = [id(), id()];
    const [h, cell] = state.split(2);
    check(gModule([c, state], [node(new CMulTable(), [c, h, cell])]), [x(3), [x(3), x(3)]]);
  });
  test("whose inputs are outputs too", () => {
    const [a, b] = [node(new nn.Sigmoid()), node(new nn.Sigmoid())];
    check(gModule([a, b], [a, b, node(new nn.Sigmoid(), a)]), [x(3), x(3)]);
    const [c, d] = [id(), id()];
    check(gModule([c, d], [c, d, id(c)]), [x(3), x(3)]);
  });
  test("that use an entry twice, and a split node as a whole", () => {
    const [a, state] = [id(), id()];
    const [h, cell] = state.split(2);
    const mul = (...nodes: Node[]) => node(new CMulTable(), nodes);
    check(gModule([a, state], [node(new CAddTable(), [mul(a, h), mul(h, cell)])]), [x(3), [x(3), x(3)]]);
    const previous = id();
    const [g, last] = previous.split(2);
    check(gModule([previous], [g, id(previous), node(new nn.Sigmoid(), last)]), [x(4), x(4)]);
  });
  test("that take tables of any length", () => {
    const a = id();
    const join = (last: nn.Module) => node(new Sequential(new JoinTable(1), last), a);
    const net = gModule([a], [node(new CAddTable(), [join(new nn.Tanh()), join(new nn.Identity())])]);
    check(net, [x(3, 3), x(3, 3), x(3, 3)]);
    check(net, [x(2, 3), x(2, 3)]);
    const c = node(new SplitTable(0));
    check(gModule([c], [node(new CAddTable(), c)]), x(2, 3));
  });
  test("with parameters before a fork", () => {
    const a = node(new CMul(6));
    check(gModule([a], [id(a), id(a)]), x(6));
  });
});

describe("the examples of the README", () => {
  const linear = (from: number, to: number) => new nn.Linear(from, to);
  test("an MLP of two hidden layers, by calls and by chains", () => {
    const layers = [linear(20, 10), linear(10, 10), linear(10, 1)];
    const h1 = node(layers[0]);
    const h2 = node(layers[2], node(new nn.Tanh(), node(layers[1], node(new nn.Tanh(), h1))));
    const mlp = gModule([h1], [h2]);
    const start = node(layers[0]);
    const end = start.through(new nn.Tanh()).through(layers[1]).through(new nn.Tanh()).through(layers[2]);
    const chained = gModule([start], [end]);
    const v = rand([20]);
    const expected = layers[2].forward(layers[1].forward(layers[0].forward(v).tanh()).tanh());
    expect(mlp.forward(v).tolist()).toEqual(expected.tolist());
    expect(chained.forward(v).tolist()).toEqual(expected.tolist());
    expect([...mlp.stateDict().keys()]).toEqual(["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"]);
    check(mlp, rand([20], double));
  });
  test("two inputs and two outputs", () => {
    const [a, b] = [node(linear(20, 20)), node(linear(10, 10))];
    const both = [a.through(new nn.Tanh()).through(linear(20, 1)), b.through(new nn.Tanh()).through(linear(10, 1))];
    const sum = node(new CAddTable(), both);
    const net = gModule([a, b], [sum.through(new nn.Sigmoid()), sum.through(new nn.Tanh())]);
    expect(net.forward<Tensor[]>([rand([20]), rand([10])]).map((y) => y.shape)).toEqual([[1], [1]]);
    check(net, [rand([20], double), rand([10], double)]);
    expect(() => net.forward(rand([20]))).toThrow("gModule: takes a list of 2");
  });
  test("with a container", () => {
    const m = new Sequential(new SplitTable(0), new ParallelTable(linear(10, 20), linear(10, 30)));
    const input = id();
    const net = gModule([input], [node(new JoinTable(0), node(m, input).split(2))]);
    expect(net.forward(rand([2, 10])).shape).toEqual([50]);
    check(net, rand([2, 10], double));
  });
  test("where each layer takes what the last two gave", () => {
    const input = id();
    const L1 = input.through(linear(10, 20)).through(new nn.Tanh());
    const L2 = node(new JoinTable(0), [input, L1]).through(linear(30, 60)).through(new nn.Tanh());
    const L3 = node(new JoinTable(0), [L1, L2]).through(linear(80, 160)).through(new nn.Tanh());
    expect(gModule([input], [L3]).forward(rand([10])).shape).toEqual([160]);
  });
});

test("a module at two nodes shares its parameters", () => {
  const shared = new nn.Linear(3, 3);
  const a = id();
  const net = gModule([a], [node(shared, node(shared, a))]);
  expect([...net.stateDict().keys()]).toEqual(["1.weight", "1.bias"]);
  const v = rand([3]);
  expect(net.forward(v).tolist()).toEqual(shared.forward(shared.forward(v)).tolist());
  net.forward(v).sum().backward();
  const once = shared.weight.grad?.tolist();
  shared.zeroGrad();
  shared.forward(shared.forward(v)).sum().backward();
  expect(once).toEqual(shared.weight.grad?.tolist());
});

test("a criterion is a node, without gradients of the target", () => {
  const [prediction, target] = [id(), id()];
  const net = gModule([prediction, target], [node(new losses.MSELoss(), [prediction, target])]);
  expect(net.forward([tensor([1, 2]), tensor([1, 4])]).tolist()).toEqual([2]);
});

test("nodes and graphs are modules of other graphs", () => {
  const a = id();
  const inner = gModule([a], [a.through(new nn.Linear(2, 2))]);
  const b = id();
  const outer = gModule([b], [node(inner, node(inner, b))]);
  expect([...outer.parameters()].length).toBe(2);
  expect(outer.forward(rand([2])).shape).toEqual([2]);
  expect(outer.eval().training || inner.training).toBe(false);
});

describe("what is wrong with a graph is said", () => {
  test("an input or a node that is not used", () => {
    const [a, b] = [id(), id()];
    expect(() => gModule([a, b], [a])).toThrow("an input is not used: a node of Identity leads to no output");
    const [c, d] = [id(), id()];
    c.through(new nn.Sigmoid()).annotate({ name: "dangling" });
    expect(() => gModule([c], [c.through(new nn.Tanh())])).toThrow('the node "dangling" leads to no output');
    expect(() => gModule([d], [d.through(new nn.Tanh()), id()])).toThrow("takes nothing and is not among the inputs");
  });
  test("an entry of a table that is not used, and a table of another length", () => {
    const state = id();
    const [h] = state.split(2);
    expect(() => gModule([state], [h])).toThrow("1 of 2 entries of a node of Identity are not used");
    const a = id();
    const net = gModule([a], node(new SplitTable(1), a).split(2));
    expect(() => net.forward(randn([4, 3]))).toThrow("gModule: takes a list of 2, got one of 3");
    expect(() => net.forward(randn([4, 1]))).toThrow("gModule: takes a list of 2, got one of 1");
    expect(() => state.split(2)).toThrow("is split already");
  });
  test("a cycle", () => {
    const a = id();
    const sum = node(new CAddTable(), a);
    const back = sum.through(new nn.Tanh());
    sum.add(back);
    expect(() => gModule([a], [back])).toThrow("the graph has a cycle");
  });
  test("what is no node, no module or a list without any", () => {
    const a = id();
    expect(() => node(new nn.Sigmoid(), null as never)).toThrow("inputs are a node or a list of nodes, got null");
    expect(() => node(new nn.Sigmoid(), [])).toThrow("got an empty list");
    expect(() => node(new nn.Sigmoid(), [new nn.ReLU() as never])).toThrow(
      /input 0 must be a node, got .*\n.*node\(module, inputs\)/,
    );
    expect(() => node(3 as never)).toThrow("a criterion has a forward");
    expect(() => gModule([], [a])).toThrow("inputs must be a list of nodes");
    expect(() => gModule([a], [3 as never])).toThrow("outputs[0] must be a node, got 3");
    expect(() => gModule([a, a], [a])).toThrow("a node is there twice among the inputs");
    expect(() => gModule([a.through(new nn.Tanh())], [a])).toThrow("an input takes nothing of the graph");
  });
});

test("a copy of a graph has modules of its own, shared ones shared", () => {
  const shared = new nn.Linear(3, 3);
  const a = id();
  const net = new Sequential(gModule([a], [node(shared, node(shared, a))]));
  const copy = net.clone();
  const v = rand([3]);
  expect(copy.forward(v).tolist()).toEqual(net.forward(v).tolist());
  expect([...copy.parameters()].length).toBe(2);
  const before = net.forward(v).tolist();
  noGrad(() => [...copy.parameters()][0].fill_(0));
  expect(net.forward(v).tolist()).toEqual(before);
  expect(copy.forward(v).tolist()).not.toEqual(before);
  // as does one whose module is replaced
  const inner = net.get(0);
  inner.registerModule("1", new nn.Identity());
  expect(net.forward(v).tolist()).toEqual(v.tolist());
});

test("a graph of thousands of nodes in a row runs", () => {
  const a = id();
  let end = a;
  for (let i = 0; i < 5000; i++) end = end.through(new nn.Identity());
  const v = tensor([1]);
  expect(gModule([a], [end]).forward(v)).toBe(v);
});

test("a drawing has names, descriptions and attributes", () => {
  const a = id().annotate({ name: "Input", description: "DescA", graphAttributes: { color: "red" } });
  const hidden = node(new nn.Linear(10, 10), a).annotate({ name: 'Hidden "A"' }).annotate({ description: "DescB" });
  const net = gModule([a], [hidden.through(new nn.Sigmoid())]);
  expect(net.toDot("Test").split("\n")).toEqual([
    'digraph "Test" {',
    "  node [shape=box]",
    '  in [label="input", shape=oval]',
    '  out [label="output", shape=oval]',
    '  n1 [label="Input\\nDescA\\nIdentity()", color="red"]',
    '  n2 [label="Hidden \\"A\\"\\nDescB\\nLinear(in_features=10, out_features=10, bias=True)"]',
    '  n3 [label="Sigmoid()"]',
    "  in -> n1",
    "  n1 -> n2",
    "  n2 -> n3",
    "  n3 -> out",
    "}",
    "",
  ]);
});
