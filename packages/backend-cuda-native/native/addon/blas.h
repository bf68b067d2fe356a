#pragma once
// Products by cuBLASLt, for one session: its handle, its workspace, and what it chose for each form of product.
#include <list>
#include <map>

#include "cublas.h"

/** A factor, or the result: d = a b, all by columns. `step` leads from a column to the next, `batchStep` to the next of a batch. */
struct Factor {
  uint64_t rows, columns;
  int64_t step, batchStep;
  bool transposed;
};
/** A form of product: what cuBLASLt's choice depends on. */
struct Form {
  int type;
  bool tf32, biased;
  int32_t batch;
  Factor a, b, d;
  /** The bytes that the addresses of a, b, d and the bias are multiples of, at most 256. */
  uint32_t aligned[4];
  bool operator<(const Form& other) const;
};
struct Operands {
  CUdeviceptr a, b, d, bias;
};

class Blas {
 public:
  Blas(Cublas* cublas, cublasLtHandle handle) : cublas(cublas), handle(handle) {}
  ~Blas();
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  /**
   * Puts a product into the stream. `done` is false, without an error, where cuBLASLt has nothing for this form, or there is no room.
   * `call` names what failed.
   */
  cublasStatus run(const Form& form, const Operands& operands, CUdeviceptr workspace, size_t workspaceBytes, CUstream stream, bool& done,
                   const char*& call);

  Cublas* const cublas;

 private:
  struct Plan {
    cublasLtMatmulDesc desc = nullptr;
    cublasLtMatrixLayout a = nullptr, b = nullptr, d = nullptr;
    cublasLtAlgo algo = {};
    size_t workspaceBytes = 0;
    /** False: cuBLASLt has nothing for it. */
    bool usable = false;
  };
  cublasStatus make(const Form& form, const Operands& operands, size_t workspaceBytes, Plan& plan, const char*& call);
  void destroy(Plan& plan);
  void clear();

  const cublasLtHandle handle;
  std::map<Form, Plan> plans;
};
