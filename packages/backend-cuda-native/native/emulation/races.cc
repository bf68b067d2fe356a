// The race check: kernels are compiled with the instrumentation of ThreadSanitizer, whose calls come here in place of its library. Two threads
// of a block must not touch the same byte between two barriers if one of them writes, nor two blocks in one launch: whatever the order in which
// the emulation runs them, so a race is found even where its results happen to be right.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <unordered_map>

#include "host.h"
#include "races.h"
#include "world.h"

namespace {

/** Who touched a byte last, of those that write or of those that read. */
struct Touch {
  unsigned long long launch = 0;
  unsigned long long block = 0;
  unsigned epoch = 0;
  unsigned thread = 0;
  /** Others as well: of the same block in the same epoch, of other blocks. */
  bool severalThreads = false, severalBlocks = false;
};
struct Byte {
  Touch written, read;
};

constexpr uintptr_t pageBytes = 1024;
struct Page {
  Byte bytes[pageBytes];
};
std::unordered_map<uintptr_t, std::unique_ptr<Page>>& pages() {
  static auto& all = *new std::unordered_map<uintptr_t, std::unique_ptr<Page>>();
  return all;
}

thread_local char problem[256];
thread_local unsigned long long problemLaunch = 0;

/** Whether the memory is one that threads have in common: the device's, or what a block shares. */
bool common(uintptr_t address, bool& shared) {
  const auto start = reinterpret_cast<uintptr_t>(sharedStart);
  shared = address - start < sharedBytes;
  if (shared) return true;
  static uintptr_t lastStart = 1, lastEnd = 0; // of the allocation that was asked for last
  static unsigned long long lastLaunch = 0;
  if (lastLaunch == placeNow.launch && address >= lastStart && address < lastEnd) return true;
  CUdeviceptr begin = 0;
  const Allocation* allocation = holding(address, begin);
  if (!allocation) return false;
  lastStart = begin;
  lastEnd = begin + allocation->bytes;
  lastLaunch = placeNow.launch;
  return true;
}

/** Whether what was done before and what this thread does now may come in either order. */
bool unordered(const Touch& before, bool shared) {
  if (before.launch != placeNow.launch) return false;
  if (before.block != placeNow.block) return !shared; // each block has shared memory of its own
  if (before.severalBlocks && !shared) return true;
  return before.epoch == placeNow.epoch && (before.thread != threadIdx.x || before.severalThreads);
}
void note(Touch& touch) {
  const bool sameLaunch = touch.launch == placeNow.launch;
  const bool sameBlock = sameLaunch && touch.block == placeNow.block;
  const bool sameEpoch = sameBlock && touch.epoch == placeNow.epoch;
  touch.severalThreads = sameEpoch && (touch.severalThreads || touch.thread != threadIdx.x);
  touch.severalBlocks = sameLaunch && (touch.severalBlocks || !sameBlock);
  touch.launch = placeNow.launch;
  touch.block = placeNow.block;
  touch.epoch = placeNow.epoch;
  touch.thread = threadIdx.x;
}

void report(const Touch& before, bool shared, const char* both) {
  if (problemLaunch == placeNow.launch) return; // the first one is enough
  problemLaunch = placeNow.launch;
  const char* what = shared ? "memory that a block shares" : "the device's memory";
  if (before.block != placeNow.block || before.severalBlocks)
    snprintf(problem, sizeof problem, "a race in %s: two blocks, %llu and %llu, %s", what, before.block, placeNow.block, both);
  else
    snprintf(problem, sizeof problem, "a race in %s: threads %u and %u %s without a barrier between them", what, before.thread, threadIdx.x, both);
}

void touch(const void* pointer, size_t size, bool write) {
  if (atomically) return;
  const auto address = reinterpret_cast<uintptr_t>(pointer);
  bool shared = false;
  if (!common(address, shared)) return;
  for (size_t i = 0; i < size; i++) {
    auto& page = pages()[(address + i) / pageBytes];
    if (!page) page = std::make_unique<Page>();
    Byte& byte = page->bytes[(address + i) % pageBytes];
    if (unordered(byte.written, shared)) report(byte.written, shared, write ? "write the same byte" : "write and read the same byte");
    if (write && unordered(byte.read, shared)) report(byte.read, shared, "read and write the same byte");
    note(write ? byte.written : byte.read);
  }
}

}  // namespace

const char* raceFound() { return problemLaunch == placeNow.launch ? problem : nullptr; }

// What instrumented code calls.
extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
#define ACCESS(size)                                                              \
  void __tsan_read##size(void* at) { touch(at, size, false); }                    \
  void __tsan_write##size(void* at) { touch(at, size, true); }                    \
  void __tsan_unaligned_read##size(void* at) { touch(at, size, false); }          \
  void __tsan_unaligned_write##size(void* at) { touch(at, size, true); }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)
void __tsan_read_range(void* at, unsigned long size) { touch(at, size, false); }
void __tsan_write_range(void* at, unsigned long size) { touch(at, size, true); }
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
}
