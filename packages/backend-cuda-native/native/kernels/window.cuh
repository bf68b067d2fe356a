#pragma once
// Windows over planes of two dimensions: of convolutions and pools.
#include "teams.cuh"

/** words: sizes of the planes, of the results, of a window, strides, padding, dilation; two each */
struct Windows {
  int64 height, width, outHeight, outWidth, high, wide, strideY, strideX, padY, padX, dilationY, dilationX;
  DEVICE explicit Windows(Words& words)
      : height(words.next()), width(words.next()), outHeight(words.next()), outWidth(words.next()), high(words.next()), wide(words.next()),
        strideY(words.next()), strideX(words.next()), padY(words.next()), padX(words.next()), dilationY(words.next()), dilationX(words.next()) {}
  DEVICE int64 cells() const { return height * width; }
  DEVICE int64 results() const { return outHeight * outWidth; }
  DEVICE int64 kernel() const { return high * wide; }
  /** The cell that a window's k-th place covers, or -1 outside of the plane. */
  DEVICE int64 cell(int64 result, int64 k) const {
    const int64 y = result / outWidth * strideY + k / wide * dilationY - padY;
    const int64 x = result % outWidth * strideX + k % wide * dilationX - padX;
    return y < 0 || y >= height || x < 0 || x >= width ? -1 : y * width + x;
  }
  /** The result whose window has a cell in its k-th place, or -1. */
  DEVICE int64 result(int64 cell, int64 k) const {
    const int64 y = cell / width + padY - k / wide * dilationY;
    const int64 x = cell % width + padX - k % wide * dilationX;
    if (y < 0 || x < 0 || y % strideY != 0 || x % strideX != 0 || y / strideY >= outHeight || x / strideX >= outWidth) return -1;
    return y / strideY * outWidth + x / strideX;
  }
};
