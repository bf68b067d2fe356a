// output[b] = a[b] @ b[b] + bias
#include "tiles.cuh"
#include "large_tiles.cuh"

/** A matrix of a batch, by the steps of its rows and columns. */
template <class T> struct Matrix {
  const View& view;
  int64 start;
  DEVICE Matrix(const View& view, int64 n) : view(view), start(n * view.steps[0]) {}
  DEVICE T at(int64 row, int64 column) const { return view.get<T>(start + row * view.steps[1] + column * view.steps[2]); }
  DEVICE T operator()(int64 row, int64 column) const { return at(row, column); }
};
template <class T> struct LeftFactor : Matrix<T> {
  using Matrix<T>::Matrix;
  DEVICE bool alongK() const { return this->view.steps[2] == 1; }
};
template <class T> struct RightFactor : Matrix<T> {
  using Matrix<T>::Matrix;
  DEVICE bool alongK() const { return this->view.steps[1] == 1; }
};
template <class T> struct Product {
  const View& view;
  int64 start;
  /** What is added to each column, in the output's dtype, or 0. */
  const Memory& bias;
  DEVICE void operator()(int64 row, int64 column, T sum) const {
    const T all = bias.pointer ? plus(sum, bias.get<T>(column)) : sum;
    view.set(start + row * view.steps[1] + column * view.steps[2], all);
  }
};

// words: batch, M, N, K, tiles of a row and of a column, a, b, output (with their three steps), the bias's address or 0, its dtype
template <class T> DEVICE void matmul(const Args& args) {
  SHARED_TILES(T);
  Words words(args);
  const int64 batch = words.next(), M = words.next(), N = words.next(), K = words.next();
  const int64 across = words.next(), down = words.next();
  const View a(words, 3), b(words, 3), output(words, 3);
  const Memory bias{words.next(), int(words.next())};
  for (int64 block = blockIdx.x; block < batch * across * down; block += gridDim.x) {
    const int64 n = block / (across * down), top = block / across % down * tile, side = block % across * tile;
    tileOf(left, right, top, side, M, N, 0, K, LeftFactor<T>(a, n), RightFactor<T>(b, n), Product<T>{output, n * output.steps[0], bias});
  }
}
FOR_EACH_SCALAR(BLOCK_KERNEL, matmul, matmul)

/** words: the bias's address or 0, output (with its three steps) */
struct LargeResults {
  const float* bias;
  float* to;
  const int64* steps;
  DEVICE LargeResults(Words& words, int, int, int n)
      : bias(reinterpret_cast<const float*>(words.next())), to(reinterpret_cast<float*>(words.next())), steps(words.list(3)) {
    to += n * steps[0];
  }
  DEVICE void operator()(int row, int column, float sum) { to[row * steps[1] + column * steps[2]] = bias ? sum + bias[column] : sum; }
};
PAIRED_BLOCK_KERNEL(matmul_large_float32) { largeProduct<LargeResults>(args); }
