// All of Flambeau but the CPU's kernels, for pages that compute on the GPU: the program registers its backend.
import "@flambeau/autograd";

export * from "@flambeau/autograd";
export { type Compiled, type CompileOptions, type CompileStats, compile } from "@flambeau/compile";
export * from "@flambeau/graph";
export * from "@flambeau/tensor";
export { amp, cudaNative, data, io, losses, nn, optim, profiler, tensorboard, text, webgpu } from "./parts.ts";
