// Convolutions of each channel with a filter of its own: no matrix products, each plane is laid out with its padding, its columns apart by
// phase, and read in vectors from there. With stride 1 rows follow one another as one, a little wider than the output.
// Slots 7 to 18 are those of patches.h; 4 images  19 channels

/** Where the taps of a plane are read, and how its rows go on. */
struct Depthwise {
  Convolution s;
  Stage stage;
  /** Rows that are worked on as one each, the values of one, and the bytes from one to the next in the plane. */
  int rows, length;
  uint64_t step;
  bool fits;
  /** Private memory: the taps' places and weights, the plane, and rows of the output or its gradient, `outStep` bytes each. */
  uint64_t* places;
  float* weights;
  double* totals;
  uint8_t *plane, *out;
  uint64_t outStep, planeRoom;

  Depthwise(const Call& call, const Convolution& shape) : s(shape), stage(s, 0, s.pixels) {
    const bool joined = s.strideX == 1 && s.strideY == 1;
    rows = joined ? 1 : s.outHeight;
    length = joined ? (s.outHeight - 1) * stage.wide + s.outWidth : s.outWidth;
    step = s.strideY * stage.rowStep;
    outStep = (uint64_t(length) * 4 + 4 * vectorBytes) & ~uint64_t(vectorBytes - 1);
    const uint64_t taps = (times(s.taps, 8) + 63) & ~uint64_t(63);
    planeRoom = ((stage.bytes() + 63) & ~uint64_t(63)) + 8 * vectorBytes;
    fits = times(3, taps) + planeRoom + times(outStep, rows) <= scratchBytes;
    places = reinterpret_cast<uint64_t*>(call.scratch);
    weights = reinterpret_cast<float*>(call.scratch + taps);
    totals = reinterpret_cast<double*>(call.scratch + 2 * taps);
    plane = call.scratch + 3 * taps;
    out = plane + planeRoom;
  }
  bool sound() const {
    constexpr int64_t most = int64_t(1) << 26;
    return stage.rows > 0 && int64_t(stage.rows) * stage.wide * s.strideX < most && int64_t(s.outHeight) * stage.wide < most && fits;
  }
  bool holds(const Call& call, int slot) const { return call.holds(call.offset(slot), floats(s.images, s.groups, s.height, s.width)); }
  bool holdsOut(const Call& call, int slot) const { return call.holds(call.offset(slot), floats(s.images, s.groups, s.outHeight, s.outWidth)); }

  void place() const {
    for (int ky = 0, t = 0; ky < s.kernelHeight; ky++)
      for (int kx = 0; kx < s.kernelWidth; kx++, t++) {
        const int dx = kx * s.dilationX;
        places[t] = uint64_t(ky * s.dilationY) * stage.rowStep + (uint64_t(dx % s.strideX) * stage.wide + dx / s.strideX) * 4;
      }
  }
};

/** VECTORS vectors of the output, from all taps. */
template <int VECTORS>
ALWAYS_INLINE void tapSums(const Depthwise& d, const uint8_t* from, float bias, uint8_t* to) {
  vec<float> sums[VECTORS];
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; v++) sums[v] = vec<float>{} + bias;
  for (int t = 0; t < d.s.taps; t++) {
    const uint8_t* p = from + d.places[t];
    const float w = d.weights[t];
#pragma GCC unroll 8
    for (int v = 0; v < VECTORS; v++) sums[v] += w * load<float>(p + v * vectorBytes);
  }
#pragma GCC unroll 8
  for (int v = 0; v < VECTORS; v++) store<float>(to + v * vectorBytes, sums[v]);
}

/** Output (+ bias): index = image · channels + channel. 0 input  1 weight  2 output  3 bias or 0  22 taps turned around? */
const char* convDepthwise(const Call& call) {
  constexpr int L = Lanes<float>::count;
  const Convolution s(call);
  if (!s.sound()) return "its shape is none";
  const Depthwise d(call, s);
  const uint64_t bias = call.offset(3);
  const bool turned = call.slot(22) != 0;
  if (!d.sound()) return "its plane is too large";
  if (!d.holds(call, 0) || !d.holdsOut(call, 2) || !call.holds(call.offset(1), floats(s.groups, s.taps)) || (bias && !call.holds(bias, floats(s.groups))))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > int64_t(s.images) * s.groups) return "there are not so many planes";
  d.place();
  zeroBytes(d.plane, d.planeRoom);
  for (int index = call.start; index < call.end; index++) {
    const int channel = index % s.groups;
    stageRows(s, d.stage, call.at(call.offset(0) + index * s.planeBytes()), d.plane);
    for (int t = 0; t < s.taps; t++)
      d.weights[t] = scalar<float>(call.at(call.offset(1) + (uint64_t(channel) * s.taps + (turned ? s.taps - 1 - t : t)) * 4));
    const float offset = bias ? scalar<float>(call.at(bias + uint64_t(channel) * 4)) : 0;
    for (int r = 0; r < d.rows; r++) {
      const uint8_t* from = d.plane + r * d.step;
      uint8_t* to = d.out + r * d.outStep;
      int x = 0;
      for (; x + 3 * L < d.length; x += 4 * L) tapSums<4>(d, from + x * 4, offset, to + x * 4);
      for (; x < d.length; x += L) tapSums<1>(d, from + x * 4, offset, to + x * 4);
    }
    uint8_t* output = call.at(call.offset(2) + index * s.pixelBytes());
    const uint64_t lineStep = d.rows == 1 ? uint64_t(d.stage.wide) * 4 : d.outStep;
    for (int y = 0; y < s.outHeight; y++) copyRun(output + uint64_t(y) * s.outWidth * 4, d.out + y * lineStep, s.outWidth);
  }
  return nullptr;
}

/** Adds the sums of products of a plane's gradient and what COUNT taps read to totals: at most 1024 values in float, those in double. */
template <int COUNT>
ALWAYS_INLINE void tapProducts(const Depthwise& d, int t) {
  constexpr int L = Lanes<float>::count;
  vec<float> sums[COUNT] = {};
  int since = 0;
  const auto flush = [&]() {
#pragma GCC unroll 4
    for (int i = 0; i < COUNT; i++) {
      d.totals[t + i] += sumLanes<float>(sums[i]);
      sums[i] = vec<float>{};
    }
    since = 0;
  };
  for (int r = 0; r < d.rows; r++) {
    const uint8_t *g = d.out + r * d.outStep, *p = d.plane + r * d.step;
    for (int x = 0; x < d.length; x += L) {
      const vec<float> gradient = load<float>(g + x * 4);
#pragma GCC unroll 4
      for (int i = 0; i < COUNT; i++) sums[i] += gradient * load<float>(p + d.places[t + i] + x * 4);
      since += L;
      if (since >= 1024) flush();
    }
  }
  flush();
}

/** The sum of products of a plane's gradient and what a tap reads of it, value by value. */
NOINLINE double tapAlone(const Convolution& s, int t, const uint8_t* plane, const uint8_t* gradient) {
  double total = 0;
  for (int y = 0; y < s.outHeight; y++)
    for (int x = 0; x < s.outWidth; x++) {
      const int row = y * s.strideY + t / s.kernelWidth * s.dilationY - s.padTop, column = x * s.strideX + t % s.kernelWidth * s.dilationX - s.padLeft;
      const bool inside = row >= 0 && row < s.height && column >= 0 && column < s.width;
      const float value = inside ? scalar<float>(plane + (uint64_t(row) * s.width + column) * 4) : 0;
      total += value * scalar<float>(gradient + (uint64_t(y) * s.outWidth + x) * 4);
    }
  return total;
}

/** Gradient of the weight: index = a channel. 0 input  1 gradient of the output  2 gradient of the weight */
const char* convDepthwiseWeight(const Call& call) {
  const Convolution s(call);
  if (!s.sound()) return "its shape is none";
  const Depthwise d(call, s);
  if (!d.sound()) return "its plane is too large";
  if (!d.holds(call, 0) || !d.holdsOut(call, 1) || !call.holds(call.offset(2), floats(s.groups, s.taps))) return "its operands leave the heap";
  if (call.start < 0 || call.end > s.groups) return "there are not so many channels";
  d.place();
  zeroBytes(d.plane, d.planeRoom);
  // between the rows and behind them the gradient is 0
  zeroBytes(d.out, d.outStep * d.rows);
  const uint64_t lineStep = d.rows == 1 ? uint64_t(d.stage.wide) * 4 : d.outStep;
  for (int channel = call.start; channel < call.end; channel++) {
    const auto planeOf = [&](int image) { return uint64_t(image) * s.groups + channel; };
    for (int t = 0; t < s.taps; t++) d.totals[t] = 0;
    for (int image = 0; image < s.images; image++) {
      stageRows(s, d.stage, call.at(call.offset(0) + planeOf(image) * s.planeBytes()), d.plane);
      const uint8_t* gradient = call.at(call.offset(1) + planeOf(image) * s.pixelBytes());
      for (int y = 0; y < s.outHeight; y++) copyRun(d.out + y * lineStep, gradient + uint64_t(y) * s.outWidth * 4, s.outWidth);
      int t = 0;
      for (; t + 4 <= s.taps; t += 4) tapProducts<4>(d, t);
      if (t + 2 <= s.taps) tapProducts<2>(d, t), t += 2;
      if (t < s.taps) tapProducts<1>(d, t);
    }
    for (int t = 0; t < s.taps; t++) {
      double total = d.totals[t];
      if (total - total != 0) {
        // an infinity or a NaN times one of those zeros may have got in: what the tap reads alone
        total = 0;
        for (int image = 0; image < s.images; image++)
          total += tapAlone(s, t, call.at(call.offset(0) + planeOf(image) * s.planeBytes()), call.at(call.offset(1) + planeOf(image) * s.pixelBytes()));
      }
      put<float>(call.at(call.offset(2) + (uint64_t(channel) * s.taps + t) * 4), static_cast<float>(total));
    }
  }
  return nullptr;
}
