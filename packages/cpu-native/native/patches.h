// The patches that a convolution reads, as the rows of a matrix: k = (channel, ky, kx) by output pixels.
// Slots of all direct convolutions, as in assembly/conv/patches.ts:
// 4 images  5 channels of a group  6 filters of a group  7 height  8 width  9 padding top  10 padding left
// 11 out height  12 out width  13 kernel height  14 kernel width  15 stride y  16 stride x  17 dilation y  18 dilation x  19 groups

struct Convolution {
  int images, channels, filters, height, width, padTop, padLeft, outHeight, outWidth, kernelHeight, kernelWidth, strideY, strideX,
      dilationY, dilationX, groups, pixels, taps;

  explicit Convolution(const Call& call)
      : images(call.slot(4)), channels(call.slot(5)), filters(call.slot(6)), height(call.slot(7)), width(call.slot(8)),
        padTop(call.slot(9)), padLeft(call.slot(10)), outHeight(call.slot(11)), outWidth(call.slot(12)), kernelHeight(call.slot(13)),
        kernelWidth(call.slot(14)), strideY(call.slot(15)), strideX(call.slot(16)), dilationY(call.slot(17)),
        dilationX(call.slot(18)), groups(call.slot(19)), pixels(outHeight * outWidth), taps(kernelHeight * kernelWidth) {}

  /** Whether nothing that is computed of them passes 32 bits. */
  bool sound() const {
    constexpr int64_t most = int64_t(1) << 30;
    const auto near = [](int64_t value) { return value > -most && value < most; };
    return images >= 0 && channels >= 0 && filters >= 0 && height >= 0 && width >= 0 && outHeight > 0 && outWidth > 0 &&
           kernelHeight > 0 && kernelWidth > 0 && strideY > 0 && strideX > 0 && dilationY > 0 && dilationX > 0 && groups > 0 &&
           near(int64_t(height) * width) && near(int64_t(outHeight) * outWidth) && near(int64_t(kernelHeight) * kernelWidth) &&
           near(int64_t(kernelHeight) * dilationY) && near(int64_t(kernelWidth) * dilationX) && near(int64_t(outHeight) * strideY) &&
           near(int64_t(outWidth) * strideX) && near(padTop) && near(padLeft) && near(int64_t(channels) * taps) && near(filters) &&
           near(int64_t(images) * groups) && near(int64_t(images) * pixels);
  }
  bool holdsInput(const Call& call, int slot) const {
    return call.holds(call.offset(slot), floats(images, groups, channels, height, width));
  }
  bool holdsOutput(const Call& call, int slot) const {
    return call.holds(call.offset(slot), floats(images, groups, filters, outHeight, outWidth));
  }
  /** Bytes of an input plane, and of an output plane. */
  uint64_t planeBytes() const { return uint64_t(height) * width * 4; }
  uint64_t pixelBytes() const { return uint64_t(pixels) * 4; }
};

/** Columns of patches that lie in one image: its pixels [p0, p1), from column `at` on. */
template <class Each>
ALWAYS_INLINE void eachImage(int pixels, int64_t v0, int64_t v1, Each each) {
  int image = static_cast<int>(v0 / pixels), p0 = static_cast<int>(v0 % pixels), at = 0;
  for (int64_t left = v1 - v0; left > 0;) {
    const int count = left < pixels - p0 ? static_cast<int>(left) : pixels - p0;
    each(image, p0, p0 + count, at);
    image++;
    p0 = 0;
    at += count;
    left -= count;
  }
}

/** Rows of a padded plane apart by phase: `phases` rows of every phases-th value each, so that the values of a tap are neighbours. */
struct Stage {
  int rows, top, first, wide;
  uint64_t rowStep;

  Stage(const Convolution& s, int p0, int p1) {
    const int row0 = p0 / s.outWidth, row1 = (p1 - 1) / s.outWidth;
    first = row0 == row1 ? p0 % s.outWidth : 0;
    rows = (row1 - row0) * s.strideY + (s.kernelHeight - 1) * s.dilationY + 1;
    top = row0 * s.strideY - s.padTop;
    wide = (row0 == row1 ? p1 - p0 : s.outWidth) + (s.kernelWidth - 1) * s.dilationX / s.strideX;
    rowStep = uint64_t(wide) * s.strideX * 4;
  }
  uint64_t bytes() const { return rows * rowStep; }
  /** The plane's column that stands first. */
  int left(const Convolution& s) const { return first * s.strideX - s.padLeft; }
};

/** Whether a tap has that phase. */
ALWAYS_INLINE bool usesPhase(const Convolution& s, int phase) {
  for (int kx = 0; kx < s.kernelWidth; kx++)
    if (kx * s.dilationX % s.strideX == phase) return true;
  return false;
}

/** Every second value of a row: those of two phases. */
ALWAYS_INLINE void splitPairs(uint8_t* out, const uint8_t* row, int width, int left, int wide) {
  // value 2j goes to place j + even of its phase, value 2j + 1 to j + odd of the other
  const int half = left >> 1;
  const bool turned = (left & 1) != 0;
  const int even = -half - (turned ? 1 : 0), odd = -half;
  uint8_t *evens = out + (turned ? uint64_t(wide) * 4 : 0), *odds = out + (turned ? 0 : uint64_t(wide) * 4);
  const int from = most(0, most(-even, -odd)), to = most(from, least(width / 2, least(wide - even, wide - odd)));
  const auto one = [&](int j) {
    if (j + even >= 0 && j + even < wide && 2 * j < width) put<float>(evens + (j + even) * 4, scalar<float>(row + j * 8));
    if (j + odd >= 0 && j + odd < wide && 2 * j + 1 < width) put<float>(odds + (j + odd) * 4, scalar<float>(row + j * 8 + 4));
  };
  for (int j = most(0, least(-even, -odd)); j < from; j++) one(j);
  const auto pair = [&](int j) {
    const four a = loadFour(row + j * 8), b = loadFour(row + j * 8 + 16);
    storeFour(evens + (j + even) * 4, __builtin_shufflevector(a, b, 0, 2, 4, 6));
    storeFour(odds + (j + odd) * 4, __builtin_shufflevector(a, b, 1, 3, 5, 7));
  };
  int j = from;
  for (; j + 4 <= to; j += 4) pair(j);
  const int end = least((width + 1) / 2, most(wide - even, wide - odd));
  for (; j < end; j++) one(j);
}

NOINLINE void stageRows(const Convolution& s, const Stage& stage, const uint8_t* plane, uint8_t* out) {
  const int left = stage.left(s), wide = stage.wide;
  for (int r = 0; r < stage.rows; r++, out += stage.rowStep) {
    if (s.kernelHeight == 1 && r % s.strideY != 0) continue;
    const int y = stage.top + r;
    const uint8_t* row = plane + uint64_t(y) * s.width * 4;
    if (y < 0 || y >= s.height) {
      fillRun(out, wide * s.strideX, 0);
    } else if (s.strideX == 1) {
      const int from = least(wide, most(0, -left)), to = most(from, least(wide, s.width - left));
      fillRun(out, from, 0);
      copyRun(out + from * 4, row + (from + left) * 4, to - from);
      fillRun(out + to * 4, wide - to, 0);
    } else if (s.strideX == 2 && s.kernelWidth > 1) {
      fillRun(out, wide * 2, 0);
      splitPairs(out, row, s.width, left, wide);
    } else {
      for (int phase = 0; phase < s.strideX; phase++) {
        if (!usesPhase(s, phase)) continue;
        uint8_t* to = out + uint64_t(phase) * wide * 4;
        int x = left + phase;
        for (int i = 0; i < wide; i++, x += s.strideX)
          put<float>(to + i * 4, x >= 0 && x < s.width ? scalar<float>(row + x * 4) : 0);
      }
    }
  }
}

/**
 * Lays out `channels` channels from `plane` on, for output pixels [p0, p1) of one image; padding is 0. `area` is private memory for
 * the rows of a plane.
 */
void patchRows(const Convolution& s, const uint8_t* plane, int channels, int p0, int p1, uint8_t* out, uint64_t rowBytes,
               uint8_t* area, uint64_t areaBytes) {
  const Stage stage(s, p0, p1);
  const int column0 = p0 % s.outWidth, row0 = p0 / s.outWidth, left = stage.left(s);
  // no padding is touched
  const bool exact = s.strideX == 1 && stage.top >= 0 && stage.top + stage.rows <= s.height && left >= 0 && left + stage.wide <= s.width;
  if (!exact && stage.bytes() > areaBytes) {
    for (int c = 0; c < channels; c++, plane += s.planeBytes())
      for (int ky = 0; ky < s.kernelHeight; ky++)
        for (int kx = 0; kx < s.kernelWidth; kx++, out += rowBytes) {
          int y = row0 * s.strideY + ky * s.dilationY - s.padTop, column = column0;
          int x = column * s.strideX + kx * s.dilationX - s.padLeft;
          for (int i = 0; i < p1 - p0; i++) {
            const bool inside = y >= 0 && y < s.height && x >= 0 && x < s.width;
            put<float>(out + i * 4, inside ? scalar<float>(plane + (uint64_t(y) * s.width + x) * 4) : 0);
            x += s.strideX;
            if (++column == s.outWidth) {
              column = 0;
              x = kx * s.dilationX - s.padLeft;
              y += s.strideY;
            }
          }
        }
    return;
  }
  const uint64_t rowStep = exact ? uint64_t(s.width) * 4 : stage.rowStep, lineStep = s.strideY * rowStep;
  for (int c = 0; c < channels; c++, plane += s.planeBytes()) {
    const uint8_t* source = area;
    if (exact) source = plane + (uint64_t(stage.top) * s.width + left) * 4;
    else stageRows(s, stage, plane, area);
    for (int ky = 0; ky < s.kernelHeight; ky++)
      for (int kx = 0; kx < s.kernelWidth; kx++, out += rowBytes) {
        const int dx = kx * s.dilationX;
        const uint8_t* line = source + uint64_t(ky * s.dilationY) * rowStep +
                              (uint64_t(dx % s.strideX) * stage.wide + dx / s.strideX - stage.first) * 4;
        int x = column0;
        for (int at = 0; at < p1 - p0;) {
          const int n = least(s.outWidth - x, p1 - p0 - at);
          copyRun(out + at * 4, line + x * 4, n);
          line += lineStep;
          at += n;
          x = 0;
        }
      }
  }
}

/** Bytes in a row of patches: an odd number of cache lines, so that a column spreads over all sets. */
constexpr uint64_t patchRowBytes(int columns) { return ((uint64_t(columns) * 4 + 63) & ~uint64_t(63)) | 64; }

/** The patches of pixels [v0, v1), counted over all images, of `channels` channels from c0 on; columns up to a whole panel are 0. */
void patchColumns(const Call& call, const Convolution& s, int group, int c0, int channels, int64_t v0, int64_t v1, uint8_t* out,
                  uint64_t rowBytes, uint8_t* area, uint64_t areaBytes) {
  eachImage(s.pixels, v0, v1, [&](int image, int p0, int p1, int at) {
    const uint64_t plane = (uint64_t(image) * s.groups + group) * s.channels + c0;
    patchRows(s, call.at(call.offset(0) + plane * s.planeBytes()), channels, p0, p1, out + at * 4, rowBytes, area, areaBytes);
  });
  constexpr int width = panelBytes / 4;
  const int columns = static_cast<int>(v1 - v0), whole = (columns + width - 1) / width * width;
  if (columns < whole)
    for (int r = 0; r < channels * s.taps; r++) fillRun(out + r * rowBytes + columns * 4, whole - columns, 0);
}
