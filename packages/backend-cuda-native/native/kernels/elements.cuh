#pragma once
// Elements in memory and as scalars: dtypes, conversions, halves.
#include "platform.cuh"

/** The codes of dtypes (packages/tensor/src/core/dtype.ts). */
enum DType { Bool, UInt8, Int8, Int16, Int32, Int64, Float16, BFloat16, Float32, Float64 };
/** The types in which scalars are computed. */
enum Scalar { BoolScalar, Int32Scalar, Int64Scalar, Float32Scalar, Float64Scalar };

/** A scalar of any type. Bools are 0 or 1 in `i`. */
union Value {
  int32 i;
  int64 l;
  float f;
  double d;
};

/** Values that an interpreted program keeps in a thread's registers. */
constexpr int ownSlots = 24;

DEVICE uint32 bitsOf(float x) {
  union { float f; uint32 u; } both;
  both.f = x;
  return both.u;
}
DEVICE float floatOf(uint32 bits) {
  union { float f; uint32 u; } both;
  both.u = bits;
  return both.f;
}

DEVICE double doubleOf(uint64 bits) {
  union { double d; uint64 u; } both;
  both.u = bits;
  return both.d;
}

DEVICE float fromBfloat(uint16 bits) { return floatOf(uint32(bits) << 16); }
/** Halfway cases go to the even neighbour. */
DEVICE uint16 toBfloat(float x) {
  if (x != x) return 0x7fc0;
  const uint32 bits = bitsOf(x);
  return uint16((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}
#ifdef __CUDACC__
// what the host's forms say, NaNs' bits aside
DEVICE float fromHalf(uint16 bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}
DEVICE uint16 toHalf(float x) {
  uint16 bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}
#else
DEVICE float fromHalf(uint16 bits) {
  const uint32 sign = uint32(bits & 0x8000) << 16;
  const uint32 exponent = (bits >> 10) & 31;
  const uint32 fraction = bits & 1023;
  if (exponent == 31) return floatOf(sign | 0x7f800000u | (fraction << 13));
  if (exponent > 0) return floatOf(sign | ((exponent + 112) << 23) | (fraction << 13));
  const float small = float(fraction) * 5.9604644775390625e-8f; // 2^-24, exact
  return sign ? -small : small;
}
DEVICE uint16 toHalf(float x) {
  const uint32 bits = bitsOf(x);
  const uint32 sign = (bits >> 16) & 0x8000;
  const uint32 size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) return 0x7e00;
  if (size >= 0x477ff000u) return uint16(sign | 0x7c00); // 65520 and more
  if (size < 0x38800000u) {
    // below 2^-14: multiples of 2^-24. Adding 0.5 leaves them in the last bits, rounded to even
    return uint16(sign | (bitsOf(floatOf(size) + 0.5f) - 0x3f000000u));
  }
  return uint16(sign | ((size - 0x38000000u + 0xfffu + ((size >> 13) & 1)) >> 13));
}
#endif

/** Halves as they lie in memory: computed with as float32, and rounded when they are stored. */
struct Half {
  uint16 bits;
  DEVICE operator float() const { return fromHalf(bits); }
  DEVICE Half& operator=(float x) {
    bits = toHalf(x);
    return *this;
  }
};
struct Bfloat {
  uint16 bits;
  DEVICE operator float() const { return fromBfloat(bits); }
  DEVICE Bfloat& operator=(float x) {
    bits = toBfloat(x);
    return *this;
  }
};
/** What elements are computed as. */
template <class S> struct ComputedAs { typedef S type; };
template <> struct ComputedAs<Half> { typedef float type; };
template <> struct ComputedAs<Bfloat> { typedef float type; };
template <class S> using Computed = typename ComputedAs<S>::type;

// Conversions: integers wrap, floats are cut off and end at the integers' ends, NaN is 0; to bool by "not 0".
template <class T> DEVICE T convertTo(int32 x) { return T(x); }
template <class T> DEVICE T convertTo(int64 x) { return T(x); }
template <class T> DEVICE T convertTo(float x) { return T(x); }
template <class T> DEVICE T convertTo(double x) { return T(x); }
template <> DEVICE int32 convertTo<int32>(int64 x) { return int32(uint32(uint64(x))); }
template <> DEVICE int32 convertTo<int32>(double x) {
  return x != x ? 0 : x >= 2147483648.0 ? 0x7fffffff : x <= -2147483648.0 ? int32(0x80000000u) : int32(x);
}
template <> DEVICE int32 convertTo<int32>(float x) { return convertTo<int32>(double(x)); }
template <> DEVICE int64 convertTo<int64>(double x) {
  return x != x                         ? 0
         : x >= 9223372036854775808.0   ? 0x7fffffffffffffffll
         : x <= -9223372036854775808.0  ? int64(0x8000000000000000ull)
                                        : int64(x);
}
template <> DEVICE int64 convertTo<int64>(float x) { return convertTo<int64>(double(x)); }

template <class T> DEVICE T& part(Value& v);
template <> DEVICE int32& part<int32>(Value& v) { return v.i; }
template <> DEVICE int64& part<int64>(Value& v) { return v.l; }
template <> DEVICE float& part<float>(Value& v) { return v.f; }
template <> DEVICE double& part<double>(Value& v) { return v.d; }

/** `x` as a scalar of a type. */
template <class T> DEVICE Value valueOf(T x, int type) {
  Value v;
  v.l = 0;
  switch (type) {
    case BoolScalar: v.i = x != T(0); break;
    case Int32Scalar: v.i = convertTo<int32>(x); break;
    case Int64Scalar: v.l = convertTo<int64>(x); break;
    case Float32Scalar: v.f = convertTo<float>(x); break;
    default: v.d = convertTo<double>(x);
  }
  return v;
}
DEVICE Value cast(Value x, int from, int to) {
  switch (from) {
    case Int64Scalar: return valueOf(x.l, to);
    case Float32Scalar: return valueOf(x.f, to);
    case Float64Scalar: return valueOf(x.d, to);
    default: return valueOf(x.i, to);
  }
}

/** Calls `use` with an element of memory, in the type that holds it. */
template <class Use> DEVICE auto withElement(int64 pointer, int dtype, int64 place, Use use) {
  switch (dtype) {
    case Bool:
    case UInt8: return use(int32(reinterpret_cast<const uint8*>(pointer)[place]));
    case Int8: return use(int32(reinterpret_cast<const int8*>(pointer)[place]));
    case Int16: return use(int32(reinterpret_cast<const int16*>(pointer)[place]));
    case Int32: return use(reinterpret_cast<const int32*>(pointer)[place]);
    case Int64: return use(reinterpret_cast<const int64*>(pointer)[place]);
    case Float16: return use(fromHalf(reinterpret_cast<const uint16*>(pointer)[place]));
    case BFloat16: return use(fromBfloat(reinterpret_cast<const uint16*>(pointer)[place]));
    case Float32: return use(reinterpret_cast<const float*>(pointer)[place]);
    default: return use(reinterpret_cast<const double*>(pointer)[place]);
  }
}
struct AsValue {
  int type;
  template <class T> DEVICE Value operator()(T x) const { return valueOf(x, type); }
};
template <class T> struct As {
  template <class From> DEVICE T operator()(From x) const { return convertTo<T>(x); }
};
template <> struct As<bool> {
  template <class From> DEVICE int32 operator()(From x) const { return x != From(0); }
};

/** What a kernel knows of a view's memory. */
struct Memory {
  int64 pointer;
  int dtype;
  /** The element at a place, as a scalar of a type. */
  DEVICE Value load(int64 place, int type) const { return withElement(pointer, dtype, place, AsValue{type}); }
  template <class T> DEVICE T get(int64 place) const { return withElement(pointer, dtype, place, As<T>{}); }
  /** Stores a scalar of the dtype's scalar type: narrow integers wrap, halves round. */
  DEVICE void store(int64 place, Value v) const {
    switch (dtype) {
      case Bool: reinterpret_cast<uint8*>(pointer)[place] = v.i != 0; break;
      case UInt8: reinterpret_cast<uint8*>(pointer)[place] = uint8(v.i); break;
      case Int8: reinterpret_cast<int8*>(pointer)[place] = int8(v.i); break;
      case Int16: reinterpret_cast<int16*>(pointer)[place] = int16(v.i); break;
      case Int32: reinterpret_cast<int32*>(pointer)[place] = v.i; break;
      case Int64: reinterpret_cast<int64*>(pointer)[place] = v.l; break;
      case Float16: reinterpret_cast<uint16*>(pointer)[place] = toHalf(v.f); break;
      case BFloat16: reinterpret_cast<uint16*>(pointer)[place] = toBfloat(v.f); break;
      case Float32: reinterpret_cast<float*>(pointer)[place] = v.f; break;
      default: reinterpret_cast<double*>(pointer)[place] = v.d;
    }
  }
  template <class T> DEVICE void set(int64 place, T x) const {
    Value v;
    part<T>(v) = x;
    store(place, v);
  }
};

/** Loops over positions in row-major order: sizes, and how far a view steps along each. */
struct Loops {
  int rank;
  const int64* sizes;
  DEVICE explicit Loops(Words& words) : rank(int(words.next())), sizes(words.list(rank)) {}
  DEVICE int64 place(const int64* steps, uint32 position) const {
    if (rank == 1) return int64(position) * steps[0];
    int64 place = 0;
    for (int d = rank - 1; d >= 0; d--) {
      const uint32 size = uint32(sizes[d]);
      place += int64(position % size) * steps[d];
      position /= size;
    }
    return place;
  }
};
/** A view under loops: its first element's address, its dtype, its steps. */
struct View : Memory {
  const int64* steps;
  DEVICE View(Words& words, int rank) : Memory{words.next(), int(words.next())}, steps(words.list(rank)) {}
};
