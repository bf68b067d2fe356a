#pragma once
// What the race check (races.cc) is told by the emulation. Without the check, which is built into a library of its own, nothing listens.
#include <cstddef>

/** Where a thread is: between two barriers of a block of a launch. */
struct Place {
  unsigned long long launch = 0;
  unsigned long long block = 0;
  unsigned epoch = 0;
};
extern Place placeNow;

/** What a block shares. */
extern unsigned char* const sharedStart;
extern const size_t sharedBytes;

/** An atomic operation is under way, in which threads may meet. */
extern bool atomically;
struct Atomically {
  Atomically() { atomically = true; }
  ~Atomically() { atomically = false; }
};

/** What two threads did to the same memory in this launch without a barrier between them, or null. */
const char* raceFound();
