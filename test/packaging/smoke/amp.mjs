import { strict as assert } from "node:assert";
import { autocast } from "@flambeau/amp";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { ones, registerBackend } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const a = ones([2, 2]);
assert.equal(autocast("bfloat16", () => a.matmul(a)).dtype, "bfloat16");
console.log("works");
