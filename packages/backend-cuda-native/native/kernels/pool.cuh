// Maxima and sums of windows over planes, and their gradients, which go by the cells: no two threads add to the same one.
#include "window.cuh"

/** words: windows, planes */
struct Pool : Windows {
  int64 planes;
  DEVICE explicit Pool(Words& words) : Windows(words), planes(words.next()) {}
};

// The first of equals; a NaN wins. words: pool, y, positions (int32), x
template <class S> DEVICE void maxPool(const Args& args) {
  Words words(args);
  const Pool pool(words);
  S* y = elements<S>(words);
  int32* positions = elements<int32>(words);
  const S* x = elements<const S>(words);
  for (int64 i = threadNumber(); i < pool.planes * pool.results(); i += threadCount()) {
    const S* plane = x + i / pool.results() * pool.cells();
    Computed<S> high = neutral<Computed<S>>(Max);
    int64 best = -1;
    for (int64 k = 0; k < pool.kernel(); k++) {
      const int64 cell = pool.cell(i % pool.results(), k);
      if (cell < 0) continue;
      const Computed<S> value = plane[cell];
      if (best >= 0 && (high != high || !(value != value || value > high))) continue;
      best = cell;
      high = value;
    }
    y[i] = high;
    positions[i] = int32(best < 0 ? 0 : best);
  }
}
FOR_EACH_FLOAT(KERNEL, max_pool, maxPool)
FOR_EACH_HALF(KERNEL, max_pool, maxPool)

/** y = the sum of what lies under each window. words: pool, y, x */
template <class T> DEVICE void sumPool(const Args& args) {
  Words words(args);
  const Pool pool(words);
  T* y = elements<T>(words);
  const T* x = elements<const T>(words);
  for (int64 i = threadNumber(); i < pool.planes * pool.results(); i += threadCount()) {
    const T* plane = x + i / pool.results() * pool.cells();
    T sum = 0;
    for (int64 k = 0; k < pool.kernel(); k++) {
      const int64 cell = pool.cell(i % pool.results(), k);
      if (cell >= 0) sum += plane[cell];
    }
    y[i] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, sum_pool, sumPool)

/** dx = the sum of g of the windows that cover each cell, and count there. `counts(result, cell)`, of all planes' results. */
template <class S, class Counts>
DEVICE void backToCells(const Pool& pool, S* dx, const S* g, const Counts& counts) {
  for (int64 i = threadNumber(); i < pool.planes * pool.cells(); i += threadCount()) {
    const int64 start = i / pool.cells() * pool.results(), cell = i % pool.cells();
    Computed<S> sum = 0;
    for (int64 k = 0; k < pool.kernel(); k++) {
      const int64 result = pool.result(cell, k);
      if (result >= 0 && counts(start + result, cell)) sum += g[start + result];
    }
    dx[i] = sum;
  }
}
// words: pool, dx, g, positions (int32)
template <class S> DEVICE void maxPoolBackward(const Args& args) {
  Words words(args);
  const Pool pool(words);
  S* dx = elements<S>(words);
  const S* g = elements<const S>(words);
  const int32* positions = elements<const int32>(words);
  backToCells(pool, dx, g, [&](int64 result, int64 cell) { return positions[result] == cell; });
}
FOR_EACH_FLOAT(KERNEL, max_pool_backward, maxPoolBackward)
FOR_EACH_HALF(KERNEL, max_pool_backward, maxPoolBackward)

// words: pool, dx, g
template <class T> DEVICE void sumPoolBackward(const Args& args) {
  Words words(args);
  const Pool pool(words);
  T* dx = elements<T>(words);
  const T* g = elements<const T>(words);
  backToCells(pool, dx, g, [](int64, int64) { return true; });
}
FOR_EACH_FLOAT(KERNEL, sum_pool_backward, sumPoolBackward)
