// All kernels for one instruction set: compiled once for each, with ISA, VECTOR_BYTES and VECTOR_REGISTERS defined. Everything lies in a
// namespace without a name, and nothing of the standard library that could become code is used: a linker that finds a function twice
// takes either one, and a processor may not have the instructions of the other.
#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <arm_neon.h>
#endif
#include <utility>

#include "call.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define QUOTED(name) #name
#define TEXT(name) QUOTED(name)
#define JOINED(a, b) a##b
#define TABLE(isa) JOINED(kernels_, isa)

namespace {
#include "lanes.h"
#include "micro.h"
#include "pack.h"
#include "extent.h"
#include "gemm.h"
#include "gemv.h"
#include "outer.h"
#include "runs.h"
#include "patches.h"
#include "conv.h"
#include "conv-input.h"
#include "winograd.h"
#include "machine.h"
#include "half.h"
#include "math.h"
#include "rows.h"
#include "norm.h"
#include "loss.h"
#include "optim.h"
#include "attention.h"
#include "map.h"
#include "sum.h"
#include "depthwise.h"
#include "planes.h"
#include "distance.h"
#include "recurrent.h"
#include "factor.h"
#include "reflect.h"

const Entry entries[] = {
    {"gemm_f32", gemm<float>},         {"gemm_f64", gemm<double>},
    {"gemm_i32", gemm<int32_t>},       {"gemm_i64", gemm<int64_t>},
    {"pack_b_f32", packAllB<float>},   {"pack_b_f64", packAllB<double>},
    {"pack_b_i32", packAllB<int32_t>}, {"pack_b_i64", packAllB<int64_t>},
    {"gemv_f32", gemv<float>},         {"gemv_f64", gemv<double>},
    {"gemv_i32", gemv<int32_t>},       {"gemv_i64", gemv<int64_t>},
    {"outer_f32", outer<float>},       {"outer_f64", outer<double>},
    {"outer_i32", outer<int32_t>},     {"outer_i64", outer<int64_t>},
    {"conv_filters", convFilters},     {"conv_forward", convForward},
    {"conv_input", convInput},         {"conv_weight", convWeight},
    {"conv_weight_end", convWeightEnd}, {"channel_sums", channelSums},
    {"conv3x3", conv3x3},              {"conv3x3_filters", conv3x3Filters},
    {"conv_depthwise", convDepthwise}, {"conv_depthwise_weight", convDepthwiseWeight},
    {"conv_planes_weight", convPlanesWeight},
    {"conv3x3_weight", conv3x3Weight}, {"conv3x3_weight_end", conv3x3WeightEnd},
    {"softmax", softmax},              {"softmax_backward", softmaxBackward},
    {"log_softmax", logSoftmax},       {"log_softmax_backward", logSoftmaxBackward},
    {"layer_norm", layerNorm},         {"layer_norm_backward", layerNormBackward},
    {"batch_norm", batchNorm},         {"batch_norm_backward", batchNormBackward},
    {"cross_entropy", crossEntropy},   {"cross_entropy_backward", crossEntropyBackward},
    {"sgd_step", sgdStep},             {"adam_step", adamStep},
    {"attention", attention},          {"attention_backward", attentionBackward},
    {"recurrent", recurrent},          {"recurrent_backward", recurrentBackward},
    {"map_f32", mapFloats},            {"sum_f32", sumFloats},
    {"lu_factor", luFactor},           {"lu_solve", luSolve},
    {"triangular_solve", triangularSolve}, {"cholesky", choleskyFactor},
    {"householder", householder},      {"reflected", reflected},
    {"distances", distances},
    {"square_parts", squareParts},     {"sum_parts", sumParts},
};
}  // namespace

extern const Kernels TABLE(ISA);
const Kernels TABLE(ISA) = {TEXT(ISA), panelBytes, entries, sizeof entries / sizeof entries[0], operations, operationCount};
