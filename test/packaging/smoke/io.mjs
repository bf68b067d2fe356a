import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { load, loadPt, parseSafetensors, save } from "@flambeau/io";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
await save({ weight: tensor([[1.5, 2]]) }, "weight.safetensors");
const { weight } = await load("weight.safetensors");
assert.deepEqual(weight.tolist(), [[1.5, 2]]);
assert.throws(() => parseSafetensors(new Uint8Array(4)), { name: "FormatError" });
// torch.save({"epoch": 3}, path)
const saved = "gAKKCmz8nEb5IGqoUBkugAJN6QMugAJ9LoACfVUFZXBvY2hLA3MugAJdLg==";
assert.deepEqual(await loadPt(Uint8Array.from(atob(saved), (letter) => letter.charCodeAt(0))), { epoch: 3 });
console.log("works");
