// Everything exported here with the signature (desc, start, end) is a kernel that the engine can run on any thread.
export { heapBase, scratchAddress, scratchBytes, setScratch } from "./core/scratch";
export * from "./gemm/index";
export * from "./math/index";
export { conv3x3, conv3x3_filters, conv3x3_weight, conv3x3_weight_end } from "./conv/winograd";
export { channel_sums, conv_filters, conv_forward, conv_input, conv_weight, conv_weight_end } from "./conv/direct";
