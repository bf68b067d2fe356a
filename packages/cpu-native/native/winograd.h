// 3×3 convolutions with stride 1 by Winograd's minimal filtering, as in assembly/conv/{winograd,transform}.ts: the same points and
// constants, but tiles are counted through the tile rows of a block, a vector's lanes hold neighbouring ones wherever rows end.
// Slots of conv3x3: 0 input  1 points of the filters  2 output  3 bias or 0  4 images  5 channels  6 filters
// 7 height  8 width  9 padding top  10 padding left  11 out height  12 out width  13 tiles in y  14 tiles in x
// 15 tile rows in a block  17 filters at a time

constexpr int points = 36;

/** Values of one direction to the six points. */
ALWAYS_INLINE void toPoints(const vec<float>* d, vec<float>* out) {
  const vec<float> ea = d[4] - 2.25f * d[2], oa = 0.75f * (d[3] - 2.25f * d[1]);
  const vec<float> eb = d[4] - 0.5625f * d[2], ob = 1.5f * (d[3] - 0.5625f * d[1]);
  out[0] = (1.265625f * d[0] + d[4]) - 2.8125f * d[2];
  out[1] = ea + oa;
  out[2] = ea - oa;
  out[3] = eb + ob;
  out[4] = eb - ob;
  out[5] = (1.265625f * d[1] + d[5]) - 2.8125f * d[3];
}

/** Four values of one direction (the taps of the weight gradient's correlation) to the six points. */
ALWAYS_INLINE void tapsToPoints(const vec<float>* g, vec<float>* out) {
  const vec<float> ea = -0.29629629629629634f * g[2] + -0.5267489711934157f * g[0];
  const vec<float> oa = -0.22222222222222224f * g[3] + -0.39506172839506176f * g[1];
  const vec<float> eb = 0.29629629629629634f * g[2] + 0.13168724279835392f * g[0];
  const vec<float> ob = 0.4444444444444445f * g[3] + 0.19753086419753088f * g[1];
  out[0] = 0.7901234567901234f * g[0];
  out[1] = ea + oa;
  out[2] = ea - oa;
  out[3] = eb + ob;
  out[4] = eb - ob;
  out[5] = g[3];
}

/** Six points of one direction back to four values. */
ALWAYS_INLINE void fromPoints(const vec<float>* m, vec<float>* out, vec<float> offset) {
  const vec<float> sa = m[1] + m[2], da = m[1] - m[2], sb = m[3] + m[4], db = m[3] - m[4];
  out[0] = ((sa + sb) + m[0]) + offset;
  out[1] = 1.5f * db + (0.75f * da + offset);
  out[2] = 2.25f * sb + (0.5625f * sa + offset);
  out[3] = 3.375f * db + (0.421875f * da + (m[5] + offset));
}

/** Lanes of two vectors: every second one, from the first or the second on. */
template <size_t FROM, size_t... J>
ALWAYS_INLINE vec<float> everySecond(vec<float> a, vec<float> b, std::index_sequence<J...>) {
  return __builtin_shufflevector(a, b, (2 * J + FROM)...);
}
/** Lanes of two vectors in turn: the first halves of both, or the second. */
template <bool SECOND, size_t... J>
ALWAYS_INLINE vec<float> inTurn(vec<float> a, vec<float> b, std::index_sequence<J...>) {
  constexpr size_t L = sizeof...(J);
  return __builtin_shufflevector(a, b, (J / 2 + (J % 2) * L + (SECOND ? L / 2 : 0))...);
}
constexpr auto lanes = std::make_index_sequence<Lanes<float>::count>();

/** 4·L neighbouring values to four vectors of every fourth. */
ALWAYS_INLINE void everyFourth(const uint8_t* p, vec<float>* out) {
  const vec<float> a = load<float>(p), b = load<float>(p + vectorBytes), c = load<float>(p + 2 * vectorBytes), d = load<float>(p + 3 * vectorBytes);
  const vec<float> even0 = everySecond<0>(a, b, lanes), even1 = everySecond<0>(c, d, lanes);
  const vec<float> odd0 = everySecond<1>(a, b, lanes), odd1 = everySecond<1>(c, d, lanes);
  out[0] = everySecond<0>(even0, even1, lanes);
  out[1] = everySecond<0>(odd0, odd1, lanes);
  out[2] = everySecond<1>(even0, even1, lanes);
  out[3] = everySecond<1>(odd0, odd1, lanes);
}
/** The other way round. */
ALWAYS_INLINE void storeFourth(uint8_t* p, const vec<float>* in) {
  const vec<float> even0 = inTurn<false>(in[0], in[2], lanes), even1 = inTurn<true>(in[0], in[2], lanes);
  const vec<float> odd0 = inTurn<false>(in[1], in[3], lanes), odd1 = inTurn<true>(in[1], in[3], lanes);
  store<float>(p, inTurn<false>(even0, odd0, lanes));
  store<float>(p + vectorBytes, inTurn<true>(even0, odd0, lanes));
  store<float>(p + 2 * vectorBytes, inTurn<false>(even1, odd1, lanes));
  store<float>(p + 3 * vectorBytes, inTurn<true>(even1, odd1, lanes));
}

struct Tiled {
  int images, channels, filters, height, width, padTop, padLeft, outHeight, outWidth, tilesY, tilesX, blockRows, allRows;

  explicit Tiled(const Call& call)
      : images(call.slot(4)), channels(call.slot(5)), filters(call.slot(6)), height(call.slot(7)), width(call.slot(8)),
        padTop(call.slot(9)), padLeft(call.slot(10)), outHeight(call.slot(11)), outWidth(call.slot(12)), tilesY(call.slot(13)),
        tilesX(call.slot(14)), blockRows(call.slot(15)), allRows(images * tilesY) {}

  bool sound() const {
    constexpr int64_t most = int64_t(1) << 28;
    const auto near = [](int64_t value) { return value > -most && value < most; };
    return images > 0 && channels > 0 && filters > 0 && height > 0 && width > 0 && outHeight > 0 && outWidth > 0 && blockRows > 0 &&
           near(int64_t(height) * width) && near(int64_t(outHeight) * outWidth) && near(padTop) && near(padLeft) && near(channels) &&
           near(filters) && tilesY == (outHeight + 3) / 4 && tilesX == (outWidth + 3) / 4 && near(int64_t(images) * tilesY) &&
           near(int64_t(blockRows) * tilesX);
  }
  int64_t blocks() const { return (int64_t(allRows) + blockRows - 1) / blockRows; }
  uint64_t planeBytes() const { return uint64_t(height) * width * 4; }
  uint64_t outBytes() const { return uint64_t(outHeight) * outWidth * 4; }
  bool holdsInput(const Call& call, int slot) const { return call.holds(call.offset(slot), floats(images, channels, height, width)); }
  bool holdsOutput(const Call& call, int slot) const { return call.holds(call.offset(slot), floats(images, filters, outHeight, outWidth)); }
};

/** Bytes of a row of a point's tiles, and from one point's rows to the next's: an odd number of cache lines, for the caches' sets. */
constexpr uint64_t tileBytes(int tiles) { return (uint64_t(tiles) * 4 + vectorBytes - 1) & ~uint64_t(vectorBytes - 1); }
constexpr uint64_t pointBytes(int rows, uint64_t rowBytes) { return ((uint64_t(rows) * rowBytes + 63) & ~uint64_t(63)) | 64; }

/** Runs of tile rows of one image in [row0, row1): `at` is the first one's tile. */
template <class Each>
ALWAYS_INLINE void eachTileRun(const Tiled& s, int row0, int row1, Each each) {
  for (int row = row0; row < row1;) {
    const int image = row / s.tilesY, ty = row % s.tilesY, rows = least(row1 - row, s.tilesY - ty);
    each(image, ty, rows, (row - row0) * s.tilesX);
    row += rows;
  }
}

/** Copies a part of a row of a plane, and zeros where there is none. */
ALWAYS_INLINE void copyPadded(uint8_t* out, const uint8_t* plane, int height, int width, int y, int x, int count) {
  if (y < 0 || y >= height) {
    fillRun(out, count, 0);
    return;
  }
  const int from = least(count, most(0, -x)), to = most(from, least(count, width - x));
  for (int i = 0; i < from; i++) put<float>(out + i * 4, 0);
  copyRun(out + from * 4, plane + (int64_t(y) * width + x + from) * 4, to - from);
  for (int i = to; i < count; i++) put<float>(out + i * 4, 0);
}

/** Private memory for the lines of a block's tile rows, whose first direction is transformed: the lines themselves, and those four further on. */
struct LineArea {
  uint8_t *row, *lines, *next;
  uint64_t lineBytes;

  LineArea(uint8_t* from, int tiles, int tilesX) : row(from) {
    const uint64_t rowBytes = uint64_t(tilesX) * 16 + 64 + vectorBytes;
    lineBytes = uint64_t(tiles) * 16 + rowBytes + 4 * vectorBytes;
    lines = row + 6 * rowBytes;
    next = lines + 6 * lineBytes;
  }
  uint64_t rowStep(int tilesX) const { return uint64_t(tilesX) * 16 + 64 + vectorBytes; }
  uint64_t end() const { return reinterpret_cast<uint64_t>(next + 6 * lineBytes); }
  static uint64_t bytes(int tiles, int tilesX) { return 6 * (uint64_t(tilesX) * 16 + 64 + vectorBytes) + 12 * (uint64_t(tiles) * 16 + uint64_t(tilesX) * 16 + 64 + 5 * vectorBytes); }
};

/** The points of a block's input tiles, of one channel of each image: lane by lane from `out` on. */
NOINLINE void inputPoints(const Call& call, const Tiled& s, uint64_t input, int channel, int row0, int row1, uint8_t* out, uint64_t pointStep,
                          const LineArea& area) {
  constexpr int L = Lanes<float>::count;
  const int across = s.tilesX * 4 + 4;
  eachTileRun(s, row0, row1, [&](int image, int ty, int rows, int at) {
    const uint8_t* plane = call.at(input + (uint64_t(image) * s.channels + channel) * s.planeBytes());
    for (int r = 0; r < rows; r++, at += s.tilesX) {
      const int y0 = (ty + r) * 4 - s.padTop;
      const uint8_t* source = area.row;
      uint64_t step = area.rowStep(s.tilesX);
      const int reach = (across + L - 1) / L * L;
      if (y0 >= 0 && y0 + 6 <= s.height && s.padLeft == 0 && reach <= s.width) {
        source = plane + uint64_t(y0) * s.width * 4;
        step = uint64_t(s.width) * 4;
      } else {
        for (int i = 0; i < 6; i++) copyPadded(area.row + i * step, plane, s.height, s.width, y0 + i, -s.padLeft, across);
      }
      uint8_t* line = area.lines + uint64_t(at) * 16;
      for (int x = 0; x < across; x += L) {
        vec<float> d[6], p[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++) d[i] = load<float>(source + i * step + x * 4);
        toPoints(d, p);
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++) store<float>(line + i * area.lineBytes + x * 4, p[i]);
      }
      // what lies four further on, before the next tile row takes the place of the last
      for (int i = 0; i < 6; i++) {
        const uint8_t* from = line + i * area.lineBytes + 16;
        uint8_t* to = area.next + i * area.lineBytes + uint64_t(at) * 16;
        for (int x = 0; x < s.tilesX; x++) storeFour(to + x * 16, loadFour(from + x * 16));
      }
    }
  });
  const int tiles = (row1 - row0) * s.tilesX;
  for (int t = 0; t < tiles; t += L) {
    for (int i = 0; i < 6; i++) {
      vec<float> d[8], p[6];
      everyFourth(area.lines + i * area.lineBytes + t * 16, d);
      const uint8_t* next = area.next + i * area.lineBytes + t * 16;
      const vec<float> a = load<float>(next), b = load<float>(next + vectorBytes), c = load<float>(next + 2 * vectorBytes), e = load<float>(next + 3 * vectorBytes);
      d[4] = everySecond<0>(everySecond<0>(a, b, lanes), everySecond<0>(c, e, lanes), lanes);
      d[5] = everySecond<0>(everySecond<1>(a, b, lanes), everySecond<1>(c, e, lanes), lanes);
      toPoints(d, p);
#pragma GCC unroll 6
      for (int j = 0; j < 6; j++) store<float>(out + (6 * i + j) * pointStep + t * 4, p[j]);
    }
  }
}

/** The points of a block's tiles of the output's gradient, of one filter. */
NOINLINE void gradientPoints(const Call& call, const Tiled& s, uint64_t gradient, int filter, int row0, int row1, uint8_t* out, uint64_t pointStep,
                             const LineArea& area) {
  constexpr int L = Lanes<float>::count;
  const int across = s.tilesX * 4;
  eachTileRun(s, row0, row1, [&](int image, int ty, int rows, int at) {
    const uint8_t* plane = call.at(gradient + (uint64_t(image) * s.filters + filter) * s.outBytes());
    for (int r = 0; r < rows; r++, at += s.tilesX) {
      const int y0 = (ty + r) * 4;
      const uint8_t* source = area.row;
      uint64_t step = area.rowStep(s.tilesX);
      if (y0 + 4 <= s.outHeight && across == s.outWidth && across % L == 0) {
        source = plane + uint64_t(y0) * s.outWidth * 4;
        step = uint64_t(s.outWidth) * 4;
      } else {
        for (int i = 0; i < 4; i++) copyPadded(area.row + i * step, plane, s.outHeight, s.outWidth, y0 + i, 0, across);
      }
      uint8_t* line = area.lines + uint64_t(at) * 16;
      for (int x = 0; x < across; x += L) {
        vec<float> g[4], p[6];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) g[i] = load<float>(source + i * step + x * 4);
        tapsToPoints(g, p);
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++) store<float>(line + i * area.lineBytes + x * 4, p[i]);
      }
    }
  });
  const int tiles = (row1 - row0) * s.tilesX;
  for (int t = 0; t < tiles; t += L) {
    for (int i = 0; i < 6; i++) {
      vec<float> g[4], p[6];
      everyFourth(area.lines + i * area.lineBytes + t * 16, g);
      tapsToPoints(g, p);
#pragma GCC unroll 6
      for (int j = 0; j < 6; j++) store<float>(out + (6 * i + j) * pointStep + t * 4, p[j]);
    }
  }
}

/** A block's points of one filter back to its 4×4 outputs. */
NOINLINE void outputTiles(const Call& call, const Tiled& s, const uint8_t* from, uint64_t pointStep, float bias, uint64_t output, int filter,
                          int row0, int row1, uint8_t* lines, uint64_t lineBytes) {
  constexpr int L = Lanes<float>::count;
  const int tiles = (row1 - row0) * s.tilesX;
  for (int t = 0; t < tiles; t += L) {
    vec<float> half[6][4];
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
      vec<float> m[6];
#pragma GCC unroll 6
      for (int i = 0; i < 6; i++) m[i] = load<float>(from + (6 * i + j) * pointStep + t * 4);
      fromPoints(m, half[j], vec<float>{});
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      vec<float> m[6], out[4];
#pragma GCC unroll 6
      for (int j = 0; j < 6; j++) m[j] = half[j][i];
      fromPoints(m, out, vec<float>{} + bias);
      storeFourth(lines + i * lineBytes + t * 16, out);
    }
  }
  eachTileRun(s, row0, row1, [&](int image, int ty, int rows, int at) {
    uint8_t* plane = call.at(output + (uint64_t(image) * s.filters + filter) * s.outBytes());
    for (int r = 0; r < rows; r++, at += s.tilesX)
      for (int i = 0; i < least(4, s.outHeight - (ty + r) * 4); i++)
        copyRun(plane + uint64_t((ty + r) * 4 + i) * s.outWidth * 4, lines + i * lineBytes + uint64_t(at) * 16, s.outWidth);
  });
}

/** Doubles, a filter's each. */
typedef double six __attribute__((vector_size(64)));
typedef float sixFloats __attribute__((vector_size(32)));

/** The three taps of filters at point i; in double, as it is done once for many tiles. */
ALWAYS_INLINE void tapsAt(int i, const six& g0, const six& g1, const six& g2, six& out) {
  if (i == 0) {
    out = g0 * (1.0 / 1.265625);
  } else if (i == 5) {
    out = g2;
  } else {
    const double p = i < 3 ? 0.75 : 1.5, scale = i < 3 ? 1.0 / (2.0 * 0.5625 * (0.5625 - 2.25)) : 1.0 / (2.0 * 2.25 * (2.25 - 0.5625));
    out = ((g0 + p * p * g2) + (i & 1 ? p : -p) * g1) * scale;
  }
}

/** Filters to points, in groups of a tile's rows: index = a panel of six filters. */
const char* conv3x3Filters(const Call& call) {
  // 0 weight  1 out  2 filters  3 channels  4 filter step  5 channel step  6 y step  7 x step (bytes; steps may be < 0)
  const int filters = call.slot(2), channels = call.slot(3);
  const int64_t filterStep = call.slot(4), channelStep = call.slot(5), yStep = call.slot(6), xStep = call.slot(7);
  Span span;
  span.step(filters, filterStep);
  span.step(channels, channelStep);
  span.step(3, yStep);
  span.step(3, xStep);
  if (!span.within(call, call.offset(0)) || filters > (1 << 30)) return "its filters leave the heap";
  const int panels = panelsOf(filters);
  const uint64_t depthBytes = floats(channels), pointStep = times(depthBytes, panels * filterRows);
  if (!call.holds(call.offset(1), times(pointStep, points))) return "its points leave the heap";
  if (call.start < 0 || call.end > panels) return "there are not so many panels";
  for (int panel = call.start; panel < call.end; panel++) {
    const int f = panel * filterRows, rows = least(filterRows, filters - f);
    const FilterGroup tile(f, filters);
    uint8_t* q = call.at(call.offset(1) + tile.first * depthBytes + (f - tile.first) * 4);
    const uint8_t* base = call.at(call.offset(0)) + f * filterStep;
    // some channels at a time: the points of one lie far apart, in few sets of the cache
    constexpr int some = 8;
    sixFloats block[points][some];
    for (int c0 = 0; c0 < channels; c0 += some, q += some * tile.rows * 4) {
      const int count = least(some, channels - c0);
      for (int c = 0; c < count; c++) {
        const uint8_t* from = base + (c0 + c) * channelStep;
        six taps[3][3] = {};
        for (int y = 0; y < 3; y++)
          for (int x = 0; x < 3; x++)
            for (int r = 0; r < rows; r++) taps[y][x][r] = scalar<float>(from + r * filterStep + y * yStep + x * xStep);
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++) {
          six left, c1, c2, v;
          tapsAt(i, taps[0][0], taps[1][0], taps[2][0], left);
          tapsAt(i, taps[0][1], taps[1][1], taps[2][1], c1);
          tapsAt(i, taps[0][2], taps[1][2], taps[2][2], c2);
#pragma GCC unroll 6
          for (int j = 0; j < 6; j++) {
            tapsAt(j, left, c1, c2, v);
            block[6 * i + j][c] = __builtin_convertvector(v, sixFloats);
          }
        }
      }
      for (int point = 0; point < points; point++)
        for (int c = 0; c < count; c++) __builtin_memcpy(q + point * pointStep + c * tile.rows * 4, &block[point][c], filterRows * 4);
    }
  }
  return nullptr;
}

/** Output (+ bias) of a 3×3 convolution: index = a block of tile rows · parts + part of the filters. */
const char* conv3x3(const Call& call) {
  // 18 filters in a part, or 0: all
  const Tiled s(call);
  const int together = call.slot(17), wanted = call.slot(18), part = wanted > 0 ? least(wanted, s.filters) : s.filters;
  const uint64_t bias = call.offset(3);
  if (!s.sound() || together <= 0 || together % filterRows != 0 || (part < s.filters && part % tileRows != 0)) return "its shape is none";
  const uint64_t depthBytes = floats(s.channels), filterStep = times(depthBytes, panelsOf(s.filters) * filterRows);
  if (!s.holdsInput(call, 0) || !s.holdsOutput(call, 2) || !call.holds(call.offset(1), times(filterStep, points)) ||
      (bias && !call.holds(bias, floats(s.filters))))
    return "its operands leave the heap";
  const int parts = (s.filters + part - 1) / part;
  if (call.start < 0 || call.end > s.blocks() * parts) return "there are not so many blocks";
  // groups of filters must not be torn
  const int some = least((together + tileRows - 1) / tileRows * tileRows, s.filters);
  const int most_ = least(s.blockRows, s.allRows) * s.tilesX;
  const uint64_t rowBytes = tileBytes(most_), pointStep = pointBytes(s.channels, rowBytes), productStep = pointBytes(some, rowBytes);
  uint8_t *points_ = call.scratch, *products = points_ + times(pointStep, points) + 256, *lines = products + times(productStep, points) + 256;
  const uint64_t lineBytes = uint64_t(most_) * 16 + 8 * vectorBytes;
  const LineArea area(lines, most_, s.tilesX);
  if (times(pointStep, points) > scratchBytes || times(productStep, points) > scratchBytes ||
      lines + most(LineArea::bytes(most_, s.tilesX), 4 * lineBytes) > call.scratch + scratchBytes)
    return "it has too many channels";
  for (int index = call.start; index < call.end; index++) {
    const int row0 = index / parts * s.blockRows, row1 = least(s.allRows, row0 + s.blockRows), tiles_ = (row1 - row0) * s.tilesX;
    // the points stay from one part to the next
    if (index == call.start || index % parts == 0)
      for (int c = 0; c < s.channels; c++) inputPoints(call, s, call.offset(0), c, row0, row1, points_ + c * rowBytes, pointStep, area);
    const int end = least(s.filters, (index % parts + 1) * part);
    for (int f0 = index % parts * part; f0 < end; f0 += some) {
      const int f1 = least(end, f0 + some);
      for (int point = 0; point < points; point++) {
        const uint8_t* right = points_ + point * pointStep;
        for (int f = f0; f < f1; f += tileRows) {
          const FilterGroup tile(f, s.filters);
          const int rows = least(tile.rows, f1 - f);
          const uint8_t* a = call.at(call.offset(1) + point * filterStep + f * depthBytes);
          for (int t = 0; t < tiles_; t += tileColumns) {
            const int across = least(tileColumns, tiles_ - t);
            const Target<float> to = {products + point * productStep + (f - f0) * rowBytes + t * 4, rowBytes, across, false, nullptr};
            if (across > tileColumns / 2) tiles<float, 2, false>(rows, s.channels, a, 4, tile.rows * 4, right + t * 4, rowBytes, panelBytes, to);
            else tiles<float, 1, false>(rows, s.channels, a, 4, tile.rows * 4, right + t * 4, rowBytes, panelBytes, to);
          }
        }
      }
      for (int f = f0; f < f1; f++)
        outputTiles(call, s, products + (f - f0) * rowBytes, productStep, bias ? scalar<float>(call.at(bias + uint64_t(f) * 4)) : 0,
                    call.offset(2), f, row0, row1, lines, lineBytes);
    }
  }
  return nullptr;
}

/**
 * Points of the weight gradient, summed over a share of the blocks, of a part of the filters: index = share · parts + part.
 * Slots as conv3x3, but: 1 gradient of the output  2 sums [shares, 36, filters up to 6, channels up to 8]  3 blocks  17 blocks in a share
 * 18 filters in a part, or 0: all
 */
const char* conv3x3Weight(const Call& call) {
  const Tiled s(call);
  const int share = call.slot(17), wanted = call.slot(18), together = wanted > 0 ? least(wanted, s.filters) : s.filters;
  if (!s.sound() || share <= 0 || call.slot(3) != s.blocks()) return "its shape is none";
  const int blocks = call.slot(3), shares = (blocks + share - 1) / share, parts = (s.filters + together - 1) / together;
  const uint64_t sumStep = uint64_t((s.channels + 7) / 8) * 32, sumRows = uint64_t(panelsOf(s.filters)) * filterRows;
  const uint64_t sumBytes = times(times(sumStep, sumRows), points);
  if (!s.holdsInput(call, 0) || !s.holdsOutput(call, 1) || !call.holds(call.offset(2), times(sumBytes, shares))) return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(shares) * parts) return "there are not so many shares";
  const int most_ = least(s.blockRows, s.allRows) * s.tilesX;
  constexpr int width = panelBytes / 4;
  const int panels = (s.channels + width - 1) / width;
  const uint64_t rowBytes = tileBytes(most_), pointStep = pointBytes(s.channels, rowBytes), gradientStep = pointBytes(together, rowBytes);
  uint8_t *points_ = call.scratch, *gradients = points_ + times(pointStep, points) + 256, *packed = gradients + times(gradientStep, points) + 256;
  const uint64_t packedBytes = times(uint64_t(panels) * panelBytes, most_);
  uint8_t* lines = packed + packedBytes;
  const LineArea area(lines, most_, s.tilesX);
  if (times(pointStep, points) > scratchBytes || times(gradientStep, points) > scratchBytes || packedBytes > scratchBytes ||
      lines + LineArea::bytes(most_, s.tilesX) > call.scratch + scratchBytes)
    return "it has too many channels";
  for (int index = call.start; index < call.end; index++) {
    const int first = index / parts * share, f0 = index % parts * together, f1 = least(s.filters, f0 + together);
    uint8_t* own = call.at(call.offset(2) + index / parts * sumBytes + f0 * sumStep);
    for (int block = first; block < least(blocks, first + share); block++) {
      const int row0 = block * s.blockRows, row1 = least(s.allRows, row0 + s.blockRows), tiles_ = (row1 - row0) * s.tilesX;
      for (int c = 0; c < s.channels; c++) inputPoints(call, s, call.offset(0), c, row0, row1, points_ + c * rowBytes, pointStep, area);
      for (int f = f0; f < f1; f++) gradientPoints(call, s, call.offset(1), f, row0, row1, gradients + (f - f0) * rowBytes, gradientStep, area);
      for (int point = 0; point < points; point++) {
        packColumns<float>(packed, uint64_t(tiles_) * panelBytes, points_ + point * pointStep, 4, rowBytes, tiles_, s.channels);
        for (int c = 0; c < s.channels; c += tileColumns) {
          const int part = least(tileColumns, s.channels - c);
          const Target<float> to = {own + point * sumRows * sumStep + c * 4, sumStep, part, block > first, nullptr};
          const uint8_t *a = gradients + point * gradientStep, *b = packed + uint64_t(c / width) * tiles_ * panelBytes;
          if (part > width) tiles<float, 2, true>(f1 - f0, tiles_, a, rowBytes, rowBytes, b, panelBytes, uint64_t(tiles_) * panelBytes, to);
          else tiles<float, 1, true>(f1 - f0, tiles_, a, rowBytes, rowBytes, b, panelBytes, uint64_t(tiles_) * panelBytes, to);
        }
      }
    }
  }
  return nullptr;
}

/** Adds up the shares and turns points back into 3×3 taps: index = a filter. */
const char* conv3x3WeightEnd(const Call& call) {
  // 0 sums  1 out  2 shares  3 filters  4 channels  5 add to what is there?
  constexpr int L = Lanes<float>::count;
  const int shares = call.slot(2), filters = call.slot(3), channels = call.slot(4);
  const bool add = call.slot(5) != 0;
  if (shares <= 0 || filters <= 0 || filters > (1 << 30) || channels <= 0 || channels > (1 << 30)) return "its shape is none";
  const uint64_t sumStep = uint64_t((channels + 7) / 8) * 32, sumRows = uint64_t(panelsOf(filters)) * filterRows;
  const uint64_t sumBytes = times(times(sumStep, sumRows), points);
  if (!call.holds(call.offset(0), times(sumBytes, shares)) || !call.holds(call.offset(1), floats(filters, channels, 9))) return "its operands leave the heap";
  if (call.start < 0 || call.end > filters) return "there are not so many filters";
  for (int f = call.start; f < call.end; f++)
    for (int c = 0; c < channels; c += L) {
      const int count = least(L, channels - c);
      vec<float> half[6][3];
      for (int j = 0; j < 6; j++) {
        vec<float> m[6];
        for (int i = 0; i < 6; i++) {
          float sums[L] = {};
          uint8_t* total = reinterpret_cast<uint8_t*>(sums);
          const uint8_t* from = call.at(call.offset(0) + (uint64_t(6 * i + j) * sumRows + f) * sumStep + uint64_t(c) * 4);
          copyRun(total, from, count);
          for (int share = 1; share < shares; share++) addRun(total, from + share * sumBytes, count);
          m[i] = load<float>(total);
        }
        const vec<float> sa = m[1] + m[2], da = m[1] - m[2], sb = m[3] + m[4], db = m[3] - m[4];
        half[j][0] = m[0] + sa + sb;
        half[j][1] = 0.75f * da + 1.5f * db;
        half[j][2] = 0.5625f * sa + 2.25f * sb + m[5];
      }
      float taps[9][L];
      for (int y = 0; y < 3; y++) {
        const vec<float> sa = half[1][y] + half[2][y], da = half[1][y] - half[2][y], sb = half[3][y] + half[4][y], db = half[3][y] - half[4][y];
        store<float>(taps[3 * y], half[0][y] + sa + sb);
        store<float>(taps[3 * y + 1], 0.75f * da + 1.5f * db);
        store<float>(taps[3 * y + 2], 0.5625f * sa + 2.25f * sb + half[5][y]);
      }
      uint8_t* to = call.at(call.offset(1) + (uint64_t(f) * channels + c) * 36);
      for (int i = 0; i < count; i++, to += 36)
        for (int t = 0; t < 9; t++) put<float>(to + t * 4, add ? scalar<float>(to + t * 4) + taps[t][i] : taps[t][i]);
    }
  return nullptr;
}
