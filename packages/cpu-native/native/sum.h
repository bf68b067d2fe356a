// Sums of float32 along one loop. Slots: 0 across?  1 kept loops; then, as src/emit/reduce.ts has it, the addresses of the output, of the
// input and 0, their steps along each kept loop (the innermost first; the third is that of the first element of a chunk), those loops'
// sizes, the input's step along the summed loop, that loop's size, the elements of a chunk, and all of them. Index = an output.
// Not across, the summed values are neighbours; across, the outputs are, and so are the inputs' values for them.

/** Values along a row, or rows, whose sum in float32 goes on in float64. */
constexpr int64_t rowsBlock = 32, rowBlock = rowsBlock * 4 * Lanes<float>::count;

NOINLINE float sumAlong(const uint8_t* p, int64_t n) {
  double total = 0;
  for (int64_t from = 0; from < n; from += rowBlock) {
    vec<float> sums[4] = {};
    along<4>(least(rowBlock, n - from), EACH { sums[u] += part.get(p + from * 4 + o); });
    total += sumOf(sums);
  }
  return static_cast<float>(total);
}

/** out[j] = Σ over `rows` rows of the columns of x, a vector of them, or as many as `part` has. */
template <class Part>
ALWAYS_INLINE void sumDown(uint8_t* out, const uint8_t* p, int64_t rows, uint64_t step, Part part) {
  typedef float Half __attribute__((vector_size(VECTOR_BYTES / 2)));
  struct Halves {
    Half low, high;
  };
  vec<double> low{}, high{};
  for (int64_t from = 0; from < rows; from += rowsBlock) {
    vec<float> sums[2] = {};
    const int64_t count = least(rowsBlock, rows - from);
    int64_t i = 0;
    for (; i + 2 <= count; i += 2, p += 2 * step) {
      sums[0] += part.get(p);
      sums[1] += part.get(p + step);
    }
    if (i < count) {
      sums[0] += part.get(p);
      p += step;
    }
    const Halves halves = __builtin_bit_cast(Halves, sums[0] + sums[1]);
    low += __builtin_convertvector(halves.low, vec<double>);
    high += __builtin_convertvector(halves.high, vec<double>);
  }
  part.set(out, __builtin_bit_cast(vec<float>, Halves{__builtin_convertvector(low, Half), __builtin_convertvector(high, Half)}));
}

const char* sumFloats(const Call& call) {
  const bool across = call.slot(0) != 0;
  const int loops = call.slot(1);
  if (loops < 1 || loops > mostLoops || call.start < 0) return nothing;
  const int stepsAt = 5, sizesAt = stepsAt + 3 * loops, after = sizesAt + loops;
  const uint64_t step = call.offset(after);
  const int64_t size = call.slot(after + 1), chunk = call.slot(after + 2), whole = call.slot(after + 3);
  const auto stepOf = [&](int loop, int view) { return call.offset(stepsAt + 3 * loop + view); };
  if (size < 0 || chunk < 0 || whole < 0 || whole > size) return nothing;
  if (across ? stepOf(0, 0) != 4 || stepOf(0, 1) != 4 : step != 4) return "its values are no neighbours";
  uint64_t total = 1, reach[2] = {4, extent(4, Steps{whole, step})};
  for (int d = 0; d < loops; d++) {
    if (call.slot(sizesAt + d) <= 0 || __builtin_mul_overflow(total, call.offset(sizesAt + d), &total)) return nothing;
    for (int v = 0; v < 2; v++) reach[v] += extent(0, Steps{call.slot(sizesAt + d), stepOf(d, v)});
  }
  if (call.end > 0 && uint64_t(call.end) > total) return nothing;
  if (!call.holds(call.offset(2), reach[0]) || !call.holds(call.offset(3), reach[1])) return outside;
  for (int64_t index = call.start; index < call.end;) {
    uint64_t out = call.offset(2), in = call.offset(3), first = call.offset(4);
    int64_t rest = index;
    for (int d = 0; d < loops; d++) {
      const int64_t i = rest % call.slot(sizesAt + d);
      rest /= call.slot(sizesAt + d);
      out += i * stepOf(d, 0);
      in += i * stepOf(d, 1);
      first += i * stepOf(d, 2);
    }
    const int64_t from = least(static_cast<int64_t>(first), whole), count = least(chunk, whole - from);
    const uint8_t* p = call.at(in + from * step);
    if (!across) {
      put<float>(call.at(out), sumAlong(p, count));
      index++;
      continue;
    }
    const int64_t columns = least(call.slot(sizesAt) - index % call.slot(sizesAt), call.end - index);
    along<1>(columns, EACH {
      sumDown(call.at(out) + o, p + o, count, step, part);
      (void)u;
    });
    index += columns;
  }
  return nullptr;
}
