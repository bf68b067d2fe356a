// Packing lays an operand of a product out in the order in which the register tile reads it. Steps are in bytes.

/** The lanes whose number has the bit STEP come from the other vector: the first half of an exchange, or the second. */
template <class T, size_t STEP, bool SECOND, size_t... J>
ALWAYS_INLINE vec<T> exchanged(vec<T> a, vec<T> b, std::index_sequence<J...>) {
  constexpr size_t L = sizeof...(J);
  if (SECOND) return __builtin_shufflevector(a, b, ((J & STEP) == 0 ? J + STEP : L + J)...);
  return __builtin_shufflevector(a, b, ((J & STEP) == 0 ? J : L + J - STEP)...);
}
template <class T, size_t STEP>
ALWAYS_INLINE void exchange(vec<T>* rows) {
  constexpr size_t L = Lanes<T>::count;
  if constexpr (STEP < L) {
    constexpr auto all = std::make_index_sequence<L>();
#pragma GCC unroll 16
    for (size_t i = 0; i < L; i++)
      if ((i & STEP) == 0) {
        const vec<T> a = rows[i], b = rows[i + STEP];
        rows[i] = exchanged<T, STEP, false>(a, b, all);
        rows[i + STEP] = exchanged<T, STEP, true>(a, b, all);
      }
    exchange<T, STEP * 2>(rows);
  }
}

/** Turns a square of values around: row i of `in` becomes column i of `out`. */
template <class T>
ALWAYS_INLINE void turn(uint8_t* out, uint64_t outStep, const uint8_t* in, uint64_t inStep) {
  constexpr int L = Lanes<T>::count;
  vec<T> rows[L];
#pragma GCC unroll 16
  for (int i = 0; i < L; i++) rows[i] = load<T>(in + i * inStep);
  exchange<T, 1>(rows);
#pragma GCC unroll 16
  for (int i = 0; i < L; i++) store<T>(out + i * outStep, rows[i]);
}

/** Packs `columns` (at most a panel's) columns of k rows of B; missing columns become 0. */
template <class T>
NOINLINE void packPanel(uint8_t* out, const uint8_t* b, uint64_t rowStep, uint64_t columnStep, int k, int columns) {
  constexpr int L = Lanes<T>::count, width = panelBytes / static_cast<int>(sizeof(T));
  if (columns == width && columnStep == sizeof(T)) {
    for (; k > 0; k--) {
#pragma GCC unroll 8
      for (int v = 0; v < panelVectors; v++) store<T>(out + v * vectorBytes, load<T>(b + v * vectorBytes));
      out += panelBytes;
      b += rowStep;
    }
    return;
  }
  if (columns == width && rowStep == sizeof(T)) {
    for (; k >= L; k -= L) {
#pragma GCC unroll 8
      for (int v = 0; v < panelVectors; v++) turn<T>(out + v * vectorBytes, panelBytes, b + v * L * columnStep, columnStep);
      out += L * panelBytes;
      b += vectorBytes;
    }
  }
  for (; k > 0; k--) {
    for (int j = 0; j < width; j++) put<T>(out + j * sizeof(T), j < columns ? scalar<T>(b + j * columnStep) : T(0));
    out += panelBytes;
    b += rowStep;
  }
}

/** Packs the columns of B panel by panel: `panelStep` lies between two. */
template <class T>
void packColumns(uint8_t* out, uint64_t panelStep, const uint8_t* b, uint64_t rowStep, uint64_t columnStep, int k, int columns) {
  constexpr int width = panelBytes / static_cast<int>(sizeof(T));
  for (int j = 0; j < columns; j += width) {
    packPanel<T>(out, b + j * columnStep, rowStep, columnStep, k, least(width, columns - j));
    out += panelStep;
  }
}

/** Packs rows of A so that those of one k are neighbours: `outStep` lies between two ks. */
template <class T>
NOINLINE void packRows(uint8_t* out, uint64_t outStep, const uint8_t* a, uint64_t rowStep, uint64_t columnStep, int rows, int k) {
  constexpr int L = Lanes<T>::count;
  if (rowStep == sizeof(T)) {
    for (int i = 0; i < k; i++) __builtin_memcpy(out + i * outStep, a + i * columnStep, rows * sizeof(T));
    return;
  }
  int r = 0;
  if (columnStep == sizeof(T))
    for (; r + L <= rows; r += L) {
      int i = 0;
      for (; i + L <= k; i += L)
        turn<T>(out + r * sizeof(T) + i * outStep, outStep, a + r * rowStep + i * sizeof(T), rowStep);
      for (; i < k; i++)
        for (int j = r; j < r + L; j++) put<T>(out + j * sizeof(T) + i * outStep, scalar<T>(a + j * rowStep + i * sizeof(T)));
    }
  for (; r < rows; r++)
    for (int i = 0; i < k; i++) put<T>(out + r * sizeof(T) + i * outStep, scalar<T>(a + r * rowStep + i * columnStep));
}
