// Attention without the matrix of all scores, and its gradients, in tiles of 64 x 64: a block makes 64 rows of a result, and meets what they are summed
// over 64 at a time. A tile's scores are a product, whose sums stay with the threads (tiles.cuh); their weights then are the left factor of a second
// one. Each of q, k, v, g and y may lie in any strides but for its rows' elements.
#include "teams.cuh"
#include "tiles.cuh"

/** What a block makes of a row at a time; longer ones are several blocks'. */
constexpr int across = 2;
constexpr int wideTile = across * tile;

/** The matrices of a batch. words: address, steps along the batch's loops, step from row to row */
template <class S> struct Rows {
  const S* start;
  const int64* steps;
  int64 step;
  DEVICE Rows(Words& words, int rank) : start(elements<const S>(words)), steps(words.list(rank)), step(words.next()) {}
};
/** One of them: by its own rows, and turned. */
template <class S> struct Matrices {
  const S* x;
  int64 step;
  DEVICE Matrices(const Rows<S>& rows, const Loops& batch, int64 n) : x(rows.start + batch.place(rows.steps, uint32(n))), step(rows.step) {}
  DEVICE Computed<S> at(int64 row, int64 column) const { return x[row * step + column]; }
  DEVICE bool alongK() const { return true; }
  DEVICE Computed<S> operator()(int64 row, int64 k) const { return at(row, k); }
};
template <class S> struct Turned {
  const Matrices<S>& matrix;
  DEVICE bool alongK() const { return true; }
  DEVICE Computed<S> operator()(int64 k, int64 column) const { return matrix.at(column, k); }
};

/** words: rows of q, rows of k, features of q and k, features of v, matrices, scale, whether causal, loops over the batch, mask (0: none), its steps from row to row and along one */
template <class S> struct Scores {
  typedef Computed<S> T;
  int64 queries, keys, features, values, batch;
  double scale;
  bool causal;
  Loops loops;
  View mask;
  int64 maskRow, maskColumn;
  DEVICE explicit Scores(Words& words)
      : queries(words.next()), keys(words.next()), features(words.next()), values(words.next()), batch(words.next()), scale(words.real()),
        causal(words.next() != 0), loops(words), mask(words, loops.rank), maskRow(words.next()), maskColumn(words.next()) {}
  /** Where the mask of matrix n begins. */
  DEVICE int64 maskStart(int64 n) const { return loops.place(mask.steps, uint32(n)); }
  /** A score of a product of rows; -inf where the query does not meet the key. A mask holds bools, or numbers as q does. */
  DEVICE T of(T sum, int64 start, int64 query, int64 key) const {
    if (query >= queries || key >= keys || (causal && key > query)) return -INFINITY;
    const T score = sum * T(scale);
    if (!mask.pointer) return score;
    const int64 place = start + query * maskRow + key * maskColumn;
    if (mask.dtype == Bool) return reinterpret_cast<const uint8*>(mask.pointer)[place] ? score : T(-INFINITY);
    return score + reinterpret_cast<const S*>(mask.pointer)[place];
  }
};

/** Sums of a block: a thread's, at rows own / 16 + 16 i and columns own % 16 + 16 j of each of the tiles beside each other. */
template <class T> struct BlockSums {
  T at[across][4][4];
  DEVICE BlockSums() {
    UNROLL for (int part = 0; part < across; part++)
      UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < 4; j++) at[part][i][j] = T(0);
  }
  /** Adds the threads' weights times rows start..end-1 of x, from column `side` on. */
  template <class S>
  DEVICE void add(T (*left)[tile + 1], T (*right)[tile + 1], const T (&weights)[4][4], const Matrices<S>& x, int64 start, int64 end, int64 side,
                  int64 width) {
    const int own = int(threadIdx.x), row = own / 16, column = own % 16;
    // 16 columns of the weights at a time: they are one of each thread's
    AS_LOOP for (int piece = 0; piece < 4; piece++) {
      const int64 first = start + depth * piece;
      if (first >= end) break;
      UNROLL for (int i = 0; i < 4; i++)
        left[column][row + 16 * i] = piece == 0 ? weights[i][0] : piece == 1 ? weights[i][1] : piece == 2 ? weights[i][2] : weights[i][3];
      UNROLL for (int part = 0; part < across; part++) {
        const int64 begin = side + tile * part;
        if (begin >= width) continue;
        for (int at = own; at < depth * tile; at += tileThreads) {
          const int64 k = first + at / tile, e = begin + at % tile;
          right[at / tile][at % tile] = k < end && e < width ? x.at(k, e) : T(0);
        }
        BARRIER();
        AS_LOOP for (int k = 0; k < depth; k++)
          UNROLL for (int i = 0; i < 4; i++)
            UNROLL for (int j = 0; j < 4; j++) {
              T& sum = this->at[part][i][j];
              sum = fused(left[k][row + 16 * i], right[k][column + 16 * j], sum);
            }
        BARRIER();
      }
    }
  }
  /** Calls `put` with each row, column and sum. */
  template <class Put> DEVICE void each(int64 top, int64 side, int64 rows, int64 width, const Put& put) const {
    UNROLL for (int part = 0; part < across; part++)
      UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < 4; j++) {
          const int64 y = top + threadIdx.x / 16 + 16 * i, x = side + tile * part + threadIdx.x % 16 + 16 * j;
          if (y < rows && x < width) put(y, x, i, at[part][i][j]);
        }
  }
};

/** What the 16 threads of each row have, joined: known to all of them then. */
template <class T, class Join> DEVICE void joinRows(T (&own)[4], T (*cells)[tile + 1], const Join& join) {
  const int row = int(threadIdx.x) / 16, column = int(threadIdx.x) % 16;
  UNROLL for (int i = 0; i < 4; i++) cells[column][row + 16 * i] = own[i];
  BARRIER();
  UNROLL for (int i = 0; i < 4; i++) {
    own[i] = cells[0][row + 16 * i];
    for (int k = 1; k < 16; k++) own[i] = join(own[i], cells[k][row + 16 * i]);
  }
  BARRIER();
}

/** The blocks of results of M rows: `make(n, top, side)` makes one. */
template <class Make> DEVICE void eachBlock(int64 batch, int64 M, int64 width, const Make& make) {
  const int64 sides = (width + wideTile - 1) / wideTile, down = (M + tile - 1) / tile;
  for (int64 block = blockIdx.x; block < batch * down * sides; block += gridDim.x)
    make(block / (down * sides), block / sides % down * tile, block % sides * wideTile);
}

/** y = softmax(q k^T scale + mask) v, 0 where a row meets no key, and each row's log-sum-exp of scores. words: scores, y, log sums, q, k, v */
template <class S> DEVICE void attention(const Args& args) {
  typedef Computed<S> T;
  SHARED_TILES(T);
  Words words(args);
  const Scores<S> scores(words);
  S* output = elements<S>(words);
  T* logSums = elements<T>(words);
  const int rank = scores.loops.rank;
  const Rows<S> q(words, rank), k(words, rank), v(words, rank);
  const int64 M = scores.queries, N = scores.keys, width = scores.values;
  eachBlock(scores.batch, M, width, [&](int64 n, int64 top, int64 side) {
    const int64 row = threadIdx.x / 16, column = threadIdx.x % 16, mask = scores.maskStart(n);
    const Matrices<S> queries(q, scores.loops, n), keys(k, scores.loops, n), values(v, scores.loops, n);
    BlockSums<T> sums;
    T high[4], all[4];
    UNROLL for (int i = 0; i < 4; i++) {
      high[i] = -INFINITY;
      all[i] = T(0);
    }
    const int64 end = scores.causal && top + tile < N ? top + tile : N;
    for (int64 start = 0; start < end; start += tile) {
      T weights[4][4];
      sumsOfTile(weights, left, right, top, start, M, N, 0, scores.features, queries, Turned<S>{keys});
      T most[4], total[4];
      UNROLL for (int i = 0; i < 4; i++) {
        most[i] = -INFINITY;
        UNROLL for (int j = 0; j < 4; j++) {
          weights[i][j] = scores.of(weights[i][j], mask, top + row + 16 * i, start + column + 16 * j);
          most[i] = greater(most[i], weights[i][j]);
        }
      }
      joinRows(most, left, [](T x, T y) { return greater(x, y); });
      UNROLL for (int i = 0; i < 4; i++) {
        const T higher = greater(high[i], most[i]);
        const T before = high[i] == higher ? T(1) : exp(high[i] - higher); // of what was summed so far
        high[i] = higher;
        total[i] = T(0);
        UNROLL for (int j = 0; j < 4; j++) {
          // a row that has met no key yet has nothing to sum
          weights[i][j] = higher == T(-INFINITY) ? T(0) : exp(weights[i][j] - higher);
          total[i] += weights[i][j];
        }
        all[i] *= before;
        UNROLL for (int part = 0; part < across; part++)
          UNROLL for (int j = 0; j < 4; j++) sums.at[part][i][j] *= before;
      }
      joinRows(total, left, [](T x, T y) { return x + y; });
      UNROLL for (int i = 0; i < 4; i++) all[i] += total[i];
      sums.add(left, right, weights, values, start, N, side, width);
    }
    sums.each(top, side, M, width, [&](int64 y, int64 x, int i, T sum) {
      output[(n * M + y) * width + x] = all[i] == T(0) ? T(0) : sum / all[i];
      if (x == 0) logSums[n * M + y] = high[i] + log(all[i]);
    });
  });
}
FOR_EACH_FLOAT(BLOCK_KERNEL, attention, attention)
FOR_EACH_HALF(BLOCK_KERNEL, attention, attention)

/** dots of the rows of g and y. words: rows, n, rows of a matrix, loops over the batch, dots, g, y */
template <class T, class Team> DEVICE void attentionDots(const Args& args, const Team& team) {
  Words words(args);
  const int64 rows = words.next(), n = words.next(), each = words.next();
  const Loops loops(words);
  T* dots = elements<T>(words);
  const Rows<T> g(words, loops.rank), y(words, loops.rank);
  for (int64 row = team.firstRow(); row < rows; row += team.nextRow()) {
    const Matrices<T> left(g, loops, row / each), right(y, loops, row / each);
    T own = T(0);
    for (int64 e = team.first(); e < n; e += team.next()) own += left.at(row % each, e) * right.at(row % each, e);
    const T dot = team.sum(own);
    if (team.leads()) dots[row] = dot;
  }
}
ROW_KERNELS(attention_dots, attentionDots)

/**
 * The gradients: with p = exp(score - log sum) and ds = p (g v - dot) scale, dq = ds k, dk = ds^T q and dv = p^T g, where the dot is that of the rows
 * of g and y. words: scores, the gradient, g, q, k, v, log sums, dots
 */
enum Gradient { OfQueries, OfKeys, OfValues };
template <class T, Gradient which> DEVICE void attentionGradient(const Args& args) {
  SHARED_TILES(T);
  Words words(args);
  const Scores<T> scores(words);
  T* to = elements<T>(words);
  const int rank = scores.loops.rank;
  const Rows<T> g(words, rank), q(words, rank), k(words, rank), v(words, rank);
  const T* logSums = elements<const T>(words);
  const T* dots = elements<const T>(words);
  constexpr bool byQuery = which == OfQueries;
  const int64 M = byQuery ? scores.queries : scores.keys, N = byQuery ? scores.keys : scores.queries;
  const int64 width = which == OfValues ? scores.values : scores.features;
  eachBlock(scores.batch, M, width, [&](int64 n, int64 top, int64 side) {
    const int64 row = threadIdx.x / 16, column = threadIdx.x % 16, mask = scores.maskStart(n);
    const Matrices<T> gradient(g, scores.loops, n), queries(q, scores.loops, n), keys(k, scores.loops, n), values(v, scores.loops, n);
    BlockSums<T> sums;
    // a query meets the keys up to its own place
    const int64 from = scores.causal && !byQuery ? top : 0, end = scores.causal && byQuery && top + tile < N ? top + tile : N;
    for (int64 start = from; start < end; start += tile) {
      T weights[4][4], slopes[4][4];
      const Matrices<T>&own = byQuery ? queries : keys, &others = byQuery ? keys : queries;
      sumsOfTile(weights, left, right, top, start, M, N, 0, scores.features, own, Turned<T>{others});
      if (which != OfValues)
        sumsOfTile(slopes, left, right, top, start, M, N, 0, scores.values, byQuery ? gradient : values, Turned<T>{byQuery ? values : gradient});
      UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < 4; j++) {
          const int64 y = top + row + 16 * i, x = start + column + 16 * j, query = byQuery ? y : x;
          const T score = scores.of(weights[i][j], mask, query, byQuery ? x : y);
          const int64 at = n * scores.queries + query;
          const T p = score == T(-INFINITY) ? T(0) : exp(score - logSums[at]);
          weights[i][j] = which == OfValues || p == T(0) ? p : p * (slopes[i][j] - dots[at]) * T(scores.scale);
        }
      sums.add(left, right, weights, which == OfQueries ? keys : which == OfKeys ? queries : gradient, start, N, side, width);
    }
    sums.each(top, side, M, width, [&](int64 y, int64 x, int, T sum) { to[(n * M + y) * width + x] = sum; });
  });
}
template <class T> DEVICE void attentionQueries(const Args& args) { attentionGradient<T, OfQueries>(args); }
template <class T> DEVICE void attentionKeys(const Args& args) { attentionGradient<T, OfKeys>(args); }
template <class T> DEVICE void attentionValues(const Args& args) { attentionGradient<T, OfValues>(args); }
FOR_EACH_FLOAT(BLOCK_KERNEL, attention_queries, attentionQueries)
FOR_EACH_FLOAT(BLOCK_KERNEL, attention_keys, attentionKeys)
FOR_EACH_FLOAT(BLOCK_KERNEL, attention_values, attentionValues)
