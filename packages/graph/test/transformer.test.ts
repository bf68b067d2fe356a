import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { MultiheadAttention, Transformer } from "@flambeau/nn";
import { defaultGenerator, manualSeed, randn, registerBackend, type Tensor, zeros } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { elementsOf } from "../../testkit/src/door/replay.ts";
import { capture, Graph } from "../src/index.ts";
import { tensorsIn } from "./law.ts";

registerBackend(cpuWasm({ threads: 1 }));

const bits = (x: unknown): string[] => [...tensorsIn(x)].map((t) => `${t.dtype} ${t.shape} ${elementsOf(t)}`);
/** What a program gives and what it draws. */
function outcome(run: () => unknown): string[] {
  manualSeed(7);
  return [...bits(run()), String(defaultGenerator.getState())];
}
const holds = (graph: Graph, fn: (...inputs: Tensor[]) => unknown, inputs: readonly Tensor[]) => {
  const eager = outcome(() => fn(...inputs));
  expect(outcome(() => graph.run(inputs))).toEqual(eager);
  const again = Graph.fromJSON(JSON.parse(JSON.stringify(graph)), graph.tensors);
  expect(outcome(() => again.run(inputs))).toEqual(eager);
};

describe("a graph gives the bits of the model, at sizes that it was not captured at, too", () => {
  const sizes = [
    [2, 4, 3],
    [3, 6, 5],
    [4, 5, 7],
    [1, 9, 2],
    [5, 2, 1],
  ] as const;

  test.each([
    ["as PyTorch has it", {}],
    ["with batches first and norms first", { batchFirst: true, normFirst: true, activation: "gelu" }],
  ] as const)("Transformer, training, %s", (_, options) => {
    const layers = { numEncoderLayers: 2, numDecoderLayers: 1, dimFeedforward: 12 };
    const model = new Transformer(8, 2, { ...layers, ...options });
    const at = (batch: number, length: number) => randn(model.batchFirst ? [batch, length, 8] : [length, batch, 8]);
    const inputs = ([batch, from, to]: (typeof sizes)[number]) => {
      const padding = zeros([batch, from], { dtype: "bool" });
      if (from > 1) padding.select(1, from - 1).fill_(true);
      return [at(batch, from), at(batch, to), padding];
    };
    const fn = (src: Tensor, tgt: Tensor, srcKeyPaddingMask: Tensor) =>
      model.forward(src, tgt, {
        tgtMask: Transformer.generateSquareSubsequentMask(tgt.shape[model.batchFirst ? 1 : 0]),
        tgtIsCausal: true,
        srcKeyPaddingMask,
        memoryKeyPaddingMask: srcKeyPaddingMask,
      });
    const first = inputs(sizes[0]) as [Tensor, Tensor, Tensor];
    const dims = model.batchFirst ? ["batch", "from", "to"] : ["from", "batch", "to"];
    const graph = capture(fn, first, { model, alsoAt: inputs(sizes[1]), dims });
    expect(graph.dims.map(({ name }) => name)).toEqual(dims);
    expect(graph.draws.length).toBeGreaterThan(5);
    expect(graph.states.map(({ name }) => name).filter((name) => name !== null)).toContain(
      "encoder.layers.1.self_attn.in_proj_weight",
    );
    for (const each of sizes) holds(graph, fn as (...inputs: Tensor[]) => unknown, inputs(each));
  });

  test("attention with its weights, and all that is added to keys", () => {
    const model = new MultiheadAttention(8, 2, { addBiasKv: true, addZeroAttn: true, dropout: 0.2 });
    const inputs = ([batch, from, to]: (typeof sizes)[number]) => [
      randn([to, batch, 8]),
      randn([from, batch, 8]),
      randn([to, from]),
    ];
    const fn = (q: Tensor, k: Tensor, attnMask: Tensor) => model.forward(q, k, k, { attnMask });
    const first = inputs(sizes[0]) as [Tensor, Tensor, Tensor];
    const graph = capture(fn, first, { model, alsoAt: inputs(sizes[1]), dims: ["to", "batch", "from"] });
    for (const each of sizes) holds(graph, fn as (...inputs: Tensor[]) => unknown, inputs(each));
  });
});
