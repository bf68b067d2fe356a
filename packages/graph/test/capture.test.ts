import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { Buffer, Linear, Module } from "@flambeau/nn";
import {
  arange,
  cat,
  DataDependentError,
  Generator,
  noGrad,
  ones,
  rand,
  randn,
  registerBackend,
  type Tensor,
  tensor,
  zeros,
} from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { capture, foldConstants, Graph, pruneGraph } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const opsOf = (graph: Graph): string[] => graph.nodes.map((call) => call.op);

describe("writes in place become calls that change nothing", () => {
  test("and what shares the memory has the new elements", () => {
    const graph = capture(
      (t) => {
        const y = t.mul(2);
        const row = y.select(0, 1);
        const flat = y.view([-1]);
        row.add_(1);
        flat.slice(0, 0, 2).mul_(10);
        y.t().copy_(y.t().neg());
        return { y, row, flat };
      },
      [x],
    );
    expect(opsOf(graph).some((op) => op.endsWith("_"))).toBe(false);
    const { y, row, flat } = graph.run([x]);
    expect(y.tolist()).toEqual([
      [-20, -40, -6],
      [-9, -11, -13],
    ]);
    expect(row.tolist()).toEqual([-9, -11, -13]);
    expect(flat.tolist()).toEqual([-20, -40, -6, -9, -11, -13]);
    expect(graph.mutations).toEqual([]);
  });
  test("inputs that are written are mutations: the capture puts them back, a run writes them", () => {
    const a = tensor([1, 2]);
    const graph = capture((t) => t.add_(1).mul(2), [a]);
    expect(a.tolist()).toEqual([1, 2]);
    expect(graph.mutations).toEqual([{ target: "input", value: "add" }]);
    const b = tensor([5, 6]);
    expect(graph.run([b]).tolist()).toEqual([12, 14]);
    expect(b.tolist()).toEqual([6, 7]);
  });
  test("two inputs that take each other's elements", () => {
    const graph = capture(
      (a, b) => {
        const kept = a.clone();
        a.copy_(b);
        b.copy_(kept);
        return [a, b];
      },
      [tensor([1]), tensor([2])],
    );
    const [a, b] = [tensor([3]), tensor([4])];
    expect(graph.run([a, b]).map((t) => t.item())).toEqual([4, 3]);
    expect([a.item(), b.item()]).toEqual([4, 3]);
  });
  test("a result of another dtype is converted as the write does", () => {
    const graph = capture((t) => t.to("float16").mul_(ones([3], { dtype: "float64" })), [x]);
    expect(opsOf(graph)).toContain("cast");
    expect(graph.value(graph.outputs[0]).dtype).toBe("float16");
  });
  test("memory that a handle gets from another is followed, and put back", () => {
    class Swap extends Module {
      state = new Buffer(zeros([2]));
      forward(t: Tensor): Tensor {
        this.state.setData(t.add(this.state));
        return this.state.mul(2);
      }
    }
    const model = new Swap();
    const graph = capture((t) => model.forward(t), [tensor([1, 2])], { model });
    expect(model.state.tolist()).toEqual([0, 0]);
    expect(graph.mutations).toEqual([{ target: "state", value: "add" }]);
    graph.run([tensor([3, 4])]);
    expect(graph.run([tensor([3, 4])]).tolist()).toEqual([12, 16]);
    expect(model.state.tolist()).toEqual([6, 8]);
  });
  test("squeeze_ and its like change a handle of the program's own", () => {
    const graph = capture((t) => t.sum(0, { keepdim: true }).squeeze_(0).mul_(2), [x]);
    expect(graph.run([x]).tolist()).toEqual([10, 14, 18]);
  });
  test("a run that throws changes nothing", () => {
    const index = tensor([0, 1], { dtype: "int32" });
    const graph = capture(
      (a, i) => {
        a.add_(1);
        return a.take(i);
      },
      [tensor([1, 2]), index],
    );
    const a = tensor([1, 2]);
    expect(() => graph.run([a, tensor([0, 7], { dtype: "int32" })])).toThrow(/index 7/);
    expect(a.tolist()).toEqual([1, 2]);
  });
});

describe("what a program reads is not baked in", () => {
  const refused = (fn: (t: Tensor) => unknown) => () => capture(fn as (t: Tensor) => Tensor, [x]);
  test("item, printing, lists, data and branches on them", () => {
    for (const fn of [
      (t: Tensor) => (t.sum().item() > 0 ? t : t.neg()),
      (t: Tensor) => String(t),
      (t: Tensor) => t.tolist(),
      (t: Tensor) => t.dataSync(),
      (t: Tensor) => (t.equal(x) ? t : t.neg()),
    ])
      expect(refused(fn)).toThrow(DataDependentError);
    expect(refused((t) => t.sum().item())).toThrow('item: the program reads the values of "sum" while it is captured');
  });
  test("in the line that reads", () => {
    const reads = (t: Tensor): number => t.sum().item();
    try {
      capture((t) => t.mul(reads(t)), [x]);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).stack).toMatch(/reads/);
    }
  });
  test("also when the program catches the error", () => {
    const fn = (t: Tensor): Tensor => {
      try {
        return t.mul(t.sum().item());
      } catch {
        return t;
      }
    };
    expect(refused(fn)).toThrow(DataDependentError);
  });
  test("nor are tensors whose size depends on values", () => {
    expect(refused((t) => t.gt(2).nonzero())).toThrow(/how many elements nonzero gives depends on values/);
    expect(refused((t) => t.maskedSelect(t.gt(2)))).toThrow(DataDependentError);
  });
});

describe("what no graph can say is refused", () => {
  const refuse = (fn: (t: Tensor) => unknown, message: string | RegExp) =>
    expect(() => capture(fn as (t: Tensor) => Tensor, [x])).toThrow(message);
  test.each<[string, (t: Tensor) => unknown, string | RegExp]>([
    ["async functions", async (t) => t, "capture takes a synchronous function"],
    ["numbers", (t) => t.shape[0], "the function gives 2, and a graph gives tensors"],
    ["maps", (t) => new Map([["t", t]]), "and a graph gives tensors"],
    [
      "results that hold themselves",
      (t) => {
        const list: unknown[] = [t];
        list.push(list);
        return list;
      },
      "holds itself",
    ],
    [
      "two generators",
      (t) => t.add(rand([3], { generator: new Generator(1) })).add(rand([3])),
      "draws from two generators",
    ],
    ["captures", (t) => capture((s) => s, [t]), "cannot capture another"],
    ["inputs of another shape at the end", (t) => t.unsqueeze_(0), 'gives input "input" another shape'],
    ["windows beside a tensor", (t) => t.mul(1).select(1, 0).asStrided([2], [1], 1), "asStrided()"],
  ])("%s", (_, fn, message) => {
    refuse(fn, message);
    expect(x.shape).toEqual([2, 3]);
  });
  test("writes to memory that a tensor from outside shows, too", () => {
    const part = x.select(0, 0);
    refuse((t) => t.add(part).add_(t.add_(1)), 'the program writes "input"');
    refuse((t) => [t.add_(1), part.mul(2)], "shows a part of its memory");
    expect(x.tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
  test("arguments", () => {
    const fn = (t: Tensor): Tensor => t;
    expect(() => capture("no" as never, [x])).toThrow("fn must be a function");
    expect(() => capture(fn, x as never)).toThrow("inputs must be a list of tensors");
    expect(() => capture(fn, [x], { modell: new Linear(1, 1) } as never)).toThrow("did you mean model?");
    expect(() => capture(fn, [x], { model: {} as never })).toThrow("the option model is a module");
    expect(() => capture(fn, [x], { names: [] })).toThrow("there are 1 inputs and 0 names");
    expect(() => capture(fn, [x, x] as never)).toThrow("one tensor is given as two inputs");
    expect(() => capture(fn, [x], { dims: ["n"] })).toThrow("dims are the names of sizes that differ from alsoAt's");
    expect(() => capture(fn, [x], { names: ["weight"], model: new Linear(1, 1) })).toThrow('are called "weight"');
  });
});

describe("sizes that are free", () => {
  const at = (fn: (t: Tensor) => Tensor, dims: string[] = ["n", "m"]) =>
    capture(fn, [randn([4, 6])], { alsoAt: [randn([6, 9])], dims });
  test("are affine in those of the inputs, in shapes and in attributes", () => {
    const graph = at((t) => cat([t.pad([1, 2]).narrow(1, 0, t.shape[1]), t.slice(0, 0, t.shape[0] - 1)]));
    const [out] = graph.outputs;
    expect(graph.value(out).shape).toEqual([
      { dim: "n", times: 2, plus: -1 },
      { dim: "m", times: 1, plus: 0 },
    ]);
    expect(graph.run([randn([3, 5])]).shape).toEqual([5, 5]);
    expect(String(graph)).toContain("float32[2*n-1, m]");
  });
  test.each<[string, (t: Tensor) => Tensor, RegExp]>([
    [
      "products",
      (t) => t.flatten(),
      /view has a number \(attrs.shape\[0\]\) that is 24 at first, 54 .* not an integer times one dimension/,
    ],
    [
      "quotients",
      (t) => t.narrow(0, 0, t.shape[0] / 2),
      /at n = 5, .* fails: narrow: length must be an integer, got 2.5/,
    ],
    ["fractions among numbers", (t) => t.mul(1 / t.shape[0]), /mul has a number \(attrs.operands\[1\]\)/],
    ["limits", (t) => t.narrow(0, 0, Math.min(t.shape[0], 5)), /slice has a number/],
    ["loops over a size", (t) => t.unbind(0).reduce((a, b) => a.add(b)), /takes another way: unbind/],
    [
      "ifs that look at one",
      (t) => (t.shape[0] > 4 ? t.exp() : t.neg()),
      /takes another way: neg is "neg\(input\)" at first/,
    ],
    ["lists of numbers", (t) => t.add(tensor(Array.from({ length: t.shape[1] }, (_, i) => i))), /"constant"/],
  ])("others are refused by name: %s", (_, fn, message) => expect(() => at(fn)).toThrow(message));
  test("one that follows another in another way fails where it is looked at alone", () => {
    expect(() =>
      capture((a, b) => a.flatten().add(b), [randn([2, 3]), randn([6])], { alsoAt: [randn([4, 5]), randn([20])] }),
    ).toThrow(/at d0 = 3, where it is captured to tell which sizes follow d0, the program fails/);
  });
  test("sizes that differ in the same way are one", () => {
    const graph = capture((a, b) => a.add(b), [randn([2, 3]), randn([2, 3])], {
      alsoAt: [randn([5, 3]), randn([5, 3])],
    });
    expect(graph.dims).toEqual([{ name: "d0", size: 2 }]);
    expect(graph.run([ones([7, 3]), ones([7, 3])]).shape).toEqual([7, 3]);
    expect(() => graph.run([ones([7, 3]), ones([6, 3])])).toThrow('"input1" has shape [d0, 3], got [6,3]');
  });
  test("alsoAt is like the inputs", () => {
    const fn = (t: Tensor): Tensor => t;
    expect(() => capture(fn, [x], { alsoAt: [] })).toThrow("there are 1 inputs, and 0 in alsoAt");
    expect(() => capture(fn, [x], { alsoAt: [x.to("float64")] })).toThrow("only sizes may differ");
    expect(() => capture(fn, [x], { alsoAt: [ones([2, 3])] })).toThrow("alsoAt has the same sizes as the inputs");
    expect(() => at(fn, ["n"])).toThrow('2 sizes differ from those of alsoAt (4 and 6, 6 and 9), dims names ["n"]');
  });
});

describe("the graph", () => {
  test("prints", () => {
    const model = new Linear(3, 2);
    const graph = capture((t) => model.forward(t).relu().mul(2), [x], {
      model,
      alsoAt: [ones([5, 3])],
      dims: ["batch"],
    });
    expect(String(graph)).toBe(
      [
        "graph(input: float32[batch, 3]):",
        "  parameter weight: float32[2, 3]",
        "  parameter bias: float32[2]",
        "  linear: float32[batch, 2] = linear(input, weight, bias)",
        "  relu: float32[batch, 2] = relu(linear)",
        "  mul: float32[batch, 2] = mul(relu, 2)",
        "  return mul",
      ].join("\n"),
    );
  });
  test("keeps a function's lists, objects and nulls, and two tensors of one value apart", () => {
    const graph = capture((t) => ({ a: [t.exp(), null], b: t.max(1), c: t, d: t.view([2, 3]) }), [x]);
    const out = graph.run([x]);
    expect(out.a[1]).toBe(null);
    expect(out.b.values.tolist()).toEqual([3, 6]);
    expect(out.c).not.toBe(x);
    expect(out.c.storage).not.toBe(x.storage);
    expect(out.d.tolist()).toEqual(x.tolist());
  });
  test("holds its inputs to what they were", () => {
    const graph = capture((a, b) => a.add(b), [x, x.clone()], { names: ["a", "b"] });
    expect(() => graph.run([x])).toThrow("the graph has 2 inputs (a, b), got 1");
    expect(() => graph.run([x, x.to("int32")])).toThrow('"b" is float32, got int32');
    expect(() => graph.run([x, x.t()])).toThrow('"b" has shape [2, 3], got [3,2]');
    expect(() => graph.run([x, 3 as never])).toThrow("inputs[1] must be a tensor");
    expect(() => graph.value("c")).toThrow('there is no value called "c"');
  });
  test("drops what nothing needs, but no draws and no checks", () => {
    const graph = capture(
      (t) => {
        t.exp();
        rand([2]);
        return t.take(arange(2));
      },
      [x],
    );
    expect(opsOf(graph)).not.toContain("exp");
    expect(opsOf(graph)).toEqual(expect.arrayContaining(["rand", "checkIndex"]));
    const less = pruneGraph(new Graph({ ...graph.toParts(), output: "input" }, graph.tensors));
    expect(opsOf(less)).not.toContain("gather");
  });
  test("computes what follows from constants once, if asked", () => {
    const model = new Linear(3, 2);
    const graph = capture(
      (t) =>
        t
          .matmul(model.weight.t())
          .maskedFill(ones([2, 2]).tril().eq(0), 0)
          .add(arange(t.shape[0]).mul(0).sum()),
      [x],
      { model },
    );
    const folded = foldConstants(graph);
    const all = foldConstants(graph, { weights: true });
    expect(folded.nodes.length).toBeLessThan(graph.nodes.length);
    expect(all.nodes.length).toBeLessThan(folded.nodes.length);
    const found = [graph, folded, all].map((g) => noGrad(() => g.run([x]).tolist()));
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
    folded.dispose();
    expect(() => folded.run([x])).toThrow("disposed");
    expect(noGrad(() => graph.run([x]).tolist())).toEqual(found[0]);
    all.dispose();
  });
});
