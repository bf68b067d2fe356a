// Numbers of 16 bits: float16, and bfloat16, the upper half of a float32. They are widened to compute with, and rounded to nearest, ties to
// even; a NaN loses what else its bits say, as in the WebAssembly kernels.

/** How the values of an operand are stored. */
constexpr uint32_t wholeFloat = 0, halfFloat = 1, brainFloat = 2;

/** As many of them as floats fill a vector. */
typedef uint16_t Shorts __attribute__((vector_size(VECTOR_BYTES / 2)));

ALWAYS_INLINE Shorts loadShorts(const void* p) {
  Shorts v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
ALWAYS_INLINE void storeShorts(void* p, Shorts v) { __builtin_memcpy(p, &v, sizeof v); }

#if VECTOR_BYTES == 64
ALWAYS_INLINE vec<float> ofHalves(Shorts x) { return vec<float>(_mm512_maskz_cvtph_ps(allLanes, __m256i(x))); }
ALWAYS_INLINE Shorts toHalves(vec<float> x) {
  return Shorts(_mm512_maskz_cvtps_ph(allLanes, __m512(x), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
#elif defined(__AVX2__)
ALWAYS_INLINE vec<float> ofHalves(Shorts x) { return vec<float>(_mm256_cvtph_ps(__m128i(x))); }
ALWAYS_INLINE Shorts toHalves(vec<float> x) { return Shorts(_mm256_cvtps_ph(__m256(x), _MM_FROUND_TO_NEAREST_INT)); }
#else
ALWAYS_INLINE vec<float> ofHalves(Shorts x) { return vec<float>(vcvt_f32_f16(vreinterpret_f16_u16(uint16x4_t(x)))); }
ALWAYS_INLINE Shorts toHalves(vec<float> x) { return Shorts(vreinterpret_u16_f16(vcvt_f16_f32(float32x4_t(x)))); }
#endif

template <uint32_t TYPE>
ALWAYS_INLINE vec<float> widened(Shorts x) {
  if constexpr (TYPE == halfFloat) return ofHalves(x);
  else return asFloats(__builtin_convertvector(x, vec<int32_t>) << 16);
}
template <uint32_t TYPE>
ALWAYS_INLINE Shorts narrowed(vec<float> x) {
  const vec<int32_t> pattern = bits(x), strange = x != x;
  if constexpr (TYPE == halfFloat) return toHalves(asFloats(strange ? (pattern & INT32_MIN) | 0x7fc00000 : pattern));
  else {
    const vec<int32_t> nearest = pattern + 0x7fff + ((pattern >> 16) & 1);
    return __builtin_convertvector((strange ? 0x7fc00000 - vec<int32_t>{} : nearest) >> 16, Shorts);
  }
}

ALWAYS_INLINE vec<float> wideOf(uint32_t type, Shorts x) { return type == halfFloat ? widened<halfFloat>(x) : widened<brainFloat>(x); }
ALWAYS_INLINE Shorts narrowOf(uint32_t type, vec<float> x) { return type == halfFloat ? narrowed<halfFloat>(x) : narrowed<brainFloat>(x); }

/** Whole vectors of floats, `bytes` of them, from values of half the size, and back. */
template <uint32_t TYPE>
NOINLINE void widen(uint8_t* to, const uint8_t* from, uint64_t bytes) {
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) store<float>(to + o, widened<TYPE>(loadShorts(from + o / 2)));
}
template <uint32_t TYPE>
NOINLINE void narrow(uint8_t* to, const uint8_t* from, uint64_t bytes) {
#pragma GCC unroll 2
  for (uint64_t o = 0; o < bytes; o += vectorBytes) storeShorts(to + o / 2, narrowed<TYPE>(load<float>(from + o)));
}
ALWAYS_INLINE void widen(uint32_t type, uint8_t* to, const uint8_t* from, uint64_t bytes) {
  if (type == halfFloat) widen<halfFloat>(to, from, bytes);
  else widen<brainFloat>(to, from, bytes);
}
ALWAYS_INLINE void narrow(uint32_t type, uint8_t* to, const uint8_t* from, uint64_t bytes) {
  if (type == halfFloat) narrow<halfFloat>(to, from, bytes);
  else narrow<brainFloat>(to, from, bytes);
}
/** Up to a vector of them, where there are no more to read or to write. */
ALWAYS_INLINE Shorts loadSomeShorts(const uint8_t* p, int64_t count) {
  Shorts v{};
  for (int64_t i = 0; i < count; i++) v[i] = scalar<uint16_t>(p + 2 * i);
  return v;
}
ALWAYS_INLINE void storeSomeShorts(uint8_t* p, int64_t count, Shorts v) {
  for (int64_t i = 0; i < count; i++) put<uint16_t>(p + 2 * i, v[i]);
}
