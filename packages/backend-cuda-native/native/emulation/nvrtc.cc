// A libnvrtc.so for tests: it compiles the text for the host, and its "PTX" holds the object, which the emulated driver links.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>

#include "../addon/nvrtc.h"
#include "spawn.h"

struct _nvrtcProgram {
  std::string text, ptx, log;
};

namespace {
constexpr nvrtcResult outOfMemory = 1, invalidInput = 3, invalidProgram = 4, invalidOption = 5, compilation = 6;
struct State {
  std::mutex mutex;
  // instrument: 1 for the driver that looks for races, 2 for the one with sanitizers
  std::map<std::string, long long> settings = {{"version", 13000}, {"fail", 0}, {"instrument", 0}};
  std::map<std::string, long long> counts = {{"compiled", 0}};
  std::set<nvrtcProgram> programs;
};
State& state() {
  static State& it = *new State();
  return it;
}
const std::set<std::string> needed = {"--std=c++17", "--fmad=false"};
const std::set<std::string> architectures = {"--gpu-architecture=compute_75", "--gpu-architecture=compute_80", "--gpu-architecture=compute_90"};

/** The names of the kernels of a text: those of its own lines, not of macros. */
std::vector<std::string> kernelsOf(const std::string& text) {
  std::vector<std::string> names;
  std::stringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    for (const char* word : {"KERNEL(", "BLOCK_KERNEL("})
      if (line.rfind(word, 0) == 0) names.push_back(line.substr(strlen(word), line.find(')') - strlen(word)));
  return names;
}
}  // namespace

extern "C" {

const char* nvrtcGetErrorString(nvrtcResult code) {
  static const std::map<nvrtcResult, const char*> names = {{1, "NVRTC_ERROR_OUT_OF_MEMORY"},    {3, "NVRTC_ERROR_INVALID_INPUT"},
                                                           {4, "NVRTC_ERROR_INVALID_PROGRAM"}, {5, "NVRTC_ERROR_INVALID_OPTION"},
                                                           {6, "NVRTC_ERROR_COMPILATION"},     {11, "NVRTC_ERROR_INTERNAL_ERROR"}};
  const auto known = names.find(code);
  return known == names.end() ? "NVRTC_ERROR unknown" : known->second;
}
nvrtcResult nvrtcVersion(int* major, int* minor) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  *major = static_cast<int>(state().settings["version"] / 1000);
  *minor = static_cast<int>(state().settings["version"] % 1000 / 10);
  return 0;
}
nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
  *count = 3;
  return 0;
}
nvrtcResult nvrtcGetSupportedArchs(int* out) {
  const int all[] = {75, 80, 90};
  std::copy(all, all + 3, out);
  return 0;
}
nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* text, const char*, int headers, const char* const*, const char* const*) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  if (headers != 0) return invalidInput;
  *program = new _nvrtcProgram{text, "", ""};
  state().programs.insert(*program);
  return 0;
}
nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  if (!state().programs.erase(*program)) return invalidProgram;
  delete *program;
  *program = nullptr;
  return 0;
}
nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  State& s = state();
  if (!s.programs.count(program)) return invalidProgram;
  const std::set<std::string> given(options, options + count);
  const auto known = [&](const std::string& option) { return needed.count(option) || architectures.count(option); };
  if (given.size() != needed.size() + 1 || !std::all_of(given.begin(), given.end(), known)) {
    program->log = "an option that is none";
    return invalidOption;
  }
  if (const auto code = static_cast<nvrtcResult>(s.settings["fail"])) {
    program->log = "it fails because it was asked to";
    return code;
  }
  if (program->text.find("#include") != std::string::npos) {
    program->log = "there are no files to include";
    return compilation;
  }
  const Scratch scratch;
  if (scratch.path.empty()) return outOfMemory;
  std::ofstream(scratch.path + "/text.cc") << program->text;
  std::vector<std::string> args = {"-std=c++17", "-O1", "-fPIC", "-w", "-include", EMULATION "/host.h", "-include", "math.h"};
  if (s.settings["instrument"] == 1) args.push_back("-fsanitize=thread");
  if (s.settings["instrument"] == 2) args.insert(args.end(), {"-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"});
  args.insert(args.end(), {"-c", scratch.path + "/text.cc", "-o", scratch.path + "/object.o"});
  const bool done = compilerRuns(args, scratch.path + "/log");
  program->log = contentOf(scratch.path + "/log");
  if (!done) return compilation;
  s.counts["compiled"]++;
  std::stringstream ptx;
  ptx << ".version " << s.settings["version"] / 1000 - 4 << "." << s.settings["version"] % 1000 / 10 << "\n.target sm_80\n";
  for (const std::string& name : kernelsOf(program->text)) ptx << ".entry " << name << "(\n";
  ptx << "//object ";
  for (const char byte : contentOf(scratch.path + "/object.o")) {
    const char digits[] = "0123456789abcdef";
    ptx << digits[static_cast<unsigned char>(byte) >> 4] << digits[byte & 15];
  }
  ptx << "\n";
  program->ptx = ptx.str();
  return 0;
}
nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, size_t* bytes) {
  *bytes = program->ptx.size() + 1;
  return 0;
}
nvrtcResult nvrtcGetPTX(nvrtcProgram program, char* text) {
  memcpy(text, program->ptx.c_str(), program->ptx.size() + 1);
  return 0;
}
nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t* bytes) {
  *bytes = program->log.size() + 1;
  return 0;
}
nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char* text) {
  memcpy(text, program->log.c_str(), program->log.size() + 1);
  return 0;
}

/** For tests: settings, and counts. -1 for an unknown name. */
long long emulation_get(const char* name) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  if (std::string(name) == "programs") return static_cast<long long>(state().programs.size());
  const auto setting = state().settings.find(name);
  if (setting != state().settings.end()) return setting->second;
  const auto count = state().counts.find(name);
  return count == state().counts.end() ? -1 : count->second;
}
int emulation_set(const char* name, long long value) {
  const std::lock_guard<std::mutex> lock(state().mutex);
  if (!state().settings.count(name)) return 0;
  state().settings[name] = value;
  return 1;
}

}  // extern "C"
