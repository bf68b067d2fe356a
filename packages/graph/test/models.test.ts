import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { crossEntropy } from "@flambeau/losses";
import { Linear, LSTM, type Module } from "@flambeau/nn";
import { AdamW, SGD } from "@flambeau/optim";
import {
  defaultGenerator,
  manualSeed,
  memory,
  noGrad,
  randint,
  randn,
  registerBackend,
  type Tensor,
  tensor,
  withDevice,
  zeros,
} from "@flambeau/tensor";
import { type Call, withInterpreter } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { elementsOf } from "../../testkit/src/door/replay.ts";
import { capture, decodeGraph, encodeGraph, Graph } from "../src/index.ts";
import { tensorsIn } from "./law.ts";
import { cnn, Gpt } from "./models.ts";

registerBackend(cpuWasm({ threads: 1 }));

const bits = (x: unknown): string[] => [...tensorsIn(x)].map((t) => `${t.dtype} ${t.shape} ${elementsOf(t)}`);
const statesOf = (model: Module) => [...model.parameters(), ...model.buffers()];
/** What a program gives, leaves in the model's states and draws; the states are as before then. */
function outcome(model: Module, run: () => unknown): string[] {
  const before = noGrad(() => statesOf(model).map((t) => t.clone()));
  manualSeed(7);
  const found = [...bits(run()), ...bits(statesOf(model)), String(defaultGenerator.getState())];
  noGrad(() => statesOf(model).forEach((t, i) => void t.copy_(before[i])));
  return found;
}

describe("a graph of a model gives the bits that the model gives, at sizes that it was not captured at, too", () => {
  const cases: readonly [name: string, model: Module, sizes: (a: number, b: number) => Tensor[], dims: string[]][] = [
    ["GPT", new Gpt(), (batch, time) => [randint(0, 11, [batch, time])], ["batch", "time"]],
    ["CNN", cnn(), (batch) => [randn([batch, 3, 8, 8])], ["batch"]],
    [
      "LSTM",
      new LSTM(3, 4, { numLayers: 2, bidirectional: true }),
      (batch, time) => [randn([time, batch, 3])],
      ["time", "batch"],
    ],
  ];
  test.each(cases)("%s", (_, model, inputs, dims) => {
    const forward = (x: Tensor): unknown => model.forward(x);
    const first = inputs(2, 4) as [Tensor];
    const graph = capture(forward, first, { model, alsoAt: inputs(4, 7), dims });
    const sizeOf: { readonly [name: string]: number } = { batch: 2, time: 4 };
    expect(graph.dims).toEqual(dims.map((name) => ({ name, size: sizeOf[name] })));
    const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)), graph.tensors);
    for (const [a, b] of [
      [2, 4],
      [4, 7],
      [3, 5],
      [1, 9],
      [6, 1],
    ]) {
      const [x] = inputs(a, b);
      const eager = outcome(model, () => forward(x));
      expect(outcome(model, () => graph.run([x]))).toEqual(eager);
      expect(outcome(model, () => again.run([x]))).toEqual(eager);
    }
  });

  test("parameters have their names in stateDict, tied ones once; modules their paths", () => {
    const model = new Gpt();
    const graph = capture((x) => model.forward(x), [randint(0, 11, [2, 4])], { model });
    const names = graph.states.map((s) => s.name);
    expect(names).toContain("blocks.1.qkv.weight");
    expect(names).not.toContain("head.weight");
    expect(graph.tensors.get("tokens.weight")).toBe(model.tokens.weight);
    expect(new Set(names).size).toBe(names.length);
    expect(graph.modules["blocks.0.norm1"]).toBe("LayerNorm");
    expect(graph.nodes.find((call) => call.op === "gelu")?.module).toBe("blocks.0");
    expect(Object.hasOwn(model, "forward")).toBe(false);
    const { weight } = model.norm;
    noGrad(() => weight?.fill_(0)); // the graph reads the model's own parameters
    expect((graph.run([zeros([2, 4], { dtype: "int32" })]) as Tensor).abs().sum().item()).toBe(0);
  });
  test("running statistics are mutations", () => {
    const model = cnn();
    const graph = capture((x) => model.forward(x), [randn([2, 3, 8, 8])], { model });
    expect(graph.mutations.map((m) => m.target).sort()).toEqual([
      "1.num_batches_tracked",
      "1.running_mean",
      "1.running_var",
    ]);
    expect(graph.draws).toEqual(["dropoutNoise"]);
    model.eval();
    const quiet = capture((x) => model.forward(x), [randn([2, 3, 8, 8])], { model });
    expect([quiet.mutations, quiet.draws]).toEqual([[], []]);
  });
});

describe("draws", () => {
  test("come from a generator that a run is given, or are given themselves", () => {
    const model = cnn();
    const x = randn([2, 3, 8, 8]);
    const graph = capture((t) => model.forward(t), [x], { model });
    const noise = zeros([2, 36]);
    const bias = model.getParameter("6.bias");
    expect(bits(graph.run([x], { draws: { dropoutNoise: noise } }))).toEqual(bits(bias.expand(2, 5).clone()));
    expect(() => graph.run([x], { draws: { dropout: noise } })).toThrow('no call named "dropout" draws');
    expect(() => graph.run([x], { draws: { dropoutNoise: zeros([2, 3]) } })).toThrow(
      /"dropoutNoise" has shape \[2, 36\]/,
    );
  });
});

describe("training steps", () => {
  const step = (model: Linear, optimizer: SGD | AdamW) => (x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  test("of SGD with momentum, once it has its state, are captured whole", () => {
    const model = new Linear(3, 2);
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const train = step(model, optimizer);
    const [x, y] = [randn([4, 3]), tensor([0, 1, 1, 0], { dtype: "int32" })];
    train(x, y);
    const before = bits(statesOf(model));
    const grads = [...model.parameters()].map((p) => p.grad);
    const graph = capture(train, [x, y], { model });
    expect(bits(statesOf(model))).toEqual(before);
    expect([...model.parameters()].map((p) => p.grad)).toEqual(grads);
    expect(graph.mutations.map((m) => m.target)).toEqual(["weight", "constant", "bias", "constant_1"]);
    // the graph's run and the program's, from the same start
    const start = noGrad(() => [...graph.tensors.values()].map((t) => t.clone()));
    const loss = graph.run([x, y]);
    const after = bits([...graph.tensors.values()]);
    noGrad(() => [...graph.tensors.values()].forEach((t, i) => void t.copy_(start[i])));
    expect(bits(train(x, y))).toEqual(bits(loss));
    expect(bits([...graph.tensors.values()])).toEqual(after);
  });
  test("of recurrent layers hold two ops for each direction", () => {
    const model = new LSTM(3, 4, { bidirectional: true });
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const train = (x: Tensor) => {
      optimizer.zeroGrad();
      const loss = model.forward(x)[0].square().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    const x = randn([5, 2, 3]);
    train(x);
    const graph = capture(train, [x], { model });
    const names = graph.nodes.map((node) => node.op).filter((op) => op.startsWith("lstm"));
    expect(names.sort()).toEqual(["lstmLayer", "lstmLayer", "lstmLayerBackward", "lstmLayerBackward"]);
    const eager = outcome(model, () => train(x));
    expect(outcome(model, () => graph.run([x]))).toEqual(eager);
  });
  test("of AdamW hold the number of the step, as numbers of the program are", () => {
    const model = new Linear(3, 2);
    const optimizer = new AdamW(model.parameters());
    const train = step(model, optimizer);
    const [x, y] = [randn([4, 3]), tensor([0, 1, 1, 0], { dtype: "int32" })];
    train(x, y);
    const graph = capture(train, [x, y], { model });
    expect(graph.nodes.find((call) => call.op === "adamStep")?.attrs).toMatchObject({ step: 2 });
  });
  test("gradients of a model flow through a run where they are recorded", () => {
    const model = new Linear(3, 2);
    const x = randn([4, 3]);
    const graph = capture((t) => model.forward(t).square().sum(), [x], { model });
    const loss = graph.run([x]);
    loss.backward();
    const found = bits(model.weight.grad);
    model.zeroGrad();
    model.forward(x).square().sum().backward();
    expect(bits(model.weight.grad)).toEqual(found);
  });
});

describe("memory", () => {
  test("a capture leaves nothing but the graph's constants, a run its results", () => {
    const model = cnn();
    const x = randn([2, 3, 8, 8]);
    const make = () => capture((t) => model.forward(t).add(tensor([1, 2, 3, 4, 5])), [x], { model });
    make().dispose();
    const before = memory().cpu.tensors;
    const graph = make();
    expect(memory().cpu.tensors).toBe(before + 1);
    noGrad(() => {
      for (let i = 0; i < 3; i++) graph.run([x]).dispose();
      expect(memory().cpu.tensors).toBe(before + 1);
    });
    graph.run([x]).dispose();
    graph.dispose();
    const dims = { model, alsoAt: [randn([3, 3, 8, 8])] };
    const two = memory().cpu.tensors;
    capture((t) => model.forward(t), [x], dims);
    expect(memory().cpu.tensors).toBe(two);
  });
  test("and nothing when the function throws", () => {
    const model = new Linear(3, 2);
    const x = randn([2, 3]);
    const before = memory().cpu.tensors;
    for (const bad of [
      (t: Tensor) =>
        model
          .forward(t)
          .add(tensor([1, 2]))
          .item(),
      (t: Tensor) => {
        model.forward(t);
        throw new Error("the program's");
      },
    ])
      expect(() => capture(bad, [x], { model })).toThrow();
    expect(memory().cpu.tensors).toBe(before);
    expect(Object.hasOwn(model, "forward")).toBe(false);
  });
  test("a run holds no more than what is still needed", () => {
    const x = zeros([1000]);
    const graph = capture(
      (t) => {
        let y = t;
        for (let i = 0; i < 20; i++) y = y.add(i + 1);
        return y;
      },
      [x],
    );
    let most = 0;
    const start = memory().cpu.tensors;
    const count = (call: Call): readonly Tensor[] => {
      const out = call.next();
      most = Math.max(most, memory().cpu.tensors - start);
      return out;
    };
    withInterpreter({ op: count }, () => graph.run([x])).dispose();
    expect(most).toBe(2);
    expect(() => {
      graph.run([tensor([1])]);
    }).toThrow("has shape [1000], got [1]");
  });
});

test("a model without values is captured, and runs with those of another", async () => {
  const build = () => new Linear(3, 2);
  const large = withDevice("meta", build);
  const graph = capture((x) => large.forward(x).relu(), [zeros([2, 3], { device: "meta" })], { model: large });
  const model = build();
  const real = new Graph(graph.toParts(), model.stateDict());
  const x = randn([2, 3]);
  expect(bits(real.run([x]))).toEqual(bits(model.forward(x).relu()));
  const file = decodeGraph(await encodeGraph(real));
  expect(bits(file.run([x]))).toEqual(bits(real.run([x])));
  file.dispose();
  expect(() => file.run([x])).toThrow("this tensor was disposed");
});
