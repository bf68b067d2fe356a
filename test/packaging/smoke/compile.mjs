import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { compile } from "@flambeau/compile";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const f = compile((x) => x.mul(2).add(1));
for (let i = 0; i < 3; i++) assert.deepEqual(f(tensor([1, 2])).tolist(), [3, 5]);
assert.deepEqual(f.stats().kernels, { asked: 2, run: 1 });
console.log("works");
