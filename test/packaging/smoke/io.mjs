import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { load, parseSafetensors, save } from "@flambeau/io";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
await save({ weight: tensor([[1.5, 2]]) }, "weight.safetensors");
const { weight } = await load("weight.safetensors");
assert.deepEqual(weight.tolist(), [[1.5, 2]]);
assert.throws(() => parseSafetensors(new Uint8Array(4)), { name: "FormatError" });
console.log("works");
