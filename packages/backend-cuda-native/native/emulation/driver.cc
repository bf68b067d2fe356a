// A libcuda.so.1 for tests: device memory is the host's, with guards around each allocation; kernels are the sources' own, run by the
// emulation. Streams are lazy: what is put into one runs when somebody waits for it, so memory that is used again too early shows.
#include <cstdio>
#include <cstdlib>

#include "world.h"

namespace {
const auto& names = *new std::map<CUresult, std::pair<const char*, const char*>>{
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

/** What a handle names; null where nothing has it, or nothing has it any more. */
template <class T, class Handle> T* named(const std::set<T*>& alive, Handle handle) {
  auto* it = reinterpret_cast<T*>(handle);
  return alive.count(it) ? it : nullptr;
}
/** Makes what a handle is for. */
template <class T, class Handle> CUresult make(std::set<T*>& alive, Handle* handle, T* made = new T()) {
  alive.insert(made);
  *handle = reinterpret_cast<Handle>(made);
  return success;
}
template <class T> CUresult destroy(std::set<T*>& alive, T* it) {
  alive.erase(it);
  delete it;
  return success;
}

const Hooks hooks = {[](CUstream stream, std::function<CUresult()> work) {
                       std::lock_guard<std::recursive_mutex> lock(world().mutex);
                       reinterpret_cast<Stream*>(stream)->work.push_back(std::move(work));
                     },
                     inside, [] { return hasContext; }, lost};
}  // namespace

extern "C" {

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
  const int capability = static_cast<int>(w.settings["capability"]);
  *value = attribute == computeCapabilityMajor   ? capability / 10
           : attribute == computeCapabilityMinor ? capability % 10
           : attribute == multiprocessorCount    ? 2
                                                 : 0;
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
  void* memory = nullptr;
  if (posix_memalign(&memory, 256, bytes + 2 * guard) != 0) return outOfMemory;
  Allocation made{std::unique_ptr<unsigned char[], Released>(static_cast<unsigned char*>(memory)), bytes};
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
  return make(w.streams, stream, new Stream{&hooks, {}});
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  BEGIN(cuStreamDestroy_v2);
  Stream* known = named(w.streams, stream);
  if (!known) return invalidHandle;
  drain(known);
  return destroy(w.streams, known);
}
CUresult cuStreamSynchronize(CUstream stream) {
  BEGIN(cuStreamSynchronize);
  Stream* known = named(w.streams, stream);
  return known ? drain(known) : invalidHandle;
}
CUresult cuEventCreate(CUevent* event, unsigned int) {
  BEGIN(cuEventCreate);
  NEEDS_CONTEXT;
  return make(w.events, event);
}
CUresult cuEventDestroy_v2(CUevent event) {
  BEGIN(cuEventDestroy_v2);
  Event* known = named(w.events, event);
  if (!known) return invalidHandle;
  if (!known->come) drain(known->stream);
  return destroy(w.events, known);
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  BEGIN(cuEventRecord);
  Event* known = named(w.events, event);
  Stream* on = named(w.streams, stream);
  if (!known || !on) return invalidHandle;
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
  Event* known = named(w.events, event);
  if (!known) return invalidHandle;
  return known->come ? success : notReady;
}
CUresult cuEventSynchronize(CUevent event) {
  BEGIN(cuEventSynchronize);
  Event* known = named(w.events, event);
  if (!known) return invalidHandle;
  return known->come || !known->stream ? success : drain(known->stream);
}
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  BEGIN(cuModuleLoadData);
  NEEDS_CONTEXT;
  const char* text = static_cast<const char*>(image);
  const char* version = strstr(text, ".version ");
  if (!version) return invalidImage;
  // PTX 7.7 came with CUDA 11.7, 8.4 with 12.4, 9.0 with 13.0
  if ((atof(version + 9) + 4) * 1000 > w.settings["version"] + 0.5) return unsupportedPtxVersion;
  auto made = std::make_unique<Module>();
  made->ptx = text;
  if (const CUresult failed = linkObject(*made)) return failed;
  return make(w.modules, module, made.release());
}
CUresult cuModuleUnload(CUmodule module) {
  BEGIN(cuModuleUnload);
  Module* known = named(w.modules, module);
  if (!known) return invalidHandle;
  // what is under way may not lose its kernels
  for (Stream* stream : w.streams) drain(stream);
  for (auto it = w.functions.begin(); it != w.functions.end();) it = it->first.first == known ? w.functions.erase(it) : std::next(it);
  return destroy(w.modules, known);
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  BEGIN(cuModuleGetFunction);
  Module* known = named(w.modules, module);
  if (!known) return invalidHandle;
  // the PTX must have it, too: what is run here is what would be there
  if (known->ptx.find(std::string(".entry ") + name + "(") == std::string::npos) return notFound;
  const KernelTable& table = known->library ? known->own : emulatedKernels();
  const auto kernel = table.find(name);
  if (kernel == table.end()) return notFound;
  Function& made = w.functions[{known, name}];
  made = {known, name, kernel->second};
  *function = reinterpret_cast<CUfunction>(&made);
  return success;
}
CUresult cuLaunchKernel(CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
                        unsigned int blockY, unsigned int blockZ, unsigned int, CUstream stream, void**, void** extra) {
  BEGIN(cuLaunchKernel);
  NEEDS_CONTEXT;
  if (!function || !extra || extra[0] != LAUNCH_BUFFER_POINTER || extra[2] != LAUNCH_BUFFER_SIZE) return invalidValue;
  if (gridX == 0 || gridY == 0 || gridZ != 1 || gridY > 65535 || blockX == 0 || blockX > 256 || blockY != 1 || blockZ != 1)
    return invalidValue;
  const Function& called = *reinterpret_cast<const Function*>(function);
  const auto* bytes = static_cast<const unsigned char*>(extra[1]);
  const size_t size = *static_cast<const size_t*>(extra[3]);
  if (size > called.kernel.argsSize) return invalidValue;
  w.counts["cuLaunchKernel " + called.name]++;
  std::vector<unsigned char> args(bytes, bytes + size);
  args.resize(called.kernel.argsSize, 0xcd);
  reinterpret_cast<Stream*>(stream)->work.push_back(
      [=, called = called, args = std::move(args)] { return runKernel(called, Launch{gridX, gridY, blockX}, args); });
  return success;
}

}  // extern "C"
