// Modules that were compiled at run time: the emulated NVRTC's text holds an object file, which is linked to this very driver.
#include <dlfcn.h>

#include <cerrno>
#include <cstdio>

#include "spawn.h"
#include "world.h"

Module::~Module() {
  if (library) dlclose(library);
}

CUresult linkObject(Module& module) {
  static const char mark[] = "\n//object ";
  const size_t start = module.ptx.find(mark);
  if (start == std::string::npos) return success;
  std::string object;
  for (size_t at = start + sizeof mark - 1; at + 1 < module.ptx.size() && module.ptx[at] != '\n'; at += 2)
    object.push_back(static_cast<char>(std::stoi(module.ptx.substr(at, 2), nullptr, 16)));
  Dl_info own;
  if (!dladdr(reinterpret_cast<void*>(&linkObject), &own)) return invalidImage;
  const Scratch scratch;
  std::ofstream(scratch.path + "/object.o", std::ios::binary) << object;
  const std::string linked = scratch.path + "/module.so", log = scratch.path + "/log";
  if (!compilerRuns({"-shared", "-Wl,--no-as-needed", scratch.path + "/object.o", own.dli_fname, "-o", linked}, log)) {
    fprintf(stderr, "emulated CUDA driver: %s\n", contentOf(log).c_str());
    return invalidImage;
  }
  kernelsLoading() = &module.own;
  module.library = dlopen(linked.c_str(), RTLD_NOW | RTLD_LOCAL);
  kernelsLoading() = &emulatedKernels();
  if (module.library) return success;
  fprintf(stderr, "emulated CUDA driver: %s\n", dlerror());
  return invalidImage;
}
