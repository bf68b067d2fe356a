// Layer normalisation over rows of n neighbouring float32, and batch normalisation in training over planes of a channel.
// Statistics are accumulated in float64 over sums of at most 512 values.

constexpr int64_t sumBlock = 512;
/** Values that are summed one by one: a vector's lanes would cost more to add than they hold. */
constexpr int64_t fewValues = 6;

/** Σ f(offset, part) along n values. */
template <class F>
ALWAYS_INLINE double sumInBlocks(int64_t n, F f) {
  double total = 0;
  for (int64_t from = 0; from < n; from += sumBlock) {
    vec<float> sums[4] = {};
    along<4>(least(sumBlock, n - from), EACH { sums[u] += f(from * 4 + o, part); });
    total += sumOf(sums);
  }
  return total;
}

/** Σ x. */
NOINLINE double sumRow(const uint8_t* p, int64_t n) {
  if (n < fewValues) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) total += scalar<float>(p + i * 4);
    return total;
  }
  return sumInBlocks(n, [&](int64_t o, auto part) __attribute__((always_inline)) { return part.get(p + o); });
}
/** Σ (x - mean)². */
NOINLINE double squares(const uint8_t* p, int64_t n, float mean) {
  if (n < fewValues) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
      const float d = scalar<float>(p + i * 4) - mean;
      total += d * d;
    }
    return total;
  }
  return sumInBlocks(n, [&](int64_t o, auto part) __attribute__((always_inline)) {
    const vec<float> d = part.get(p + o, all(mean)) - mean;
    return d * d;
  });
}

/**
 * y = (x - mean)·rstd·weight + bias, rstd = 1/√(var + eps); index = a row.
 * 0 x  1 weight or 0  2 bias or 0  3 y  4 mean  5 rstd  6 n  7 eps (f32)
 */
const char* layerNorm(const Call& call) {
  const Rows rows(call, 6);
  const int64_t n = rows.n;
  if (!rows.fit()) return nothing;
  const auto given = [&](int slot) { return call.offset(slot) == 0 || call.holds(call.offset(slot), n * 4); };
  const uint64_t own = floats(call.end);
  if (!rows.hold(0, 3) || !given(1) || !given(2) || !call.holds(call.offset(4), own) || !call.holds(call.offset(5), own)) return outside;
  const uint8_t* weight = call.offset(1) ? call.at(call.offset(1)) : nullptr;
  const uint8_t* bias = call.offset(2) ? call.at(call.offset(2)) : nullptr;
  for (int64_t i = call.start; i < call.end; i++) {
    const uint8_t* x = rows.row(0, i);
    uint8_t* y = rows.row(3, i);
    const float mean = static_cast<float>(sumRow(x, n) / n);
    const float rstd = static_cast<float>(1 / squareRoot(squares(x, n, mean) / n + call.number(7)));
    put<float>(call.at(call.offset(4) + i * 4), mean);
    put<float>(call.at(call.offset(5) + i * 4), rstd);
    along<1>(n, EACH {
      vec<float> v = (part.get(x + o) - mean) * rstd;
      if (weight) v *= part.get(weight + o);
      if (bias) v += part.get(bias + o);
      part.set(y + o, v);
      (void)u;
    });
  }
  return nullptr;
}

/**
 * dx, and a share's sums of dy·x̂ (weight) and dy (bias): index = a share of `rowsPerShare` rows.
 * 0 dy  1 x  2 weight or 0  3 mean  4 rstd  5 dx or 0  6 sums [shares, 2, n] or 0  7 n  8 rows  9 rowsPerShare
 */
const char* layerNormBackward(const Call& call) {
  const int64_t n = call.slot(7), rows = call.slot(8), share = call.slot(9);
  if (n < 0 || rows < 0 || share <= 0 || call.start < 0 || call.end > (rows + share - 1) / share) return nothing;
  const uint64_t whole = floats(rows, n);
  const auto given = [&](int slot, uint64_t bytes) { return call.offset(slot) == 0 || call.holds(call.offset(slot), bytes); };
  if (!call.holds(call.offset(0), whole) || !call.holds(call.offset(1), whole) || !given(2, n * 4) || !given(5, whole) ||
      !call.holds(call.offset(3), rows * 4) || !call.holds(call.offset(4), rows * 4) || !given(6, floats(call.end, 2 * n)))
    return outside;
  const uint8_t* weight = call.offset(2) ? call.at(call.offset(2)) : nullptr;
  for (int64_t index = call.start; index < call.end; index++) {
    uint8_t* dWeight = call.offset(6) ? call.at(call.offset(6) + index * 2 * n * 4) : nullptr;
    uint8_t* dBias = dWeight + n * 4;
    if (dWeight) __builtin_memset(dWeight, 0, 2 * n * 4);
    // those of a row's end, which would not be there yet when they are read again in part
    vec<float> restWeight{}, restBias{};
    for (int64_t row = index * share; row < least(rows, (index + 1) * share); row++) {
      const uint8_t *g = call.at(call.offset(0) + row * n * 4), *x = call.at(call.offset(1) + row * n * 4);
      const float mean = scalar<float>(call.at(call.offset(3) + row * 4)), rstd = scalar<float>(call.at(call.offset(4) + row * 4));
      vec<float> first[2] = {}, second[2] = {};
      along<2>(n, EACH {
        const vec<float> d = part.get(g + o), h = (part.get(x + o, all(mean)) - mean) * rstd;
        const vec<float> dw = weight ? d * part.get(weight + o) : d;
        first[u] += dw;
        second[u] += dw * h;
        if constexpr (!part.whole) {
          restWeight += d * h;
          restBias += d;
        } else if (dWeight) {
          part.set(dWeight + o, part.get(dWeight + o) + d * h);
          part.set(dBias + o, part.get(dBias + o) + d);
        }
      });
      if (!call.offset(5)) continue;
      uint8_t* out = call.at(call.offset(5) + row * n * 4);
      const float a = sumAll(first[0] + first[1]) / n, b = sumAll(second[0] + second[1]) / n;
      along<1>(n, EACH {
        const vec<float> h = (part.get(x + o) - mean) * rstd, d = part.get(g + o);
        const vec<float> dw = weight ? d * part.get(weight + o) : d;
        part.set(out + o, (dw - a - h * b) * rstd);
        (void)u;
      });
    }
    const int64_t rest = n % Lanes<float>::count;
    if (!dWeight || rest == 0) continue;
    const Some part{static_cast<int>(rest)};
    part.set(dWeight + (n - rest) * 4, restWeight);
    part.set(dBias + (n - rest) * 4, restBias);
  }
  return nullptr;
}

/** out[i] = Σ over parts of parts[part, i], in float64; index = i. 0 parts  1 out  2 number of parts  3 part step (values) */
const char* sumParts(const Call& call) {
  const int64_t parts = call.slot(2);
  const uint64_t step = call.offset(3) * 4;
  if (parts < 0 || call.start < 0) return nothing;
  const uint64_t own = floats(call.end);
  if (!call.holds(call.offset(0), extent(4, Steps{parts, step}, Steps{call.end, 4})) || !call.holds(call.offset(1), own)) return outside;
  constexpr int64_t W = Lanes<double>::count;
  typedef float Half __attribute__((vector_size(VECTOR_BYTES / 2)));
  for (int64_t i = call.start; i < call.end; i += W) {
    const uint8_t* p = call.at(call.offset(0) + i * 4);
    uint8_t* out = call.at(call.offset(1) + i * 4);
    if (i + W <= call.end) {
      vec<double> total{};
      for (int64_t part = 0; part < parts; part++, p += step) {
        Half x;
        __builtin_memcpy(&x, p, sizeof x);
        total += __builtin_convertvector(x, vec<double>);
      }
      const Half sum = __builtin_convertvector(total, Half);
      __builtin_memcpy(out, &sum, sizeof sum);
      continue;
    }
    for (int64_t j = 0; i + j < call.end; j++) {
      double total = 0;
      for (int64_t part = 0; part < parts; part++) total += scalar<float>(p + j * 4 + part * step);
      put<float>(out + j * 4, static_cast<float>(total));
    }
  }
  return nullptr;
}

/** The places of a channel's values: `images` runs of `plane`. */
struct Planes {
  const Call& call;
  int64_t images, channels, plane;
  explicit Planes(const Call& c) : call(c), images(c.slot(6)), channels(c.slot(7)), plane(c.slot(8)) {}
  bool fit() const {
    return images >= 0 && channels >= 0 && plane >= 0 && call.start >= 0 && call.end <= channels;
  }
  bool holds(int slot) const {
    return call.holds(call.offset(slot), extent(4, Steps{images, floats(channels, plane)}, Steps{channels, uint64_t(plane) * 4}, Steps{plane, 4}));
  }
  bool ownOrNone(int slot) const { return call.offset(slot) == 0 || call.holds(call.offset(slot), channels * 4); }
  uint8_t* at(int slot, int64_t image, int64_t channel) const {
    return call.at(call.offset(slot) + (image * channels + channel) * plane * 4);
  }
};

/**
 * y = (x - mean)·rstd·weight + bias with the batch's own statistics; updates the running ones where given. Index = a channel.
 * 0 x  1 weight or 0  2 bias or 0  3 y  4 mean  5 rstd  6 images  7 channels  8 plane  9 eps (f32)
 * 10 running mean or 0  11 running variance or 0  12 momentum (f32)
 */
const char* batchNorm(const Call& call) {
  const Planes planes(call);
  if (!planes.fit()) return nothing;
  const uint64_t own = planes.channels * 4;
  if (!planes.holds(0) || !planes.holds(3) || !planes.ownOrNone(1) || !planes.ownOrNone(2) || !planes.ownOrNone(10) ||
      !planes.ownOrNone(11) || !call.holds(call.offset(4), own) || !call.holds(call.offset(5), own))
    return outside;
  const double count = static_cast<double>(planes.images) * static_cast<double>(planes.plane);
  const float momentum = call.number(12);
  for (int64_t c = call.start; c < call.end; c++) {
    double total = 0;
    for (int64_t i = 0; i < planes.images; i++) total += sumRow(planes.at(0, i, c), planes.plane);
    const float mean = static_cast<float>(total / count);
    total = 0;
    for (int64_t i = 0; i < planes.images; i++) total += squares(planes.at(0, i, c), planes.plane, mean);
    const float rstd = static_cast<float>(1 / squareRoot(total / count + call.number(9)));
    put<float>(call.at(call.offset(4) + c * 4), mean);
    put<float>(call.at(call.offset(5) + c * 4), rstd);
    const auto update = [&](int slot, float value) {
      if (!call.offset(slot)) return;
      uint8_t* p = call.at(call.offset(slot) + c * 4);
      put<float>(p, (1 - momentum) * scalar<float>(p) + momentum * value);
    };
    update(10, mean);
    update(11, static_cast<float>(total / (count - 1)));
    const float factor = call.offset(1) ? rstd * scalar<float>(call.at(call.offset(1) + c * 4)) : rstd;
    const float bias = call.offset(2) ? scalar<float>(call.at(call.offset(2) + c * 4)) : 0;
    for (int64_t i = 0; i < planes.images; i++) {
      const uint8_t* x = planes.at(0, i, c);
      uint8_t* y = planes.at(3, i, c);
      along<1>(planes.plane, EACH { part.set(y + o, (part.get(x + o) - mean) * factor + bias); (void)u; });
    }
  }
  return nullptr;
}

/**
 * dx, dweight = Σ dy·x̂, dbias = Σ dy. Index = a channel.
 * 0 dy  1 x  2 weight or 0  3 mean  4 rstd  5 dx or 0  6 images  7 channels  8 plane  9 dweight or 0  10 dbias or 0
 */
const char* batchNormBackward(const Call& call) {
  const Planes planes(call);
  if (!planes.fit()) return nothing;
  const uint64_t own = planes.channels * 4;
  if (!planes.holds(0) || !planes.holds(1) || (call.offset(5) && !planes.holds(5)) || !planes.ownOrNone(2) || !planes.ownOrNone(9) ||
      !planes.ownOrNone(10) || !call.holds(call.offset(3), own) || !call.holds(call.offset(4), own))
    return outside;
  const double count = static_cast<double>(planes.images) * static_cast<double>(planes.plane);
  for (int64_t c = call.start; c < call.end; c++) {
    const float mean = scalar<float>(call.at(call.offset(3) + c * 4)), rstd = scalar<float>(call.at(call.offset(4) + c * 4));
    double total = 0, dot = 0;
    for (int64_t i = 0; i < planes.images; i++) {
      const uint8_t *g = planes.at(0, i, c), *x = planes.at(1, i, c);
      if (planes.plane < fewValues) {
        for (int64_t j = 0; j < planes.plane; j++) {
          const float d = scalar<float>(g + j * 4);
          total += d;
          dot += d * (scalar<float>(x + j * 4) - mean);
        }
        continue;
      }
      for (int64_t from = 0; from < planes.plane; from += sumBlock) {
        vec<float> sums[4] = {}, dots[4] = {};
        along<4>(least(sumBlock, planes.plane - from), EACH {
          const vec<float> d = part.get(g + from * 4 + o);
          sums[u] += d;
          dots[u] += d * (part.get(x + from * 4 + o) - mean);
        });
        total += sumOf(sums);
        dot += sumOf(dots);
      }
    }
    if (call.offset(9)) put<float>(call.at(call.offset(9) + c * 4), static_cast<float>(dot * rstd));
    if (call.offset(10)) put<float>(call.at(call.offset(10) + c * 4), static_cast<float>(total));
    if (!call.offset(5)) continue;
    const float factor = call.offset(2) ? rstd * scalar<float>(call.at(call.offset(2) + c * 4)) : rstd;
    // dx = factor·(dy - Σdy/count - (x - mean)·rstd²·Σdy(x - mean)/count)
    const float shift = static_cast<float>(total / count), slope = static_cast<float>(-dot * rstd * rstd / count);
    for (int64_t i = 0; i < planes.images; i++) {
      const uint8_t *g = planes.at(0, i, c), *x = planes.at(1, i, c);
      uint8_t* out = planes.at(5, i, c);
      if (planes.plane < fewValues) {
        for (int64_t j = 0; j < planes.plane * 4; j += 4)
          put<float>(out + j, factor * ((scalar<float>(x + j) - mean) * slope + (scalar<float>(g + j) - shift)));
        continue;
      }
      along<1>(planes.plane, EACH {
        part.set(out + o, ((part.get(x + o) - mean) * slope + (part.get(g + o) - shift)) * factor);
        (void)u;
      });
    }
  }
  return nullptr;
}
