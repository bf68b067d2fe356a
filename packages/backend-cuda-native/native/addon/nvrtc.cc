#include "nvrtc.h"

#include "library.h"

const char* Nvrtc::find(void* library) {
#define X(name, symbol, result, params)                                  \
  name = reinterpret_cast<result(*) params>(dlsym(library, #symbol));    \
  if (!name) return #symbol;
  NVRTC_CALLS(X)
#undef X
  return nullptr;
}
Nvrtc* Nvrtc::open(const std::string& path, std::string& problem) {
  return openLibrary<Nvrtc>(path, "NVRTC is not there", "NVRTC", problem);
}

nvrtcResult Nvrtc::compile(const std::string& text, const std::vector<std::string>& options, std::string& ptx, std::string& log,
                           const char*& call) const {
  nvrtcProgram program = nullptr;
  call = "createProgram";
  if (const nvrtcResult code = createProgram(&program, text.c_str(), "flambeau.cu", 0, nullptr, nullptr)) return code;
  std::vector<const char*> list;
  for (const std::string& option : options) list.push_back(option.c_str());
  size_t bytes = 0;
  call = "compileProgram";
  nvrtcResult code = compileProgram(program, static_cast<int>(list.size()), list.data());
  if (code) {
    if (getProgramLogSize(program, &bytes) == 0 && bytes > 1) {
      log.resize(bytes);
      if (getProgramLog(program, &log[0]) == 0) log.resize(bytes - 1); // without the zero at its end
      else log.clear();
    }
  } else {
    call = "getPTX";
    code = getPTXSize(program, &bytes);
    if (!code && bytes > 0) {
      ptx.resize(bytes);
      code = getPTX(program, &ptx[0]);
      ptx.resize(bytes - 1);
    }
  }
  destroyProgram(&program);
  return code;
}
