// Distances between rows of f32, from the differences: what |x|² + |y|² - 2 x·y would cancel stays.

/** Rows of x that meet the columns of y together, and squares that are added up before their sum joins the others. */
constexpr int distanceRows = 4;
constexpr int64_t distanceDepth = 32;

template <int R, class Part>
ALWAYS_INLINE void distanceTile(const uint8_t* x, uint64_t row, const uint8_t* y, uint64_t step, int64_t n, uint8_t* out, bool first, bool last,
                                Part part) {
  vec<float> sums[R] = {};
  for (int64_t k = 0; k < n; k++) {
    const vec<float> right = part.get(y + k * step);
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
      const vec<float> d = scalar<float>(x + r * row + k * 4) - right;
      sums[r] += d * d;
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; r++) {
    uint8_t* to = out + r * step;
    const vec<float> total = first ? sums[r] : part.get(to) + sums[r];
    part.set(to, last ? squareRoot(total) : total);
  }
}
template <int R>
NOINLINE void distanceRowsOf(const uint8_t* x, const uint8_t* y, uint8_t* out, int64_t columns, int64_t m) {
  const uint64_t row = m * 4, step = columns * 4;
  for (int64_t k = 0; k < m; k += distanceDepth) {
    const int64_t n = least(distanceDepth, m - k);
    const uint8_t* right = y + k * step;
    along<1>(columns, EACH {
      distanceTile<R>(x + k * 4, row, right + o, step, n, out + o, k == 0, k + n == m, part);
      (void)u;
    });
  }
}

/** The Euclidean distance of each row of x to each column of y, as assembly/linalg/distance.ts has it. Index = four rows of a batch's matrix. */
const char* distances(const Call& call) {
  const int64_t rows = call.slot(3), columns = call.slot(4), m = call.slot(5);
  if (rows < 0 || columns < 0 || m <= 0 || call.start < 0) return nothing;
  const int64_t blocks = (rows + distanceRows - 1) / distanceRows;
  if (blocks == 0 || columns == 0) return call.end > 0 ? nothing : nullptr;
  const int64_t batches = (call.end + blocks - 1) / blocks;
  if (!call.holds(call.offset(0), floats(batches, rows, m)) || !call.holds(call.offset(1), floats(batches, m, columns)) ||
      !call.holds(call.offset(2), floats(batches, rows, columns)))
    return outside;
  for (int64_t index = call.start; index < call.end; index++) {
    const int64_t batch = index / blocks, i = index % blocks * distanceRows;
    const uint8_t* x = call.at(call.offset(0)) + (batch * rows + i) * m * 4;
    const uint8_t* y = call.at(call.offset(1)) + batch * m * columns * 4;
    uint8_t* out = call.at(call.offset(2)) + (batch * rows + i) * columns * 4;
    if (rows - i >= 4) distanceRowsOf<4>(x, y, out, columns, m);
    else if (rows - i == 3) distanceRowsOf<3>(x, y, out, columns, m);
    else if (rows - i == 2) distanceRowsOf<2>(x, y, out, columns, m);
    else distanceRowsOf<1>(x, y, out, columns, m);
  }
  return nullptr;
}
