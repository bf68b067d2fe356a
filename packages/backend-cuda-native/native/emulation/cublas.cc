// A libcublasLt.so for tests: it looks at every argument, and multiplies on the host when the stream comes to it. Sums are made in the order of the own
// kernels, so results are the same.
#include <cstdio>
#include <mutex>

#include "../addon/cublas.h"
#include "host.h"
#include "world.h"
#include "../kernels/combine.cuh"

struct LtContext {};
struct LtDesc {
  int compute, scale;
  int32_t transposed[2] = {lt::asItIs, lt::asItIs};
  uint32_t epilogue = lt::plain;
  CUdeviceptr bias = 0;
};
struct LtLayout {
  int type;
  uint64_t rows, columns;
  int64_t step;
  int32_t batch = 1;
  int64_t batchStep = 0;
};
struct LtPreference {
  uint64_t workspace = 0;
  uint32_t aligned[4] = {256, 256, 256, 256};
};

namespace {
struct State {
  std::mutex mutex;
  // supported: whether there is an algorithm; fail: what the next product gives; refused: what was wrong with arguments, by line
  std::map<std::string, long long> settings = {{"fail", 0}, {"fail-create", 0}, {"supported", 1}, {"version", 130000}};
  std::map<std::string, long long> counts = {{"products", 0}, {"tf32", 0}, {"refused", 0}, {"choices", 0}};
  std::set<const void*> alive;
};
State& state() {
  static State& it = *new State();
  return it;
}
#define LOCKED const std::lock_guard<std::mutex> lock(state().mutex)
cublasStatus refuse(int line) {
  state().counts["refused"]++;
  fprintf(stderr, "emulated cuBLASLt: wrong arguments, cublas.cc:%d\n", line);
  return lt::invalid;
}
#define DEMAND(what) \
  if (!(what)) return refuse(__LINE__)

template <class T> cublasStatus make(T** out, T* made) {
  state().alive.insert(made);
  *out = made;
  return 0;
}
template <class T> cublasStatus drop(T* it) {
  DEMAND(state().alive.erase(it));
  delete it;
  return 0;
}
template <class T> cublasStatus take(T& into, const void* value, size_t bytes) {
  DEMAND(bytes == sizeof into);
  memcpy(&into, value, bytes);
  return 0;
}
size_t bytesOf(int type) { return type == lt::float64 ? 8 : type == lt::float32 ? 4 : 2; }
bool knownType(int type) { return type == lt::float32 || type == lt::float64 || type == lt::float16 || type == lt::bfloat16; }
uint64_t extent(const LtLayout& l) {
  return static_cast<uint64_t>(l.batchStep) * (l.batch - 1) + static_cast<uint64_t>(l.step) * (l.columns - 1) + l.rows;
}
/** What both the choice of an algorithm and a product look at. */
cublasStatus check(cublasLtHandle handle, cublasLtMatmulDesc desc, cublasLtMatrixLayout a, cublasLtMatrixLayout b, cublasLtMatrixLayout c,
                   cublasLtMatrixLayout d) {
  for (const void* it : {static_cast<const void*>(handle), static_cast<const void*>(desc), static_cast<const void*>(a), static_cast<const void*>(b),
                         static_cast<const void*>(c), static_cast<const void*>(d)})
    DEMAND(state().alive.count(it));
  for (const LtLayout* layout : {a, b, c, d}) {
    DEMAND(knownType(layout->type) && layout->type == a->type);
    DEMAND(layout->rows > 0 && layout->columns > 0 && layout->step >= static_cast<int64_t>(layout->rows));
    DEMAND(layout->batch == d->batch && layout->batchStep >= 0);
  }
  const bool ta = desc->transposed[0] == lt::transposed, tb = desc->transposed[1] == lt::transposed;
  DEMAND((ta ? a->columns : a->rows) == d->rows && (tb ? b->rows : b->columns) == d->columns);
  DEMAND((ta ? a->rows : a->columns) == (tb ? b->columns : b->rows));
  DEMAND(d->batch == 1 || d->batchStep >= static_cast<int64_t>(d->step * (d->columns - 1) + d->rows));
  const bool wide = a->type == lt::float64;
  DEMAND(wide ? desc->compute == lt::compute64 : desc->compute == lt::compute32 || (desc->compute == lt::computeTf32 && a->type == lt::float32));
  DEMAND(desc->scale == (wide ? lt::float64 : lt::float32));
  DEMAND((desc->epilogue == lt::withBias) == (desc->bias != 0));
  return 0;
}

template <class T> struct Held {
  static T get(const void* from, uint64_t at) { return static_cast<const T*>(from)[at]; }
  static void set(void* to, uint64_t at, T x) { static_cast<T*>(to)[at] = x; }
};
struct HalfBits {
  static float get(const void* from, uint64_t at) { return fromHalf(static_cast<const uint16*>(from)[at]); }
  static void set(void* to, uint64_t at, float x) { static_cast<uint16*>(to)[at] = toHalf(x); }
};
struct BfloatBits {
  static float get(const void* from, uint64_t at) { return fromBfloat(static_cast<const uint16*>(from)[at]); }
  static void set(void* to, uint64_t at, float x) { static_cast<uint16*>(to)[at] = toBfloat(x); }
};
template <class T, class Form>
void multiply(const LtDesc& desc, const LtLayout& a, const LtLayout& b, const LtLayout& d, const void* from, const void* by, void* to) {
  const bool ta = desc.transposed[0] == lt::transposed, tb = desc.transposed[1] == lt::transposed;
  const uint64_t inner = ta ? a.rows : a.columns;
  const void* bias = desc.epilogue == lt::withBias ? reinterpret_cast<const void*>(desc.bias) : nullptr;
  for (int32_t n = 0; n < d.batch; n++)
    for (uint64_t j = 0; j < d.columns; j++)
      for (uint64_t i = 0; i < d.rows; i++) {
        T sum = 0;
        for (uint64_t k = 0; k < inner; k++)
          sum += Form::get(from, n * a.batchStep + (ta ? k + i * a.step : i + k * a.step)) *
                 Form::get(by, n * b.batchStep + (tb ? j + k * b.step : k + j * b.step));
        if (bias) sum = sum + Form::get(bias, i);
        Form::set(to, n * d.batchStep + i + j * d.step, sum);
      }
}
}  // namespace

extern "C" {

const char* cublasLtGetStatusName(cublasStatus code) {
  static const std::map<cublasStatus, const char*> names = {{1, "CUBLAS_STATUS_NOT_INITIALIZED"}, {3, "CUBLAS_STATUS_ALLOC_FAILED"},
                                                            {7, "CUBLAS_STATUS_INVALID_VALUE"},   {13, "CUBLAS_STATUS_EXECUTION_FAILED"},
                                                            {14, "CUBLAS_STATUS_INTERNAL_ERROR"}, {15, "CUBLAS_STATUS_NOT_SUPPORTED"}};
  const auto known = names.find(code);
  return known == names.end() ? "CUBLAS_STATUS unknown" : known->second;
}
size_t cublasLtGetVersion() {
  LOCKED;
  return static_cast<size_t>(state().settings["version"]);
}
cublasStatus cublasLtCreate(cublasLtHandle* handle) {
  LOCKED;
  if (const auto code = static_cast<cublasStatus>(state().settings["fail-create"])) return code;
  return make(handle, new LtContext());
}
cublasStatus cublasLtDestroy(cublasLtHandle handle) {
  LOCKED;
  return drop(handle);
}
cublasStatus cublasLtMatmulDescCreate(cublasLtMatmulDesc* desc, int compute, int scale) {
  LOCKED;
  return make(desc, new LtDesc{compute, scale});
}
cublasStatus cublasLtMatmulDescDestroy(cublasLtMatmulDesc desc) {
  LOCKED;
  return drop(desc);
}
cublasStatus cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc desc, int attribute, const void* value, size_t bytes) {
  LOCKED;
  DEMAND(state().alive.count(desc));
  switch (attribute) {
    case lt::transA: return take(desc->transposed[0], value, bytes);
    case lt::transB: return take(desc->transposed[1], value, bytes);
    case lt::epilogue: return take(desc->epilogue, value, bytes);
    case lt::biasPointer: return take(desc->bias, value, bytes);
    default: return refuse(__LINE__);
  }
}
cublasStatus cublasLtMatrixLayoutCreate(cublasLtMatrixLayout* layout, int type, uint64_t rows, uint64_t columns, int64_t step) {
  LOCKED;
  return make(layout, new LtLayout{type, rows, columns, step});
}
cublasStatus cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout layout) {
  LOCKED;
  return drop(layout);
}
cublasStatus cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout layout, int attribute, const void* value, size_t bytes) {
  LOCKED;
  DEMAND(state().alive.count(layout));
  if (attribute == lt::batchCount) return take(layout->batch, value, bytes);
  DEMAND(attribute == lt::batchStep);
  return take(layout->batchStep, value, bytes);
}
cublasStatus cublasLtMatmulPreferenceCreate(cublasLtPreference* preference) {
  LOCKED;
  return make(preference, new LtPreference());
}
cublasStatus cublasLtMatmulPreferenceDestroy(cublasLtPreference preference) {
  LOCKED;
  return drop(preference);
}
cublasStatus cublasLtMatmulPreferenceSetAttribute(cublasLtPreference preference, int attribute, const void* value, size_t bytes) {
  LOCKED;
  DEMAND(state().alive.count(preference));
  if (attribute == lt::mostWorkspace) return take(preference->workspace, value, bytes);
  DEMAND(attribute >= lt::alignmentA && attribute <= lt::alignmentD);
  return take(preference->aligned[attribute - lt::alignmentA], value, bytes);
}
cublasStatus cublasLtMatmulAlgoGetHeuristic(cublasLtHandle handle, cublasLtMatmulDesc desc, cublasLtMatrixLayout a, cublasLtMatrixLayout b,
                                            cublasLtMatrixLayout c, cublasLtMatrixLayout d, cublasLtPreference preference, int wanted,
                                            cublasLtHeuristic* found, int* count) {
  LOCKED;
  if (const cublasStatus wrong = check(handle, desc, a, b, c, d)) return wrong;
  DEMAND(state().alive.count(preference) && wanted == 1);
  *count = 0;
  state().counts["choices"]++;
  if (!state().settings["supported"]) return lt::notSupported;
  *count = 1;
  // an algorithm that asks for a quarter of the workspace, and remembers what it was promised
  *found = {{{0xa190, preference->aligned[0], preference->aligned[1], preference->aligned[2], preference->aligned[3], preference->workspace / 4}},
            preference->workspace / 4,
            0,
            1,
            {}};
  return 0;
}
cublasStatus cublasLtMatmul(cublasLtHandle handle, cublasLtMatmulDesc desc, const void* alpha, const void* a, cublasLtMatrixLayout aLayout,
                            const void* b, cublasLtMatrixLayout bLayout, const void* beta, const void* c, cublasLtMatrixLayout cLayout, void* d,
                            cublasLtMatrixLayout dLayout, const cublasLtAlgo* algo, void* workspace, size_t workspaceBytes, CUstream stream) {
  LOCKED;
  if (const cublasStatus wrong = check(handle, desc, aLayout, bLayout, cLayout, dLayout)) return wrong;
  DEMAND(stream && algo && algo->data[0] == 0xa190 && c == d);
  const Hooks& driver = *reinterpret_cast<Stream*>(stream)->hooks;
  DEMAND(driver.hasContext());
  const bool wide = aLayout->type == lt::float64;
  DEMAND(wide ? *static_cast<const double*>(alpha) == 1 && *static_cast<const double*>(beta) == 0
              : *static_cast<const float*>(alpha) == 1 && *static_cast<const float*>(beta) == 0);
  const size_t size = bytesOf(aLayout->type);
  const std::pair<CUdeviceptr, const LtLayout*> memory[] = {{reinterpret_cast<CUdeviceptr>(a), aLayout},
                                                            {reinterpret_cast<CUdeviceptr>(b), bLayout},
                                                            {reinterpret_cast<CUdeviceptr>(c), cLayout},
                                                            {reinterpret_cast<CUdeviceptr>(d), dLayout}};
  for (int i = 0; i < 4; i++) {
    const auto [pointer, layout] = memory[i];
    DEMAND(pointer % algo->data[1 + i] == 0 && pointer % size == 0);
    DEMAND(driver.inside(pointer, extent(*layout) * size));
  }
  if (desc->bias) DEMAND(desc->bias % size == 0 && driver.inside(desc->bias, dLayout->rows * size));
  DEMAND(workspaceBytes >= algo->data[5]);
  const auto scratch = reinterpret_cast<CUdeviceptr>(workspace);
  DEMAND(scratch % 256 == 0 && driver.inside(scratch, workspaceBytes));
  if (const auto code = static_cast<cublasStatus>(state().settings["fail"])) return code;
  state().counts["products"]++;
  if (desc->compute == lt::computeTf32) state().counts["tf32"]++;
  driver.put(stream, [=, how = *desc, la = *aLayout, lb = *bLayout, ld = *dLayout, inside = driver.inside, lost = driver.lost] {
    for (const auto& [pointer, layout] : {std::pair(reinterpret_cast<CUdeviceptr>(a), &la), std::pair(reinterpret_cast<CUdeviceptr>(b), &lb),
                                          std::pair(reinterpret_cast<CUdeviceptr>(d), &ld)})
      if (!inside(pointer, extent(*layout) * bytesOf(layout->type))) return lost("a product of memory that was freed");
    memset(workspace, freshByte, workspaceBytes); // it is free to
    switch (la.type) {
      case lt::float32: multiply<float, Held<float>>(how, la, lb, ld, a, b, d); break;
      case lt::float64: multiply<double, Held<double>>(how, la, lb, ld, a, b, d); break;
      case lt::float16: multiply<float, HalfBits>(how, la, lb, ld, a, b, d); break;
      default: multiply<float, BfloatBits>(how, la, lb, ld, a, b, d);
    }
    return success;
  });
  return 0;
}

/** For tests: settings, and counts. -1 for an unknown name. */
long long emulation_get(const char* name) {
  LOCKED;
  if (std::string(name) == "alive") return static_cast<long long>(state().alive.size());
  const auto setting = state().settings.find(name);
  if (setting != state().settings.end()) return setting->second;
  const auto count = state().counts.find(name);
  return count == state().counts.end() ? -1 : count->second;
}
int emulation_set(const char* name, long long value) {
  LOCKED;
  if (!state().settings.count(name)) return 0;
  state().settings[name] = value;
  return 1;
}

}  // extern "C"
