// Tensor cores from compute capability 8.0 on: longer steps, and bfloat16.
#include "tensor_cores.cuh"

BLOCK_KERNEL(matmul_float16) { matmulOnCores<Float16>(args); }
BLOCK_KERNEL(matmul_bfloat16) { matmulOnCores<BFloat16>(args); }
