// What interprets programs, as a module of its own: generated code gives the same bits, so products and sums are separate steps here.
#include "map.cuh"
#include "reduce.cuh"
