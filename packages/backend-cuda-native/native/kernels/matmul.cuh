// output[b] = a[b] @ b[b] in tiles of 64 x 64: a block of 256 threads keeps a tile of each factor in shared memory, a thread 4 x 4 sums.
#include "combine.cuh"

constexpr int tile = 64;
constexpr int depth = 16;

// words: batch, M, N, K, tiles of a row and of a column, a, b, output (with their three steps)
template <class T> DEVICE void matmul(const Args& args) {
  SHARED(T, left, [depth][tile + 1]);
  SHARED(T, right, [depth][tile + 1]);
  Words words(args);
  const int64 batch = words.next(), M = words.next(), N = words.next(), K = words.next();
  const int64 across = words.next(), down = words.next();
  const View a(words, 3), b(words, 3), output(words, 3);
  const int own = int(threadIdx.x), row = own / 16, column = own % 16;
  for (int64 block = blockIdx.x; block < batch * across * down; block += gridDim.x) {
    const int64 n = block / (across * down), top = block / across % down * tile, side = block % across * tile;
    T sums[4][4];
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) sums[i][j] = T(0);
    for (int64 start = 0; start < K; start += depth) {
      for (int at = own; at < depth * tile; at += 256) {
        // neighbours in the block read neighbours in memory, whichever way a factor lies
        const bool byRow = a.steps[2] == 1;
        const int i = byRow ? at / depth : at % tile, k = byRow ? at % depth : at / tile;
        const bool inA = top + i < M && start + k < K;
        left[k][i] = inA ? a.get<T>(n * a.steps[0] + (top + i) * a.steps[1] + (start + k) * a.steps[2]) : T(0);
        const bool byColumn = b.steps[1] == 1;
        const int j = byColumn ? at / depth : at % tile, l = byColumn ? at % depth : at / tile;
        const bool inB = side + j < N && start + l < K;
        right[l][j] = inB ? b.get<T>(n * b.steps[0] + (start + l) * b.steps[1] + (side + j) * b.steps[2]) : T(0);
      }
      BARRIER();
      const int deep = K - start < depth ? int(K - start) : depth;
      for (int k = 0; k < deep; k++)
        for (int i = 0; i < 4; i++)
          for (int j = 0; j < 4; j++) sums[i][j] = plus(sums[i][j], times(left[k][row + 16 * i], right[k][column + 16 * j]));
      BARRIER();
    }
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++) {
        const int64 y = top + row + 16 * i, x = side + column + 16 * j;
        if (y < M && x < N) output.set(n * output.steps[0] + y * output.steps[1] + x * output.steps[2], sums[i][j]);
      }
  }
}
FOR_EACH_SCALAR(BLOCK_KERNEL, matmul, matmul)
