import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { crossEntropy } from "@flambeau/losses";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const loss = crossEntropy(tensor([[1, 2, 3]]), tensor([2], { dtype: "int32" }));
assert.equal(loss.item().toFixed(4), "0.4076");
console.log("works");
