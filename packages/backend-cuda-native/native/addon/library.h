#pragma once
// Libraries that are opened at run time.
#include <dlfcn.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

/**
 * A library's calls, by the path or name of its file. It is opened once and never closed: other threads of the process, and the library's own,
 * may be in it until the end. `Library` has `find(library)`, which gives the name of the first symbol that is missing, or null.
 */
template <class Library> Library* openLibrary(const std::string& path, const char* absent, const char* what, std::string& problem) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<Library>>& opened = *new std::map<std::string, std::unique_ptr<Library>>();
  std::lock_guard<std::mutex> lock(mutex);
  auto known = opened.find(path);
  if (known != opened.end()) return known->second.get();
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    problem = std::string(absent) + ": " + (why ? why : path);
    return nullptr;
  }
  auto found = std::make_unique<Library>();
  if (const char* missing = found->find(library)) {
    problem = path + " lacks " + missing + ": it is too old, or no " + what;
    dlclose(library);
    return nullptr;
  }
  return (opened[path] = std::move(found)).get();
}
