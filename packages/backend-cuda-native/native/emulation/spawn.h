#pragma once
// Runs the C++ compiler: the emulated NVRTC to compile, the emulated driver to link.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

inline std::string contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}
/** A folder for one call, which goes with it. */
struct Scratch {
  std::string path;
  Scratch() {
    const char* base = getenv("TMPDIR");
    std::string name = std::string(base && *base ? base : "/tmp") + "/flambeau-emulated-XXXXXX";
    path = mkdtemp(&name[0]) ? name : "";
  }
  ~Scratch() {
    for (const char* file : {"/text.cc", "/object.o", "/module.so", "/log"}) unlink((path + file).c_str());
    rmdir(path.c_str());
  }
};
/** Whether it worked; what it says is in `log`, a file. */
inline bool compilerRuns(std::vector<std::string> args, const std::string& log) {
  args.insert(args.begin(), COMPILER);
  std::vector<char*> list, environment;
  for (std::string& arg : args) list.push_back(&arg[0]);
  list.push_back(nullptr);
  for (char** one = environ; *one; one++)
    if (strncmp(*one, "LD_PRELOAD=", 11) != 0) environment.push_back(*one); // a sanitizer's library is for this process alone
  environment.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, list[0], &actions, nullptr, list.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  if (failed) return false;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
