export type { CudaBackend } from "./backend.ts";
export { type CudaOptions, cudaNative, type DriverOptions } from "./cuda.ts";
