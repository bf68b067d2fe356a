// All kernels, as one module.
#include "index.cuh"
#include "lines.cuh"
#include "map.cuh"
#include "matmul.cuh"
#include "random.cuh"
#include "reduce.cuh"
#include "sort.cuh"
