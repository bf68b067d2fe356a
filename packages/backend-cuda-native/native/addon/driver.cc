#include "driver.h"

#include <dlfcn.h>

#include <map>
#include <mutex>

Driver* Driver::open(const std::string& path, std::string& problem) {
  static std::mutex mutex;
  // by path; never closed: other threads of the process, and the driver's own, may be in it until the end
  static std::map<std::string, std::unique_ptr<Driver>>& opened = *new std::map<std::string, std::unique_ptr<Driver>>();
  std::lock_guard<std::mutex> lock(mutex);
  auto known = opened.find(path);
  if (known != opened.end()) return known->second.get();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    problem = std::string("there is no NVIDIA driver: ") + (why ? why : path);
    return nullptr;
  }
  auto driver = std::make_unique<Driver>();
#define X(name, symbol, params)                                                          \
  driver->name = reinterpret_cast<CUresult(*) params>(dlsym(library, #symbol));          \
  if (!driver->name) {                                                                   \
    problem = path + " lacks " #symbol ": it is too old, or no driver of NVIDIA's";      \
    dlclose(library);                                                                    \
    return nullptr;                                                                      \
  }
  DRIVER_CALLS(X)
#undef X
  return (opened[path] = std::move(driver)).get();
}
