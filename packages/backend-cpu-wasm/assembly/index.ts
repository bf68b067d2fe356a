// Everything exported here with the signature (desc, start, end) is a kernel that the engine can run on any thread.
export { heapBase, scratchAddress, scratchBytes, setScratch } from "./core/scratch";
export * from "./gemm/index";
export * from "./math/index";
export { conv3x3, conv3x3_filters, conv3x3_weight, conv3x3_weight_end } from "./conv/winograd";
export { conv_columns, conv_columns_add, conv_planes, conv_rows } from "./conv/columns";
export { channel_sums, conv_filters, conv_forward, conv_input, conv_weight, conv_weight_end } from "./conv/direct";
export { log_softmax, log_softmax_backward, softmax, softmax_backward } from "./norm/softmax";
export { layer_norm, layer_norm_backward, sum_parts } from "./norm/layer";
export { batch_norm, batch_norm_backward } from "./norm/batch";
export { cross_entropy, cross_entropy_backward, cross_entropy_total } from "./loss/cross-entropy";
export { avg_pool, avg_pool_backward, max_pool, max_pool_backward } from "./pool/pool";
export { adam_step, sgd_step, square_parts } from "./optim/steps";
export { sort_f32, sort_f64, sort_i16, sort_i32, sort_i64, sort_i8, sort_u8 } from "./sort/sort";
export { attention, attention_backward } from "./attention/attention";
export { conv_depthwise, conv_depthwise_weight } from "./conv/depthwise";
