import { strict as assert } from "node:assert";
import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const x = tensor([1, 2], { requiresGrad: true });
x.mul(x).sum().backward();
assert.deepEqual(x.grad.tolist(), [2, 4]);
const [dx] = grad(x.mul(x).mul(x).sum(), x, { createGraph: true });
const [ddx] = grad(dx.sum(), x);
assert.deepEqual(ddx.tolist(), [6, 12]);
console.log("works");
