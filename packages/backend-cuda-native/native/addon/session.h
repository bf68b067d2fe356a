#pragma once
// One device as one JavaScript environment uses it: the primary context, a stream, the module with the kernels, pinned memory for
// copies, and a thread that waits for reads. It knows nothing of JavaScript; each call gives a Failure, whose code is 0 where it worked.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "blas.h"
#include "driver.h"

/** What a call of the driver gave, or one of cuBLASLt's, whose names then say what its code means. */
struct Failure {
  CUresult code = success;
  const char* call = "";
  Cublas* cublas = nullptr;
  explicit operator bool() const { return code != success; }
};

/** Pinned memory, and the event after which nobody uses it. */
struct Pinned {
  void* bytes = nullptr;
  size_t capacity = 0;
  CUevent event = nullptr;
};

class Session {
 public:
  Session(Driver* driver, CUdevice device) : driver(driver), device(device) {}
  ~Session() { close(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Failure open();
  /** Loads a module, which gets a number. */
  Failure load(const std::string& ptx, uint32_t& number);
  /** The number of a kernel of a module, for launch. */
  Failure kernel(uint32_t module, const char* name, uint32_t& number);
  Failure alloc(size_t bytes, CUdeviceptr& pointer);
  Failure free(CUdeviceptr pointer);
  /** Copies before it returns. */
  Failure write(CUdeviceptr to, const uint8_t* from, size_t bytes);
  Failure readNow(uint8_t* to, CUdeviceptr from, size_t bytes);
  /** Asks for a copy of the bytes as they are now. `done` is called on the waiting thread, once; what it gets is its own. */
  using Bytes = std::unique_ptr<uint8_t[]>;
  using Done = std::function<void(Failure, Bytes)>;
  Failure read(CUdeviceptr from, size_t bytes, Done done);
  Failure launch(uint32_t kernel, uint32_t gridX, uint32_t gridY, uint32_t blockX, const void* words, size_t bytes);
  /** Has products made by cuBLASLt, with a handle of this session's own. */
  Failure useCublas(Cublas* cublas);
  /** A product by it. `done` is false where it has none for this form, or no room. */
  Failure product(const Form& form, const Operands& operands, bool& done);
  Failure synchronize();
  /** Waits for what is under way and gives everything back. Calls of `done` that are due come first. */
  void close();

  Driver* const driver;
  const CUdevice device;

 private:
  struct Waiting {
    Pinned pinned;
    size_t bytes;
    Done done;
  };
  Failure current() const;
  Failure pinned(size_t bytes, Pinned& out);
  void giveBack(Pinned pinned);
  void wait();

  bool isOpen = false;
  CUcontext context = nullptr;
  CUstream stream = nullptr;
  std::vector<CUmodule> modules;
  std::vector<CUfunction> functions;
  std::unique_ptr<Blas> blas;
  CUdeviceptr workspace = 0;
  /** What was allocated here, and goes with the session: the context may be shared by others, and stay. */
  std::unordered_set<CUdeviceptr> memory;
  /** Writes under way, oldest first: their memory is used again when the event has come. */
  std::deque<Pinned> writes;
  size_t writing = 0;
  std::mutex spareMutex;
  std::vector<Pinned> spare;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Waiting> waiting;
  bool closing = false;
  std::thread thread;
};
