#pragma once
// The part of NVRTC's API that this backend calls: the compiler of CUDA C++ that comes with the toolkit, as a library. It is opened at run time
// where it is; nothing needs it. (The types are those of nvrtc.h, which a build must not need.)
#include <string>
#include <vector>

typedef int nvrtcResult;
typedef struct _nvrtcProgram* nvrtcProgram;

// X(our name, the symbol, the result, the parameters)
#define NVRTC_CALLS(X)                                                                                                      \
  X(getErrorString, nvrtcGetErrorString, const char*, (nvrtcResult code))                                                   \
  X(version, nvrtcVersion, nvrtcResult, (int* major, int* minor))                                                           \
  X(getNumSupportedArchs, nvrtcGetNumSupportedArchs, nvrtcResult, (int* count))                                             \
  X(getSupportedArchs, nvrtcGetSupportedArchs, nvrtcResult, (int* architectures))                                           \
  X(createProgram, nvrtcCreateProgram, nvrtcResult,                                                                         \
    (nvrtcProgram * program, const char* text, const char* name, int headers, const char* const* sources,                   \
     const char* const* names))                                                                                             \
  X(destroyProgram, nvrtcDestroyProgram, nvrtcResult, (nvrtcProgram * program))                                             \
  X(compileProgram, nvrtcCompileProgram, nvrtcResult, (nvrtcProgram program, int count, const char* const* options))        \
  X(getPTXSize, nvrtcGetPTXSize, nvrtcResult, (nvrtcProgram program, size_t* bytes))                                        \
  X(getPTX, nvrtcGetPTX, nvrtcResult, (nvrtcProgram program, char* text))                                                   \
  X(getProgramLogSize, nvrtcGetProgramLogSize, nvrtcResult, (nvrtcProgram program, size_t* bytes))                          \
  X(getProgramLog, nvrtcGetProgramLog, nvrtcResult, (nvrtcProgram program, char* text))

struct Nvrtc {
#define X(name, symbol, result, params) result(*name) params = nullptr;
  NVRTC_CALLS(X)
#undef X
  static Nvrtc* open(const std::string& path, std::string& problem);
  const char* find(void* library);
  /** Compiles a text. Where that fails `call` is the one that did, and `log` what the compiler says. */
  nvrtcResult compile(const std::string& text, const std::vector<std::string>& options, std::string& ptx, std::string& log,
                      const char*& call) const;
};
