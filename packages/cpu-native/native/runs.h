// Runs of floats, copied without reading or writing anything beyond them.

typedef float four __attribute__((vector_size(16)));

ALWAYS_INLINE four loadFour(const uint8_t* p) {
  four v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
ALWAYS_INLINE void storeFour(uint8_t* p, four v) { __builtin_memcpy(p, &v, sizeof v); }

/** Calls `whole(i, vector size)` for parts of n >= 4 values, the last of which may overlap the one before, else `one(i)` for each. */
template <class Wide, class Narrow, class One>
ALWAYS_INLINE void inParts(int n, Wide wide, Narrow narrow, One one) {
  constexpr int L = Lanes<float>::count;
  if (n >= L) {
    int i = 0;
    for (; i + L <= n; i += L) wide(i);
    if (i < n) wide(n - L);
  } else if (n >= 4) {
    int i = 0;
    for (; i + 4 <= n; i += 4) narrow(i);
    if (i < n) narrow(n - 4);
  } else {
    for (int i = 0; i < n; i++) one(i);
  }
}

ALWAYS_INLINE void copyRun(uint8_t* to, const uint8_t* from, int n) {
  inParts(
      n, [&](int i) { store<float>(to + i * 4, load<float>(from + i * 4)); },
      [&](int i) { storeFour(to + i * 4, loadFour(from + i * 4)); },
      [&](int i) { put<float>(to + i * 4, scalar<float>(from + i * 4)); });
}

ALWAYS_INLINE void fillRun(uint8_t* to, int n, float value) {
  inParts(
      n, [&](int i) { store<float>(to + i * 4, vec<float>{} + value); }, [&](int i) { storeFour(to + i * 4, four{} + value); },
      [&](int i) { put<float>(to + i * 4, value); });
}

/** Adds a run to another one. */
ALWAYS_INLINE void addRun(uint8_t* to, const uint8_t* from, int n) {
  constexpr int L = Lanes<float>::count;
  int i = 0;
  for (; i + L <= n; i += L) store<float>(to + i * 4, load<float>(to + i * 4) + load<float>(from + i * 4));
  for (; i + 4 <= n; i += 4) storeFour(to + i * 4, loadFour(to + i * 4) + loadFour(from + i * 4));
  for (; i < n; i++) put<float>(to + i * 4, scalar<float>(to + i * 4) + scalar<float>(from + i * 4));
}

/** Adds a multiple of a run to another one. */
ALWAYS_INLINE void addRun(uint8_t* to, const uint8_t* from, int n, float factor) {
  constexpr int L = Lanes<float>::count;
  int i = 0;
  for (; i + L <= n; i += L) store<float>(to + i * 4, load<float>(to + i * 4) + factor * load<float>(from + i * 4));
  for (; i + 4 <= n; i += 4) storeFour(to + i * 4, loadFour(to + i * 4) + factor * loadFour(from + i * 4));
  for (; i < n; i++) put<float>(to + i * 4, scalar<float>(to + i * 4) + factor * scalar<float>(from + i * 4));
}

NOINLINE void zeroBytes(uint8_t* to, uint64_t bytes) {
  uint64_t i = 0;
  for (; i + vectorBytes <= bytes; i += vectorBytes) store<float>(to + i, vec<float>{});
  for (; i < bytes; i += 4) put<float>(to + i, 0);
}
