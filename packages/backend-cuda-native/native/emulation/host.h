#pragma once
// The kernels' platform on the host: threads of a block are fibers, a barrier hands over to the next one. Which one is next is drawn.
#include "races.h"
#include "registry.h"

struct Index3 {
  unsigned x, y, z;
};
/** Where the thread is that runs now. */
extern Index3 threadIdx, blockIdx, blockDim, gridDim;
void emulatedBarrier();
/** Memory that a block's threads share: each asks for the same arrays in the same order. */
void* emulatedShared(size_t bytes);

#define DEVICE inline
#define DEVICE_ONCE inline
#define DEVICE_APART inline
#define SHARED(type, name, sizes)      \
  typedef type name##Array sizes;      \
  name##Array& name = *static_cast<name##Array*>(emulatedShared(sizeof(name##Array)))
#define BARRIER() emulatedBarrier()
#define UNROLL
#define AS_LOOP
#define EMULATED_KERNEL(name, barriers)                                                                    \
  static void name(const Args& args);                                                                      \
  static const RegisteredKernel registered_##name(                                                         \
      #name, [](const void* block) { name(*static_cast<const Args*>(block)); }, sizeof(Args), barriers);   \
  static void name([[maybe_unused]] const Args& args)
#define KERNEL(name) EMULATED_KERNEL(name, false)
#define BLOCK_KERNEL(name) EMULATED_KERNEL(name, true)
#define PAIRED_BLOCK_KERNEL(name) BLOCK_KERNEL(name)

inline int atomicCAS(int* at, int expected, int wanted) {
  const Atomically meeting;
  const int held = *at;
  if (held == expected) *at = wanted;
  return held;
}
