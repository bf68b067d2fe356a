import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { DataLoader, digits } from "@flambeau/data";
import { registerBackend } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const test = await digits({ split: "test" });
let seen = 0;
for await (const [images, labels] of new DataLoader(test, { batchSize: 64, shuffle: true })) {
  assert.deepEqual(images.shape.slice(1), [1, 8, 8]);
  seen += labels.shape[0];
}
assert.equal(seen, 360);
console.log("works");
