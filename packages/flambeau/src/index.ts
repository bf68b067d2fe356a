import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import * as data from "@flambeau/data";
import * as io from "@flambeau/io";
import * as losses from "@flambeau/losses";
import * as nn from "@flambeau/nn";
import * as optim from "@flambeau/optim";
import { devices, registerBackend } from "@flambeau/tensor";

// a second installed copy of this package finds the first one's backend in the shared context
if (!devices().includes("cpu")) registerBackend(cpuWasm());

export * from "@flambeau/autograd";
export * from "@flambeau/tensor";
export { webgpu } from "./webgpu.ts";
export { cpuWasm, data, io, losses, nn, optim };
