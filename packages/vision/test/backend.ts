import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { registerBackend } from "@flambeau/tensor";

registerBackend(cpuWasm({ threads: 1 }));
