// With one thread and with two: the workers start from the bundle as well.
import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { arange, registerBackend } from "@flambeau/tensor";

for (const threads of [1, 2]) {
  const backend = registerBackend(cpuWasm({ threads }));
  const a = arange(256 * 256)
    .reshape([256, 256])
    .remainder(7);
  const c = a.matmul(a.transpose(0, 1));
  const row = a.tolist()[1];
  assert.equal(
    c.tolist()[1][1],
    row.reduce((sum, x) => sum + x * x, 0),
  );
  await backend.dispose();
}
console.log("works");
