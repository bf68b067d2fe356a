// Optimizer steps over one parameter, float32, in place; index = an element. What an element becomes does not depend on its place.

/**
 * g ← ±g + decay·p;  buf ← momentum·buf + (1 - dampening)·g (g itself at the first step);
 * g ← g + momentum·buf (Nesterov) or buf;  p ← p - lr·g.
 * 0 parameter  1 gradient  2 momentum buffer or 0  3 first step?  4 nesterov?  5 maximize?
 * f32: 6 lr  7 momentum  8 dampening  9 weight decay
 */
const char* sgdStep(const Call& call) {
  if (call.start < 0) return nothing;
  const uint64_t own = floats(call.end);
  const bool buffered = call.slot(2) != 0, nesterov = call.slot(4) != 0, first = call.slot(3) != 0;
  if (!call.holds(call.offset(0), own) || !call.holds(call.offset(1), own) || (buffered && !call.holds(call.offset(2), own))) return outside;
  const float sign = call.slot(5) ? -1 : 1, lr = call.number(6), momentum = call.number(7), fresh = 1 - call.number(8), decay = call.number(9);
  const uint64_t from = uint64_t(call.start) * 4;
  uint8_t *p = call.at(call.offset(0) + from), *b = call.at(call.offset(2) + from);
  const uint8_t* q = call.at(call.offset(1) + from);
  along<1>(int64_t(call.end) - call.start, EACH {
    const vec<float> old = part.get(p + o);
    vec<float> g = part.get(q + o) * sign;
    if (decay != 0) g = decay * old + g;
    if (buffered) {
      const vec<float> buf = first ? g : fresh * g + momentum * part.get(b + o);
      part.set(b + o, buf);
      g = nesterov ? momentum * buf + g : buf;
    }
    part.set(p + o, old - lr * g);
    (void)u;
  });
  return nullptr;
}

/**
 * p ← shrink·p (decoupled decay);  g ← ±g + decay·p;  m ← m + (1 - β1)·(g - m);  v ← β2·v + (1 - β2)·g²;
 * p ← p - stepSize·m / (√v·rootFactor + eps), with v's running maximum instead of v for AMSGrad.
 * 0 parameter  1 gradient  2 m  3 v  4 maximum of v or 0  5 maximize?
 * f32: 6 stepSize = lr / (1 - β1ᵗ)  7 rootFactor = 1/√(1 - β2ᵗ)  8 1 - β1  9 β2  10 1 - β2  11 eps  12 decay
 * 13 shrink = 1 - lr·decoupled decay
 */
const char* adamStep(const Call& call) {
  if (call.start < 0) return nothing;
  const uint64_t own = floats(call.end);
  const bool amsgrad = call.slot(4) != 0;
  for (int i = 0; i < 4; i++)
    if (!call.holds(call.offset(i), own)) return outside;
  if (amsgrad && !call.holds(call.offset(4), own)) return outside;
  const float sign = call.slot(5) ? -1 : 1, stepSize = call.number(6), root = call.number(7), c1 = call.number(8), b2 = call.number(9);
  const float c2 = call.number(10), eps = call.number(11), decay = call.number(12), shrink = call.number(13);
  const uint64_t from = uint64_t(call.start) * 4;
  uint8_t *p = call.at(call.offset(0) + from), *m = call.at(call.offset(2) + from), *v = call.at(call.offset(3) + from);
  uint8_t* w = call.at(call.offset(4) + from);
  const uint8_t* q = call.at(call.offset(1) + from);
  along<1>(int64_t(call.end) - call.start, EACH {
    const vec<float> old = part.get(p + o) * shrink;
    vec<float> g = part.get(q + o) * sign;
    if (decay != 0) g = decay * old + g;
    const vec<float> mean = part.get(m + o), first = c1 * (g - mean) + mean;
    part.set(m + o, first);
    vec<float> second = c2 * g * g + b2 * part.get(v + o);
    part.set(v + o, second);
    if (amsgrad) {
      const vec<float> before = part.get(w + o);
      second = second != second ? second : larger(second, before);
      part.set(w + o, second);
    }
    part.set(p + o, old - stepSize * (first / (squareRoot(second) * root + eps)));
    (void)u;
  });
  return nullptr;
}

/** Sums of squares, one float64 for each 4096 values: index = a part. 0 x  1 out (f64)  2 n */
const char* squareParts(const Call& call) {
  constexpr int64_t partValues = 4096;
  const int64_t n = call.slot(2);
  if (n < 0 || call.start < 0 || call.end > (n + partValues - 1) / partValues) return nothing;
  if (!call.holds(call.offset(0), n * 4) || !call.holds(call.offset(1), 2 * floats(call.end))) return outside;
  constexpr int64_t W = Lanes<double>::count;
  typedef float Half __attribute__((vector_size(VECTOR_BYTES / 2)));
  for (int64_t index = call.start; index < call.end; index++) {
    const uint8_t* p = call.at(call.offset(0) + index * partValues * 4);
    const int64_t count = least(partValues, n - index * partValues);
    // float64 lanes: squares of large gradients must not overflow
    vec<double> sums[4] = {};
    int64_t i = 0;
    for (; i + 4 * W <= count; i += 4 * W)
#pragma GCC unroll 8
      for (int u = 0; u < 4; u++) {
        Half x;
        __builtin_memcpy(&x, p + (i + u * W) * 4, sizeof x);
        const vec<double> d = __builtin_convertvector(x, vec<double>);
        sums[u] += d * d;
      }
    double total = sumLanes<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; i < count; i++) {
      const double x = scalar<float>(p + i * 4);
      total += x * x;
    }
    put<double>(call.at(call.offset(1) + index * 8), total);
  }
  return nullptr;
}
