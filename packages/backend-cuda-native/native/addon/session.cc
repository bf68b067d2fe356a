#include "session.h"

#include <algorithm>
#include <cstring>
#include <new>

#define TRY(call, ...)                                                   \
  do {                                                                   \
    CUresult code_ = driver->call(__VA_ARGS__);                          \
    if (code_ != success) return Failure{code_, #call};                  \
  } while (0)
#define PASS(failure)                      \
  do {                                     \
    Failure failure_ = (failure);          \
    if (failure_) return failure_;         \
  } while (0)

namespace {
constexpr size_t piece = size_t(4) << 20;     // the most that one copy from or to the program's memory takes
constexpr size_t underWay = size_t(64) << 20; // pinned bytes that writes may hold before they wait for each other
constexpr size_t spareKept = size_t(32) << 20;
constexpr size_t workspaceBytes = size_t(8) << 20; // of cuBLASLt's products, which come one after the other
}  // namespace

Failure Session::current() const {
  // per thread, and the program may have several devices and other users of CUDA
  TRY(ctxSetCurrent, context);
  return {};
}

Failure Session::open() {
  TRY(primaryCtxRetain, &context, device);
  isOpen = true;
  PASS(current());
  TRY(streamCreate, &stream, nonBlocking);
  return {};
}

Failure Session::load(const std::string& ptx, uint32_t& number) {
  PASS(current());
  CUmodule module = nullptr;
  TRY(moduleLoadData, &module, ptx.c_str());
  number = static_cast<uint32_t>(modules.size());
  modules.push_back(module);
  return {};
}

Failure Session::kernel(uint32_t module, const char* name, uint32_t& number) {
  PASS(current());
  if (module >= modules.size()) return {invalidValue, "moduleGetFunction"};
  CUfunction function = nullptr;
  TRY(moduleGetFunction, &function, modules[module], name);
  number = static_cast<uint32_t>(functions.size());
  functions.push_back(function);
  return {};
}

Failure Session::alloc(size_t bytes, CUdeviceptr& pointer) {
  PASS(current());
  TRY(memAlloc, &pointer, bytes);
  memory.insert(pointer);
  return {};
}
Failure Session::free(CUdeviceptr pointer) {
  PASS(current());
  if (!memory.count(pointer)) return {invalidValue, "memFree"};
  TRY(memFree, pointer);
  memory.erase(pointer);
  return {};
}

Failure Session::pinned(size_t bytes, Pinned& out) {
  size_t capacity = 4096;
  while (capacity < bytes) capacity *= 2;
  {
    std::lock_guard<std::mutex> lock(spareMutex);
    auto fits = std::find_if(spare.begin(), spare.end(), [&](const Pinned& p) { return p.capacity == capacity; });
    if (fits != spare.end()) {
      out = *fits;
      spare.erase(fits);
      return {};
    }
  }
  Pinned made;
  made.capacity = capacity;
  TRY(eventCreate, &made.event, disableTiming);
  CUresult code = driver->memHostAlloc(&made.bytes, capacity, 0);
  if (code != success) {
    driver->eventDestroy(made.event);
    return {code, "memHostAlloc"};
  }
  out = made;
  return {};
}

void Session::giveBack(Pinned p) {
  if (!p.bytes) return;
  {
    std::lock_guard<std::mutex> lock(spareMutex);
    size_t held = p.capacity;
    for (const Pinned& s : spare) held += s.capacity;
    if (held <= spareKept) {
      spare.push_back(p);
      return;
    }
  }
  if (current()) return;
  driver->memFreeHost(p.bytes);
  driver->eventDestroy(p.event);
}

Failure Session::write(CUdeviceptr to, const uint8_t* from, size_t bytes) {
  PASS(current());
  for (size_t at = 0; at < bytes; at += piece) {
    while (!writes.empty()) {
      CUresult state = driver->eventQuery(writes.front().event);
      if (state == notReady && writing < underWay) break;
      if (state == notReady) state = driver->eventSynchronize(writes.front().event);
      if (state != success) return {state, "eventSynchronize"};
      writing -= writes.front().capacity;
      giveBack(writes.front());
      writes.pop_front();
    }
    const size_t count = std::min(piece, bytes - at);
    Pinned staging;
    PASS(pinned(count, staging));
    memcpy(staging.bytes, from + at, count);
    CUresult code = driver->memcpyHtoDAsync(to + at, staging.bytes, count, stream);
    const char* call = "memcpyHtoDAsync";
    if (code == success) {
      code = driver->eventRecord(staging.event, stream);
      call = "eventRecord";
      if (code != success) driver->streamSynchronize(stream); // the copy is under way, and nothing would tell its end
    }
    if (code != success) {
      giveBack(staging);
      return {code, call};
    }
    writes.push_back(staging);
    writing += staging.capacity;
  }
  return {};
}

Failure Session::readNow(uint8_t* to, CUdeviceptr from, size_t bytes) {
  PASS(current());
  for (size_t at = 0; at < bytes; at += piece) {
    const size_t count = std::min(piece, bytes - at);
    Pinned staging;
    PASS(pinned(count, staging));
    CUresult code = driver->memcpyDtoHAsync(staging.bytes, from + at, count, stream);
    const char* call = "memcpyDtoHAsync";
    if (code == success) {
      code = driver->streamSynchronize(stream);
      call = "streamSynchronize";
    }
    if (code == success) memcpy(to + at, staging.bytes, count);
    giveBack(staging);
    if (code != success) return {code, call};
  }
  return {};
}

Failure Session::read(CUdeviceptr from, size_t bytes, Done done) {
  PASS(current());
  Pinned staging;
  PASS(pinned(bytes, staging));
  CUresult code = driver->memcpyDtoHAsync(staging.bytes, from, bytes, stream);
  const char* call = "memcpyDtoHAsync";
  if (code == success) {
    code = driver->eventRecord(staging.event, stream);
    call = "eventRecord";
    if (code != success) driver->streamSynchronize(stream);
  }
  if (code != success) {
    giveBack(staging);
    return {code, call};
  }
  std::lock_guard<std::mutex> lock(mutex);
  waiting.push_back({staging, bytes, std::move(done)});
  if (!thread.joinable()) thread = std::thread([this] { wait(); });
  changed.notify_one();
  return {};
}

/** The waiting thread: takes reads in their order, which is that in which their events come. */
void Session::wait() {
  std::unique_lock<std::mutex> lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return closing || !waiting.empty(); });
    if (waiting.empty()) return;
    Waiting next = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    Failure failure = current();
    if (!failure) failure = {driver->eventSynchronize(next.pinned.event), "eventSynchronize"};
    Bytes bytes;
    if (!failure) {
      bytes.reset(new (std::nothrow) uint8_t[next.bytes]);
      if (bytes) memcpy(bytes.get(), next.pinned.bytes, next.bytes);
      else failure = {outOfMemory, "a read's copy on the host"};
    }
    giveBack(next.pinned);
    next.done(failure, std::move(bytes));
    lock.lock();
  }
}

Failure Session::launch(uint32_t kernel, uint32_t gridX, uint32_t gridY, uint32_t blockX, const void* words, size_t bytes) {
  PASS(current());
  if (kernel >= functions.size()) return {invalidValue, "launchKernel"};
  size_t size = bytes;
  void* extra[] = {LAUNCH_BUFFER_POINTER, const_cast<void*>(words), LAUNCH_BUFFER_SIZE, &size, LAUNCH_END};
  TRY(launchKernel, functions[kernel], gridX, gridY, 1, blockX, 1, 1, 0, stream, nullptr, extra);
  return {};
}

Failure Session::useCublas(Cublas* cublas) {
  PASS(current());
  cublasLtHandle handle = nullptr;
  if (const cublasStatus code = cublas->create(&handle)) return {code, "create", cublas};
  blas = std::make_unique<Blas>(cublas, handle);
  return {};
}

Failure Session::product(const Form& form, const Operands& operands, bool& done) {
  done = false;
  PASS(current());
  if (!blas) return {invalidValue, "product"};
  if (!workspace) {
    const Failure failure = alloc(workspaceBytes, workspace);
    if (failure.code == outOfMemory) return {}; // the next product may find room
    if (failure) return failure;
  }
  const char* call = "";
  if (const cublasStatus code = blas->run(form, operands, workspace, workspaceBytes, stream, done, call)) return {code, call, blas->cublas};
  return {};
}

Failure Session::synchronize() {
  PASS(current());
  TRY(streamSynchronize, stream);
  return {};
}

void Session::close() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    closing = true;
    changed.notify_one();
  }
  if (thread.joinable()) thread.join();
  if (!isOpen) return;
  isOpen = false;
  // whatever fails here fails because the device is lost: the rest is given back all the same
  (void)current();
  if (stream) driver->streamSynchronize(stream);
  for (const Pinned& p : writes) spare.push_back(p);
  writes.clear();
  for (const Pinned& p : spare) {
    driver->memFreeHost(p.bytes);
    driver->eventDestroy(p.event);
  }
  spare.clear();
  blas.reset();
  workspace = 0;
  for (const CUdeviceptr pointer : memory) driver->memFree(pointer);
  memory.clear();
  for (const CUmodule module : modules) driver->moduleUnload(module);
  modules.clear();
  if (stream) driver->streamDestroy(stream);
  driver->ctxSetCurrent(nullptr);
  driver->primaryCtxRelease(device);
  stream = nullptr;
  functions.clear();
}
