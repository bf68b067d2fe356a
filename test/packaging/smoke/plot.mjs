import { strict as assert } from "node:assert";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { curves } from "@flambeau/plot";
import { registerBackend, tensor } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
const plot = curves([{ name: "loss", y: tensor([3, 2, 1]) }], { title: "Loss" });
assert.match(plot.svg, /^<svg .*<title>Loss<\/title>/);
console.log("works");
