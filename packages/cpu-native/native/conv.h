// Convolutions of any kernel, stride, padding, dilation and groups as matrix products whose patch matrix is never stored whole
// (assembly/conv/direct.ts). Pixels are counted over all images, so that small planes fill the register tile side by side.

/** Rows of a panel in whose units JavaScript counts filters (MR in assembly/gemm/micro.ts). */
constexpr int filterRows = 6;
/** Columns of a whole register tile of floats, and of the patches that are laid out at a time. */
constexpr int tileColumns = 2 * panelBytes / 4;
constexpr int patchColumnsMost = 256;

ALWAYS_INLINE int panelsOf(int filters) { return (filters + filterRows - 1) / filterRows; }

/** Of filters in groups of tileRows, each with all of k, a group's first and its rows: the last group is narrower. */
struct FilterGroup {
  int first, rows;
  FilterGroup(int filter, int filters) : first(filter / tileRows * tileRows), rows(least(tileRows, panelsOf(filters) * filterRows - first)) {}
};

/** Four neighbouring values of six rows, forwards or backwards, to four rows of six. */
ALWAYS_INLINE void turnSix(uint8_t* q, uint64_t step, const uint8_t* from, int64_t rowStep, bool backwards) {
  four r[6];
#pragma GCC unroll 6
  for (int i = 0; i < 6; i++) {
    r[i] = loadFour(from + i * rowStep - (backwards ? 12 : 0));
    if (backwards) r[i] = __builtin_shufflevector(r[i], r[i], 3, 2, 1, 0);
  }
  const four a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  const four c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  const four e = __builtin_shufflevector(r[4], r[5], 0, 4, 1, 5), f = __builtin_shufflevector(r[4], r[5], 2, 6, 3, 7);
  storeFour(q, __builtin_shufflevector(a, c, 0, 1, 4, 5));
  __builtin_memcpy(q + 16, &e, 8);
  storeFour(q + step, __builtin_shufflevector(a, c, 2, 3, 6, 7));
  __builtin_memcpy(q + step + 16, reinterpret_cast<const uint8_t*>(&e) + 8, 8);
  storeFour(q + 2 * step, __builtin_shufflevector(b, d, 0, 1, 4, 5));
  __builtin_memcpy(q + 2 * step + 16, &f, 8);
  storeFour(q + 3 * step, __builtin_shufflevector(b, d, 2, 3, 6, 7));
  __builtin_memcpy(q + 3 * step + 16, reinterpret_cast<const uint8_t*>(&f) + 8, 8);
}

/** Filters to groups of a tile's rows by k = (channel, ky, kx): index = group · panels + panel of six. */
const char* convFilters(const Call& call) {
  // 0 weight  1 out  2 filters of a group  3 channels of a group  13, 14 kernel  19 groups
  // 20 group step  21 filter step  22 channel step  23 y step  24 x step (bytes; y and x steps may be negative)
  const int filters = call.slot(2), channels = call.slot(3), kernelHeight = call.slot(13), kernelWidth = call.slot(14);
  const int groups = call.slot(19);
  const int64_t groupStep = call.slot(20), filterStep = call.slot(21), channelStep = call.slot(22), yStep = call.slot(23), xStep = call.slot(24);
  Span span;
  span.step(groups, groupStep);
  span.step(filters, filterStep);
  span.step(channels, channelStep);
  span.step(kernelHeight, yStep);
  span.step(kernelWidth, xStep);
  if (!span.within(call, call.offset(0)) || filters > (1 << 30)) return "its filters leave the heap";
  const int panels = panelsOf(filters);
  const uint64_t groupBytes = times(floats(channels, kernelHeight, kernelWidth), panels * filterRows);
  if (!call.holds(call.offset(1), times(groupBytes, groups))) return "its panels leave the heap";
  if (call.start < 0 || call.end > int64_t(groups) * panels) return "there are not so many panels";
  const uint64_t depthBytes = groupBytes / (panels * filterRows);
  // values that are neighbours, forwards or backwards: those of all channels, of a channel, or one
  const bool lines = (xStep == 4 || xStep == -4) && yStep == kernelWidth * xStep;
  const bool all = lines && xStep == 4 && channelStep == int64_t(kernelHeight) * kernelWidth * 4;
  const int taps = kernelHeight * kernelWidth, run = all ? channels * taps : lines ? taps : 1;
  for (int i = call.start; i < call.end; i++) {
    const int group = i / panels, f = i % panels * filterRows;
    const FilterGroup tile(f, filters);
    const uint64_t step = uint64_t(tile.rows) * 4;
    uint8_t* q = call.at(call.offset(1) + group * groupBytes + tile.first * depthBytes + (f - tile.first) * 4);
    const uint8_t* base = call.at(call.offset(0)) + group * groupStep + f * filterStep;
    const int rows = least(filterRows, filters - f);
    for (int k = 0; k < channels * taps; k += run) {
      const uint8_t* from = base + k / taps * channelStep + k % taps / kernelWidth * yStep + k % kernelWidth * xStep;
      int j = 0;
      if (rows == filterRows)
        for (; j + 4 <= run; j += 4, q += 4 * step) turnSix(q, step, from + j * xStep, filterStep, xStep < 0);
      for (; j < run; j++, q += step)
        for (int r = 0; r < filterRows; r++) put<float>(q + r * 4, r < rows ? scalar<float>(from + j * xStep + r * filterStep) : 0);
    }
  }
  return nullptr;
}

/** The columns of a block of patches, and what is left for the rows of a plane. */
struct PatchArea {
  uint8_t *patches, *stage;
  int columns;
  uint64_t rowBytes, stageBytes;

  PatchArea(const Call& call, uint8_t* from, int rows, int wanted) {
    const uint64_t room = call.scratch + scratchBytes - from;
    columns = wanted;
    while (columns > panelBytes / 4 && (times(rows, patchRowBytes(columns)) > room / 2)) columns /= 2;
    rowBytes = patchRowBytes(columns);
    patches = from;
    const uint64_t taken = times(rows, rowBytes);
    stage = from + taken;
    stageBytes = taken > room ? 0 : room - taken;
    if (taken > room) columns = 0;
  }
};

/** Output (+ bias): index = (image · groups + group) · blocks + block of output pixels. */
const char* convForward(const Call& call) {
  // 0 input  1 groups of filters  2 output  3 bias or 0  20 pixels in a block  21 blocks  22 channels that are summed at a time
  const Convolution s(call);
  const int blockPixels = call.slot(20), blocks = call.slot(21), together = least(s.channels, call.slot(22));
  if (!s.sound() || s.filters == 0 || blockPixels <= 0 || blocks <= 0 || together < 0 || (together == 0 && s.channels > 0) ||
      int64_t(blocks - 1) * blockPixels >= s.pixels)
    return "its shape is none";
  const uint64_t depthBytes = floats(s.channels, s.taps), groupBytes = times(depthBytes, panelsOf(s.filters) * filterRows);
  const uint64_t bias = call.offset(3);
  if (!s.holdsInput(call, 0) || !s.holdsOutput(call, 2) || !call.holds(call.offset(1), times(groupBytes, s.groups)) ||
      (bias && !call.holds(bias, floats(s.groups, s.filters))))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(s.images) * s.groups * blocks) return "there are not so many blocks";
  uint8_t* corner = call.scratch;
  const PatchArea area(call, corner + tileRows * 2 * panelBytes, together * s.taps, patchColumnsMost);
  if (area.columns == 0) return "its kernel is too large";

  const auto columns = [&](int group, int64_t v0, int64_t v1) {
    const int count = static_cast<int>(v1 - v0);
    const auto output = [&](int image, int f, int p) {
      return call.at(call.offset(2) + ((uint64_t(image) * s.groups + group) * s.filters + f) * s.pixelBytes() + uint64_t(p) * 4);
    };
    if (bias || s.channels == 0)
      eachImage(s.pixels, v0, v1, [&](int image, int p0, int p1, int) {
        for (int f = 0; f < s.filters; f++)
          fillRun(output(image, f, p0), p1 - p0, bias ? scalar<float>(call.at(bias + (uint64_t(group) * s.filters + f) * 4)) : 0);
      });
    for (int c0 = 0; c0 < s.channels; c0 += together) {
      const int some = least(together, s.channels - c0), depth = some * s.taps;
      patchColumns(call, s, group, c0, some, v0, v1, area.patches, area.rowBytes, area.stage, area.stageBytes);
      const bool add = bias || c0 > 0;
      for (int f = 0; f < s.filters; f += tileRows) {
        const FilterGroup tile(f, s.filters);
        const int rows = least(tile.rows, s.filters - f);
        const uint8_t* a = call.at(call.offset(1) + group * groupBytes + f * depthBytes + uint64_t(c0) * s.taps * tile.rows * 4);
        for (int j = 0; j < count; j += tileColumns) {
          const int part = least(tileColumns, count - j), image = static_cast<int>((v0 + j) / s.pixels), p = static_cast<int>((v0 + j) % s.pixels);
          const bool whole = p + part <= s.pixels;
          const Target<float> to = {whole ? output(image, f, p) : corner, whole ? s.pixelBytes() : 2 * panelBytes, part, whole && add, nullptr};
          const uint8_t* b = area.patches + j * 4;
          if (part > tileColumns / 2) tiles<float, 2, false>(rows, depth, a, 4, tile.rows * 4, b, area.rowBytes, panelBytes, to);
          else tiles<float, 1, false>(rows, depth, a, 4, tile.rows * 4, b, area.rowBytes, panelBytes, to);
          if (whole) continue;
          eachImage(s.pixels, v0 + j, v0 + j + part, [&](int at, int p0, int p1, int from) {
            for (int r = 0; r < rows; r++) {
              const uint8_t* tileRow = corner + r * 2 * panelBytes + from * 4;
              if (add) addRun(output(at, f + r, p0), tileRow, p1 - p0);
              else copyRun(output(at, f + r, p0), tileRow, p1 - p0);
            }
          });
        }
      }
    }
  };
  const auto pixelOf = [&](int index) { // of a unit's first image on: the pixel at which a block begins
    return int64_t(least(s.pixels, int64_t(index) * blockPixels < s.pixels ? index * blockPixels : s.pixels));
  };
  const auto range = [&](int group, int64_t v0, int64_t v1) {
    for (int64_t v = v0; v < v1; v += area.columns) columns(group, v, least<int64_t>(v1, v + area.columns));
  };
  if (s.groups == 1) {
    const int last = call.end - 1;
    if (call.end > call.start)
      range(0, int64_t(call.start / blocks) * s.pixels + pixelOf(call.start % blocks),
            int64_t(last / blocks) * s.pixels + pixelOf(last % blocks + 1));
  } else {
    for (int index = call.start; index < call.end; index++) {
      const int unit = index / blocks;
      const int64_t image = int64_t(unit / s.groups) * s.pixels;
      range(unit % s.groups, image + pixelOf(index % blocks), image + pixelOf(index % blocks + 1));
    }
  }
  return nullptr;
}

/**
 * Sums of the weight's gradient over a share of (image, pixel block), for some channels: index = (share · groups + group) · chunks + chunk.
 * A group has its own sums, [k, filters up to 6]: the register tile's rows are rows of patches, its columns filters.
 */
const char* convWeight(const Call& call) {
  // 0 input  1 gradient of the output  2 sums  20 pixels in a block  21 blocks of an image  22 channels in a chunk  23 units in a share
  // 24 chunks, or 0: all of them go in one index
  const Convolution s(call);
  const int blockPixels = call.slot(20), blocks = call.slot(21), together = call.slot(22), share = call.slot(23);
  const bool cut = call.slot(24) > 0;
  const int chunks = cut ? call.slot(24) : 1;
  if (!s.sound() || blockPixels <= 0 || blocks <= 0 || together <= 0 || share <= 0 || int64_t(blocks - 1) * blockPixels >= s.pixels ||
      int64_t(s.images) * blocks > (1 << 30) || (cut && int64_t(chunks - 1) * together >= s.channels))
    return "its shape is none";
  const int units = s.images * blocks, shares = (units + share - 1) / share;
  const uint64_t sumStep = uint64_t(panelsOf(s.filters)) * filterRows * 4;
  const uint64_t room = times(sumStep, (s.channels * s.taps + 7) / 8 * 8);
  if (!s.holdsInput(call, 0) || !s.holdsOutput(call, 1) || !call.holds(call.offset(2), times(times(room, s.groups), shares)))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(shares) * s.groups * chunks) return "there are not so many shares";
  constexpr int width = panelBytes / 4;
  const int filterPanels = (s.filters + width - 1) / width, rowsMost = least(together, s.channels) * s.taps;
  // as many pixels at a time as fit: fixed by the shape, as the sums' order is
  int depthMost = patchColumnsMost;
  while (depthMost > width && times(depthMost, filterPanels * panelBytes) + times(rowsMost, patchRowBytes(depthMost)) > scratchBytes - 65536) depthMost /= 2;
  const uint64_t packedBytes = times(depthMost, filterPanels * panelBytes);
  if (packedBytes > scratchBytes / 2) return "it has too many filters";
  const PatchArea area(call, call.scratch + packedBytes, rowsMost, depthMost);
  if (area.columns == 0) return "its kernel is too large";
  uint8_t* packed = call.scratch;
  for (int index = call.start; index < call.end; index++) {
    const int unit = index / chunks, group = unit % s.groups;
    const int first = unit / s.groups * share, end = least(units, first + share);
    uint8_t* sums = call.at(call.offset(2) + unit * room);
    const auto pixelOf = [&](int at) { return int64_t(at / blocks) * s.pixels + int64_t(at % blocks) * blockPixels; };
    const int64_t v0 = pixelOf(first), v1 = pixelOf(end);
    const int from = cut ? index % chunks * together : 0, to = cut ? least(s.channels, from + together) : s.channels;
    for (int64_t v = v0; v < v1; v += area.columns) {
      const int depth = static_cast<int>(least<int64_t>(area.columns, v1 - v));
      eachImage(s.pixels, v, v + depth, [&](int image, int p0, int p1, int at) {
        const uint8_t* gradient =
            call.at(call.offset(1) + (uint64_t(image) * s.groups + group) * s.filters * s.pixelBytes() + uint64_t(p0) * 4);
        packColumns<float>(packed + uint64_t(at) * panelBytes, uint64_t(depth) * panelBytes, gradient, 4, s.pixelBytes(), p1 - p0, s.filters);
      });
      for (int c0 = from; c0 < to; c0 += together) {
        const int some = least(together, to - c0);
        patchColumns(call, s, group, c0, some, v, v + depth, area.patches, area.rowBytes, area.stage, area.stageBytes);
        for (int f = 0; f < s.filters; f += tileColumns) {
          const int part = least(tileColumns, s.filters - f);
          const Target<float> target = {sums + uint64_t(c0) * s.taps * sumStep + f * 4, sumStep, part, v > v0, nullptr};
          const uint8_t* b = packed + uint64_t(f / width) * depth * panelBytes;
          if (part > width)
            tiles<float, 2, true>(some * s.taps, depth, area.patches, area.rowBytes, area.rowBytes, b, panelBytes, uint64_t(depth) * panelBytes, target);
          else
            tiles<float, 1, true>(some * s.taps, depth, area.patches, area.rowBytes, area.rowBytes, b, panelBytes, uint64_t(depth) * panelBytes, target);
        }
      }
    }
  }
  return nullptr;
}

/** Adds up the shares: index = a filter (of all groups). */
const char* convWeightEnd(const Call& call) {
  // 0 sums  1 out  2 shares  3 filters of a group  4 k  5 add to what is there?  6 groups
  const int shares = call.slot(2), filters = call.slot(3), k = call.slot(4), groups = call.slot(6);
  const bool add = call.slot(5) != 0;
  if (shares <= 0 || filters <= 0 || filters > (1 << 30) || k < 0 || k > (1 << 30) || groups <= 0) return "its shape is none";
  const uint64_t sumStep = uint64_t(panelsOf(filters)) * filterRows * 4, room = times(sumStep, (k + 7) / 8 * 8);
  if (!call.holds(call.offset(0), times(times(room, groups), shares)) || !call.holds(call.offset(1), floats(groups, filters, k)))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(groups) * filters) return "there are not so many filters";
  constexpr int L = Lanes<float>::count;
  uint8_t *square = call.scratch, *turned = square + L * vectorBytes;
  zeroBytes(square, L * vectorBytes);
  // the rows of sums are read along
  for (int i = 0; i < k; i += L) {
    const int rows = least(L, k - i);
    for (int f = call.start; f < call.end;) {
      const int group = f / filters, column = f % filters, count = least(L, least(call.end - f, filters - column));
      const uint8_t* from = call.at(call.offset(0) + group * room + column * 4);
      uint8_t* to = call.at(call.offset(1) + uint64_t(f) * k * 4);
      for (int r = 0; r < rows; r++) {
        const uint8_t* p = from + (i + r) * sumStep;
        copyRun(square + r * vectorBytes, p, count);
        for (int share = 1; share < shares; share++) {
          p += groups * room;
          addRun(square + r * vectorBytes, p, count);
        }
      }
      turn<float>(turned, vectorBytes, square, vectorBytes);
      for (int j = 0; j < count; j++) {
        if (add) addRun(to + (uint64_t(j) * k + i) * 4, turned + j * vectorBytes, rows);
        else copyRun(to + (uint64_t(j) * k + i) * 4, turned + j * vectorBytes, rows);
      }
      f += count;
    }
  }
  return nullptr;
}

/** The sum of n neighbouring floats: vectors over 512 values at a time, those sums in double. */
ALWAYS_INLINE double sumRun(const uint8_t* p, int n) {
  constexpr int L = Lanes<float>::count;
  double total = 0;
  while (n >= L) {
    const int count = least(512, n / L * L);
    vec<float> s[4] = {};
    int i = 0;
    for (; i + 4 * L <= count; i += 4 * L)
#pragma GCC unroll 4
      for (int v = 0; v < 4; v++) s[v] += load<float>(p + (i + v * L) * 4);
    for (; i < count; i += L) s[0] += load<float>(p + i * 4);
    total += sumLanes<float>((s[0] + s[1]) + (s[2] + s[3]));
    p += uint64_t(count) * 4;
    n -= count;
  }
  for (; n > 0; n--, p += 4) total += scalar<float>(p);
  return total;
}

/** Sums the planes of a channel over all images (a bias's gradient): index = a channel. */
const char* channelSums(const Call& call) {
  // 0 input [images, channels, plane]  1 out  2 images  3 channels  4 values in a plane
  const int images = call.slot(2), channels = call.slot(3), plane = call.slot(4);
  if (!call.holds(call.offset(0), floats(images, channels, plane)) || !call.holds(call.offset(1), floats(channels)))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > channels) return "there are not so many channels";
  for (int c = call.start; c < call.end; c++) {
    double total = 0;
    for (int image = 0; image < images; image++)
      total += sumRun(call.at(call.offset(0) + (uint64_t(image) * channels + c) * plane * 4), plane);
    put<float>(call.at(call.offset(1) + uint64_t(c) * 4), static_cast<float>(total));
  }
  return nullptr;
}
