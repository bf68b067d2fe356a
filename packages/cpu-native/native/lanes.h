// Vectors of the widest registers that this instruction set has, of any element type. Included once per instruction set, inside its namespace.

constexpr int vectorBytes = VECTOR_BYTES;

template <class T>
struct Lanes {
  typedef T type __attribute__((vector_size(VECTOR_BYTES)));
  static constexpr int count = VECTOR_BYTES / static_cast<int>(sizeof(T));
};
template <class T>
using vec = typename Lanes<T>::type;

template <class T>
ALWAYS_INLINE vec<T> load(const void* p) {
  vec<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class T>
ALWAYS_INLINE void store(void* p, vec<T> v) {
  __builtin_memcpy(p, &v, sizeof v);
}
template <class T>
ALWAYS_INLINE T scalar(const void* p) {
  T value;
  __builtin_memcpy(&value, p, sizeof value);
  return value;
}
template <class T>
ALWAYS_INLINE void put(void* p, T value) {
  __builtin_memcpy(p, &value, sizeof value);
}

template <class T>
ALWAYS_INLINE T least(T a, T b) {
  return a < b ? a : b;
}
template <class T>
ALWAYS_INLINE T most(T a, T b) {
  return a > b ? a : b;
}

/** The sum of a vector's lanes, by halves: a fixed order. */
template <class T>
ALWAYS_INLINE T sumLanes(vec<T> v) {
  T lane[Lanes<T>::count];
  store<T>(lane, v);
#pragma GCC unroll 8
  for (int half = Lanes<T>::count / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lane[i] += lane[i + half];
  return lane[0];
}
