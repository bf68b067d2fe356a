import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { profile } from "@flambeau/profiler";
import { ones, registerBackend } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const found = profile(() => ones([2]).exp());
assert.equal(found.keyAverages({ by: "kernel" }).at(0)?.calls, 1);
console.log("works");
