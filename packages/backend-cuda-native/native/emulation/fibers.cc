// Blocks one after the other, the threads of a block in an order that is drawn anew at each barrier. A thread that runs goes on until
// its next barrier or its end, so what should have been written by another thread behind a missing barrier is not there.
#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "host.h"
#include "races.h"
#include "stack.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

Index3 threadIdx, blockIdx, blockDim, gridDim;
Place placeNow;
bool atomically = false;

KernelTable& emulatedKernels() {
  static auto& kernels = *new KernelTable(); // a thread may run one while the process ends
  return kernels;
}
KernelTable*& kernelsLoading() {
  static KernelTable* table = &emulatedKernels();
  return table;
}

namespace {

constexpr size_t stackSize = 128 << 10;
/** How much is between two stacks that nobody may touch. */
constexpr size_t moat = 4096;

struct Fiber {
  Stack stack;
  char* memory = nullptr;
  bool done = false;
  /** How much of the shared memory it has asked for. */
  size_t shared = 0;
};

struct Random {
  uint64_t state;
  uint64_t next() { // splitmix64
    uint64_t z = (state += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }
  void shuffle(std::vector<unsigned>& order) {
    for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[next() % i]);
  }
};

/** What a block may share, as on every card; behind each array lies a gap that nobody writes. */
constexpr size_t sharedMost = 48 << 10;
constexpr size_t gap = 64;
constexpr unsigned char gapByte = 0xa7;
/** What fresh memory holds: a NaN in every float type, and nothing that is a likely result. */
constexpr unsigned char freshByte = 0xff;
alignas(16) unsigned char sharedMemory[sharedMost + 16 * gap];
}  // namespace
unsigned char* const sharedStart = sharedMemory;
const size_t sharedBytes = sizeof sharedMemory;
namespace {
/** The arrays of the block that runs: where each one ends. */
std::vector<size_t>& sharedEnds = *new std::vector<size_t>();

// one launch at a time: the driver sees to it
std::vector<Fiber>& fibers = *new std::vector<Fiber>(); // as all here, it outlives the process's end, in whose midst kernels may run
Stack scheduler;
Fiber* running = nullptr;
const EmulatedKernel* kernelNow = nullptr;
const void* argsNow = nullptr;
std::string* problemNow = nullptr;

#if defined(__SANITIZE_ADDRESS__)
void* schedulerFake = nullptr;
const void* schedulerStack = nullptr;
size_t schedulerSize = 0;
#endif

void toScheduler(bool last) {
  Fiber* self = running;
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(last ? nullptr : &fake, schedulerStack, schedulerSize);
#endif
  switchStacks(self->stack, scheduler);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake, &schedulerStack, &schedulerSize);
#else
  (void)last;
#endif
}

void toFiber(Fiber& fiber) {
  running = &fiber;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&schedulerFake, fiber.memory, stackSize);
#endif
  switchStacks(scheduler, fiber.stack);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(schedulerFake, nullptr, nullptr);
#endif
}

void fiberStart() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &schedulerStack, &schedulerSize);
#endif
  kernelNow->run(argsNow);
  running->done = true;
  toScheduler(true);
}

void prepare(Fiber& fiber) {
  if (!fiber.memory) {
    char* memory = static_cast<char*>(
        mmap(nullptr, stackSize + moat, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    mprotect(memory, moat, PROT_NONE);
    fiber.memory = memory + moat;
  }
#if defined(__SANITIZE_ADDRESS__)
  // the frame in which the one before ended never returned, and its surroundings are still marked
  ASAN_UNPOISON_MEMORY_REGION(fiber.memory, stackSize);
#endif
  fiber.done = false;
  fiber.shared = 0;
  beginOn(fiber.stack, fiber.memory, stackSize, fiberStart);
}

bool runWithBarriers(unsigned threads, Random& random, std::vector<unsigned>& order) {
  if (fibers.size() < threads) fibers.resize(threads);
  for (unsigned t = 0; t < threads; t++) prepare(fibers[t]);
  memset(sharedMemory, freshByte, sizeof sharedMemory);
  sharedEnds.clear();
  for (unsigned done = 0; done < threads; placeNow.epoch++) {
    random.shuffle(order);
    const unsigned before = done;
    for (unsigned t : order) {
      if (fibers[t].done) continue;
      threadIdx = {t, 0, 0};
      toFiber(fibers[t]);
      if (fibers[t].done) done++;
    }
    // CUDA leaves it open what a barrier does that some threads never reach
    if (before != done && done < threads) {
      *problemNow = "some threads of a block ended while others wait at a barrier";
      return false;
    }
  }
  for (const size_t end : sharedEnds)
    for (size_t i = 0; i < gap; i++)
      if (sharedMemory[end + i] != gapByte) {
        *problemNow = "a write behind an array that a block shares";
        return false;
      }
  return true;
}

}  // namespace

void* emulatedShared(size_t bytes) {
  const size_t start = running->shared;
  const size_t end = start + (bytes + 15) / 16 * 16;
  if (end + gap > sizeof sharedMemory) {
    *problemNow = "a block shares more than there is";
    return sharedMemory;
  }
  if (sharedEnds.empty() || sharedEnds.back() < end) { // the first thread to ask
    sharedEnds.push_back(end);
    memset(sharedMemory + end, gapByte, gap);
  }
  running->shared = end + gap;
  return sharedMemory + start;
}

void emulatedBarrier() {
  if (!kernelNow->barriers) {
    *problemNow = "a barrier in a kernel that is declared to have none";
    return;
  }
  const Index3 self = threadIdx;
  toScheduler(false);
  threadIdx = self;
}

bool emulate(const EmulatedKernel& kernel, const Launch& launch, const void* args, unsigned long long seed, std::string& problem) {
  Random random{seed};
  kernelNow = &kernel;
  argsNow = args;
  problemNow = &problem;
  problem.clear();
  placeNow.launch++;
  gridDim = {launch.gridX, launch.gridY, 1};
  blockDim = {launch.blockX, 1, 1};
  std::vector<unsigned> order(launch.blockX);
  std::iota(order.begin(), order.end(), 0u);
  for (unsigned y = 0; y < launch.gridY && problem.empty(); y++)
    for (unsigned x = 0; x < launch.gridX && problem.empty(); x++) {
      blockIdx = {x, y, 0};
      placeNow.block = static_cast<unsigned long long>(y) * launch.gridX + x;
      placeNow.epoch = 0;
      if (kernel.barriers) {
        if (!runWithBarriers(launch.blockX, random, order)) break;
      } else {
        random.shuffle(order);
        for (unsigned t : order) {
          threadIdx = {t, 0, 0};
          kernel.run(args);
        }
      }
    }
  if (const char* race = problem.empty() ? raceFound() : nullptr) problem = race;
  return problem.empty();
}
