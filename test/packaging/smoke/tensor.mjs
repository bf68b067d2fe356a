// The methods of the main entry, the functions of the other, one state under both; PyTorch's stream for seed 0.
import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { manualSeed, randn, registerBackend, Tensor, tensor } from "@flambeau/tensor";
import * as functional from "@flambeau/tensor/functional";

assert.throws(() => tensor([1]), /no backend is registered for device "cpu"/);
registerBackend(cpuWasm({ threads: 1 }));
assert.equal(tensor([1, 2]).add(1).sum().item(), 5);
assert.ok(functional.add(functional.tensor([1]), 1) instanceof Tensor);
manualSeed(0);
assert.deepEqual(
  randn([3])
    .tolist()
    .map((x) => x.toFixed(4)),
  ["1.5410", "-0.2934", "-2.1788"],
);
console.log("works");
