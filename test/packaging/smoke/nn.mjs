// The initial weights are PyTorch's for the same seed.
import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { Linear } from "@flambeau/nn";
import { manualSeed, ones, registerBackend } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
manualSeed(0);
const layer = new Linear(2, 3);
assert.deepEqual([...layer.stateDict().keys()], ["weight", "bias"]);
const [out] = layer.forward(ones([1, 2])).tolist();
assert.deepEqual(
  out.map((x) => x.toFixed(4)),
  ["0.3600", "-0.5417", "-0.1455"],
);
console.log("works");
