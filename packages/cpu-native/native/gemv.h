// y[r] = Σ_k M[r,k]·x[k] (+ y[r]) (+ bias): the products whose result is a single row or a single column.
// Index = batch · rowTiles + tile of `tile` rows. Slots, steps in bytes:
// 0 matrix  1 x  2 y  3 bias  4 rows  5 k  6 mBatch  7 mRow  8 mCol  9 xBatch  10 xStep  11 yBatch  12 yStep  13 biasStep
// 14 add  15 tile  16 tiles

/** Values of x that are worked on at a time: they stay in the cache for all rows, and sums of sums lose less. */
constexpr int vectorBlock = 8192;

template <class T>
ALWAYS_INLINE T dot(const uint8_t* p, const uint8_t* x, int k) {
  constexpr int L = Lanes<T>::count;
  vec<T> s[4] = {};
  for (; k >= 4 * L; k -= 4 * L) {
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++) s[v] += load<T>(p + v * vectorBytes) * load<T>(x + v * vectorBytes);
    p += 4 * vectorBytes;
    x += 4 * vectorBytes;
  }
  for (; k >= L; k -= L) {
    s[0] += load<T>(p) * load<T>(x);
    p += vectorBytes;
    x += vectorBytes;
  }
  T sum = sumLanes<T>((s[0] + s[1]) + (s[2] + s[3]));
  for (; k > 0; k--) {
    sum += scalar<T>(p) * scalar<T>(x);
    p += sizeof(T);
    x += sizeof(T);
  }
  return sum;
}

/** In what strided products are summed: floats in double. */
template <class T> struct Wide { using type = T; };
template <> struct Wide<float> { using type = double; };

template <class T>
const char* gemv(const Call& call) {
  constexpr uint64_t S = sizeof(T);
  constexpr int L = Lanes<T>::count;
  const int rows = call.slot(4), k = call.slot(5), tile = call.slot(15), tiles = call.slot(16);
  const uint64_t matrix = call.offset(0), vector = call.offset(1), out = call.offset(2), bias = call.offset(3);
  const uint64_t mBatch = call.offset(6), mRow = call.offset(7), mCol = call.offset(8), xBatch = call.offset(9), xStep = call.offset(10);
  const uint64_t yBatch = call.offset(11), yStep = call.offset(12), biasStep = call.offset(13);
  const bool add = call.slot(14) != 0;
  if (tile <= 0 || tiles <= 0 || k < 0 || call.start < 0 || int64_t(tiles - 1) * tile >= rows) return "its tiles are empty";
  const int64_t batches = (int64_t(call.end) + tiles - 1) / tiles;
  if (!call.holds(matrix, extent(S, Steps{batches, mBatch}, Steps{rows, mRow}, Steps{k, mCol})) ||
      !call.holds(vector, extent(S, Steps{batches, xBatch}, Steps{k, xStep})) ||
      !call.holds(out, extent(S, Steps{batches, yBatch}, Steps{rows, yStep})) ||
      (bias && !call.holds(bias, extent(S, Steps{rows, biasStep}))))
    return "its operands leave the heap";
  uint8_t* sums = call.scratch;
  uint8_t* gathered = sums + ((tile * S + 63) & ~uint64_t(63));
  if (gathered + vectorBlock * S > call.scratch + scratchBytes) return "its tiles are too large";
  for (int index = call.start; index < call.end; index++) {
    const int batch = index / tiles, r0 = (index % tiles) * tile, count = least(tile, rows - r0);
    const uint8_t* m = call.at(matrix + batch * mBatch + r0 * mRow);
    const uint8_t* x = call.at(vector + batch * xBatch);
    __builtin_memset(sums, 0, count * S);
    if (mRow == S && mCol != S) {
      // rows are neighbours: add k scaled columns, four at a time
      int j = 0;
      for (; j + 4 <= k; j += 4, m += 4 * mCol, x += 4 * xStep) {
        const T x0 = scalar<T>(x), x1 = scalar<T>(x + xStep), x2 = scalar<T>(x + 2 * xStep), x3 = scalar<T>(x + 3 * xStep);
        int i = 0;
        for (; i + L <= count; i += L) {
          const uint8_t* column = m + i * S;
          vec<T> v = load<T>(sums + i * S);
          v += x0 * load<T>(column);
          v += x1 * load<T>(column + mCol);
          v += x2 * load<T>(column + 2 * mCol);
          v += x3 * load<T>(column + 3 * mCol);
          store<T>(sums + i * S, v);
        }
        for (; i < count; i++) {
          const uint8_t* column = m + i * S;
          put<T>(sums + i * S, scalar<T>(sums + i * S) + x0 * scalar<T>(column) + x1 * scalar<T>(column + mCol) +
                                   x2 * scalar<T>(column + 2 * mCol) + x3 * scalar<T>(column + 3 * mCol));
        }
      }
      for (; j < k; j++, m += mCol, x += xStep)
        for (int i = 0; i < count; i++) put<T>(sums + i * S, scalar<T>(sums + i * S) + scalar<T>(x) * scalar<T>(m + i * S));
    } else if (mCol == S) {
      for (int k0 = 0; k0 < k; k0 += vectorBlock) {
        const int depth = least(vectorBlock, k - k0);
        const uint8_t* dense = x + k0 * xStep;
        if (xStep != S) {
          for (int j = 0; j < depth; j++) put<T>(gathered + j * S, scalar<T>(x + (k0 + j) * xStep));
          dense = gathered;
        }
        for (int i = 0; i < count; i++)
          put<T>(sums + i * S, scalar<T>(sums + i * S) + dot<T>(m + i * mRow + k0 * S, dense, depth));
      }
    } else {
      for (int i = 0; i < count; i++) {
        typename Wide<T>::type sum = 0;
        for (int j = 0; j < k; j++)
          sum += static_cast<typename Wide<T>::type>(scalar<T>(m + i * mRow + j * mCol)) *
                 static_cast<typename Wide<T>::type>(scalar<T>(x + j * xStep));
        put<T>(sums + i * S, static_cast<T>(sum));
      }
    }
    uint8_t* y = call.at(out + batch * yBatch + r0 * yStep);
    for (int i = 0; i < count; i++) {
      T sum = scalar<T>(sums + i * S);
      if (bias) sum += scalar<T>(call.at(bias + (r0 + i) * biasStep));
      if (add) sum += scalar<T>(y + i * yStep);
      put<T>(y + i * yStep, sum);
    }
  }
  return nullptr;
}
