// What the compiler's notation for vectors lacks, by instruction set.

#if defined(__x86_64__)
ALWAYS_INLINE double squareRoot(double x) { return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(x))); }
#else
ALWAYS_INLINE double squareRoot(double x) { return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0); }
#endif

#if VECTOR_BYTES == 64
// the forms without a mask leave the compiler at a loss about a value that they do not use
constexpr __mmask16 allLanes = 0xffff;
ALWAYS_INLINE vec<float> larger(vec<float> x, vec<float> y) { return vec<float>(_mm512_maskz_max_ps(allLanes, __m512(x), __m512(y))); }
ALWAYS_INLINE vec<float> smaller(vec<float> x, vec<float> y) { return vec<float>(_mm512_maskz_min_ps(allLanes, __m512(x), __m512(y))); }
ALWAYS_INLINE vec<float> squareRoot(vec<float> x) { return vec<float>(_mm512_maskz_sqrt_ps(allLanes, __m512(x))); }
template <int MODE>
ALWAYS_INLINE vec<float> rounded(vec<float> x) {
  return vec<float>(_mm512_maskz_roundscale_ps(allLanes, __m512(x), MODE));
}
ALWAYS_INLINE vec<float> loadSome(const void* p, int count, vec<float> rest) {
  return vec<float>(_mm512_mask_loadu_ps(__m512(rest), __mmask16((1u << count) - 1), p));
}
ALWAYS_INLINE bool anyLane(vec<int32_t> mask) { return _mm512_movepi32_mask(__m512i(mask)) != 0; }
ALWAYS_INLINE void storeSome(void* p, int count, vec<float> v) { _mm512_mask_storeu_ps(p, __mmask16((1u << count) - 1), __m512(v)); }
#elif defined(__AVX2__)
ALWAYS_INLINE vec<float> larger(vec<float> x, vec<float> y) { return vec<float>(_mm256_max_ps(__m256(x), __m256(y))); }
ALWAYS_INLINE vec<float> smaller(vec<float> x, vec<float> y) { return vec<float>(_mm256_min_ps(__m256(x), __m256(y))); }
ALWAYS_INLINE vec<float> squareRoot(vec<float> x) { return vec<float>(_mm256_sqrt_ps(__m256(x))); }
template <int MODE>
ALWAYS_INLINE vec<float> rounded(vec<float> x) {
  return vec<float>(_mm256_round_ps(__m256(x), MODE | _MM_FROUND_NO_EXC));
}
ALWAYS_INLINE bool anyLane(vec<int32_t> mask) { return _mm256_movemask_ps(__m256(mask)) != 0; }
ALWAYS_INLINE vec<int32_t> first(int count) { return vec<int32_t>{0, 1, 2, 3, 4, 5, 6, 7} < count; }
ALWAYS_INLINE vec<float> loadSome(const void* p, int count, vec<float> rest) {
  const vec<int32_t> some = first(count);
  return some ? vec<float>(_mm256_maskload_ps(static_cast<const float*>(p), __m256i(some))) : rest;
}
ALWAYS_INLINE void storeSome(void* p, int count, vec<float> v) {
  _mm256_maskstore_ps(static_cast<float*>(p), __m256i(first(count)), __m256(v));
}
#else
ALWAYS_INLINE vec<float> larger(vec<float> x, vec<float> y) { return x > y ? x : y; }
ALWAYS_INLINE vec<float> smaller(vec<float> x, vec<float> y) { return x < y ? x : y; }
ALWAYS_INLINE vec<float> squareRoot(vec<float> x) { return vec<float>(vsqrtq_f32(float32x4_t(x))); }
template <int MODE>
ALWAYS_INLINE vec<float> rounded(vec<float> x) {
  const float32x4_t v = float32x4_t(x);
  return vec<float>(MODE == 0 ? vrndnq_f32(v) : MODE == 1 ? vrndmq_f32(v) : MODE == 2 ? vrndpq_f32(v) : vrndq_f32(v));
}
ALWAYS_INLINE bool anyLane(vec<int32_t> mask) { return vmaxvq_u32(uint32x4_t(mask)) != 0; }
ALWAYS_INLINE vec<float> loadSome(const void* p, int count, vec<float> rest) {
  for (int i = 0; i < count; i++) rest[i] = static_cast<const float*>(p)[i];
  return rest;
}
ALWAYS_INLINE void storeSome(void* p, int count, vec<float> v) {
  for (int i = 0; i < count; i++) static_cast<float*>(p)[i] = v[i];
}
#endif

/** The sum of the lanes, and the largest of those that are not NaN, by halves. */
template <int HALF, size_t... I>
ALWAYS_INLINE vec<float> halfTurned(vec<float> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, (I ^ HALF)...);
}
template <int HALF = Lanes<float>::count / 2, class Join>
ALWAYS_INLINE float folded(vec<float> v, Join join) {
  v = join(v, halfTurned<HALF>(v, std::make_index_sequence<Lanes<float>::count>()));
  if constexpr (HALF > 1) return folded<HALF / 2>(v, join);
  else return v[0];
}
ALWAYS_INLINE float sumAll(vec<float> v) { return folded(v, [](vec<float> a, vec<float> b) __attribute__((always_inline)) { return a + b; }); }
ALWAYS_INLINE float largest(vec<float> v) { return folded(v, [](vec<float> a, vec<float> b) __attribute__((always_inline)) { return larger(a, b); }); }

// larger(x, y) and smaller(x, y) give y where either is NaN, as the processors have it.

/** Ways to round to an integer. */
constexpr int toNearest = 0, toFloor = 1, toCeiling = 2, toZero = 3;

/** All lanes one value. */
ALWAYS_INLINE vec<float> all(float value) { return value - vec<float>{}; }
ALWAYS_INLINE vec<int32_t> bits(vec<float> x) {
  vec<int32_t> v;
  __builtin_memcpy(&v, &x, sizeof v);
  return v;
}
ALWAYS_INLINE vec<float> asFloats(vec<int32_t> x) {
  vec<float> v;
  __builtin_memcpy(&v, &x, sizeof v);
  return v;
}

/** 0, 1, 2, ... */
template <size_t... I>
ALWAYS_INLINE vec<int32_t> numbersOf(std::index_sequence<I...>) {
  return vec<int32_t>{static_cast<int32_t>(I)...};
}
ALWAYS_INLINE vec<int32_t> numbered() { return numbersOf(std::make_index_sequence<Lanes<float>::count>()); }

/** A whole vector of memory, or the first lanes of one: those past them are read as `rest`, and not written. */
struct Whole {
  static constexpr bool whole = true;
  static constexpr int count = Lanes<float>::count;
  ALWAYS_INLINE vec<float> get(const void* p, vec<float> = vec<float>{}) const { return load<float>(p); }
  ALWAYS_INLINE void set(void* p, vec<float> v) const { store<float>(p, v); }
  ALWAYS_INLINE vec<float> only(vec<float> v) const { return v; }
};
struct Some {
  static constexpr bool whole = false;
  int count;
  ALWAYS_INLINE vec<float> get(const void* p, vec<float> rest = vec<float>{}) const { return loadSome(p, count, rest); }
  ALWAYS_INLINE void set(void* p, vec<float> v) const { storeSome(p, count, v); }
  /** The lanes that there are; 0 in the others. */
  ALWAYS_INLINE vec<float> only(vec<float> v) const { return numbered() < count ? v : vec<float>{}; }
};

/** Runs `body(bytes from the start, accumulator, part)` along n neighbouring values: UNROLL vectors at a time, each with an accumulator. */
template <int UNROLL, class Body>
ALWAYS_INLINE void along(int64_t n, Body body) {
  constexpr int L = Lanes<float>::count;
  int64_t i = 0;
  if constexpr (UNROLL > 1)
    for (; i + UNROLL * L <= n; i += UNROLL * L)
#pragma GCC unroll 8
      for (int u = 0; u < UNROLL; u++) body((i + u * L) * 4, u, Whole{});
  for (; i + L <= n; i += L) body(i * 4, 0, Whole{});
  if (i < n) body(i * 4, 0, Some{static_cast<int>(n - i)});
}
