import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { testBackend } from "@flambeau/testkit";

testBackend(() => cpuWasm({ threads: 2 }));
