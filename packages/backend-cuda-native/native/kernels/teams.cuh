#pragma once
// Who goes along a row: a thread by itself, or the threads of a block together. Kernels that walk along rows are written once for both. What
// depends on the row alone (sums, the largest) is then known to each thread of it.
#include "combine.cuh"

constexpr int teamCells = 256;

template <class T> struct Alone {
  DEVICE int64 firstRow() const { return threadNumber(); }
  DEVICE int64 nextRow() const { return threadCount(); }
  DEVICE int64 first() const { return 0; }
  DEVICE int64 next() const { return 1; }
  /** Whether this thread writes what there is once for each row. */
  DEVICE bool leads() const { return true; }
  DEVICE T sum(T own) const { return own; }
  DEVICE T largest(T own) const { return own; }
};

template <class T> struct Together {
  T* cells;
  DEVICE int64 firstRow() const { return blockIdx.x; }
  DEVICE int64 nextRow() const { return gridDim.x; }
  DEVICE int64 first() const { return threadIdx.x; }
  DEVICE int64 next() const { return blockDim.x; }
  DEVICE bool leads() const { return threadIdx.x == 0; }
  template <class Combine> DEVICE T joined(T own, Combine combine) const {
    cells[threadIdx.x] = own;
    for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
      BARRIER();
      if (threadIdx.x < half) cells[threadIdx.x] = combine(cells[threadIdx.x], cells[threadIdx.x + half]);
    }
    BARRIER();
    const T all = cells[0];
    BARRIER(); // before the cells are used again
    return all;
  }
  struct Plus {
    DEVICE T operator()(T x, T y) const { return x + y; }
  };
  struct Greater {
    DEVICE T operator()(T x, T y) const { return greater(x, y); }
  };
  DEVICE T sum(T own) const { return joined(own, Plus{}); }
  DEVICE T largest(T own) const { return joined(own, Greater{}); }
};

/** Elements from an address on. */
template <class T> DEVICE T* elements(Words& words) { return reinterpret_cast<T*>(words.next()); }

/** Kernels of a type for threads alone and for blocks: name_alone_float32, name_float32 and so on. */
#define ROW_KERNELS_OF(name, body, type, suffix)                                             \
  KERNEL(name##_alone_##suffix) { body<type>(args, Alone<Computed<type>>{}); }               \
  BLOCK_KERNEL(name##_##suffix) {                                                            \
    SHARED(Computed<type>, cells, [teamCells]);                                              \
    body<type>(args, Together<Computed<type>>{cells});                                       \
  }
#define ROW_KERNELS(name, body)               \
  ROW_KERNELS_OF(name, body, float, float32)  \
  ROW_KERNELS_OF(name, body, double, float64)
#define ROW_KERNELS_OF_HALVES(name, body)     \
  ROW_KERNELS_OF(name, body, Half, float16)   \
  ROW_KERNELS_OF(name, body, Bfloat, bfloat16)

/** A kernel of float32 and of float64. */
#define FOR_EACH_FLOAT(declare, name, body)      \
  declare(name##_float32) { body<float>(args); } \
  declare(name##_float64) { body<double>(args); }
#define FOR_EACH_HALF(declare, name, body)     \
  declare(name##_float16) { body<Half>(args); } \
  declare(name##_bfloat16) { body<Bfloat>(args); }
