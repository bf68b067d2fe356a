// Kernels with planted faults, which the emulation must find: tests of the tests. Each adds up 256 numbers, and the first is right.
#include "../kernels/platform.cuh"

namespace {
void add(const Args& args, bool barriers, int64 past) {
  SHARED(int64, totals, [256]);
  Words words(args);
  const int64* input = reinterpret_cast<const int64*>(words.next());
  int64* output = reinterpret_cast<int64*>(words.next());
  totals[threadIdx.x] = input[threadIdx.x + past];
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (barriers) BARRIER();
    if (threadIdx.x < half) totals[threadIdx.x] += totals[threadIdx.x + half];
  }
  if (threadIdx.x == 0) *output = totals[0];
}
}  // namespace

BLOCK_KERNEL(fault_none) { add(args, true, 0); }
BLOCK_KERNEL(fault_no_barrier) { add(args, false, 0); }
/** Half of the threads never come to the barrier. */
BLOCK_KERNEL(fault_uneven_barrier) {
  if (threadIdx.x >= 128) return;
  add(args, true, 0);
}
KERNEL(fault_undeclared_barrier) { add(args, true, 0); }
KERNEL(fault_write_past_end) {
  Words words(args);
  words.next();
  reinterpret_cast<int64*>(words.next())[1] = threadIdx.x;
}
KERNEL(fault_write_before_start) {
  Words words(args);
  words.next();
  reinterpret_cast<int64*>(words.next())[-1] = threadIdx.x;
}
BLOCK_KERNEL(fault_write_past_shared) {
  SHARED(int64, totals, [256]);
  totals[threadIdx.x + 1] = 1;
}
/** Only AddressSanitizer sees what is read and not written. */
BLOCK_KERNEL(fault_read_past_end) { add(args, true, 1); }
