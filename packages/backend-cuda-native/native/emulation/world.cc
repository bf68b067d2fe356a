#include "world.h"

#include <cstdio>
#include <cstdlib>

thread_local bool hasContext = false;

World& world() {
  static World& it = *new World(); // other threads may be in it until the end
  return it;
}

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

CUresult runKernel(const Function& function, const Launch& launch, const std::vector<unsigned char>& args) {
  World& w = world();
  const std::string& name = function.name;
  std::string problem;
  const unsigned long long seed = w.settings["seed"] * 1000003ull + w.launches++;
  if (!emulate(function.kernel, launch, args.data(), seed, problem)) return lost("kernel " + name + ": " + problem);
  // what it was given addresses of is all that it can have reached
  for (size_t at = 0; at + 8 <= args.size(); at += 8) {
    CUdeviceptr word, start = 0;
    memcpy(&word, &args[at], 8);
    const Allocation* allocation = holding(word, start);
    if (allocation && !allocation->intact()) return lost("kernel " + name + " wrote outside of an allocation");
  }
  return success;
}

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
    w.functions.clear();
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

}  // extern "C"
