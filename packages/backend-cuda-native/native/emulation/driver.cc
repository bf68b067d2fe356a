// A libcuda.so.1 for tests: device memory is the host's, with guards around each allocation; kernels are the sources' own, run by the
// emulation. Streams are lazy: what is put into one runs when somebody waits for it, so memory that is used again too early shows.
#include <dlfcn.h>

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

namespace {

constexpr CUresult noDevice = 100;
constexpr CUresult invalidDevice = 101;
constexpr CUresult invalidImage = 200;
constexpr CUresult invalidContext = 201;
constexpr CUresult invalidHandle = 400;
constexpr CUresult notFound = 500;
constexpr CUresult illegalAddress = 700;

const std::map<CUresult, std::pair<const char*, const char*>> names = {
    {0, {"CUDA_SUCCESS", "no error"}},
    {1, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {2, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
    {3, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {100, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
    {101, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {200, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
    {201, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
    {218, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}},
    {222, {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."}},
    {400, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
    {500, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {600, {"CUDA_ERROR_NOT_READY", "device not ready"}},
    {700, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {719, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
    {999, {"CUDA_ERROR_UNKNOWN", "unknown error"}},
};

constexpr size_t guard = 256;
[[maybe_unused]] constexpr unsigned char guardByte = 0xa7;
/** What fresh memory holds: a NaN in every float type, and nothing that is a likely result. */
constexpr unsigned char freshByte = 0xff;

struct Allocation {
  std::unique_ptr<unsigned char[]> memory;
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

struct Stream {
  std::deque<std::function<CUresult()>> work;
};
struct Event {
  Stream* stream = nullptr;
  bool come = true;
};
struct Module {
  std::string ptx;
};

/** Everything; one lock around each call, as a kernel runs alone. */
struct World {
  std::recursive_mutex mutex;
  std::map<std::string, long long> settings = {{"devices", 2}, {"memory", 1ll << 30}, {"version", 13000}, {"seed", 1},
                                               {"fail-at", 0}, {"fail-code", 2}};
  std::map<std::string, long long> counts;
  std::map<CUdeviceptr, Allocation> allocations;
  size_t allocated = 0;
  std::map<void*, size_t> pinned;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Module*> modules;
  int retained[16] = {};
  /** A device that met an illegal address answers nothing else. */
  CUresult sticky = success;
  unsigned long long launches = 0;
};
World& world() {
  static World& it = *new World(); // other threads may be in it until the end
  return it;
}
thread_local bool hasContext = false;

/** Each call begins here: counts itself, fails if it is its turn, or if the device is lost. */
CUresult begin(const char* call) {
  World& w = world();
  w.counts[call]++;
  const long long number = ++w.counts["calls"];
  const long long at = w.settings["fail-at"];
  if (at != 0 && number == at) {
    const CUresult code = static_cast<CUresult>(w.settings["fail-code"]);
    if (code >= 700 && code <= 719) w.sticky = code;
    return code;
  }
  return w.sticky;
}
#define BEGIN(call)                                          \
  std::lock_guard<std::recursive_mutex> lock(world().mutex); \
  World& w = world();                                        \
  (void)w;                                                   \
  if (const CUresult failed = begin(#call)) return failed
#define NEEDS_CONTEXT \
  if (!hasContext) return invalidContext

/** The allocation that holds an address. */
Allocation* holding(CUdeviceptr pointer, CUdeviceptr& start) {
  World& w = world();
  auto next = w.allocations.upper_bound(pointer);
  if (next == w.allocations.begin()) return nullptr;
  --next;
  start = next->first;
  return pointer < next->first + next->second.bytes ? &next->second : nullptr;
}
bool inside(CUdeviceptr pointer, size_t bytes) {
  CUdeviceptr start = 0;
  const Allocation* allocation = holding(pointer, start);
  return allocation && pointer + bytes <= start + allocation->bytes;
}

CUresult lost(const std::string& why) {
  fprintf(stderr, "emulated CUDA device: %s\n", why.c_str());
  return world().sticky = illegalAddress;
}

CUresult drain(Stream* stream) {
  World& w = world();
  while (!stream->work.empty()) {
    auto next = std::move(stream->work.front());
    stream->work.pop_front();
    if (w.sticky) continue;
    if (const CUresult code = next()) w.sticky = code;
  }
  return w.sticky;
}

CUresult runKernel(const std::string& name, const Launch& launch, const std::vector<unsigned char>& args) {
  World& w = world();
  std::string problem;
  const unsigned long long seed = w.settings["seed"] * 1000003ull + w.launches++;
  if (!emulate(emulatedKernels().at(name), launch, args.data(), seed, problem)) return lost("kernel " + name + ": " + problem);
  // what it was given addresses of is all that it can have reached
  for (size_t at = 0; at + 8 <= args.size(); at += 8) {
    CUdeviceptr word, start = 0;
    memcpy(&word, &args[at], 8);
    const Allocation* allocation = holding(word, start);
    if (allocation && !allocation->intact()) return lost("kernel " + name + " wrote outside of an allocation");
  }
  return success;
}

}  // namespace

extern "C" {

/** For tests: settings, and counts of calls and of what is alive. -1 for an unknown name. */
long long emulation_get(const char* name) {
  std::lock_guard<std::recursive_mutex> lock(world().mutex);
  World& w = world();
  const std::string key = name;
  if (key == "allocations") return static_cast<long long>(w.allocations.size());
  if (key == "bytes") return static_cast<long long>(w.allocated);
  if (key == "pinned") return static_cast<long long>(w.pinned.size());
  if (key == "streams") return static_cast<long long>(w.streams.size());
  if (key == "events") return static_cast<long long>(w.events.size());
  if (key == "modules") return static_cast<long long>(w.modules.size());
  if (key == "contexts") return w.retained[0] + w.retained[1];
  const auto setting = w.settings.find(key);
  if (setting != w.settings.end()) return setting->second;
  const auto count = w.counts.find(key);
  return count == w.counts.end() ? (key.rfind("cu", 0) == 0 || key == "calls" ? 0 : -1) : count->second;
}
/** Setting "fail-at" counts calls from here on; "reset" is for when every session is closed. */
int emulation_set(const char* name, long long value) {
  std::lock_guard<std::recursive_mutex> lock(world().mutex);
  World& w = world();
  const std::string key = name;
  if (key == "reset") { // as by another process: nothing that there was is there
    w.sticky = success;
    for (Stream* stream : w.streams) delete stream;
    for (Event* event : w.events) delete event;
    for (Module* module : w.modules) delete module;
    for (const auto& one : w.pinned) free(one.first);
    w.streams.clear();
    w.events.clear();
    w.modules.clear();
    w.pinned.clear();
    w.allocations.clear();
    w.allocated = 0;
    for (int& count : w.retained) count = 0;
    return 1;
  }
  if (!w.settings.count(key)) return 0;
  w.settings[key] = key == "fail-at" && value > 0 ? w.counts["calls"] + value : value;
  return 1;
}

CUresult cuInit(unsigned int) {
  BEGIN(cuInit);
  return w.settings["devices"] > 0 ? success : noDevice;
}
CUresult cuDriverGetVersion(int* version) {
  BEGIN(cuDriverGetVersion);
  *version = static_cast<int>(w.settings["version"]);
  return success;
}
CUresult cuGetErrorName(CUresult code, const char** text) {
  const auto known = names.find(code);
  if (known == names.end()) return invalidValue;
  *text = known->second.first;
  return success;
}
CUresult cuGetErrorString(CUresult code, const char** text) {
  const auto known = names.find(code);
  if (known == names.end()) return invalidValue;
  *text = known->second.second;
  return success;
}
CUresult cuDeviceGetCount(int* count) {
  BEGIN(cuDeviceGetCount);
  *count = static_cast<int>(w.settings["devices"]);
  return success;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  BEGIN(cuDeviceGet);
  if (ordinal < 0 || ordinal >= w.settings["devices"]) return invalidDevice;
  *device = ordinal;
  return success;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  BEGIN(cuDeviceGetName);
  snprintf(name, length, "emulated device %d", device);
  return success;
}
CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice) {
  BEGIN(cuDeviceGetAttribute);
  *value = attribute == computeCapabilityMajor ? 8 : attribute == multiprocessorCount ? 2 : 0;
  return success;
}
CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice) {
  BEGIN(cuDeviceTotalMem_v2);
  *bytes = w.settings["memory"];
  return success;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  BEGIN(cuDevicePrimaryCtxRetain);
  w.retained[device]++;
  *context = reinterpret_cast<CUcontext>(&w.retained[device]);
  return success;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  BEGIN(cuDevicePrimaryCtxRelease_v2);
  if (w.retained[device] == 0) return invalidContext;
  w.retained[device]--;
  return success;
}
CUresult cuCtxSetCurrent(CUcontext context) {
  BEGIN(cuCtxSetCurrent);
  hasContext = context != nullptr;
  return success;
}
CUresult cuMemAlloc_v2(CUdeviceptr* pointer, size_t bytes) {
  BEGIN(cuMemAlloc_v2);
  NEEDS_CONTEXT;
  if (bytes == 0) return invalidValue;
  if (bytes > static_cast<size_t>(w.settings["memory"]) - w.allocated) return outOfMemory;
  Allocation made{std::unique_ptr<unsigned char[]>(new unsigned char[bytes + 2 * guard]), bytes};
  made.protect();
  memset(made.memory.get() + guard, freshByte, bytes);
  *pointer = reinterpret_cast<CUdeviceptr>(made.memory.get() + guard);
  w.allocated += bytes;
  w.allocations.emplace(*pointer, std::move(made));
  return success;
}
CUresult cuMemFree_v2(CUdeviceptr pointer) {
  BEGIN(cuMemFree_v2);
  NEEDS_CONTEXT;
  const auto known = w.allocations.find(pointer);
  if (known == w.allocations.end()) return invalidValue;
  for (Stream* stream : w.streams) drain(stream); // as the driver does
  if (w.sticky) return w.sticky;
  if (!known->second.intact()) return lost("memory next to an allocation was written before it was freed");
  w.allocated -= known->second.bytes;
  w.allocations.erase(known);
  return success;
}
CUresult cuMemHostAlloc(void** pointer, size_t bytes, unsigned int) {
  BEGIN(cuMemHostAlloc);
  NEEDS_CONTEXT;
  *pointer = malloc(bytes);
  w.pinned[*pointer] = bytes;
  return success;
}
CUresult cuMemFreeHost(void* pointer) {
  BEGIN(cuMemFreeHost);
  const auto known = w.pinned.find(pointer);
  if (known == w.pinned.end()) return invalidValue;
  for (Stream* stream : w.streams) drain(stream);
  memset(pointer, 0xdd, known->second);
  free(pointer);
  w.pinned.erase(known);
  return success;
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  BEGIN(cuMemcpyHtoDAsync_v2);
  NEEDS_CONTEXT;
  if (!inside(to, bytes)) return invalidValue;
  reinterpret_cast<Stream*>(stream)->work.push_back([=] {
    if (!inside(to, bytes)) return lost("a copy to memory that was freed");
    memcpy(reinterpret_cast<void*>(to), from, bytes);
    return success;
  });
  return success;
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  BEGIN(cuMemcpyDtoHAsync_v2);
  NEEDS_CONTEXT;
  if (!inside(from, bytes)) return invalidValue;
  reinterpret_cast<Stream*>(stream)->work.push_back([=] {
    if (!inside(from, bytes)) return lost("a copy from memory that was freed");
    memcpy(to, reinterpret_cast<const void*>(from), bytes);
    return success;
  });
  return success;
}
CUresult cuStreamCreate(CUstream* stream, unsigned int) {
  BEGIN(cuStreamCreate);
  NEEDS_CONTEXT;
  auto* made = new Stream();
  w.streams.insert(made);
  *stream = reinterpret_cast<CUstream>(made);
  return success;
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  BEGIN(cuStreamDestroy_v2);
  auto* known = reinterpret_cast<Stream*>(stream);
  if (!w.streams.count(known)) return invalidHandle;
  drain(known);
  w.streams.erase(known);
  delete known;
  return success;
}
CUresult cuStreamSynchronize(CUstream stream) {
  BEGIN(cuStreamSynchronize);
  auto* known = reinterpret_cast<Stream*>(stream);
  return w.streams.count(known) ? drain(known) : invalidHandle;
}
CUresult cuEventCreate(CUevent* event, unsigned int) {
  BEGIN(cuEventCreate);
  NEEDS_CONTEXT;
  auto* made = new Event();
  w.events.insert(made);
  *event = reinterpret_cast<CUevent>(made);
  return success;
}
CUresult cuEventDestroy_v2(CUevent event) {
  BEGIN(cuEventDestroy_v2);
  auto* known = reinterpret_cast<Event*>(event);
  if (!w.events.count(known)) return invalidHandle;
  if (!known->come) drain(known->stream);
  w.events.erase(known);
  delete known;
  return success;
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  BEGIN(cuEventRecord);
  auto* known = reinterpret_cast<Event*>(event);
  auto* on = reinterpret_cast<Stream*>(stream);
  if (!w.events.count(known) || !w.streams.count(on)) return invalidHandle;
  known->stream = on;
  known->come = false;
  on->work.push_back([known] {
    known->come = true;
    return success;
  });
  return success;
}
CUresult cuEventQuery(CUevent event) {
  BEGIN(cuEventQuery);
  auto* known = reinterpret_cast<Event*>(event);
  if (!w.events.count(known)) return invalidHandle;
  return known->come ? success : notReady;
}
CUresult cuEventSynchronize(CUevent event) {
  BEGIN(cuEventSynchronize);
  auto* known = reinterpret_cast<Event*>(event);
  if (!w.events.count(known)) return invalidHandle;
  return known->come || !known->stream ? success : drain(known->stream);
}
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  BEGIN(cuModuleLoadData);
  NEEDS_CONTEXT;
  const char* text = static_cast<const char*>(image);
  if (!strstr(text, ".version")) return invalidImage;
  auto* made = new Module{text};
  w.modules.insert(made);
  *module = reinterpret_cast<CUmodule>(made);
  return success;
}
CUresult cuModuleUnload(CUmodule module) {
  BEGIN(cuModuleUnload);
  auto* known = reinterpret_cast<Module*>(module);
  if (!w.modules.count(known)) return invalidHandle;
  w.modules.erase(known);
  delete known;
  return success;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  BEGIN(cuModuleGetFunction);
  auto* known = reinterpret_cast<Module*>(module);
  if (!w.modules.count(known)) return invalidHandle;
  // the PTX must have it, too: what is run here is what would be there
  if (known->ptx.find(std::string(".entry ") + name + "(") == std::string::npos) return notFound;
  const auto kernel = emulatedKernels().find(name);
  if (kernel == emulatedKernels().end()) return notFound;
  *function = reinterpret_cast<CUfunction>(const_cast<std::string*>(&kernel->first));
  return success;
}
CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
                        unsigned int blockY, unsigned int blockZ, unsigned int, CUstream stream, void**, void** extra) {
  BEGIN(cuLaunchKernel);
  NEEDS_CONTEXT;
  if (!function || !extra || extra[0] != LAUNCH_BUFFER_POINTER || extra[2] != LAUNCH_BUFFER_SIZE) return invalidValue;
  if (gridX == 0 || gridY == 0 || gridZ != 1 || gridY > 65535 || blockX == 0 || blockX > 256 || blockY != 1 || blockZ != 1)
    return invalidValue;
  const std::string name = *reinterpret_cast<const std::string*>(function);
  const auto* bytes = static_cast<const unsigned char*>(extra[1]);
  const size_t size = *static_cast<const size_t*>(extra[3]);
  const EmulatedKernel& kernel = emulatedKernels().at(name);
  if (size > kernel.argsSize) return invalidValue;
  std::vector<unsigned char> args(bytes, bytes + size);
  args.resize(kernel.argsSize, 0xcd);
  reinterpret_cast<Stream*>(stream)->work.push_back(
      [=, args = std::move(args)] { return runKernel(name, Launch{gridX, gridY, blockX}, args); });
  return success;
}

}  // extern "C"
