#pragma once
// A product in tiles of 64 x 64: a block of 256 threads keeps a piece of each factor in shared memory, and a thread 4 x 4 sums.
#include "combine.cuh"

constexpr int tile = 64;
constexpr int depth = 16;
constexpr int tileThreads = 256;

/** The pieces of both factors, which the threads of a block share. */
#define SHARED_TILES(type)                   \
  SHARED(type, left, [depth][tile + 1]);     \
  SHARED(type, right, [depth][tile + 1])

/**
 * sums of a(i, k) b(k, j) over k of from..end-1, for the tile at (top, side) of an M x N product: a thread has those at rows own / 16 + 16 i and columns
 * own % 16 + 16 j. A factor says along which of its positions neighbours lie in memory: so neighbours in the block read neighbours, whichever way it lies.
 */
template <class T, class A, class B>
DEVICE void sumsOfTile(T (&sums)[4][4], T (*left)[tile + 1], T (*right)[tile + 1], int64 top, int64 side, int64 M, int64 N, int64 from, int64 end,
                       const A& a, const B& b) {
  const int own = int(threadIdx.x), row = own / 16, column = own % 16;
  UNROLL for (int i = 0; i < 4; i++)
    UNROLL for (int j = 0; j < 4; j++) sums[i][j] = T(0);
  for (int64 start = from; start < end; start += depth) {
    for (int at = own; at < depth * tile; at += tileThreads) {
      const int i = a.alongK() ? at / depth : at % tile, k = a.alongK() ? at % depth : at / tile;
      left[k][i] = top + i < M && start + k < end ? a(top + i, start + k) : T(0);
      const int j = b.alongK() ? at / depth : at % tile, l = b.alongK() ? at % depth : at / tile;
      right[l][j] = side + j < N && start + l < end ? b(start + l, side + j) : T(0);
    }
    BARRIER();
    const int deep = end - start < depth ? int(end - start) : depth;
    for (int k = 0; k < deep; k++)
      UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int j = 0; j < 4; j++) sums[i][j] = fused(left[k][row + 16 * i], right[k][column + 16 * j], sums[i][j]);
    BARRIER();
  }
}
/** The same; `put` takes each that lies within. */
template <class T, class A, class B, class Put>
DEVICE void tileOf(T (*left)[tile + 1], T (*right)[tile + 1], int64 top, int64 side, int64 M, int64 N, int64 from, int64 end, const A& a, const B& b,
                   const Put& put) {
  T sums[4][4];
  sumsOfTile(sums, left, right, top, side, M, N, from, end, a, b);
  UNROLL for (int i = 0; i < 4; i++)
    UNROLL for (int j = 0; j < 4; j++) {
      const int64 y = top + threadIdx.x / 16 + 16 * i, x = side + threadIdx.x % 16 + 16 * j;
      if (y < M && x < N) put(y, x, sums[i][j]);
    }
}
