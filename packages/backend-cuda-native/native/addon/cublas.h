#pragma once
// The part of cuBLASLt's API that this backend calls. It is opened at run time where it is; nothing needs it. (Types and numbers are those of
// cublasLt.h, which a build must not need.)
#include <cstddef>
#include <cstdint>
#include <string>

#include "driver.h"

typedef int cublasStatus;
typedef struct LtContext* cublasLtHandle;
typedef struct LtDesc* cublasLtMatmulDesc;
typedef struct LtLayout* cublasLtMatrixLayout;
typedef struct LtPreference* cublasLtPreference;
struct cublasLtAlgo {
  uint64_t data[8];
};
struct cublasLtHeuristic {
  cublasLtAlgo algo;
  size_t workspaceBytes;
  cublasStatus state;
  float waves;
  int reserved[4];
};

// X(our name, the symbol, the result, the parameters)
#define CUBLAS_CALLS(X)                                                                                                         \
  X(getStatusName, cublasLtGetStatusName, const char*, (cublasStatus code))                                                     \
  X(getVersion, cublasLtGetVersion, size_t, ())                                                                                 \
  X(create, cublasLtCreate, cublasStatus, (cublasLtHandle * handle))                                                            \
  X(destroy, cublasLtDestroy, cublasStatus, (cublasLtHandle handle))                                                            \
  X(matmulDescCreate, cublasLtMatmulDescCreate, cublasStatus, (cublasLtMatmulDesc * desc, int compute, int scale))              \
  X(matmulDescDestroy, cublasLtMatmulDescDestroy, cublasStatus, (cublasLtMatmulDesc desc))                                      \
  X(matmulDescSetAttribute, cublasLtMatmulDescSetAttribute, cublasStatus,                                                       \
    (cublasLtMatmulDesc desc, int attribute, const void* value, size_t bytes))                                                  \
  X(matrixLayoutCreate, cublasLtMatrixLayoutCreate, cublasStatus,                                                               \
    (cublasLtMatrixLayout * layout, int type, uint64_t rows, uint64_t columns, int64_t step))                                   \
  X(matrixLayoutDestroy, cublasLtMatrixLayoutDestroy, cublasStatus, (cublasLtMatrixLayout layout))                              \
  X(matrixLayoutSetAttribute, cublasLtMatrixLayoutSetAttribute, cublasStatus,                                                   \
    (cublasLtMatrixLayout layout, int attribute, const void* value, size_t bytes))                                              \
  X(preferenceCreate, cublasLtMatmulPreferenceCreate, cublasStatus, (cublasLtPreference * preference))                          \
  X(preferenceDestroy, cublasLtMatmulPreferenceDestroy, cublasStatus, (cublasLtPreference preference))                          \
  X(preferenceSetAttribute, cublasLtMatmulPreferenceSetAttribute, cublasStatus,                                                 \
    (cublasLtPreference preference, int attribute, const void* value, size_t bytes))                                            \
  X(getHeuristic, cublasLtMatmulAlgoGetHeuristic, cublasStatus,                                                                 \
    (cublasLtHandle handle, cublasLtMatmulDesc desc, cublasLtMatrixLayout a, cublasLtMatrixLayout b, cublasLtMatrixLayout c,    \
     cublasLtMatrixLayout d, cublasLtPreference preference, int wanted, cublasLtHeuristic * found, int* count))                 \
  X(matmul, cublasLtMatmul, cublasStatus,                                                                                       \
    (cublasLtHandle handle, cublasLtMatmulDesc desc, const void* alpha, const void* a, cublasLtMatrixLayout aLayout,            \
     const void* b, cublasLtMatrixLayout bLayout, const void* beta, const void* c, cublasLtMatrixLayout cLayout, void* d,       \
     cublasLtMatrixLayout dLayout, const cublasLtAlgo* algo, void* workspace, size_t workspaceBytes, CUstream stream))

namespace lt {
// cublasStatus_t
constexpr cublasStatus allocFailed = 3, invalid = 7, notSupported = 15;
// cudaDataType
constexpr int float32 = 0, float64 = 1, float16 = 2, bfloat16 = 14;
// cublasComputeType_t
constexpr int compute32 = 68, compute64 = 70, computeTf32 = 77;
// cublasLtMatmulDescAttributes_t, cublasOperation_t, cublasLtEpilogue_t
constexpr int transA = 3, transB = 4, epilogue = 7, biasPointer = 8;
constexpr int32_t asItIs = 0, transposed = 1;
constexpr uint32_t plain = 1, withBias = 4;
// cublasLtMatrixLayoutAttribute_t
constexpr int batchCount = 5, batchStep = 6;
// cublasLtMatmulPreferenceAttributes_t
constexpr int mostWorkspace = 1, alignmentA = 5, alignmentB = 6, alignmentC = 7, alignmentD = 8;
}  // namespace lt

struct Cublas {
#define X(name, symbol, result, params) result(*name) params = nullptr;
  CUBLAS_CALLS(X)
#undef X
  static Cublas* open(const std::string& path, std::string& problem);
  const char* find(void* library);
};
