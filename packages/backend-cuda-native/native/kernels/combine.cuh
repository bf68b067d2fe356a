#pragma once
// How two values become one: in reductions, scans and scatters. (src/combine.ts has the numbers.)
#include "scalar.cuh"

enum Combination { Sum, Prod, Max, Min, Any, All, LogSumExp, Set };

/** The neutral element. Those of max and min are not less or more than anything. */
template <class T> DEVICE T neutral(int kind);
template <> DEVICE float neutral(int kind) {
  return kind == Prod ? 1.0f : kind == Max || kind == LogSumExp ? -INFINITY : kind == Min ? INFINITY : kind == All ? 1.0f : 0.0f;
}
template <> DEVICE double neutral(int kind) {
  return kind == Prod ? 1.0 : kind == Max || kind == LogSumExp ? -INFINITY : kind == Min ? INFINITY : kind == All ? 1.0 : 0.0;
}
template <> DEVICE int32 neutral(int kind) {
  return kind == Prod || kind == All ? 1 : kind == Max ? int32(0x80000000u) : kind == Min ? 0x7fffffff : 0;
}
template <> DEVICE int64 neutral(int kind) {
  return kind == Prod || kind == All ? 1
         : kind == Max               ? int64(0x8000000000000000ull)
         : kind == Min               ? 0x7fffffffffffffffll
                                     : 0;
}

template <class T> DEVICE T logAddExp(T x, T y) {
  const T high = greater(x, y);
  return isinf(high) || high != high ? high : high + log1p(exp(lesser(x, y) - high));
}
DEVICE float combinedLog(float x, float y) { return logAddExp(x, y); }
DEVICE double combinedLog(double x, double y) { return logAddExp(x, y); }
DEVICE int32 combinedLog(int32 x, int32) { return x; } // core asks for floats only
DEVICE int64 combinedLog(int64 x, int64) { return x; }

DEVICE float plus(float x, float y) { return x + y; }
DEVICE double plus(double x, double y) { return x + y; }
DEVICE int32 plus(int32 x, int32 y) { return int32(uint32(x) + uint32(y)); }
DEVICE int64 plus(int64 x, int64 y) { return int64(uint64(x) + uint64(y)); }
DEVICE float times(float x, float y) { return x * y; }
DEVICE double times(double x, double y) { return x * y; }
DEVICE int32 times(int32 x, int32 y) { return int32(uint32(x) * uint32(y)); }
DEVICE int64 times(int64 x, int64 y) { return int64(uint64(x) * uint64(y)); }

/** x y + sum in one step, as sums of products are made. (The host has that step as a slow function, and takes two.) */
#ifdef __CUDACC__
DEVICE float fused(float x, float y, float sum) { return fmaf(x, y, sum); }
DEVICE double fused(double x, double y, double sum) { return fma(x, y, sum); }
#else
DEVICE float fused(float x, float y, float sum) { return x * y + sum; }
DEVICE double fused(double x, double y, double sum) { return x * y + sum; }
#endif
DEVICE int32 fused(int32 x, int32 y, int32 sum) { return plus(times(x, y), sum); }
DEVICE int64 fused(int64 x, int64 y, int64 sum) { return plus(times(x, y), sum); }

template <class T> DEVICE T combined(int kind, T x, T y) {
  switch (kind) {
    case Sum: return plus(x, y);
    case Prod: return times(x, y);
    case Max: return greater(x, y);
    case Min: return lesser(x, y);
    case Any: return T(x != T(0) || y != T(0));
    case All: return T(x != T(0) && y != T(0));
    case LogSumExp: return combinedLog(x, y);
    default: return y;
  }
}

/** A kernel for each type of scalars: name_int32 and so on. */
#define FOR_EACH_SCALAR(declare, name, body)      \
  declare(name##_int32) { body<int32>(args); }    \
  declare(name##_int64) { body<int64>(args); }    \
  declare(name##_float32) { body<float>(args); }  \
  declare(name##_float64) { body<double>(args); }
