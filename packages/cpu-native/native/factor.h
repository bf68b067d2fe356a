// Factors and triangles of row-major float64 matrices, in blocks of columns: a block, copied together, is worked off column by column, and what
// is left of the matrix changes by products. One matrix at a time: the index space is 0 to 1.

constexpr int panelColumns = 32;
constexpr uint64_t panelRow = panelColumns * 8;
constexpr int doubles = Lanes<double>::count;
/** A tile of a product: rows, and columns of two vectors. */
constexpr int takenRows = 6, takenColumns = 2 * doubles;

ALWAYS_INLINE double get(const uint8_t* p, int64_t i) { return scalar<double>(p + i * 8); }
ALWAYS_INLINE void set(uint8_t* p, int64_t i, double value) { put<double>(p + i * 8, value); }

/** c -= a b for R rows and a tile's columns, b packed. Elements of a lie `ra` bytes apart from row to row, `ca` along a row. */
template <int R>
NOINLINE void takeTile(uint8_t* c, uint64_t rc, const uint8_t* a, uint64_t ra, uint64_t ca, const uint8_t* b, int64_t k) {
  vec<double> sums[R][2];
#pragma GCC unroll 6
  for (int i = 0; i < R; i++) {
    sums[i][0] = load<double>(c + i * rc);
    sums[i][1] = load<double>(c + i * rc + vectorBytes);
  }
  for (; k > 0; k--, a += ca, b += 2 * vectorBytes) {
    const vec<double> b0 = load<double>(b), b1 = load<double>(b + vectorBytes);
#pragma GCC unroll 6
    for (int i = 0; i < R; i++) {
      const double f = scalar<double>(a + i * ra);
      sums[i][0] -= f * b0;
      sums[i][1] -= f * b1;
    }
  }
#pragma GCC unroll 6
  for (int i = 0; i < R; i++) {
    store<double>(c + i * rc, sums[i][0]);
    store<double>(c + i * rc + vectorBytes, sums[i][1]);
  }
}
NOINLINE void takeRows(int rows, uint8_t* c, uint64_t rc, const uint8_t* a, uint64_t ra, uint64_t ca, const uint8_t* b, int64_t k) {
  if (rows == 6) takeTile<6>(c, rc, a, ra, ca, b, k);
  else if (rows == 5) takeTile<5>(c, rc, a, ra, ca, b, k);
  else if (rows == 4) takeTile<4>(c, rc, a, ra, ca, b, k);
  else if (rows == 3) takeTile<3>(c, rc, a, ra, ca, b, k);
  else if (rows == 2) takeTile<2>(c, rc, a, ra, ca, b, k);
  else takeTile<1>(c, rc, a, ra, ca, b, k);
}

/** A matrix: where it begins, and the bytes from row to row and along a row. */
struct Grid {
  uint8_t* at;
  uint64_t row, step = 8;
  Grid from(int64_t i, int64_t j) const { return {at + i * row + j * step, row, step}; }
  Grid turned() const { return {at, step, row}; }
};

/** c (m × n) -= a (m × k) b (k × n). */
NOINLINE void takeProduct(const Call& call, Grid c, Grid a, Grid b, int64_t m, int64_t n, int64_t k) {
  constexpr int64_t depth = 256, width = 8 * takenColumns;
  static_assert(depth * width * 8 + takenRows * takenColumns * 8 < scratchBytes, "");
  uint8_t* packed = call.scratch;
  uint8_t* part = packed + depth * width * 8;
  for (int64_t l0 = 0; l0 < k; l0 += depth) {
    const int64_t deep = least(depth, k - l0);
    for (int64_t j0 = 0; j0 < n; j0 += width) {
      const int64_t wide = least(width, n - j0);
      for (int64_t j = 0; j < wide; j += takenColumns) {
        const int64_t columns = least(int64_t(takenColumns), wide - j);
        uint8_t* to = packed + j * deep * 8;
        for (int64_t l = 0; l < deep; l++, to += 2 * vectorBytes) {
          const uint8_t* from = b.at + (l0 + l) * b.row + (j0 + j) * b.step;
          if (b.step == 8 && columns == takenColumns) {
            store<double>(to, load<double>(from));
            store<double>(to + vectorBytes, load<double>(from + vectorBytes));
          } else {
            for (int64_t i = 0; i < takenColumns; i++) set(to, i, i < columns ? scalar<double>(from + i * b.step) : 0.0);
          }
        }
      }
      for (int64_t i = 0; i < m; i += takenRows) {
        const int rows = static_cast<int>(least(int64_t(takenRows), m - i));
        const Grid own = a.from(i, l0);
        for (int64_t j = 0; j < wide; j += takenColumns) {
          uint8_t* out = c.at + i * c.row + (j0 + j) * 8;
          const int64_t columns = least(int64_t(takenColumns), wide - j);
          const uint8_t* right = packed + j * deep * 8;
          if (columns == takenColumns) {
            takeRows(rows, out, c.row, own.at, own.row, own.step, right, deep);
            continue;
          }
          for (int r = 0; r < rows; r++)
            for (int64_t x = 0; x < takenColumns; x++) set(part + r * 2 * vectorBytes, x, x < columns ? get(out + r * c.row, x) : 0.0);
          takeRows(rows, part, 2 * vectorBytes, own.at, own.row, own.step, right, deep);
          for (int r = 0; r < rows; r++)
            for (int64_t x = 0; x < columns; x++) set(out + r * c.row, x, get(part + r * 2 * vectorBytes, x));
        }
      }
    }
  }
}

/** x -= f y. */
ALWAYS_INLINE void takeRow(uint8_t* x, double f, const uint8_t* y, int64_t n) {
  int64_t i = 0;
  for (; i + doubles <= n; i += doubles) store<double>(x + i * 8, load<double>(x + i * 8) - f * load<double>(y + i * 8));
  for (; i < n; i++) set(x, i, get(x, i) - f * get(y, i));
}
ALWAYS_INLINE void swapRows(uint8_t* x, uint8_t* y, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const double kept = get(x, i);
    set(x, i, get(y, i));
    set(y, i, kept);
  }
}
NOINLINE void zeroDoubles(uint8_t* p, int64_t n) {
  for (int64_t i = 0; i < n; i++) set(p, i, 0);
}

/** A block of columns, together: rows of `panelColumns` numbers, of which those behind the block's are 0. */
NOINLINE void copyIn(uint8_t* panel, Grid a, int64_t rows, int columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int c = 0; c < panelColumns; c++) set(panel + i * panelRow, c, c < columns ? get(a.at + i * a.row, c) : 0.0);
}
NOINLINE void copyOut(Grid a, const uint8_t* panel, int64_t rows, int columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int c = 0; c < columns; c++) set(a.at + i * a.row, c, get(panel + i * panelRow, c));
}
/** A row of a panel, or numbers beside it, with zeros up to a column. */
struct Masked {
  alignas(64) uint8_t values[panelRow];
  int first;
  Masked(const uint8_t* row, int from) : first(from / doubles * doubles) {
    for (int c = 0; c < panelColumns; c++) set(values, c, c < from ? 0.0 : get(row, c));
  }
  /** row -= f times it. */
  ALWAYS_INLINE void take(uint8_t* row, double f) const {
    for (int c = first; c < panelColumns; c += doubles)
      store<double>(row + c * 8, load<double>(row + c * 8) - f * load<double>(values + c * 8));
  }
};

/** Bytes of `count` numbers; endless where there cannot be as many. */
template <class... N>
ALWAYS_INLINE uint64_t numbers(N... counts) {
  return least(endless, 2 * floats(counts...));
}
ALWAYS_INLINE bool alone(const Call& call) { return call.start == 0 && call.end == 1; }
ALWAYS_INLINE void answer(const Call& call, int slot, int32_t value) { const_cast<int32_t*>(call.slots)[slot] = value; }

/** As LAPACK's getrf. 0 a [m, n]  1 pivots (i32)  2 m  3 n  4 out: 0, or the first pivot that is 0, from 1  5 room for a panel [m, 32] */
const char* luFactor(const Call& call) {
  const int64_t m = call.slot(2), n = call.slot(3), k = least(m, n);
  if (!alone(call) || m < 0 || n < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(m, n)) || !call.holds(call.offset(1), floats(k)) ||
      !call.holds(call.offset(5), numbers(m, panelColumns)))
    return outside;
  const Grid a{call.at(call.offset(0)), static_cast<uint64_t>(n) * 8};
  uint8_t* panel = call.at(call.offset(5));
  int32_t info = 0;
  for (int64_t j0 = 0; j0 < k; j0 += panelColumns) {
    const int columns = static_cast<int>(least(int64_t(panelColumns), k - j0));
    const int64_t rows = m - j0, j1 = j0 + columns;
    copyIn(panel, a.from(j0, j0), rows, columns);
    for (int j = 0; j < columns; j++) {
      uint8_t* own = panel + j * panelRow;
      int64_t p = j;
      double most = __builtin_fabs(get(own, j));
      for (int64_t i = j + 1; i < rows; i++) {
        const double size = __builtin_fabs(get(panel + i * panelRow, j));
        if (size > most) {
          most = size;
          p = i;
        }
      }
      put<int32_t>(call.at(call.offset(1)) + (j0 + j) * 4, static_cast<int32_t>(j0 + p));
      if (most == 0) {
        if (info == 0) info = static_cast<int32_t>(j0 + j + 1);
        continue;
      }
      if (p != j) {
        swapRows(own, panel + p * panelRow, columns);
        uint8_t *x = a.from(j0 + j, 0).at, *y = a.from(j0 + p, 0).at;
        swapRows(x, y, j0);
        swapRows(x + j1 * 8, y + j1 * 8, n - j1);
      }
      const double pivot = get(own, j);
      const Masked right(own, j + 1);
      for (int64_t i = j + 1; i < rows; i++) {
        uint8_t* row = panel + i * panelRow;
        const double f = get(row, j) / pivot;
        set(row, j, f);
        right.take(row, f);
      }
    }
    copyOut(a.from(j0, j0), panel, rows, columns);
    if (j1 == n) continue;
    for (int i = 1; i < columns; i++)
      for (int l = 0; l < i; l++) takeRow(a.from(j0 + i, j1).at, get(panel + i * panelRow, l), a.from(j0 + l, j1).at, n - j1);
    takeProduct(call, a.from(j1, j1), {panel + columns * panelRow, panelRow}, a.from(j0, j1), m - j1, n - j1, columns);
  }
  answer(call, 4, info);
  return nullptr;
}

/** The triangle of a (n × n) in blocks: rows that are known leave the others by a product. */
NOINLINE void solveTriangle(const Call& call, Grid a, int64_t n, Grid b, int64_t r, bool upper, bool unit) {
  for (int64_t done = 0; done < n; done += panelColumns) {
    const int64_t count = least(int64_t(panelColumns), n - done), from = upper ? n - done - count : done;
    const int64_t known = upper ? from + count : 0;
    takeProduct(call, b.from(from, 0), a.from(from, known), b.from(known, 0), count, r, done);
    for (int64_t step = 0; step < count; step++) {
      const int64_t i = upper ? from + count - 1 - step : from + step, first = upper ? i + 1 : from;
      uint8_t* x = b.from(i, 0).at;
      const uint8_t* f = a.from(i, 0).at;
      for (int64_t l = first; l < first + step; l++) takeRow(x, get(f, l), b.from(l, 0).at, r);
      if (!unit)
        for (int64_t c = 0; c < r; c++) set(x, c, get(x, c) / get(f, i));
    }
  }
}

/** Solves T x = b in place of b. 0 a [n, n]  1 b [n, r]  2 n  3 r  4 upper?  5 ones on the diagonal? */
const char* triangularSolve(const Call& call) {
  const int64_t n = call.slot(2), r = call.slot(3);
  if (!alone(call) || n < 0 || r < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(n, n)) || !call.holds(call.offset(1), numbers(n, r))) return outside;
  if (r > 0)
    solveTriangle(call, {call.at(call.offset(0)), static_cast<uint64_t>(n) * 8}, n,
                  {call.at(call.offset(1)), static_cast<uint64_t>(r) * 8}, r, call.slot(4) != 0, call.slot(5) != 0);
  return nullptr;
}

/** Solves A x = b in place of b, A factored. 0 factors [n, n]  1 b [n, r]  2 n  3 r  4 pivots */
const char* luSolve(const Call& call) {
  const int64_t n = call.slot(2), r = call.slot(3);
  if (!alone(call) || n < 0 || r < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(n, n)) || !call.holds(call.offset(1), numbers(n, r)) || !call.holds(call.offset(4), floats(n)))
    return outside;
  const uint8_t* pivots = call.at(call.offset(4));
  for (int64_t i = 0; i < n; i++) {
    const int32_t p = scalar<int32_t>(pivots + i * 4);
    if (p < 0 || p >= n) return "its pivots are no rows";
  }
  if (r == 0) return nullptr;
  const Grid lu{call.at(call.offset(0)), static_cast<uint64_t>(n) * 8}, b{call.at(call.offset(1)), static_cast<uint64_t>(r) * 8};
  for (int64_t i = 0; i < n; i++) {
    const int32_t p = scalar<int32_t>(pivots + i * 4);
    if (p >= 0 && p < n && p != i) swapRows(b.from(i, 0).at, b.from(p, 0).at, r);
  }
  solveTriangle(call, lu, n, b, r, false, true);
  solveTriangle(call, lu, n, b, r, true, false);
  return nullptr;
}

/** A = L L^T in place. 0 a [n, n]  1 n  2 out: 0, or the first leading minor that is not positive, from 1  3 room for a panel [n, 32] */
const char* choleskyFactor(const Call& call) {
  const int64_t n = call.slot(1);
  if (!alone(call) || n < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(n, n)) || !call.holds(call.offset(3), numbers(n, panelColumns))) return outside;
  const Grid a{call.at(call.offset(0)), static_cast<uint64_t>(n) * 8};
  uint8_t* panel = call.at(call.offset(3));
  for (int64_t j0 = 0; j0 < n; j0 += panelColumns) {
    const int columns = static_cast<int>(least(int64_t(panelColumns), n - j0));
    const int64_t rows = n - j0;
    copyIn(panel, a.from(j0, j0), rows, columns);
    takeProduct(call, {panel, panelRow}, a.from(j0, 0), a.from(j0, 0).turned(), rows, columns, j0);
    for (int j = 0; j < columns; j++) {
      uint8_t* own = panel + j * panelRow;
      const double d = get(own, j);
      if (!(d > 0)) {
        answer(call, 2, static_cast<int32_t>(j0 + j + 1));
        return nullptr;
      }
      const double root = squareRoot(d);
      for (int64_t i = j + 1; i < rows; i++) set(panel + i * panelRow, j, get(panel + i * panelRow, j) / root);
      alignas(64) uint8_t below[panelRow];
      for (int c = 0; c < panelColumns; c++) set(below, c, c < columns ? get(panel + c * panelRow, j) : 0.0);
      const Masked right(below, j + 1);
      for (int64_t i = j + 1; i < rows; i++) right.take(panel + i * panelRow, get(panel + i * panelRow, j));
      set(own, j, root);
    }
    copyOut(a.from(j0, j0), panel, rows, columns);
    for (int64_t i = j0; i < j0 + columns; i++) zeroDoubles(a.from(i, i + 1).at, n - i - 1);
  }
  answer(call, 2, 0);
  return nullptr;
}
