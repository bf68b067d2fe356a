// output = program(a @ b + bias, others...): a product whose sums go through a program before they are stored.
#include "behind.cuh"
#include "teams.cuh"
#include "tiles.cuh"
#include "large_tiles.cuh"

/** A factor of a product, by its steps along what is kept and along k. */
template <class T> struct Factor {
  const T* x;
  int64 step, alongStep;
  DEVICE bool alongK() const { return alongStep == 1; }
  DEVICE T at(int64 kept, int64 k) const { return x[kept * step + k * alongStep]; }
  DEVICE T operator()(int64 row, int64 k) const { return at(row, k); }
};
template <class T> struct RightOf {
  const Factor<T> factor;
  DEVICE bool alongK() const { return factor.alongK(); }
  DEVICE T operator()(int64 k, int64 column) const { return factor.at(column, k); }
};
/** What becomes of a sum. */
template <class T> struct MappedSum {
  Mapped<T>& put;
  int64 start, columns;
  const T* bias;
  DEVICE void operator()(int64 row, int64 column, T sum) const { put(start + row * columns + column, bias ? sum + bias[column] : sum); }
};

// words: batch, M, N, K, a, b (addresses, steps of batch, rows and columns), bias or 0, what is behind it
template <class T> DEVICE void productMapped(const Args& args) {
  SHARED_TILES(T);
  Words words(args);
  const int64 batch = words.next(), M = words.next(), N = words.next(), K = words.next();
  const T* a = reinterpret_cast<const T*>(words.next());
  const int64* stepsA = words.list(3);
  const T* b = reinterpret_cast<const T*>(words.next());
  const int64* stepsB = words.list(3);
  const T* bias = reinterpret_cast<const T*>(words.next());
  Mapped<T> put(words);
  const int64 across = (N + tile - 1) / tile, down = (M + tile - 1) / tile;
  for (int64 block = blockIdx.x; block < batch * across * down; block += gridDim.x) {
    const int64 n = block / (across * down), top = block / across % down * tile, side = block % across * tile;
    const Factor<T> rows{a + n * stepsA[0], stepsA[1], stepsA[2]};
    const RightOf<T> columns{{b + n * stepsB[0], stepsB[2], stepsB[1]}};
    tileOf(left, right, top, side, M, N, 0, K, rows, columns, MappedSum<T>{put, n * M * N, N, bias});
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, product_mapped, productMapped)

/** words: bias or 0, what is behind it */
struct LargeMapped {
  const float* bias;
  Mapped<float> put;
  int64 start;
  int columns;
  DEVICE LargeMapped(Words& words, int M, int N, int n)
      : bias(reinterpret_cast<const float*>(words.next())), put(words), start(int64(n) * M * N), columns(N) {}
  DEVICE void operator()(int row, int column, float sum) { put(start + int64(row) * columns + column, bias ? sum + bias[column] : sum); }
};
// The same of float32 alone, in large tiles.
PAIRED_BLOCK_KERNEL(product_mapped_large_float32) { largeProduct<LargeMapped>(args); }
