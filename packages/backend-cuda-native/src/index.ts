export { CudaBackend } from "./backend.ts";
export { type CudaOptions, cudaNative } from "./cuda.ts";
