// C[i,j] = a[i]·b[j] (+ bias[j]) (+ C[i,j]): the products over a k of 1, as assembly/gemm/outer.ts has them, with its arguments.
// Index = (batch · rows + row) · tiles + tile of `tile` columns. Slots, steps in bytes:
// 0 a  1 b  2 c  3 bias  4 m  5 n  6 aBatch  7 aRow  8 bBatch  9 bCol  10 cBatch  11 cRow  12 add  13 tile  14 tiles

/** A stretch of a row: what is asked for is known to the compiler, so that the plain product is as fast as C can be written. */
template <class T, bool BIAS, bool ADD>
ALWAYS_INLINE void scaledRow(T x, const uint8_t* b, uint64_t bStep, const uint8_t* bias, uint8_t* c, int count) {
  constexpr uint64_t S = sizeof(T);
  constexpr int L = Lanes<T>::count;
  int j = 0;
  if (bStep == S)
    for (; j + L <= count; j += L) {
      // a sum begins with 0, of which -0 makes 0
      vec<T> v = x * load<T>(b + j * S) + vec<T>{};
      if (BIAS) v += load<T>(bias + j * S);
      if (ADD) v += load<T>(c + j * S);
      store<T>(c + j * S, v);
    }
  for (; j < count; j++) {
    T v = x * scalar<T>(b + j * bStep) + T(0);
    if (BIAS) v += scalar<T>(bias + j * S);
    if (ADD) v += scalar<T>(c + j * S);
    put<T>(c + j * S, v);
  }
}

template <class T>
const char* outer(const Call& call) {
  constexpr uint64_t S = sizeof(T);
  const int m = call.slot(4), n = call.slot(5), tile = call.slot(13), tiles = call.slot(14);
  const uint64_t a = call.offset(0), b = call.offset(1), c = call.offset(2), bias = call.offset(3);
  const uint64_t aBatch = call.offset(6), aRow = call.offset(7), bBatch = call.offset(8), bCol = call.offset(9);
  const uint64_t cBatch = call.offset(10), cRow = call.offset(11);
  const bool add = call.slot(12) != 0;
  if (m <= 0 || tile <= 0 || tiles <= 0 || call.start < 0 || int64_t(tiles - 1) * tile >= n) return "its tiles are empty";
  const int64_t perBatch = int64_t(m) * tiles, batches = (call.end + perBatch - 1) / perBatch;
  if (!call.holds(a, extent(S, Steps{batches, aBatch}, Steps{m, aRow})) ||
      !call.holds(b, extent(S, Steps{batches, bBatch}, Steps{n, bCol})) ||
      !call.holds(c, extent(S, Steps{batches, cBatch}, Steps{m, cRow}, Steps{n, S})) || (bias && !call.holds(bias, n * S)))
    return outside;
  // counted on, since divisions would cost as much as a short row
  int at = call.start % tiles, i = call.start / tiles % m;
  uint64_t batch = call.start / perBatch;
  for (int index = call.start; index < call.end; index++) {
    const uint64_t j = uint64_t(at) * tile;
    const int count = least(tile, n - static_cast<int>(j));
    const T x = scalar<T>(call.at(a + batch * aBatch + i * aRow));
    const uint8_t* from = call.at(b + batch * bBatch + j * bCol);
    const uint8_t* shift = call.at(bias + j * S);
    uint8_t* to = call.at(c + batch * cBatch + i * cRow + j * S);
    if (bias && add) scaledRow<T, true, true>(x, from, bCol, shift, to, count);
    else if (bias) scaledRow<T, true, false>(x, from, bCol, shift, to, count);
    else if (add) scaledRow<T, false, true>(x, from, bCol, shift, to, count);
    else scaledRow<T, false, false>(x, from, bCol, shift, to, count);
    if (++at < tiles) continue;
    at = 0;
    if (++i < m) continue;
    i = 0;
    batch++;
  }
  return nullptr;
}
