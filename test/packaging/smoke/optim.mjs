// Two steps of AdamW from PyTorch. The gradients are put in by hand, as autograd is another package.
import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { AdamW } from "@flambeau/optim";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const p = tensor([1, 2], { requiresGrad: true });
const optimizer = new AdamW([p], { lr: 0.1 });
for (let i = 0; i < 2; i++) {
  p.grad = p.detach().mul(2);
  optimizer.step();
}
assert.deepEqual(
  p.tolist().map((x) => x.toFixed(4)),
  ["0.7985", "1.7963"],
);
console.log("works");
