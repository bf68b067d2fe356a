#pragma once
// What the emulated driver knows: its devices' memory, streams, events and modules, and what tests ask of it.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "../addon/driver.h"
#include "registry.h"
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

constexpr CUresult noDevice = 100;
constexpr CUresult invalidDevice = 101;
constexpr CUresult invalidImage = 200;
constexpr CUresult invalidContext = 201;
constexpr CUresult unsupportedPtxVersion = 222;
constexpr CUresult invalidHandle = 400;
constexpr CUresult notFound = 500;
constexpr CUresult illegalAddress = 700;

constexpr size_t guard = 256;
[[maybe_unused]] constexpr unsigned char guardByte = 0xa7;
/** What fresh memory holds: a NaN in every float type, and nothing that is a likely result. */
constexpr unsigned char freshByte = 0xff;

struct Released {
  void operator()(unsigned char* memory) const { free(memory); }
};
struct Allocation {
  /** At a multiple of 256, as the driver's. */
  std::unique_ptr<unsigned char[], Released> memory;
  size_t bytes;
#if defined(__SANITIZE_ADDRESS__)
  // it stops at the very access, of reads too
  void protect() {
    ASAN_POISON_MEMORY_REGION(memory.get(), guard);
    ASAN_POISON_MEMORY_REGION(memory.get() + guard + bytes, guard);
  }
  bool intact() const { return true; }
#else
  void protect() {
    memset(memory.get(), guardByte, guard);
    memset(memory.get() + guard + bytes, guardByte, guard);
  }
  bool intact() const {
    for (size_t i = 0; i < guard; i++)
      if (memory[i] != guardByte || memory[guard + bytes + i] != guardByte) return false;
    return true;
  }
#endif
};

/** What other emulated libraries ask of the driver that a stream is of. */
struct Hooks {
  void (*put)(CUstream stream, std::function<CUresult()> work);
  bool (*inside)(CUdeviceptr pointer, size_t bytes);
  bool (*hasContext)();
  CUresult (*lost)(const std::string& why);
};
struct Stream {
  const Hooks* hooks;
  std::deque<std::function<CUresult()>> work;
};
struct Event {
  Stream* stream = nullptr;
  bool come = true;
};
struct Module {
  std::string ptx;
  /** The kernels of one that was compiled at run time, and the library that holds them. */
  KernelTable own;
  void* library = nullptr;
  ~Module();
};
/** A kernel of a module. */
struct Function {
  Module* module;
  std::string name;
  EmulatedKernel kernel;
};
/** Takes the object that a text of the emulated NVRTC holds into a module. */
CUresult linkObject(Module& module);

/** Everything; one lock around each call, as a kernel runs alone. */
struct World {
  std::recursive_mutex mutex;
  std::map<std::string, long long> settings = {{"devices", 2}, {"memory", 1ll << 30}, {"version", 13000}, {"seed", 1},
                                               {"capability", 80}, {"fail-at", 0}, {"fail-code", 2}};
  std::map<std::string, long long> counts;
  std::map<CUdeviceptr, Allocation> allocations;
  size_t allocated = 0;
  std::map<void*, size_t> pinned;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Module*> modules;
  std::map<std::pair<Module*, std::string>, Function> functions;
  int retained[16] = {};
  /** A device that met an illegal address answers nothing else. */
  CUresult sticky = success;
  unsigned long long launches = 0;
};
World& world();

/** Each call begins here: counts itself, fails if it is its turn, or if the device is lost. */
CUresult begin(const char* call);
#define BEGIN(call)                                          \
  std::lock_guard<std::recursive_mutex> lock(world().mutex); \
  World& w = world();                                        \
  (void)w;                                                   \
  if (const CUresult failed = begin(#call)) return failed
extern thread_local bool hasContext;
#define NEEDS_CONTEXT \
  if (!hasContext) return invalidContext

/** The allocation that holds an address. */
Allocation* holding(CUdeviceptr pointer, CUdeviceptr& start);
bool inside(CUdeviceptr pointer, size_t bytes);
/** The device stops, for the reason that is printed. */
CUresult lost(const std::string& why);
/** Does what was put into a stream. */
CUresult drain(Stream* stream);
/** Runs a kernel, and looks at the guards of what it was given addresses of. */
CUresult runKernel(const Function& function, const Launch& launch, const std::vector<unsigned char>& args);
