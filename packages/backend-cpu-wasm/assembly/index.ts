// Everything exported here with the signature (desc, start, end) is a kernel that the engine can run on any thread.
export { heapBase, scratchAddress, scratchBytes, setScratch } from "./core/scratch";
export * from "./gemm/index";
export * from "./math/index";
