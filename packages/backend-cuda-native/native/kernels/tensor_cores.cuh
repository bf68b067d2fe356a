#pragma once
// output[b] = a[b] @ b[b] + bias of halves, by tensor cores: factors as they are stored, sums in float32. A block of eight warps makes a tile of
// 128 x 128, a warp 64 x 32 of it. While the pieces of both factors in shared memory are multiplied, the next ones are on their way.
#include "combine.cuh"

constexpr int coreTile = 128;
constexpr int coreDepth = 32;
constexpr int coreThreads = 256;

/** Eight halves, which move as one. */
struct alignas(16) Eight {
  uint32 pairs[4];
};
/** A row of a piece: what lies behind its end keeps rows in different banks. */
typedef Eight CoreRow[coreDepth / 8 + 1];

DEVICE uint32 pairOf(const CoreRow& row, int k) { return row[k / 8].pairs[k % 8 / 2]; }

#ifdef __CUDACC__
// What a thread of a warp holds of 16 x 16 and of 16 x 8, as the instruction wants it.
struct LeftPiece {
  uint32 pairs[4];
  DEVICE LeftPiece(const CoreRow* rows, int k, int lane) {
    const int row = lane / 4, at = k + lane % 4 * 2;
    pairs[0] = pairOf(rows[row], at);
    pairs[1] = pairOf(rows[row + 8], at);
    pairs[2] = pairOf(rows[row], at + 8);
    pairs[3] = pairOf(rows[row + 8], at + 8);
  }
};
struct RightPiece {
  uint32 pairs[2];
  DEVICE RightPiece(const CoreRow* columns, int k, int lane) {
    pairs[0] = pairOf(columns[lane / 4], k + lane % 4 * 2);
    pairs[1] = pairOf(columns[lane / 4], k + lane % 4 * 2 + 8);
  }
};
#define CORE_SUMS "{%0, %1, %2, %3}"
#define CORE_RESULTS(sums) "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
template <int dtype> DEVICE void multiplyAdd(float (&sums)[4], const LeftPiece& left, const RightPiece& right, int) {
  const uint32* a = left.pairs;
  const uint32* b = right.pairs;
#if __CUDA_ARCH__ >= 800
  if (dtype == BFloat16)
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 " CORE_SUMS ", {%4, %5, %6, %7}, {%8, %9}, " CORE_SUMS ";"
        : CORE_RESULTS(sums)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 " CORE_SUMS ", {%4, %5, %6, %7}, {%8, %9}, " CORE_SUMS ";"
        : CORE_RESULTS(sums)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  static_assert(dtype == Float16, "cards of compute capability 7.5 multiply no bfloat16");
  UNROLL for (int half = 0; half < 2; half++)
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 " CORE_SUMS ", {%4, %5}, {%6}, " CORE_SUMS ";"
        : CORE_RESULTS(sums)
        : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
#endif
}
#else
// On the host a thread finds what the others of its warp would hand it where they have it from.
struct LeftPiece {
  const CoreRow* rows;
  int k;
  LeftPiece(const CoreRow* rows, int k, int) : rows(rows), k(k) {}
};
typedef LeftPiece RightPiece;
template <int dtype> void multiplyAdd(float (&sums)[4], const LeftPiece& left, const RightPiece& right, int lane) {
  const auto value = [](const CoreRow& row, int k) {
    const uint16 bits = uint16(pairOf(row, k) >> 16 * (k % 2));
    return dtype == BFloat16 ? fromBfloat(bits) : fromHalf(bits);
  };
  for (int e = 0; e < 4; e++)
    for (int k = 0; k < 16; k++)
      sums[e] += value(left.rows[lane / 4 + e / 2 * 8], left.k + k) * value(right.rows[lane % 4 * 2 + e % 2], right.k + k);
}
#endif

/** A factor as rows along k: a's own, and b's columns. */
struct CoreFactor {
  const uint16* from;
  int64 rows, step, along;
  DEVICE CoreFactor(const View& view, int64 n, int64 rows, int64 step, int64 along)
      : from(reinterpret_cast<const uint16*>(view.pointer) + n * view.steps[0]), rows(rows), step(step), along(along) {}
  /** Whether eight neighbours along k lie as one. */
  DEVICE bool whole() const { return along == 1 && step % 8 == 0 && reinterpret_cast<uint64>(from) % 16 == 0; }
  /** The row and the first position of one of a thread's two eights of a piece: neighbours read neighbours, whichever way they lie. */
  DEVICE int row(int turn) const { return along == 1 ? (int(threadIdx.x) + turn * coreThreads) / 4 : int(threadIdx.x) % coreTile; }
  DEVICE int position(int turn) const {
    return along == 1 ? int(threadIdx.x) % 4 * 8 : (int(threadIdx.x) / coreTile + turn * (coreThreads / coreTile)) * 8;
  }
  DEVICE Eight eight(int64 row, int64 k, int64 K) const {
    Eight found = {{0, 0, 0, 0}};
    if (row >= rows) return found;
    const uint16* at = from + row * step + k * along;
    if (whole() && k + 8 <= K) return *reinterpret_cast<const Eight*>(at);
    UNROLL for (int i = 0; i < 8; i++)
      if (k + i < K) found.pairs[i / 2] |= uint32(at[i * along]) << 16 * (i % 2);
    return found;
  }
};

// words: as of matmul (matmul.cuh), with tiles of this size
template <int dtype> DEVICE void matmulOnCores(const Args& args) {
  SHARED(CoreRow, left, [2][coreTile]);
  SHARED(CoreRow, right, [2][coreTile]);
  Words words(args);
  const int64 batch = words.next(), M = words.next(), N = words.next(), K = words.next();
  const int64 across = words.next(), down = words.next();
  const View a(words, 3), b(words, 3), output(words, 3);
  const Memory bias{words.next(), int(words.next())};
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
  const int ownRow = warp / 4 * 64, ownColumn = warp % 4 * 32;
  const int64 pieces = (K + coreDepth - 1) / coreDepth;
  for (int64 block = blockIdx.x; block < batch * across * down; block += gridDim.x) {
    const int64 n = block / (across * down), top = block / across % down * coreTile, side = block % across * coreTile;
    const CoreFactor rows(a, n, M, a.steps[1], a.steps[2]), columns(b, n, N, b.steps[2], b.steps[1]);
    float sums[4][4][4];
    UNROLL for (int i = 0; i < 4; i++)
      UNROLL for (int j = 0; j < 4; j++)
        UNROLL for (int e = 0; e < 4; e++) sums[i][j][e] = 0;
    Eight l[2], r[2];
    for (int64 piece = -1; piece < pieces; piece++) {
      const int64 next = (piece + 1) * coreDepth;
      if (piece + 1 < pieces)
        UNROLL for (int turn = 0; turn < 2; turn++) {
          l[turn] = rows.eight(top + rows.row(turn), next + rows.position(turn), K);
          r[turn] = columns.eight(side + columns.row(turn), next + columns.position(turn), K);
        }
      if (piece >= 0)
        UNROLL for (int k = 0; k < coreDepth; k += 16)
          UNROLL for (int j = 0; j < 4; j++) {
            const RightPiece by(&right[piece % 2][ownColumn + 8 * j], k, lane);
            UNROLL for (int i = 0; i < 4; i++) multiplyAdd<dtype>(sums[i][j], LeftPiece(&left[piece % 2][ownRow + 16 * i], k, lane), by, lane);
          }
      if (piece + 1 < pieces)
        UNROLL for (int turn = 0; turn < 2; turn++) {
          left[(piece + 1) % 2][rows.row(turn)][rows.position(turn) / 8] = l[turn];
          right[(piece + 1) % 2][columns.row(turn)][columns.position(turn) / 8] = r[turn];
        }
      BARRIER();
    }
    UNROLL for (int i = 0; i < 4; i++)
      UNROLL for (int j = 0; j < 4; j++)
        UNROLL for (int e = 0; e < 4; e++) {
          const int64 y = top + ownRow + 16 * i + lane / 4 + e / 2 * 8, x = side + ownColumn + 8 * j + lane % 4 * 2 + e % 2;
          if (y >= M || x >= N) continue;
          const float sum = bias.pointer ? sums[i][j][e] + bias.get<float>(x) : sums[i][j][e];
          output.set(n * output.steps[0] + y * output.steps[1] + x * output.steps[2], sum);
        }
  }
}
