// The kernels' own sources, for the host. (Those of each compute capability are the same here.)
#include "../kernels/cores_80.cu"
#include "../kernels/kernels.cu"
#include "../kernels/programs.cu"
