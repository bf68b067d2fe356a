#pragma once
// What kernels are written with, for nvcc and for the emulation on the host. A kernel has one parameter, a block of words: sizes, steps,
// addresses and programs, in the order in which it reads them. So a launch is a copy of bytes, whatever the kernel.
typedef long long int64;
typedef unsigned long long uint64;
typedef int int32;
typedef unsigned int uint32;
typedef unsigned short uint16;
typedef short int16;
typedef unsigned char uint8;
typedef signed char int8;

constexpr int wordsOfArgs = 500;
struct Args {
  /** The address of the words, where they are too many to stand here, or 0. */
  int64 far;
  int64 near[wordsOfArgs];
};

#ifdef __CUDACC__
#define DEVICE __device__ __forceinline__
#ifdef GENERATED
#define DEVICE_ONCE DEVICE
#else
/** Large, and called from many kernels: one copy. In generated code, whose operations are constants, it leaves little behind. */
#define DEVICE_ONCE static __device__ __noinline__
#endif
/** The same of a member. */
#define DEVICE_APART __device__ __noinline__
/** A kernel whose threads do not wait for each other. */
#define KERNEL(name) extern "C" __global__ void __launch_bounds__(256) name(const __grid_constant__ Args args)
/** One whose blocks share memory, and have barriers. */
#define BLOCK_KERNEL(name) KERNEL(name)
/** One of those that keeps so much in registers that a processor would have room for one block alone: it gets what leaves room for two. */
#define PAIRED_BLOCK_KERNEL(name) extern "C" __global__ void __launch_bounds__(256, 2) name(const __grid_constant__ Args args)
/** An array that a block's threads share: SHARED(float, totals, [256]). */
#define SHARED(type, name, sizes) __shared__ type name sizes
#define BARRIER() __syncthreads()
/** In front of a loop whose number indexes what shall stay in registers. */
#define UNROLL _Pragma("unroll")
/** In front of one that shall stay a loop: all kernels are compiled where they are first used. */
#define AS_LOOP _Pragma("unroll 1")
#else
#include "../emulation/host.h"
#endif

/** The number of this thread among all of a row of blocks, and how many there are. */
DEVICE int64 threadNumber() { return int64(blockIdx.x) * blockDim.x + threadIdx.x; }
DEVICE int64 threadCount() { return int64(gridDim.x) * blockDim.x; }

/** Reads words one after the other. */
struct Words {
  const int64* at;
  DEVICE explicit Words(const Args& args) : at(args.far ? reinterpret_cast<const int64*>(args.far) : args.near) {}
  DEVICE int64 next() { return *at++; }
  /** A word that is a float64. */
  DEVICE double real() {
    union { int64 bits; double number; } both;
    both.bits = *at++;
    return both.number;
  }
  DEVICE const int64* list(int count) {
    const int64* start = at;
    at += count;
    return start;
  }
};
