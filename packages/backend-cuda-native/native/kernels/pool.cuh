// Maxima and sums of windows over planes, and their gradients, which go by the cells: no two threads add to the same one.
#include "window.cuh"

// The first of equals; a NaN wins. words: planes, windows, y, positions (int32), x
template <class T> DEVICE void maxPool(const Args& args) {
  Words words(args);
  const int64 planes = words.next();
  const Windows windows(words);
  T* y = elements<T>(words);
  int32* positions = elements<int32>(words);
  const T* x = elements<const T>(words);
  for (int64 i = threadNumber(); i < planes * windows.results(); i += threadCount()) {
    const T* plane = x + i / windows.results() * windows.cells();
    int64 best = -1;
    for (int64 k = 0; k < windows.kernel(); k++) {
      const int64 cell = windows.cell(i % windows.results(), k);
      if (cell < 0 || (best >= 0 && (plane[best] != plane[best] || !(plane[cell] != plane[cell] || plane[cell] > plane[best])))) continue;
      best = cell;
    }
    y[i] = best < 0 ? neutral<T>(Max) : plane[best];
    positions[i] = int32(best < 0 ? 0 : best);
  }
}
FOR_EACH_FLOAT(KERNEL, max_pool, maxPool)

// words: planes, windows, dx, g, positions (int32)
template <class T> DEVICE void maxPoolBackward(const Args& args) {
  Words words(args);
  const int64 planes = words.next();
  const Windows windows(words);
  T* dx = elements<T>(words);
  const T* g = elements<const T>(words);
  const int32* positions = elements<const int32>(words);
  for (int64 i = threadNumber(); i < planes * windows.cells(); i += threadCount()) {
    const int64 start = i / windows.cells() * windows.results(), cell = i % windows.cells();
    T sum = T(0);
    for (int64 k = 0; k < windows.kernel(); k++) {
      const int64 result = windows.result(cell, k);
      if (result >= 0 && positions[start + result] == cell) sum += g[start + result];
    }
    dx[i] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, max_pool_backward, maxPoolBackward)

// words: planes, windows, y, x
template <class T> DEVICE void sumPool(const Args& args) {
  Words words(args);
  const int64 planes = words.next();
  const Windows windows(words);
  T* y = elements<T>(words);
  const T* x = elements<const T>(words);
  for (int64 i = threadNumber(); i < planes * windows.results(); i += threadCount()) {
    const T* plane = x + i / windows.results() * windows.cells();
    T sum = T(0);
    for (int64 k = 0; k < windows.kernel(); k++) {
      const int64 cell = windows.cell(i % windows.results(), k);
      if (cell >= 0) sum += plane[cell];
    }
    y[i] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, sum_pool, sumPool)

// words: planes, windows, dx, g
template <class T> DEVICE void sumPoolBackward(const Args& args) {
  Words words(args);
  const int64 planes = words.next();
  const Windows windows(words);
  T* dx = elements<T>(words);
  const T* g = elements<const T>(words);
  for (int64 i = threadNumber(); i < planes * windows.cells(); i += threadCount()) {
    const int64 start = i / windows.cells() * windows.results();
    T sum = T(0);
    for (int64 k = 0; k < windows.kernel(); k++) {
      const int64 result = windows.result(i % windows.cells(), k);
      if (result >= 0) sum += g[start + result];
    }
    dx[i] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, sum_pool_backward, sumPoolBackward)
