#pragma once
// The part of the CUDA driver's API that this backend calls. Nothing is linked: the library is opened at run time, and the emulated
// driver implements the same list. (The types are those of cuda.h, which a build must not need.)
#include <cstddef>
#include <memory>
#include <string>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;

// X(our name, the symbol, the parameters)
#define DRIVER_CALLS(X)                                                                                                    \
  X(init, cuInit, (unsigned int flags))                                                                                    \
  X(driverGetVersion, cuDriverGetVersion, (int* version))                                                                  \
  X(getErrorName, cuGetErrorName, (CUresult code, const char** text))                                                      \
  X(getErrorString, cuGetErrorString, (CUresult code, const char** text))                                                  \
  X(deviceGetCount, cuDeviceGetCount, (int* count))                                                                        \
  X(deviceGet, cuDeviceGet, (CUdevice* device, int ordinal))                                                               \
  X(deviceGetName, cuDeviceGetName, (char* name, int length, CUdevice device))                                             \
  X(deviceGetAttribute, cuDeviceGetAttribute, (int* value, int attribute, CUdevice device))                                \
  X(deviceTotalMem, cuDeviceTotalMem_v2, (size_t * bytes, CUdevice device))                                                \
  X(primaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext * context, CUdevice device))                                    \
  X(primaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                                    \
  X(ctxSetCurrent, cuCtxSetCurrent, (CUcontext context))                                                                   \
  X(memAlloc, cuMemAlloc_v2, (CUdeviceptr * pointer, size_t bytes))                                                        \
  X(memFree, cuMemFree_v2, (CUdeviceptr pointer))                                                                          \
  X(memHostAlloc, cuMemHostAlloc, (void** pointer, size_t bytes, unsigned int flags))                                      \
  X(memFreeHost, cuMemFreeHost, (void* pointer))                                                                           \
  X(memcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void* from, size_t bytes, CUstream stream))              \
  X(memcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void* to, CUdeviceptr from, size_t bytes, CUstream stream))                    \
  X(streamCreate, cuStreamCreate, (CUstream * stream, unsigned int flags))                                                 \
  X(streamDestroy, cuStreamDestroy_v2, (CUstream stream))                                                                  \
  X(streamSynchronize, cuStreamSynchronize, (CUstream stream))                                                             \
  X(eventCreate, cuEventCreate, (CUevent * event, unsigned int flags))                                                     \
  X(eventDestroy, cuEventDestroy_v2, (CUevent event))                                                                      \
  X(eventRecord, cuEventRecord, (CUevent event, CUstream stream))                                                          \
  X(eventQuery, cuEventQuery, (CUevent event))                                                                             \
  X(eventSynchronize, cuEventSynchronize, (CUevent event))                                                                 \
  X(moduleLoadData, cuModuleLoadData, (CUmodule * module, const void* image))                                              \
  X(moduleUnload, cuModuleUnload, (CUmodule module))                                                                       \
  X(moduleGetFunction, cuModuleGetFunction, (CUfunction * function, CUmodule module, const char* name))                    \
  X(launchKernel, cuLaunchKernel,                                                                                          \
    (CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,                 \
     unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void** params, void** extra))

// CUresult
constexpr CUresult success = 0;
constexpr CUresult invalidValue = 1;
constexpr CUresult outOfMemory = 2;
constexpr CUresult notReady = 600;
// CUdevice_attribute
constexpr int computeCapabilityMajor = 75;
constexpr int computeCapabilityMinor = 76;
constexpr int multiprocessorCount = 16;
// CUstream_flags, CUevent_flags
constexpr unsigned int nonBlocking = 1;
constexpr unsigned int disableTiming = 2;
// the `extra` of cuLaunchKernel: parameters as one block of bytes
#define LAUNCH_END ((void*)0)
#define LAUNCH_BUFFER_POINTER ((void*)1)
#define LAUNCH_BUFFER_SIZE ((void*)2)

/** The driver's calls, from one library. */
struct Driver {
#define X(name, symbol, params) CUresult(*name) params = nullptr;
  DRIVER_CALLS(X)
#undef X
  /** How the library is opened; the same path gives the same driver, which stays for the life of the process. */
  static Driver* open(const std::string& path, std::string& problem);
  const char* find(void* library);
};
