// The kernels' own sources, for the host.
#include "../kernels/kernels.cu"
