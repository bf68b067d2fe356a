import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend } from "@flambeau/tensor";
import { GPT, generate } from "@flambeau/text";

registerBackend(cpuWasm({ threads: 1 }));
const model = new GPT({ vocabSize: 5, blockSize: 4, layers: 1, heads: 1, width: 4 });
assert.equal((await generate(model, [1], { maxNewTokens: 6 })).tokens.length, 6);
console.log("works");
