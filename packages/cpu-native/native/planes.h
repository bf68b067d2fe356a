// Gradients of the weights of many small groups, as of a convolution whose weight each sample of a batch has its own gradient of: no
// patches, whose packing few filters would not pay for. Planes lie as those of depthwise.h do, with stride 1; a weight's products are
// summed in a vector, and those vectors, turned around, in one go.
// Slots 7 to 18 are those of patches.h; 4 images  5 channels  6 filters of a group  19 groups

constexpr int planeFilters = VECTOR_REGISTERS >= 32 ? 8 : 4;

/** Where vectors of sums lie: one for each weight of a group, in the order of the weights. */
struct PlaneSums {
  uint8_t* at;
  /** Bytes from a filter's to the next one's. */
  uint64_t step;
  /** There is something to be added to. */
  bool add;
};

/** A lane for each value of a row's last vector, all ones where it has one. */
typedef Lanes<int32_t>::type Mask;
ALWAYS_INLINE vec<float> masked(vec<float> v, Mask mask) {
  Mask bits;
  __builtin_memcpy(&bits, &v, sizeof v);
  bits &= mask;
  __builtin_memcpy(&v, &bits, sizeof v);
  return v;
}

/** The products of FILTERS planes of gradients, `step` bytes each, with what TAPS taps read of a plane. */
template <int FILTERS, int TAPS>
ALWAYS_INLINE void planeProducts(const Depthwise& d, const uint8_t* gradients, uint64_t step, Mask mask, int t, const PlaneSums& to) {
  vec<float> sums[FILTERS][TAPS];
#pragma GCC unroll 8
  for (int f = 0; f < FILTERS; f++)
#pragma GCC unroll 4
    for (int i = 0; i < TAPS; i++) sums[f][i] = to.add ? load<float>(to.at + f * to.step + (t + i) * vectorBytes) : vec<float>{};
  const uint8_t* from[TAPS];
#pragma GCC unroll 4
  for (int i = 0; i < TAPS; i++) from[i] = d.plane + d.places[t + i];
  const auto multiply = [&](const uint8_t* gradient, uint64_t x, bool isLast) {
    vec<float> values[TAPS];
#pragma GCC unroll 4
    for (int i = 0; i < TAPS; i++) values[i] = load<float>(from[i] + x);
#pragma GCC unroll 8
    for (int f = 0; f < FILTERS; f++) {
      vec<float> g = load<float>(gradient + f * step);
      if (isLast) g = masked(g, mask);
#pragma GCC unroll 4
      for (int i = 0; i < TAPS; i++) sums[f][i] += g * values[i];
    }
  };
  const uint64_t row = uint64_t(d.s.outWidth) * 4, last = (row - 4) / vectorBytes * vectorBytes;
  for (int y = 0; y < d.s.outHeight; y++) {
    const uint8_t* gradient = gradients + y * row;
    uint64_t x = 0;
    for (; x < last; x += vectorBytes) multiply(gradient + x, y * d.stage.rowStep + x, false);
    multiply(gradient + x, y * d.stage.rowStep + x, true);
  }
#pragma GCC unroll 8
  for (int f = 0; f < FILTERS; f++)
#pragma GCC unroll 4
    for (int i = 0; i < TAPS; i++) store<float>(to.at + f * to.step + (t + i) * vectorBytes, sums[f][i]);
}
template <int FILTERS>
NOINLINE void planeTaps(const Depthwise& d, const uint8_t* gradients, uint64_t step, Mask mask, const PlaneSums& to) {
  int t = 0;
  for (; t + 3 <= d.s.taps; t += 3) planeProducts<FILTERS, 3>(d, gradients, step, mask, t, to);
  for (; t < d.s.taps; t++) planeProducts<FILTERS, 1>(d, gradients, step, mask, t, to);
}

/** The sums of as many vectors as have lanes, by halves, as sumLanes does. */
ALWAYS_INLINE vec<float> sumsOfRows(const uint8_t* from) {
  constexpr int L = Lanes<float>::count;
  vec<float> rows[L];
#pragma GCC unroll 16
  for (int i = 0; i < L; i++) rows[i] = load<float>(from + i * vectorBytes);
  exchange<float, 1>(rows);
#pragma GCC unroll 4
  for (int half = L / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; i++) rows[i] += rows[i + half];
  return rows[0];
}

/** Gradient of the weight: index = a group. 0 input  1 gradient of the output  2 gradient of the weight */
const char* convPlanesWeight(const Call& call) {
  constexpr int L = Lanes<float>::count;
  const Convolution s(call);
  if (!s.sound() || s.strideX != 1 || s.strideY != 1) return "its shape is none";
  const Depthwise d(call, s);
  const uint64_t each = times(s.channels, s.taps), weights = times(s.filters, each);
  // whole squares are summed
  const uint64_t sumBytes = times((weights + L - 1) / L * L, vectorBytes), gradientBytes = (times(s.filters, s.pixelBytes()) + 2 * vectorBytes) & ~uint64_t(vectorBytes - 1);
  const uint64_t before = d.out - call.scratch + gradientBytes;
  if (!d.sound() || before + sumBytes > scratchBytes) return "its planes are too large";
  if (!s.holdsInput(call, 0) || !s.holdsOutput(call, 1) || !call.holds(call.offset(2), times(times(weights, 4), s.groups)))
    return "its operands leave the heap";
  if (call.start < 0 || call.end > s.groups) return "there are not so many groups";
  uint8_t *sums = call.scratch + before, totals[vectorBytes];
  d.place();
  zeroBytes(d.plane, d.planeRoom);
  zeroBytes(sums, sumBytes);
  Mask mask;
  for (int lane = 0; lane < L; lane++) mask[lane] = lane <= (s.outWidth - 1) % L ? -1 : 0;
  for (int group = call.start; group < call.end; group++) {
    const auto inputOf = [&](int image, int c) {
      return call.at(call.offset(0) + ((uint64_t(image) * s.groups + group) * s.channels + c) * s.planeBytes());
    };
    const auto gradientOf = [&](int image, int f) {
      return call.at(call.offset(1) + ((uint64_t(image) * s.groups + group) * s.filters + f) * s.pixelBytes());
    };
    for (int image = 0; image < s.images; image++) {
      // where they may be read past their end
      copyRun(d.out, gradientOf(image, 0), s.filters * s.pixels);
      for (int c = 0; c < s.channels; c++) {
        stageRows(s, d.stage, inputOf(image, c), d.plane);
        const auto to = [&](int f) { return PlaneSums{sums + (f * each + uint64_t(c) * s.taps) * vectorBytes, each * vectorBytes, image > 0}; };
        int f = 0;
        for (; f + planeFilters <= s.filters; f += planeFilters) planeTaps<planeFilters>(d, d.out + f * s.pixelBytes(), s.pixelBytes(), mask, to(f));
        for (; f + 2 <= s.filters; f += 2) planeTaps<2>(d, d.out + f * s.pixelBytes(), s.pixelBytes(), mask, to(f));
        if (f < s.filters) planeTaps<1>(d, d.out + f * s.pixelBytes(), s.pixelBytes(), mask, to(f));
      }
    }
    uint8_t* out = call.at(call.offset(2) + group * weights * 4);
    for (uint64_t w = 0; w < weights; w += L) {
      const int count = static_cast<int>(least<uint64_t>(L, weights - w));
      store<float>(totals, sumsOfRows(sums + w * vectorBytes));
      copyRun(out + w * 4, totals, count);
      for (int i = 0; i < count; i++) {
        const float total = scalar<float>(totals + i * 4);
        if (total - total == 0) continue;
        // an infinity or a NaN times one of those zeros may have got in
        const uint64_t weight = w + i, f = weight / each, c = weight % each / s.taps;
        double alone = 0;
        for (int image = 0; image < s.images; image++)
          alone += tapAlone(s, static_cast<int>(weight % s.taps), inputOf(image, static_cast<int>(c)), gradientOf(image, static_cast<int>(f)));
        put<float>(out + weight * 4, static_cast<float>(alone));
      }
    }
  }
  return nullptr;
}
