import "@flambeau/autograd";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { load } from "@flambeau/io";
import { LSTM } from "@flambeau/nn";
import { FormatError, memory, ones, randn, registerBackend, tensor, zeros } from "@flambeau/tensor";
import { pointwise, unary } from "@flambeau/tensor/plugin";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { runs } from "../../../test/support/long.ts";
import { capture, decodeGraph, encodeGraph, Graph, loadGraph, saveGraph } from "../src/index.ts";
import { cnn } from "./models.ts";

registerBackend(cpuWasm({ threads: 1 }));
const folder = mkdtempSync(join(tmpdir(), "flambeau-graph-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = cnn();
const x = randn([2, 3, 8, 8]);
const graph = capture(
  (t) =>
    model
      .forward(t)
      .add(tensor([1, 2, 3, 4, 5]))
      .clampMax(Infinity),
  [x],
  {
    model,
    alsoAt: [randn([5, 3, 8, 8])],
    dims: ["batch"],
  },
);
const json = (): Json => JSON.parse(JSON.stringify(graph)) as Json;
// biome-ignore lint/suspicious/noExplicitAny: what a damaged file holds is anything
type Json = any;

describe("a graph as JSON", () => {
  test("comes back as it was", () => {
    const again = Graph.fromJSON(json(), graph.tensors);
    expect(again.toParts()).toEqual(graph.toParts());
    expect(String(again)).toBe(String(graph));
  });
  test("with the ops of others, when their records are given", () => {
    const cubeOp = pointwise("cube", (v) => v.mul(v).mul(v));
    const own = capture((t) => unary(cubeOp, t), [ones([2])]);
    expect(own.run([tensor([2, 3])]).tolist()).toEqual([8, 27]);
    const text = JSON.parse(JSON.stringify(own)) as unknown;
    expect(() => Graph.fromJSON(text)).toThrow('"cube" is of the unknown op "cube"');
    const again = Graph.fromJSON(text, {}, { ops: { cube: cubeOp } });
    expect(again.nodes[0].op).toBe("cube");
  });
  test("and a file: with its tensors, freed with it", async () => {
    const path = join(folder, "model.safetensors");
    await saveGraph(graph, path);
    expect(Object.keys(await load(path)).sort()).toEqual([...graph.tensors.keys()].sort());
    const before = memory().cpu.tensors;
    const again = await loadGraph(path);
    expect(memory().cpu.tensors).toBe(before + graph.tensors.size);
    expect(String(again)).toBe(String(graph));
    again.dispose();
    expect(memory().cpu.tensors).toBe(before);
    const bytes = await encodeGraph(graph);
    decodeGraph(bytes).dispose();
    expect(memory().cpu.tensors).toBe(before);
    const damaged = bytes.slice();
    const at = new TextDecoder("latin1").decode(bytes).indexOf('op\\":\\"batchNormTracking') + 7;
    damaged.set(new TextEncoder().encode("batchNormFlapping"), at);
    expect(() => decodeGraph(damaged)).toThrow(FormatError);
    expect(memory().cpu.tensors).toBe(before);
  });
  test("a file without a graph says so", async () => {
    const { encode } = await import("@flambeau/io");
    expect(() => decodeGraph(new Uint8Array(3))).toThrow(FormatError);
    const plain = await encode({ a: zeros([2]) });
    expect(() => decodeGraph(plain)).toThrow('there is no graph in it: no note "flambeau.graph"');
    const broken = await encode({ a: zeros([2]) }, { metadata: { "flambeau.graph": "{" } });
    expect(() => decodeGraph(broken)).toThrow("the graph is no JSON");
  });
});

describe("what is no graph is refused", () => {
  const change = (by: (j: Json) => void) => () => {
    const j = json();
    by(j);
    return Graph.fromJSON(j, graph.tensors);
  };
  test.each<[string, (j: Json) => void, string | RegExp]>([
    ["another format", (j) => void (j.format = "onnx"), 'its "format" is not "flambeau graph"'],
    ["a later version", (j) => void (j.version = 2), "the graph is of version 2, this @flambeau/graph knows version 1"],
    ["no nodes", (j) => void delete j.nodes, "nodes is a list"],
    ["an unknown op", (j) => void (j.nodes[0].op = "conv9"), '"conv" is of the unknown op "conv9"'],
    ["what objects have by nature", (j) => void (j.nodes[0].op = "constructor"), 'the unknown op "constructor"'],
    ["__proto__", (j) => void (j.nodes[0].op = "__proto__"), 'the unknown op "__proto__"'],
    ["a value from nowhere", (j) => void (j.nodes[0].inputs[0] = "imput"), 'reads "imput", which nothing gives'],
    ["a cycle", (j) => void (j.nodes[0].inputs[0] = "add"), 'reads "add", which only a later node gives, or itself'],
    ["two of one name", (j) => void (j.nodes[1].outputs[0].name = "conv"), 'two values are called "conv"'],
    ["two nodes of one name", (j) => void (j.nodes[1].name = "conv"), 'two nodes called "conv"'],
    ["an unknown dtype", (j) => void (j.inputs[0].dtype = "float8"), 'unknown dtype "float8"'],
    ["a size below 0", (j) => void (j.inputs[0].shape[1] = -3), "has the size -3"],
    [
      "a size of an unknown dimension",
      (j) => void (j.inputs[0].shape[1] = { dim: "n", times: 1, plus: 0 }),
      'unknown dimension "n"',
    ],
    ["a broken size", (j) => void (j.inputs[0].shape[1] = { dim: "batch", times: 0.5, plus: 0 }), "no whole number"],
    ["a free state", (j) => void (j.states[0].shape[0] = { dim: "batch", times: 2, plus: 0 }), "depends on the inputs"],
    ["a dimension without an input", (j) => void (j.inputs[0].shape[0] = 2), 'no input has the dimension "batch"'],
    ["another kind of state", (j) => void (j.states[0].kind = "weight"), 'got "weight"'],
    ["a missing attribute", (j) => void delete j.nodes[0].attrs.stride, /"conv" cannot be run/],
    ["an attribute of another type", (j) => void (j.nodes[0].attrs.stride = "wide"), /"conv"|conv gives/],
    ["a generator", (j) => void (j.nodes[0].attrs.generator = { $generator: 0 }), "they name a generator"],
    ["bytes that are none", (j) => void (j.nodes[0].attrs.more = { $bytes: "%%" }), 'attrs of "conv" are damaged'],
    ["no attributes", (j) => void delete j.nodes[0].attrs, 'attrs of "conv" is an object'],
    [
      "another result",
      (j) => void (j.nodes[0].outputs[0].shape[1] = 5),
      /conv gives float32 \[2,4,6,6\], and "conv" is said to be/,
    ],
    ["an output from nowhere", (j) => void (j.output = ["input", "nothing"]), 'the output has "nothing"'],
    ["an output of numbers", (j) => void (j.output = 3), "the output holds 3"],
    ["a mutation of a result", (j) => void (j.mutations[0].target = "conv"), 'a mutation writes "conv"'],
    ["a mutation of another shape", (j) => void (j.mutations[0].value = "conv"), "another shape or dtype"],
    ["two mutations of one", (j) => void j.mutations.push(j.mutations[0]), "has two mutations"],
  ])("%s", (_, by, message) => {
    expect(change(by)).toThrow(message);
    expect(change(by)).toThrow(FormatError);
  });
  test("nesting without end", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 5000; i++) deep = [deep];
    expect(change((j) => void (j.nodes[0].attrs.more = deep))).toThrow(FormatError);
    expect(change((j) => void (j.output = deep))).toThrow(FormatError);
  });
  test("a size that would make a list without end", () => {
    const small = JSON.parse(JSON.stringify(capture((t) => t.unbind(0), [zeros([2, 3])]))) as Json;
    small.inputs[0].shape[0] = 2 ** 28;
    expect(() => Graph.fromJSON(small)).toThrow("has 2 outputs, and unbind gives another number");
  });
  test("a state without its tensor, or with another", () => {
    expect(() => Graph.fromJSON(json())).toThrow('the tensor of the parameter "0.weight" is missing');
    const other = new Map([...graph.tensors, ["0.weight", zeros([1])] as const]);
    expect(() => Graph.fromJSON(json(), other)).toThrow(
      'the parameter "0.weight" is float32 [4,3,3,3], got float32 [1]',
    );
  });

  // each place in the file in turn replaced by something else: a typed error, or a graph that runs
  const lstm = new LSTM(2, 3);
  const subjects = [graph, capture((t) => lstm.forward(t), [randn([3, 2, 2])], { model: lstm })];
  const places = (value: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof value === "object" && value !== null
      ? [path, ...Object.keys(value).flatMap((key) => places((value as Json)[key], [...path, key]))]
      : [path];
  const strange = fc.oneof(
    fc.constantFrom<unknown>(null, true, -1, 0.5, 1e9, "", "x", [], {}, [[]], { dim: 1 }, "float64", 7, {
      $number: "NaN",
    }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  test("anything in the place of anything", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...subjects),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        strange,
        (g, where, value) => {
          const text = JSON.parse(JSON.stringify(g)) as Json;
          const all = places(text).slice(1);
          const path = all[Math.floor(where * all.length)];
          const last = path[path.length - 1];
          path.slice(0, -1).reduce((at, key) => at[key], text)[last] = value;
          try {
            Graph.fromJSON(text, g.tensors);
          } catch (error) {
            if (!(error instanceof Error) || !["FormatError", "ArgumentError", "ShapeError"].includes(error.name))
              throw error;
          }
        },
      ),
      { numRuns: runs(1500) },
    );
  });
});
