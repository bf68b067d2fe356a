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
/** Each thread hands its number to its neighbour twice, and the second time may come before the first was read: the sum is right in any order. */
BLOCK_KERNEL(fault_no_second_barrier) {
  SHARED(int64, numbers, [256]);
  Words words(args);
  const int64* input = reinterpret_cast<const int64*>(words.next());
  int64* output = reinterpret_cast<int64*>(words.next());
  int64 total = 32638;
  for (int turn = 0; turn < 2; turn++) {
    numbers[threadIdx.x] = input[threadIdx.x];
    BARRIER();
    total += numbers[(threadIdx.x + 1) % blockDim.x];
  }
  if (threadIdx.x == 0) *output = total; // its neighbour's number is 1
}
/** Every thread writes the same number to the same place. */
KERNEL(fault_same_place) {
  Words words(args);
  words.next();
  *reinterpret_cast<int64*>(words.next()) = 32640;
}
/** The first thread of each of two blocks does. */
KERNEL(fault_same_place_of_blocks) {
  Words words(args);
  words.next();
  if (threadIdx.x == 0) *reinterpret_cast<int64*>(words.next()) = 32640;
}
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
