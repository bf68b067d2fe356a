import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend, tensor } from "@flambeau/tensor";
import { SummaryWriter } from "@flambeau/tensorboard";

registerBackend(cpuWasm({ threads: 1 }));
const writer = new SummaryWriter("run", { memory: true });
writer.addScalar("loss", tensor(0.5), 1);
const [[path, bytes]] = await writer.files();
assert.match(path, /^run\/events\.out\.tfevents\./);
assert.ok(bytes.length > 60);
await writer.close();
console.log("works");
