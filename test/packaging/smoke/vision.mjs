import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, zeros } from "@flambeau/tensor";
import { decodeImage, encodeJpeg, encodePng, Resize } from "@flambeau/vision";

registerBackend(cpuWasm({ threads: 1 }));
const image = zeros([3, 8, 12], { dtype: "uint8" });
for (const file of [await encodePng(image), await encodeJpeg(image)])
  assert.deepEqual(new Resize(4).forward(await decodeImage(file)).shape, [3, 4, 6]);
console.log("works");
