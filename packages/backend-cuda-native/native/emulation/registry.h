#pragma once
// The kernels that were compiled for the host, by name.
#include <cstddef>
#include <map>
#include <string>

struct EmulatedKernel {
  void (*run)(const void* args);
  size_t argsSize;
  /** Whether its threads wait for each other, and so need stacks of their own. */
  bool barriers;
};
using KernelTable = std::map<std::string, EmulatedKernel>;
/** Those that are built in. */
KernelTable& emulatedKernels();
/** Where kernels go that are loaded now: a module's own, while one is loaded that was compiled at run time. */
KernelTable*& kernelsLoading();
struct RegisteredKernel {
  RegisteredKernel(const char* name, void (*run)(const void*), size_t argsSize, bool barriers) {
    (*kernelsLoading())[name] = {run, argsSize, barriers};
  }
};

/** What a launch runs on. */
struct Launch {
  unsigned gridX, gridY, blockX;
};
/** Runs every block of a launch. False: its threads did not come to the same barriers. */
bool emulate(const EmulatedKernel& kernel, const Launch& launch, const void* args, unsigned long long seed, std::string& problem);
