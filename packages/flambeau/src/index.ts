import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend } from "@flambeau/tensor";
import { hasDevice } from "@flambeau/tensor/plugin";

// made when the first tensor is; a second installed copy of this package finds the first one's in the shared context
if (!hasDevice("cpu")) registerBackend("cpu", () => cpuWasm());

export * from "@flambeau/autograd";
export { type Compiled, type CompileOptions, type CompileStats, compile } from "@flambeau/compile";
export * from "@flambeau/graph";
export * from "@flambeau/tensor";
export { amp, cudaNative, data, io, losses, nn, optim, profiler, tensorboard, text, webgpu } from "./parts.ts";
export { cpuWasm };
