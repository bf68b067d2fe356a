#pragma once
// The operations of programs (packages/tensor/src/expr/expr.ts) on scalars of each type.
#include "elements.cuh"
#include "special.cuh"

/** Their numbers: in the order of `arity`, then those of leaves and casts. src/program.ts writes them. */
enum Op {
  op_neg, op_abs, op_sign, op_floor, op_ceil, op_round, op_trunc, op_sqrt, op_recip,
  op_add, op_sub, op_mul, op_div, op_idiv, op_rem, op_pow, op_min, op_max, op_atan2, op_copysign, op_nextafter,
  op_exp, op_exp2, op_expm1, op_log, op_log2, op_log10, op_log1p,
  op_sin, op_cos, op_tan, op_asin, op_acos, op_atan, op_sinh, op_cosh, op_tanh, op_asinh, op_acosh, op_atanh,
  op_sigmoid, op_erf, op_erfc, op_lgamma, op_digamma,
  op_eq, op_ne, op_lt, op_le, op_gt, op_ge, op_isnan,
  op_and, op_or, op_xor, op_not, op_shl, op_shr,
  op_where,
  op_input, op_param, op_const, op_index, op_cast,
};

// A NaN wins; of zeros the negative one is less.
template <class T> DEVICE T lesser(T x, T y) { return x < y ? x : y; }
template <class T> DEVICE T greater(T x, T y) { return x > y ? x : y; }
template <> DEVICE float lesser(float x, float y) { return x != x ? x : y != y ? y : x == y ? (signbit(x) ? x : y) : x < y ? x : y; }
template <> DEVICE double lesser(double x, double y) { return x != x ? x : y != y ? y : x == y ? (signbit(x) ? x : y) : x < y ? x : y; }
template <> DEVICE float greater(float x, float y) { return x != x ? x : y != y ? y : x == y ? (signbit(x) ? y : x) : x > y ? x : y; }
template <> DEVICE double greater(double x, double y) { return x != x ? x : y != y ? y : x == y ? (signbit(x) ? y : x) : x > y ? x : y; }

/** What a comparison says; -1 when `op` is none. */
template <class T> DEVICE int compared(int op, T x, T y) {
  switch (op) {
    case op_eq: return x == y;
    case op_ne: return x != y;
    case op_lt: return x < y;
    case op_le: return x <= y;
    case op_gt: return x > y;
    case op_ge: return x >= y;
    case op_isnan: return x != x;
    default: return -1;
  }
}

/** Operations on floats. */
template <class T> DEVICE_ONCE T real(int op, T x, T y) {
  switch (op) {
    case op_neg: return -x;
    case op_abs: return fabs(x);
    case op_sign: return T(x > 0) - T(x < 0);
    case op_floor: return floor(x);
    case op_ceil: return ceil(x);
    case op_round: return rint(x);
    case op_trunc: return trunc(x);
    case op_sqrt: return sqrt(x);
    case op_recip: return T(1) / x;
    case op_add: return x + y;
    case op_sub: return x - y;
    case op_mul: return x * y;
    case op_div: return x / y;
    case op_idiv: return trunc(x / y);
    case op_rem: return fmod(x, y);
    case op_pow: return pow(x, y);
    case op_min: return lesser(x, y);
    case op_max: return greater(x, y);
    case op_atan2: return atan2(x, y);
    case op_copysign: return copysign(x, y);
    case op_nextafter: return nextafter(x, y);
    case op_exp: return exp(x);
    case op_exp2: return exp2(x);
    case op_expm1: return expm1(x);
    case op_log: return log(x);
    case op_log2: return log2(x);
    case op_log10: return log10(x);
    case op_log1p: return log1p(x);
    case op_sin: return sin(x);
    case op_cos: return cos(x);
    case op_tan: return tan(x);
    case op_asin: return asin(x);
    case op_acos: return acos(x);
    case op_atan: return atan(x);
    case op_sinh: return sinh(x);
    case op_cosh: return cosh(x);
    case op_tanh: return tanh(x);
    case op_asinh: return asinh(x);
    case op_acosh: return acosh(x);
    case op_atanh: return atanh(x);
    case op_sigmoid: return T(1) / (T(1) + exp(-x));
    case op_erf: return erf(x);
    case op_erfc: return erfc(x);
    case op_lgamma: return lgamma(x);
    case op_digamma: return T(digamma(double(x)));
    default: return T(NAN);
  }
}

template <class T> struct Unsigned;
template <> struct Unsigned<int32> { typedef uint32 type; };
template <> struct Unsigned<int64> { typedef uint64 type; };

/** Operations on integers, which wrap and never trap. */
template <class T> DEVICE T whole(int op, T x, T y) {
  typedef typename Unsigned<T>::type U;
  const U a = U(x), b = U(y);
  const int width = 8 * int(sizeof(T));
  switch (op) {
    case op_neg: return T(U(0) - a);
    case op_abs: return x < 0 ? T(U(0) - a) : x;
    case op_sign: return T(x > 0) - T(x < 0);
    case op_floor:
    case op_ceil:
    case op_round:
    case op_trunc: return x;
    case op_add: return T(a + b);
    case op_sub: return T(a - b);
    case op_mul: return T(a * b);
    case op_idiv: return y == 0 ? T(0) : y == T(-1) ? T(U(0) - a) : x / y;
    case op_rem: return y == 0 || y == T(-1) ? T(0) : x % y;
    case op_pow: {
      if (y < 0) return x == 1 ? T(1) : x == T(-1) ? (y & 1 ? T(-1) : T(1)) : T(0);
      U power = 1, square = a;
      for (U rest = b; rest != 0; rest >>= 1) {
        if (rest & 1) power *= square;
        square *= square;
      }
      return T(power);
    }
    case op_min: return lesser(x, y);
    case op_max: return greater(x, y);
    case op_and: return x & y;
    case op_or: return x | y;
    case op_xor: return x ^ y;
    case op_not: return ~x;
    case op_shl: return y >= 0 && y < width ? T(a << y) : T(0);
    case op_shr: return y >= 0 && y < width ? x >> y : x < 0 ? T(-1) : T(0);
    // what integers have no form for is computed in float64 and cut off
    default: return convertTo<T>(real<double>(op, double(x), double(y)));
  }
}
DEVICE int32 logical(int op, int32 x, int32 y) {
  switch (op) {
    case op_and: return x & y;
    case op_or: return x | y;
    case op_xor: return x ^ y;
    default: return !x;
  }
}

/** An operation on scalars of type `of`, all but "where". */
DEVICE_ONCE Value operate(int op, int of, Value x, Value y) {
  Value v;
  v.l = 0;
  int truth;
  switch (of) {
    case BoolScalar: v.i = logical(op, x.i, y.i); return v;
    case Int32Scalar:
      if ((truth = compared(op, x.i, y.i)) < 0) v.i = whole(op, x.i, y.i);
      else v.i = truth;
      return v;
    case Int64Scalar:
      if ((truth = compared(op, x.l, y.l)) < 0) v.l = whole(op, x.l, y.l);
      else v.i = truth;
      return v;
    case Float32Scalar:
      if ((truth = compared(op, x.f, y.f)) < 0) v.f = real(op, x.f, y.f);
      else v.i = truth;
      return v;
    default:
      if ((truth = compared(op, x.d, y.d)) < 0) v.d = real(op, x.d, y.d);
      else v.i = truth;
      return v;
  }
}
