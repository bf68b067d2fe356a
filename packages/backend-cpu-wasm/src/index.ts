export { CpuWasmBackend, type CpuWasmOptions, cpuWasm } from "./backend.ts";
