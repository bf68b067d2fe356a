// The gradient of a convolution's input for any stride: a product for each tap, added up where the tap was read.

/**
 * Adds the rows of a matrix of columns (a tap's value for each output pixel of [p0, p1)) to one plane, where they were read; each times
 * the tap's weight, where there are any.
 */
NOINLINE void scatterColumns(const Convolution& s, const uint8_t* columns, uint64_t rowBytes, const uint8_t* weights, int p0, int p1,
                             uint8_t* plane, uint8_t* area, uint64_t areaBytes) {
  const auto factorOf = [&](int ky, int kx) { return weights ? scalar<float>(weights + (ky * s.kernelWidth + kx) * 4) : 1.0f; };
  const Stage stage(s, p0, p1);
  const int column0 = p0 % s.outWidth, row0 = p0 / s.outWidth, left = stage.left(s);
  if (stage.bytes() > areaBytes) {
    for (int ky = 0; ky < s.kernelHeight; ky++)
      for (int kx = 0; kx < s.kernelWidth; kx++, columns += rowBytes) {
        int y = row0 * s.strideY + ky * s.dilationY - s.padTop, column = column0;
        int x = column * s.strideX + kx * s.dilationX - s.padLeft;
        const float factor = factorOf(ky, kx);
        for (int i = 0; i < p1 - p0; i++) {
          if (y >= 0 && y < s.height && x >= 0 && x < s.width) {
            uint8_t* q = plane + (uint64_t(y) * s.width + x) * 4;
            put<float>(q, scalar<float>(q) + factor * scalar<float>(columns + i * 4));
          }
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
  // added up in the padded plane, whose phases lie apart
  zeroBytes(area, stage.bytes());
  for (int ky = 0; ky < s.kernelHeight; ky++)
    for (int kx = 0; kx < s.kernelWidth; kx++, columns += rowBytes) {
      const int dx = kx * s.dilationX;
      uint8_t* line = area + uint64_t(ky * s.dilationY) * stage.rowStep +
                      (uint64_t(dx % s.strideX) * stage.wide + dx / s.strideX - stage.first) * 4;
      const float factor = factorOf(ky, kx);
      int x = column0;
      for (int at = 0; at < p1 - p0;) {
        const int n = least(s.outWidth - x, p1 - p0 - at);
        addRun(line + x * 4, columns + at * 4, n, factor);
        line += s.strideY * stage.rowStep;
        at += n;
        x = 0;
      }
    }
  for (int r = 0; r < stage.rows; r++) {
    const int y = stage.top + r;
    if (y < 0 || y >= s.height) continue;
    uint8_t* row = plane + uint64_t(y) * s.width * 4;
    const uint8_t* from = area + r * stage.rowStep;
    // the plane's columns that the padded one covers
    const int x0 = most(0, left), x1 = least(s.width, left + stage.wide * s.strideX);
    if (s.strideX == 1) {
      if (x1 > x0) addRun(row + x0 * 4, from + (x0 - left) * 4, x1 - x0);
      continue;
    }
    int x = x0;
    if (s.strideX == 2) {
      const uint8_t* second = from + uint64_t(stage.wide) * 4;
      if (((x - left) & 1) != 0 && x < x1) {
        put<float>(row + x * 4, scalar<float>(row + x * 4) + scalar<float>(second + (x - left) / 2 * 4));
        x++;
      }
      for (; x + 8 <= x1; x += 8) {
        const four a = loadFour(from + (x - left) / 2 * 4), b = loadFour(second + (x - left) / 2 * 4);
        storeFour(row + x * 4, loadFour(row + x * 4) + __builtin_shufflevector(a, b, 0, 4, 1, 5));
        storeFour(row + x * 4 + 16, loadFour(row + x * 4 + 16) + __builtin_shufflevector(a, b, 2, 6, 3, 7));
      }
    }
    for (; x < x1; x++) {
      const int at = x - left;
      const uint8_t* value = from + (uint64_t(at % s.strideX) * stage.wide + at / s.strideX) * 4;
      put<float>(row + x * 4, scalar<float>(row + x * 4) + scalar<float>(value));
    }
  }
}

/** Packs `rows` (at most a tile's) neighbouring values of each of k rows. */
ALWAYS_INLINE void packTaps(uint8_t* out, const uint8_t* weight, uint64_t step, int rows, int k) {
  for (int i = 0; i < k; i++, out += tileRows * 4, weight += step) {
    if (rows == tileRows) __builtin_memcpy(out, weight, tileRows * 4);
    else
      for (int r = 0; r < rows; r++) put<float>(out + r * 4, scalar<float>(weight + r * 4));
  }
}

/** Gradient of the input: index = image · groups + group. */
const char* convInput(const Call& call) {
  // 0 gradient of the output  1 weight  2 gradient of the input  22 channels at a time
  const Convolution s(call);
  const int together = least(s.channels, call.slot(22));
  if (!s.sound() || together <= 0) return "its shape is none";
  if (!s.holdsOutput(call, 0) || !s.holdsInput(call, 2) || !call.holds(call.offset(1), floats(s.groups, s.filters, s.channels, s.taps)))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(s.images) * s.groups) return "there are not so many images";
  constexpr int width = panelBytes / 4, depthMost = 512;
  const int rows = together * s.taps, groupsOfRows = (rows + tileRows - 1) / tileRows, k = s.channels * s.taps;
  const int depth = least(depthMost, s.filters);
  // whole images side by side, or a part of one: sums must not depend on how many images there are
  const uint64_t taken = times(groupsOfRows, int64_t(depth) * tileRows * 4);
  const uint64_t perColumn = uint64_t(depth) * 4 + uint64_t(rows) * 4;
  int most_ = patchColumnsMost;
  while (most_ > width && taken + times(perColumn, most_) + times(rows, 64) > scratchBytes / 4 * 3) most_ /= 2;
  const int images = s.pixels >= most_ ? 1 : most_ / s.pixels, blockPixels = least(s.pixels, most_);
  const uint64_t rowBytes = patchRowBytes(most_);
  uint8_t* packedA = call.scratch;
  uint8_t* packedB = packedA + ((taken + 63) & ~uint64_t(63));
  uint8_t* columns = packedB + uint64_t(depth) * 4 * ((most_ + width - 1) / width * width);
  uint8_t* area = columns + times(rows, rowBytes);
  if (taken > scratchBytes || times(rows, rowBytes) > scratchBytes || area > call.scratch + scratchBytes) return "its kernel is too large";
  const uint64_t areaBytes = call.scratch + scratchBytes - area;
  for (int unit = call.start; unit < call.end; unit++) zeroBytes(call.at(call.offset(2) + unit * s.channels * s.planeBytes()), s.channels * s.planeBytes());

  const auto part = [&](int group, int64_t v0, int64_t v1) {
    const int count = static_cast<int>(v1 - v0), panels = (count + width - 1) / width;
    int packedK = -1;
    for (int c0 = 0; c0 < s.channels; c0 += together) {
      const int some = least(together, s.channels - c0), taps = some * s.taps;
      for (int k0 = 0; k0 < s.filters; k0 += depthMost) {
        const int deep = least(depthMost, s.filters - k0);
        const uint64_t panelStep = uint64_t(deep) * panelBytes;
        if (packedK != k0) {
          packedK = k0;
          for (int f = 0; f < deep; f++) {
            // a row of a panel, straight from its image or images
            eachImage(s.pixels, v0, v1, [&](int image, int p0, int p1, int at) {
              const uint8_t* gradient =
                  call.at(call.offset(0) + ((uint64_t(image) * s.groups + group) * s.filters + k0 + f) * s.pixelBytes() + uint64_t(p0) * 4);
              for (int i = 0; i < p1 - p0;) {
                const int lane = (at + i) % width, n = least(width - lane, p1 - p0 - i);
                copyRun(packedB + (at + i) / width * panelStep + uint64_t(f) * panelBytes + lane * 4, gradient + i * 4, n);
                i += n;
              }
            });
            if (count % width != 0)
              fillRun(packedB + (panels - 1) * panelStep + uint64_t(f) * panelBytes + count % width * 4, width - count % width, 0);
          }
        }
        for (int r = 0; r < taps; r += tileRows) {
          uint8_t* a = packedA + uint64_t(r) * deep * 4;
          const int these = least(tileRows, taps - r);
          packTaps(a, call.at(call.offset(1) + (uint64_t(group) * s.filters + k0) * k * 4 + (uint64_t(c0) * s.taps + r) * 4), uint64_t(k) * 4, these, deep);
          for (int j = 0; j < count; j += tileColumns) {
            const int across = least(tileColumns, count - j);
            const Target<float> to = {columns + r * rowBytes + j * 4, rowBytes, across, k0 > 0, nullptr};
            const uint8_t* b = packedB + j / width * panelStep;
            if (across > width) tiles<float, 2, false>(these, deep, a, 4, tileRows * 4, b, panelBytes, panelStep, to);
            else tiles<float, 1, false>(these, deep, a, 4, tileRows * 4, b, panelBytes, panelStep, to);
          }
        }
      }
      eachImage(s.pixels, v0, v1, [&](int image, int p0, int p1, int at) {
        for (int c = 0; c < some; c++)
          scatterColumns(s, columns + uint64_t(c) * s.taps * rowBytes + at * 4, rowBytes, nullptr, p0, p1,
                         call.at(call.offset(2) + ((uint64_t(image) * s.groups + group) * s.channels + c0 + c) * s.planeBytes()), area, areaBytes);
      });
    }
  };
  if (s.filters == 0) return nullptr;
  if (s.filters == 1 && s.channels == 1) {
    // a filter for each channel: no products to sum
    for (int unit = call.start; unit < call.end; unit++)
      scatterColumns(s, call.at(call.offset(0) + unit * s.pixelBytes()), 0, call.at(call.offset(1) + uint64_t(unit % s.groups) * s.taps * 4), 0,
                     s.pixels, call.at(call.offset(2) + unit * s.planeBytes()), call.scratch, scratchBytes);
    return nullptr;
  }
  for (int group = 0; group < s.groups; group++) {
    // the images of this group in the range
    const int first = (call.start - group + s.groups - 1) / s.groups, end = (call.end - group + s.groups - 1) / s.groups;
    for (int image = most(0, first); image < end; image += images) {
      const int64_t v0 = int64_t(image) * s.pixels, v1 = int64_t(least(end, image + images)) * s.pixels;
      for (int64_t v = v0; v < v1; v += images > 1 ? v1 - v0 : blockPixels)
        part(group, v, images > 1 ? v1 : least<int64_t>(v1, v + blockPixels));
    }
  }
  return nullptr;
}
