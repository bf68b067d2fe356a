#include "blas.h"

#include <tuple>

#include "library.h"

#define TRY(name, ...)                                                  \
  do {                                                                  \
    call = #name;                                                       \
    if (const cublasStatus code_ = cublas->name(__VA_ARGS__)) return code_; \
  } while (0)

namespace {
/** Forms that are remembered; beyond them all are forgotten. */
constexpr size_t mostPlans = 1024;
auto key(const Factor& f) { return std::make_tuple(f.rows, f.columns, f.step, f.batchStep, f.transposed); }
}  // namespace

const char* Cublas::find(void* library) {
#define X(name, symbol, result, params)                                  \
  name = reinterpret_cast<result(*) params>(dlsym(library, #symbol));    \
  if (!name) return #symbol;
  CUBLAS_CALLS(X)
#undef X
  return nullptr;
}
Cublas* Cublas::open(const std::string& path, std::string& problem) {
  return openLibrary<Cublas>(path, "cuBLASLt is not there", "cuBLASLt", problem);
}

bool Form::operator<(const Form& o) const {
  const auto keyOf = [](const Form& f) {
    return std::make_tuple(f.type, f.tf32, f.biased, f.batch, key(f.a), key(f.b), key(f.d),
                           std::make_tuple(f.aligned[0], f.aligned[1], f.aligned[2], f.aligned[3]));
  };
  return keyOf(*this) < keyOf(o);
}

Blas::~Blas() {
  clear();
  cublas->destroy(handle);
}
void Blas::clear() {
  for (auto& one : plans) destroy(one.second);
  plans.clear();
}
void Blas::destroy(Plan& plan) {
  if (plan.desc) cublas->matmulDescDestroy(plan.desc);
  for (const cublasLtMatrixLayout layout : {plan.a, plan.b, plan.d})
    if (layout) cublas->matrixLayoutDestroy(layout);
}

cublasStatus Blas::make(const Form& form, const Operands& operands, size_t workspaceBytes, Plan& plan, const char*& call) {
  const bool wide = form.type == lt::float64;
  const int compute = wide ? lt::compute64 : form.tf32 ? lt::computeTf32 : lt::compute32;
  TRY(matmulDescCreate, &plan.desc, compute, wide ? lt::float64 : lt::float32);
  const int32_t a = form.a.transposed ? lt::transposed : lt::asItIs, b = form.b.transposed ? lt::transposed : lt::asItIs;
  TRY(matmulDescSetAttribute, plan.desc, lt::transA, &a, sizeof a);
  TRY(matmulDescSetAttribute, plan.desc, lt::transB, &b, sizeof b);
  const uint32_t epilogue = form.biased ? lt::withBias : lt::plain;
  TRY(matmulDescSetAttribute, plan.desc, lt::epilogue, &epilogue, sizeof epilogue);
  if (form.biased) TRY(matmulDescSetAttribute, plan.desc, lt::biasPointer, &operands.bias, sizeof operands.bias);
  const std::pair<const Factor*, cublasLtMatrixLayout*> layouts[] = {{&form.a, &plan.a}, {&form.b, &plan.b}, {&form.d, &plan.d}};
  for (const auto& [factor, layout] : layouts) {
    TRY(matrixLayoutCreate, layout, form.type, factor->rows, factor->columns, factor->step);
    if (form.batch == 1) continue;
    TRY(matrixLayoutSetAttribute, *layout, lt::batchCount, &form.batch, sizeof form.batch);
    TRY(matrixLayoutSetAttribute, *layout, lt::batchStep, &factor->batchStep, sizeof factor->batchStep);
  }
  struct Preference { // goes with this call
    Cublas* cublas;
    cublasLtPreference it = nullptr;
    ~Preference() {
      if (it) cublas->preferenceDestroy(it);
    }
  } preference{cublas};
  TRY(preferenceCreate, &preference.it);
  const uint64_t most = workspaceBytes;
  TRY(preferenceSetAttribute, preference.it, lt::mostWorkspace, &most, sizeof most);
  const std::pair<int, uint32_t> alignments[] = {{lt::alignmentA, form.aligned[0]}, {lt::alignmentB, form.aligned[1]},
                                                 {lt::alignmentC, form.aligned[2]}, {lt::alignmentD, form.aligned[2]}};
  for (const auto& [attribute, bytes] : alignments) TRY(preferenceSetAttribute, preference.it, attribute, &bytes, sizeof bytes);
  cublasLtHeuristic found = {};
  int count = 0;
  call = "getHeuristic";
  const cublasStatus code = cublas->getHeuristic(handle, plan.desc, plan.a, plan.b, plan.d, plan.d, preference.it, 1, &found, &count);
  if (code && code != lt::notSupported) return code;
  plan.usable = !code && count > 0 && !found.state;
  plan.algo = found.algo;
  plan.workspaceBytes = found.workspaceBytes;
  return 0;
}

cublasStatus Blas::run(const Form& form, const Operands& operands, CUdeviceptr workspace, size_t workspaceBytes, CUstream stream, bool& done,
                       const char*& call) {
  done = false;
  auto known = plans.find(form);
  if (known == plans.end()) {
    Plan plan;
    if (const cublasStatus code = make(form, operands, workspaceBytes, plan, call)) {
      destroy(plan);
      return code == lt::allocFailed ? 0 : code;
    }
    if (plans.size() >= mostPlans) clear();
    known = plans.emplace(form, plan).first;
  }
  const Plan& plan = known->second;
  if (!plan.usable) return 0;
  if (form.biased) TRY(matmulDescSetAttribute, plan.desc, lt::biasPointer, &operands.bias, sizeof operands.bias);
  const float one = 1, zero = 0;
  const double wideOne = 1, wideZero = 0;
  const bool wide = form.type == lt::float64;
  const void* alpha = wide ? static_cast<const void*>(&wideOne) : &one;
  const void* beta = wide ? static_cast<const void*>(&wideZero) : &zero;
  const auto at = [](CUdeviceptr pointer) { return reinterpret_cast<void*>(pointer); };
  call = "matmul";
  const cublasStatus code = cublas->matmul(handle, plan.desc, alpha, at(operands.a), plan.a, at(operands.b), plan.b, beta, at(operands.d), plan.d,
                                           at(operands.d), plan.d, &plan.algo, at(workspace), plan.workspaceBytes, stream);
  done = code == 0;
  return code == lt::allocFailed || code == lt::notSupported ? 0 : code; // nothing was put into the stream
}
