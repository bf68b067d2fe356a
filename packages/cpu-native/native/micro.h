// The register tile of products: rows of A times panels of B. A panel is panelBytes wide, one k below the other.

constexpr int panelBytes = vectorBytes < 32 ? 32 : vectorBytes;
/** Vectors of a panel's row. */
constexpr int panelVectors = panelBytes / vectorBytes;
/** Rows of a whole tile, over two panels: as many sums as there are registers for. */
constexpr int tileRows = VECTOR_REGISTERS == 32 && panelVectors == 1 ? 12 : 6;

/** Where a tile's product goes. */
template <class T>
struct Target {
  uint8_t* c;
  uint64_t step;
  /** Columns that there are; those past them are not written. */
  int columns;
  bool add;
  const T* bias;
};

/** One row of the tile: the columns' sums, plus bias, plus what was there. */
template <class T, int VECTORS>
ALWAYS_INLINE void putRow(const vec<T>* sums, uint8_t* c, const Target<T>& to) {
  constexpr int L = Lanes<T>::count;
  if (to.columns == VECTORS * L) {
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) {
      vec<T> sum = sums[v];
      if (to.bias) sum += load<T>(to.bias + v * L);
      if (to.add) sum += load<T>(c + v * vectorBytes);
      store<T>(c + v * vectorBytes, sum);
    }
    return;
  }
  T row[VECTORS * L];
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; v++) store<T>(row + v * L, sums[v]);
  for (int j = 0; j < to.columns; j++) {
    T sum = row[j];
    if (to.bias) sum += to.bias[j];
    if (to.add) sum += scalar<T>(c + j * sizeof(T));
    put<T>(c + j * sizeof(T), sum);
  }
}

/**
 * ROWS rows of A times PANELS panels of B over k. ALONG_K: the k values of a row are neighbours, and rows lie `aStep` apart; else the rows
 * of one k are neighbours, and the ks lie `aStep` apart. The panels' rows lie `bStep` apart, the panels `panelStep`.
 */
template <class T, int ROWS, int PANELS, bool ALONG_K>
NOINLINE void tile(int k, const uint8_t* a, uint64_t aStep, const uint8_t* b, uint64_t bStep, uint64_t panelStep,
                   const Target<T>& to) {
  constexpr int VECTORS = PANELS * panelVectors;
  vec<T> sums[ROWS][VECTORS];
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++)
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) sums[r][v] = vec<T>{};
  // every third row has a pointer of its own: the others are reached from it
  const uint8_t* rows[(ROWS + 2) / 3];
#pragma GCC unroll 8
  for (int g = 0; g < (ROWS + 2) / 3; g++) rows[g] = a + (ALONG_K ? 3 * g * aStep : 3 * g * sizeof(T));
  const uint8_t* second = b + panelStep;
  for (int i = 0; i < k; i++) {
    vec<T> right[VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++)
      right[v] = load<T>((v < panelVectors ? b : second) + (v % panelVectors) * vectorBytes);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      const T left = scalar<T>(rows[r / 3] + (r % 3) * (ALONG_K ? aStep : sizeof(T)));
#pragma GCC unroll 8
      for (int v = 0; v < VECTORS; v++) sums[r][v] += left * right[v];
    }
    b += bStep;
    second += bStep;
#pragma GCC unroll 8
    for (int g = 0; g < (ROWS + 2) / 3; g++) rows[g] += ALONG_K ? sizeof(T) : aStep;
  }
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) putRow<T, VECTORS>(sums[r], to.c + r * to.step, to);
}

/** `rows` rows, in tiles of whole, half, ... rows. */
template <class T, int PANELS, bool ALONG_K>
ALWAYS_INLINE void tiles(int rows, int k, const uint8_t* a, uint64_t aRow, uint64_t aStep, const uint8_t* b, uint64_t bStep,
                         uint64_t panelStep, Target<T> to) {
  const auto go = [&](auto tileFunction, int count) {
    tileFunction(k, a, aStep, b, bStep, panelStep, to);
    a += count * aRow;
    to.c += count * to.step;
    rows -= count;
  };
  if (tileRows == 12) {
    while (rows >= 12) go(tile<T, tileRows == 12 ? 12 : 6, PANELS, ALONG_K>, 12);
    // ten go as six and four: two rows alone would wait for their sums
    if (rows >= 8 && rows != 10) go(tile<T, tileRows == 12 ? 8 : 6, PANELS, ALONG_K>, 8);
  }
  while (rows >= 6) go(tile<T, 6, PANELS, ALONG_K>, 6);
  if (rows >= 4) go(tile<T, 4, PANELS, ALONG_K>, 4);
  if (rows >= 2) go(tile<T, 2, PANELS, ALONG_K>, 2);
  if (rows >= 1) go(tile<T, 1, PANELS, ALONG_K>, 1);
}
