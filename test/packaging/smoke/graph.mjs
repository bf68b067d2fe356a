import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { capture, loadGraph, saveGraph, toSvg } from "@flambeau/graph";
import { ones, registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const graph = capture((x) => x.mul(2).add(1), [ones([3])]);
assert.deepEqual(graph.run([tensor([1, 2, 3])]).tolist(), [3, 5, 7]);
await saveGraph(graph, "graph.safetensors");
assert.deepEqual((await loadGraph("graph.safetensors")).run([tensor([0, 1, 2])]).tolist(), [1, 3, 5]);
assert.ok(toSvg(graph).startsWith("<svg"));
console.log("works");
