#pragma once
// A product of float32 in tiles of 128 x 128: a block of 256 threads keeps a piece of each factor in shared memory, and a thread 8 x 8 sums. While a
// piece is multiplied, the next one is on its way. Each sum takes its terms in the order of k, as in tiles of 64 x 64 (tiles.cuh): the bits are the same.
#include "combine.cuh"

constexpr int largeTile = 128;
constexpr int largeDepth = 8;
constexpr int largeThreads = 256;
/** The places of threads in a tile: 16 rows of 16. */
constexpr int largeSide = 16;

/** Four neighbours, which move as one. */
struct alignas(16) Four {
  float at[4];
};
/** What a piece has for one k. What lies behind its end keeps rows in different banks. */
typedef Four LargeRow[largeTile / 4 + 1];

/** A factor of a tile: a's rows or b's columns, and of each piece the four elements that a thread brings. Sizes fit 32 bits. */
struct LargeFactor {
  /** Neighbours in a block read neighbours, whichever way they lie. */
  const bool alongK;
  /** Whether four neighbours lie as one, in this piece and each other. */
  const bool whole;
  /** How many of the four there are where they lie along what is kept; where they lie along k, all or none. */
  const int there;
  const float* from;
  /** To the next of the four, and of k. */
  const int next, along;

  /** @param left rows or columns from the tile's first one on; steps along them and along k */
  DEVICE LargeFactor(const float* first, int left, int64 step, int64 along)
      : alongK(along == 1),
        whole((alongK ? step : along) % 4 == 0 && (alongK || step == 1) && reinterpret_cast<uint64>(first) % 16 == 0),
        there(left - (alongK ? kept(true) : kept(false))),
        from(first + (alongK ? kept(true) * step + deep(true) : kept(false) * step + deep(false) * along)),
        next(alongK ? 1 : int(step)), along(int(along)) {}
  /** Where a thread's four begin in a piece. */
  DEVICE static int kept(bool alongK) { return alongK ? int(threadIdx.x) / 2 : int(threadIdx.x) % 32 * 4; }
  DEVICE static int deep(bool alongK) { return alongK ? int(threadIdx.x) % 2 * 4 : int(threadIdx.x) / 32; }

  /** Of the next piece, which has so many k or more. */
  DEVICE Four four(int ks) {
    const int rest = ks - deep(alongK);
    const int within = alongK ? (there > 0 ? rest : 0) : (rest > 0 ? there : 0);
    Four found;
    if (whole && within >= 4) found = *reinterpret_cast<const Four*>(from);
    else
      UNROLL for (int i = 0; i < 4; i++) found.at[i] = i < within ? from[int64(next) * i] : 0;
    from += int64(along) * largeDepth;
    return found;
  }
  /** Puts it into the piece. */
  DEVICE void put(LargeRow* piece, const Four& four) const {
    const int own = int(threadIdx.x);
    if (alongK)
      UNROLL for (int i = 0; i < 4; i++) piece[own % 2 * 4 + i][own / 8].at[own / 2 % 4] = four.at[i];
    else
      piece[own / 32][own % 32] = four;
  }
};

/** A thread's place: a warp has 4 x 8 of them, so that its reads of both pieces meet as often as they can. */
DEVICE int largeRow() { return int(threadIdx.x) / 64 * 4 + int(threadIdx.x) % 32 / 8; }
DEVICE int largeColumn() { return int(threadIdx.x) / 32 % 2 * 8 + int(threadIdx.x) % 8; }

/** The terms of one k: four rows and columns from the place on, and as many in the other half of the tile. */
DEVICE void addTerms(float (&sums)[8][8], const LargeRow& left, const LargeRow& right) {
  const Four a[2] = {left[largeRow()], left[largeSide + largeRow()]}, b[2] = {right[largeColumn()], right[largeSide + largeColumn()]};
  UNROLL for (int i = 0; i < 8; i++)
    UNROLL for (int j = 0; j < 8; j++) sums[i][j] = fused(a[i / 4].at[i % 4], b[j / 4].at[j % 4], sums[i][j]);
}
/** A thread's sums of a tile, over K terms. Each factor has room for two pieces: one is multiplied, the other filled. */
DEVICE void largeSums(float (&sums)[8][8], LargeRow* left, LargeRow* right, int K, LargeFactor a, LargeFactor b) {
  UNROLL for (int i = 0; i < 8; i++)
    UNROLL for (int j = 0; j < 8; j++) sums[i][j] = 0;
  if (K > 0) {
    a.put(left, a.four(K));
    b.put(right, b.four(K));
  }
  BARRIER();
  for (int rest = K, at = 0; rest > 0; rest -= largeDepth, at = largeDepth - at) {
    const bool more = rest > largeDepth;
    Four l, r;
    if (more) {
      l = a.four(rest - largeDepth);
      r = b.four(rest - largeDepth);
    }
    const int deep = more ? largeDepth : rest;
    AS_LOOP for (int k = 0; k < deep; k++) addTerms(sums, left[at + k], right[at + k]);
    if (more) {
      a.put(left + (largeDepth - at), l);
      b.put(right + (largeDepth - at), r);
    }
    BARRIER();
  }
}
/**
 * Gives `put` each sum of the tile at (top, side) that lies within M x N. They go by way of shared memory, a row of each place at a time: neighbours put
 * neighbours, from one place in the code.
 */
template <class Put> DEVICE void eachLargeSum(const float (&sums)[8][8], LargeRow* rows, int top, int side, int M, int N, Put& put) {
  UNROLL for (int i = 0; i < 8; i++) {
    UNROLL for (int j = 0; j < 8; j++) rows[largeRow()][j / 4 * largeSide + largeColumn()].at[j % 4] = sums[i][j];
    BARRIER();
    AS_LOOP for (int at = int(threadIdx.x); at < largeSide * largeTile; at += largeThreads) {
      const int row = at / largeTile, column = at % largeTile;
      const int y = top + i / 4 * (largeTile / 2) + row * 4 + i % 4, x = side + column;
      if (y < M && x < N) put(y, x, rows[row][column / 4].at[column % 4]);
    }
    BARRIER();
  }
}

/**
 * The tiles of a batch of products, block by block. `Put` takes a matrix's results: it is made of the words behind the factors, M, N and the matrix's
 * number. words: batch, M, N, K, a, b (addresses, steps of batch, rows and columns)
 */
template <class Put> DEVICE void largeProduct(const Args& args) {
  SHARED(LargeRow, left, [2 * largeDepth]);
  SHARED(LargeRow, right, [2 * largeDepth]);
  for (int64 block = blockIdx.x;; block += gridDim.x) {
    // anew for each tile: what is not needed in its midst need not stay in registers
    Words words(args);
    const int batch = int(words.next()), M = int(words.next()), N = int(words.next()), K = int(words.next());
    const int across = (N + largeTile - 1) / largeTile, tiles = (M + largeTile - 1) / largeTile * across;
    if (block >= int64(batch) * tiles) return;
    const int n = int(block / tiles), which = int(block % tiles), top = which / across * largeTile, side = which % across * largeTile;
    const float* a = reinterpret_cast<const float*>(words.next());
    const int64* stepsA = words.list(3);
    const float* b = reinterpret_cast<const float*>(words.next());
    const int64* stepsB = words.list(3);
    float sums[8][8];
    largeSums(sums, left, right, K, LargeFactor(a + n * stepsA[0] + top * stepsA[1], M - top, stepsA[1], stepsA[2]),
             LargeFactor(b + n * stepsB[0] + side * stepsB[2], N - side, stepsB[2], stepsB[1]));
    Put put(words, M, N, n);
    eachLargeSum(sums, left, top, side, M, N, put);
  }
}
