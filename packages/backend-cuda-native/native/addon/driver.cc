#include "driver.h"

#include "library.h"

const char* Driver::find(void* library) {
#define X(name, symbol, params)                                              \
  name = reinterpret_cast<CUresult(*) params>(dlsym(library, #symbol));      \
  if (!name) return #symbol;
  DRIVER_CALLS(X)
#undef X
  return nullptr;
}
Driver* Driver::open(const std::string& path, std::string& problem) {
  return openLibrary<Driver>(path, "there is no NVIDIA driver", "driver of NVIDIA's", problem);
}
