// A direction of a recurrent layer over all steps, as assembly/recurrent has it; index = a sequence: the state of one depends on no other, so that
// a thread takes its own through all steps. Slots:
// 0 kind: 0 tanh, 1 ReLU, 2 LSTM, 3 GRU  1 steps  2 sequences  3 hidden size  4 from the end?
// 5 lengths or 0  6 bytes of one (4 or 8)  7 output [steps, sequences, hidden]  8 sums of the gates [.., .., gates · hidden]
// 9 LSTM: c after each step, GRU: the state's share of n [.., .., hidden]

/** The arguments of both ways, read once. */
struct Recurrent {
  static constexpr int plain = 0, relu = 1, lstm = 2, gru = 3;
  const Call& call;
  int kind, gates;
  int64_t steps, all, n;
  bool reverse;
  explicit Recurrent(const Call& c)
      : call(c), kind(c.slot(0)), gates(kind == lstm ? 4 : kind == gru ? 3 : 1), steps(c.slot(1)), all(c.slot(2)), n(c.slot(3)),
        reverse(c.slot(4) != 0) {}
  bool fit() const {
    return kind >= 0 && kind <= gru && steps >= 0 && all >= 0 && n >= 0 && n <= 1 << 20 && call.start >= 0 && call.end <= all &&
           (!call.offset(5) || call.slot(6) == 4 || call.slot(6) == 8);
  }
  bool keeps() const { return kind >= lstm; }
  /** Whether `width` values of each sequence, and of each step of it, lie in the heap. */
  bool each(int slot, int64_t width) const { return call.holds(call.offset(slot), floats(all, width)); }
  bool everyStep(int slot, int64_t width) const { return call.holds(call.offset(slot), floats(steps, all, width)); }
  bool panels(int slot, int64_t k, int64_t columns) const {
    return call.holds(call.offset(slot), times(times(panelBytes, k), (columns + panelWidth - 1) / panelWidth));
  }
  bool holdsCommon() const {
    return everyStep(7, n) && (!keeps() || (everyStep(8, gates * n) && everyStep(9, n))) &&
           (!call.offset(5) || call.holds(call.offset(5), times(call.offset(6), all)));
  }
  int64_t length(int64_t i) const {
    if (!call.offset(5)) return steps;
    const uint8_t* p = call.at(call.offset(5) + i * call.offset(6));
    return least(steps, call.slot(6) == 8 ? scalar<int64_t>(p) : int64_t(scalar<int32_t>(p)));
  }
  uint8_t* row(int slot, int64_t row, int64_t width) const { return call.at(call.offset(slot) + uint64_t(row) * width * 4); }
};

/** The slope of a sigmoid by its value, and that of a tanh, times d. */
ALWAYS_INLINE vec<float> bySigmoid(vec<float> d, vec<float> s) { return d * (s - s * s); }
ALWAYS_INLINE vec<float> byTanh(vec<float> d, vec<float> t) { return d * (1.0f - t * t); }

/** h' of the sum of the shares. */
NOINLINE void plainRow(int64_t n, bool relu, const uint8_t* sums, uint8_t* h, uint8_t* out) {
  along<1>(n, EACH {
    const vec<float> x = part.get(sums + o);
    // of zeros of either sign and NaN what max(0, x) gives
    const vec<float> y = relu ? (x != x ? x : x > 0.0f ? x : vec<float>{}) : tanhOf(x);
    part.set(h + o, y);
    part.set(out + o, y);
    (void)u;
  });
}
/** h' and c' of the sums of the gates i, f, g, o: c' = f c + i g, h' = o tanh(c'). */
NOINLINE void lstmRow(int64_t n, const uint8_t* sums, uint8_t* h, uint8_t* c, uint8_t* out, uint8_t* cells) {
  const int64_t row = n * 4;
  along<1>(n, EACH {
    const uint8_t* p = sums + o;
    const vec<float> next = sigmoidOf(part.get(p)) * tanhOf(part.get(p + 2 * row)) + sigmoidOf(part.get(p + row)) * part.get(c + o);
    const vec<float> y = sigmoidOf(part.get(p + 3 * row)) * tanhOf(next);
    part.set(c + o, next);
    part.set(cells + o, next);
    part.set(h + o, y);
    part.set(out + o, y);
    (void)u;
  });
}
/** h' of the sums of the gates r and z with n's share of the input, and n's share of the state, to which its shift is added: h' = n + z (h - n). */
NOINLINE void gruRow(int64_t n, const uint8_t* sums, uint8_t* shares, const uint8_t* shift, uint8_t* h, uint8_t* out) {
  const int64_t row = n * 4;
  along<1>(n, EACH {
    const uint8_t* p = sums + o;
    const vec<float> share = shift ? part.get(shares + o) + part.get(shift + o) : part.get(shares + o);
    const vec<float> own = tanhOf(sigmoidOf(part.get(p)) * share + part.get(p + 2 * row));
    const vec<float> y = sigmoidOf(part.get(p + row)) * (part.get(h + o) - own) + own;
    part.set(shares + o, share);
    part.set(h + o, y);
    part.set(out + o, y);
    (void)u;
  });
}

/**
 * Forward. 10 h [sequences, hidden], first in and last out  11 c likewise  12 packed W_hh  13 that of n (GRU)  14 shift of n's share of the state or 0.
 * The sums hold the input's shares with all other shifts; plain nets have them in the output.
 */
const char* recurrent(const Call& call) {
  const Recurrent r(call);
  if (!r.fit()) return nothing;
  const bool gru = r.kind == Recurrent::gru, lstm = r.kind == Recurrent::lstm;
  const int64_t n = r.n, wide = r.gates * n, added = gru ? 2 * n : wide;
  if (!r.holdsCommon() || !r.each(10, n) || (lstm && !r.each(11, n)) || !r.panels(12, n, added) || (gru && !r.panels(13, n, n)) ||
      (call.offset(14) && !call.holds(call.offset(14), floats(n))))
    return outside;
  const int64_t start = call.start;
  const int rows = call.end - call.start, depth = static_cast<int>(n);
  if (rows <= 0) return nullptr;
  const Panels right = {call.at(call.offset(12)), depth};
  const uint8_t* first = r.row(10, start, n);
  for (int64_t k = 0; k < r.steps; k++) {
    const int64_t t = r.reverse ? r.steps - 1 - k : k, place = t * r.all;
    uint8_t* sums = r.keeps() ? r.row(8, place + start, wide) : r.row(7, place + start, n);
    product<true>(rows, static_cast<int>(added), depth, first, n * 4, right, sums, wide * 4, true, unbounded, unbounded);
    if (gru)
      product<true>(rows, depth, depth, first, n * 4, {call.at(call.offset(13)), depth}, r.row(9, place + start, n), n * 4, false, unbounded, unbounded);
    for (int64_t i = start; i < call.end; i++) {
      uint8_t *h = r.row(10, i, n), *out = r.row(7, place + i, n);
      const uint8_t* own = sums + (i - start) * wide * 4;
      if (t < r.length(i)) {
        if (lstm) lstmRow(n, own, h, r.row(11, i, n), out, r.row(9, place + i, n));
        else if (gru) gruRow(n, own, r.row(9, place + i, n), call.offset(14) ? call.at(call.offset(14)) : nullptr, h, out);
        else plainRow(n, r.kind == Recurrent::relu, own, h, out);
      } else {
        __builtin_memset(out, 0, n * 4);
        if (lstm) __builtin_memcpy(r.row(9, place + i, n), r.row(11, i, n), n * 4);
      }
    }
  }
  return nullptr;
}

/** Puts a gradient at p, and adds it to the sums where there are some. */
template <class Part>
ALWAYS_INLINE void give(Part part, uint8_t* p, uint8_t* sums, vec<float> v) {
  part.set(p, v);
  if (sums) part.set(sums, part.get(sums) + v);
}
/** The sums' gradient d from those of h' that came from the step after (dh, which is used up) and from the output (g). */
NOINLINE void plainRowBack(int64_t n, bool relu, const uint8_t* out, const uint8_t* g, uint8_t* dh, uint8_t* d, uint8_t* sums) {
  along<1>(n, EACH {
    const vec<float> y = part.get(out + o), own = part.get(g + o) + part.get(dh + o);
    give(part, d + o, sums ? sums + o : nullptr, relu ? own * (y > 0.0f ? all(1) : vec<float>{}) : byTanh(own, y));
    part.set(dh + o, vec<float>{});
    (void)u;
  });
}
/** The sums' gradients d, from those of h' (dh, used up, and g) and of c' (dc, which becomes that of c). `before` is c. */
NOINLINE void lstmRowBack(int64_t n, const uint8_t* from, const uint8_t* cells, const uint8_t* before, const uint8_t* g, uint8_t* dh, uint8_t* dc,
                          uint8_t* d, uint8_t* sums) {
  const int64_t row = n * 4;
  along<1>(n, EACH {
    const uint8_t* p = from + o;
    const vec<float> i = sigmoidOf(part.get(p)), f = sigmoidOf(part.get(p + row)), G = tanhOf(part.get(p + 2 * row));
    const vec<float> out = sigmoidOf(part.get(p + 3 * row)), t = tanhOf(part.get(cells + o));
    const vec<float> own = part.get(g + o) + part.get(dh + o), whole = part.get(dc + o) + byTanh(own * out, t);
    uint8_t *to = d + o, *sum = sums ? sums + o : nullptr;
    give(part, to, sum, bySigmoid(whole * G, i));
    give(part, to + row, sum ? sum + row : nullptr, bySigmoid(whole * part.get(before + o), f));
    give(part, to + 2 * row, sum ? sum + 2 * row : nullptr, byTanh(whole * i, G));
    give(part, to + 3 * row, sum ? sum + 3 * row : nullptr, bySigmoid(own * t, out));
    part.set(dc + o, whole * f);
    part.set(dh + o, vec<float>{});
    (void)u;
  });
}
/** The gradients of the sums of r and z, of n's share of the input and of that of the state: d; dh becomes what comes to h past the gates. */
NOINLINE void gruRowBack(int64_t n, const uint8_t* from, const uint8_t* shares, const uint8_t* before, const uint8_t* g, uint8_t* dh, uint8_t* d,
                         uint8_t* sums) {
  const int64_t row = n * 4;
  along<1>(n, EACH {
    const uint8_t* p = from + o;
    const vec<float> share = part.get(shares + o), gate = sigmoidOf(part.get(p)), z = sigmoidOf(part.get(p + row));
    const vec<float> N = tanhOf(gate * share + part.get(p + 2 * row)), own = part.get(g + o) + part.get(dh + o);
    const vec<float> dn = byTanh(own - own * z, N);
    uint8_t *to = d + o, *sum = sums ? sums + o : nullptr;
    give(part, to, sum, bySigmoid(dn * share, gate));
    give(part, to + row, sum ? sum + row : nullptr, bySigmoid(own * (part.get(before + o) - N), z));
    give(part, to + 2 * row, sum ? sum + 2 * row : nullptr, dn);
    give(part, to + 3 * row, sum ? sum + 3 * row : nullptr, dn * gate);
    part.set(dh + o, own * z);
    (void)u;
  });
}

/**
 * Back through the steps. 10 first h  11 first c  12 W_hh in panels  13 gradient of the output  14 dh [sequences, hidden], of the last state in and of
 * the first out  15 dc likewise  16 gradients d of the sums [steps, sequences, gates · hidden]; a GRU's are of r, z, and n's shares of input and state
 * 17 their sums over the steps of a sequence [sequences, ..] or 0  18 those of each sequence's first step [sequences, ..] or 0
 */
const char* recurrentBackward(const Call& call) {
  const Recurrent r(call);
  if (!r.fit()) return nothing;
  const bool gru = r.kind == Recurrent::gru, lstm = r.kind == Recurrent::lstm;
  const int64_t n = r.n, wide = r.gates * n, wideD = gru ? 4 * n : wide;
  if (!r.holdsCommon() || !r.each(10, n) || (lstm && (!r.each(11, n) || !r.each(15, n))) || !r.panels(12, wide, n) || !r.everyStep(13, n) ||
      !r.each(14, n) || !r.everyStep(16, wideD) || (call.offset(17) && !r.each(17, wideD)) || (call.offset(18) && !r.each(18, wideD)))
    return outside;
  const int64_t start = call.start;
  const int rows = call.end - call.start;
  if (rows <= 0) return nullptr;
  for (const int slot : {17, 18})
    if (call.offset(slot)) __builtin_memset(r.row(slot, start, wideD), 0, rows * wideD * 4);
  const int depth = static_cast<int>(n);
  const uint8_t* right = call.at(call.offset(12));
  uint8_t* states = r.row(14, start, n);
  // from a step to the one that was taken before
  const int64_t back = r.reverse ? r.all : -r.all;
  for (int64_t k = r.steps - 1; k >= 0; k--) {
    const int64_t t = r.reverse ? r.steps - 1 - k : k, place = t * r.all;
    for (int64_t i = start; i < call.end; i++) {
      const int64_t at = place + i, length = r.length(i);
      uint8_t *d = r.row(16, at, wideD), *sums = call.offset(17) ? r.row(17, i, wideD) : nullptr, *dh = r.row(14, i, n);
      const uint8_t* g = r.row(13, at, n);
      const bool begins = t == (r.reverse ? length - 1 : 0);
      if (t >= length) __builtin_memset(d, 0, wideD * 4);
      else if (lstm)
        lstmRowBack(n, r.row(8, at, wide), r.row(9, at, n), begins ? r.row(11, i, n) : r.row(9, at + back, n), g, dh, r.row(15, i, n), d, sums);
      else if (gru)
        gruRowBack(n, r.row(8, at, wide), r.row(9, at, n), begins ? r.row(10, i, n) : r.row(7, at + back, n), g, dh, d, sums);
      else plainRowBack(n, r.kind == Recurrent::relu, r.row(7, at, n), g, dh, d, sums);
      if (begins && call.offset(18)) __builtin_memcpy(r.row(18, i, wideD), d, wideD * 4);
    }
    const uint8_t* d = r.row(16, place + start, wideD);
    const auto through = [&](int64_t width, int64_t column, int64_t from) {
      const Panels some = {right + from * panelBytes, static_cast<int>(wide)};
      product<true>(rows, depth, static_cast<int>(width), d + column * 4, wideD * 4, some, states, n * 4, true, unbounded, unbounded);
    };
    through(gru ? 2 * n : wide, 0, 0);
    if (gru) through(n, 3 * n, 2 * n);
  }
  return nullptr;
}
