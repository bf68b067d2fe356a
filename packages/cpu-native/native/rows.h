// Softmax and its logarithm over rows of n neighbouring float32, and their gradients; index = a row.
// Sums over a row are kept in float32, in the lanes of four vectors: rows of thousands lose no more than a few ulp.

#define EACH [&](int64_t o, int u, auto part) __attribute__((always_inline))

template <int N>
ALWAYS_INLINE float sumOf(const vec<float> (&sums)[N]) {
  static_assert(N == 4);
  return sumAll((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/** The largest value of a row that is not NaN, -∞ if there is none: a NaN shows in the sum of the exponentials. */
NOINLINE float rowMax(const uint8_t* p, int64_t n) {
  const vec<float> least = all(-__builtin_inff());
  vec<float> m[4] = {least, least, least, least};
  along<4>(n, EACH { m[u] = larger(part.get(p + o, least), m[u]); (void)u; });
  return largest(larger(larger(m[0], m[1]), larger(m[2], m[3])));
}

/** Σ exp(x - shift) where shift is the row's largest; the terms are stored at q unless it is null. */
template <bool STORED>
NOINLINE float rowExp(const uint8_t* p, int64_t n, float shift, uint8_t* q) {
  vec<float> sums[4] = {};
  along<4>(n, EACH {
    const vec<float> e = expBelow(part.get(p + o, all(-__builtin_inff())) - shift);
    sums[u] += part.only(e);
    if (STORED) part.set(q + o, e);
  });
  return sumOf(sums);
}

/** Multiplies a row in place. */
ALWAYS_INLINE void scaleRow(uint8_t* p, int64_t n, float factor) {
  along<1>(n, EACH { part.set(p + o, part.get(p + o) * factor); (void)u; });
}

/** The arguments of kernels over rows: addresses of inputs and of the output, and the row's length. */
struct Rows {
  const Call& call;
  int64_t n;
  explicit Rows(const Call& c, int slot) : call(c), n(c.slot(slot)) {}
  bool fit() const { return n >= 0 && call.start >= 0; }
  /** Whether each of these slots' rows lie in the heap. */
  template <class... I>
  bool hold(I... slots) const {
    return (call.holds(call.offset(slots), floats(call.end, n)) && ...);
  }
  uint8_t* row(int slot, int64_t row) const { return call.at(call.offset(slot) + row * n * 4); }
};

/** y = exp(x - max) / Σ. 0 x  1 y  2 n */
const char* softmax(const Call& call) {
  const Rows rows(call, 2);
  if (!rows.fit()) return nothing;
  if (!rows.hold(0, 1)) return outside;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t* x = rows.row(0, i);
    uint8_t* y = rows.row(1, i);
    scaleRow(y, rows.n, 1.0f / rowExp<true>(x, rows.n, rowMax(x, rows.n), y));
  }
  return nullptr;
}

/** y = x - max - log Σ exp(x - max). 0 x  1 y  2 n */
const char* logSoftmax(const Call& call) {
  const Rows rows(call, 2);
  if (!rows.fit()) return nothing;
  if (!rows.hold(0, 1)) return outside;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t* x = rows.row(0, i);
    uint8_t* y = rows.row(1, i);
    const float m = rowMax(x, rows.n);
    const float log = static_cast<float>(logOf(rowExp<false>(x, rows.n, m, nullptr)));
    // in two steps: m + log would round where m is large
    along<1>(rows.n, EACH { part.set(y + o, part.get(x + o) - m - log); (void)u; });
  }
  return nullptr;
}

/** dx = y·(dy - Σ dy·y). 0 dy  1 y  2 n  3 dx */
const char* softmaxBackward(const Call& call) {
  const Rows rows(call, 2);
  if (!rows.fit()) return nothing;
  if (!rows.hold(0, 1, 3)) return outside;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t *g = rows.row(0, i), *y = rows.row(1, i);
    uint8_t* out = rows.row(3, i);
    vec<float> sums[4] = {};
    along<4>(rows.n, EACH { sums[u] += part.get(g + o) * part.get(y + o); });
    const float sum = sumOf(sums);
    along<1>(rows.n, EACH { part.set(out + o, part.get(y + o) * (part.get(g + o) - sum)); (void)u; });
  }
  return nullptr;
}

/** dx = dy - exp(y)·Σ dy. 0 dy  1 y  2 n  3 dx */
const char* logSoftmaxBackward(const Call& call) {
  const Rows rows(call, 2);
  if (!rows.fit()) return nothing;
  if (!rows.hold(0, 1, 3)) return outside;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t *g = rows.row(0, i), *y = rows.row(1, i);
    uint8_t* out = rows.row(3, i);
    vec<float> sums[4] = {};
    along<4>(rows.n, EACH { sums[u] += part.get(g + o); });
    const float sum = sumOf(sums);
    along<1>(rows.n, EACH { part.set(out + o, part.get(g + o) - expOf(part.get(y + o)) * sum); (void)u; });
  }
  return nullptr;
}
