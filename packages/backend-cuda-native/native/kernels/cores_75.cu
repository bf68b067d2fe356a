// Tensor cores from compute capability 7.5 on.
#include "tensor_cores.cuh"

BLOCK_KERNEL(matmul_float16) { matmulOnCores<Float16>(args); }
