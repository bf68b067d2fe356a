// Reflections of row-major float64 matrices, a panel of them together: H1 H2 ... = I - V T V^T (R. Schreiber, C. Van Loan, 1989).

/** Room for a panel of reflections [m, 32], T, and twice what V^T makes of n columns. */
struct Reflections {
  const Call& call;
  uint8_t *v, *t, *gram, *sums, *turned;
  int64_t m;
  Reflections(const Call& c, uint64_t at, int64_t rows, int64_t n)
      : call(c), v(c.at(at)), t(v + rows * panelRow), gram(t + panelColumns * panelRow), sums(gram + panelColumns * panelRow),
        turned(sums + n * panelRow), m(rows) {}
  static uint64_t bytes(int64_t m, int64_t n) {
    return numbers(panelColumns, m < 0 || n < 0 ? int64_t(-1) : m + 2 * int64_t(panelColumns) + 2 * n);
  }

  /** Ones and zeros where `v` holds R, and T. */
  NOINLINE void close(const uint8_t* taus, int64_t rows, int columns) {
    for (int i = 0; i < columns; i++)
      for (int c = i; c < columns; c++) set(v + i * panelRow, c, c == i ? 1.0 : 0.0);
    zeroDoubles(gram, panelColumns * panelColumns);
    zeroDoubles(t, panelColumns * panelColumns);
    // -V^T V
    const Grid vs{v, panelRow};
    takeProduct(call, {gram, panelRow}, vs.turned(), vs, columns, columns, rows);
    for (int j = 0; j < columns; j++) {
      const double tau = get(taus, j);
      set(t + j * panelRow, j, tau);
      for (int i = 0; i < j; i++) {
        double sum = 0;
        for (int l = i; l < j; l++) sum += get(t + i * panelRow, l) * get(gram + l * panelRow, j);
        set(t + i * panelRow, j, tau * sum);
      }
    }
  }
  /** b (rows × n) -= V T V^T b, or with T transposed. */
  NOINLINE void apply(Grid b, int64_t rows, int64_t n, int columns, bool transposed) {
    if (n <= 0) return;
    const Grid vs{v, panelRow}, ts{t, panelRow}, product{sums, static_cast<uint64_t>(n) * 8}, all{turned, static_cast<uint64_t>(n) * 8};
    zeroDoubles(sums, columns * n);
    zeroDoubles(turned, columns * n);
    takeProduct(call, product, vs.turned(), b, columns, n, rows);
    takeProduct(call, all, transposed ? ts.turned() : ts, product, columns, n, columns);
    takeProduct(call, b, vs, all, rows, n, columns);
  }
};

/** A power of two that no element exceeds by much; 1 for zeros and what is not finite. */
NOINLINE double scaleOf(const uint8_t* a, int64_t n) {
  double largest = 0;
  bool odd = false;
  for (int64_t i = 0; i < n; i++) {
    const double size = __builtin_fabs(get(a, i));
    odd |= size != size;
    largest = size > largest ? size : largest;
  }
  if (odd || !(largest > 0) || largest == __builtin_inf()) return 1;
  uint64_t bits;
  __builtin_memcpy(&bits, &largest, sizeof bits);
  int64_t exponent = static_cast<int64_t>(bits >> 52) - 1023 + ((bits & 0xfffffffffffff) != 0);
  exponent = least(int64_t(1023), most(int64_t(-1022), exponent));
  bits = static_cast<uint64_t>(exponent + 1023) << 52;
  double scale;
  __builtin_memcpy(&scale, &bits, sizeof scale);
  return scale;
}

/** As LAPACK's geqrf, in place. 0 a [m, n]  1 taus  2 m  3 n  4 room of other kernels  5 room, see Reflections */
const char* householder(const Call& call) {
  const int64_t m = call.slot(2), n = call.slot(3), k = least(m, n);
  if (!alone(call) || m < 0 || n < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(m, n)) || !call.holds(call.offset(1), numbers(k)) ||
      !call.holds(call.offset(5), Reflections::bytes(m, n)))
    return outside;
  const Grid a{call.at(call.offset(0)), static_cast<uint64_t>(n) * 8};
  uint8_t* taus = call.at(call.offset(1));
  Reflections all(call, call.offset(5), m, n);
  uint8_t* panel = all.v;
  const double scale = scaleOf(a.at, m * n);
  for (int64_t i = 0; i < m * n; i++) set(a.at, i, get(a.at, i) / scale);
  for (int64_t j0 = 0; j0 < k; j0 += panelColumns) {
    const int columns = static_cast<int>(least(int64_t(panelColumns), k - j0));
    const int64_t rows = m - j0, j1 = j0 + columns;
    copyIn(panel, a.from(j0, j0), rows, columns);
    for (int j = 0; j < columns; j++) {
      uint8_t* own = panel + j * panelRow;
      const double alpha = get(own, j);
      double below = 0;
      for (int64_t i = j + 1; i < rows; i++) below += get(panel + i * panelRow, j) * get(panel + i * panelRow, j);
      set(taus, j0 + j, 0);
      if (below == 0) continue;
      const double beta = (alpha < 0 ? 1 : -1) * squareRoot(alpha * alpha + below), tau = (beta - alpha) / beta;
      set(taus, j0 + j, tau);
      // the sums of v times the other columns
      vec<double> sums[panelColumns / doubles];
      for (int c = 0; c < panelColumns / doubles; c++) sums[c] = load<double>(own + c * vectorBytes);
      for (int64_t i = j + 1; i < rows; i++) {
        uint8_t* row = panel + i * panelRow;
        const double f = get(row, j) / (alpha - beta);
        set(row, j, f);
        for (int c = 0; c < panelColumns / doubles; c++) sums[c] += f * load<double>(row + c * vectorBytes);
      }
      const Masked right(reinterpret_cast<const uint8_t*>(sums), j + 1);
      right.take(own, tau);
      for (int64_t i = j + 1; i < rows; i++) right.take(panel + i * panelRow, tau * get(panel + i * panelRow, j));
      set(own, j, beta);
    }
    copyOut(a.from(j0, j0), panel, rows, columns);
    if (j1 == n) continue;
    all.close(taus + j0 * 8, rows, columns);
    all.apply(a.from(j0, j1), rows, n - j1, columns, true);
  }
  for (int64_t i = 0; i < k; i++)
    for (int64_t j = i; j < n; j++) set(a.from(i, j).at, 0, get(a.from(i, j).at, 0) * scale);
  return nullptr;
}

/** The first columns of Q. 0 a [m, n]  1 taus  2 m  3 n  4 room of other kernels  5 q [m, columns]  6 columns  7 room, see Reflections */
const char* reflected(const Call& call) {
  const int64_t m = call.slot(2), n = call.slot(3), width = call.slot(6), k = least(least(m, n), width);
  if (!alone(call) || m < 0 || n < 0 || width < 0) return nothing;
  if (!call.holds(call.offset(0), numbers(m, n)) || !call.holds(call.offset(1), numbers(least(m, n))) ||
      !call.holds(call.offset(5), numbers(m, width)) || !call.holds(call.offset(7), Reflections::bytes(m, width)))
    return outside;
  const Grid a{call.at(call.offset(0)), static_cast<uint64_t>(n) * 8}, q{call.at(call.offset(5)), static_cast<uint64_t>(width) * 8};
  Reflections all(call, call.offset(7), m, width);
  zeroDoubles(q.at, m * width);
  for (int64_t i = 0; i < least(m, width); i++) set(q.from(i, i).at, 0, 1);
  // columns before j0 are those of the identity still, which these reflections leave as they are
  for (int64_t j0 = (k - 1) / panelColumns * panelColumns; k > 0 && j0 >= 0; j0 -= panelColumns) {
    const int columns = static_cast<int>(least(int64_t(panelColumns), k - j0));
    copyIn(all.v, a.from(j0, j0), m - j0, columns);
    all.close(call.at(call.offset(1)) + j0 * 8, m - j0, columns);
    all.apply(q.from(j0, j0), m - j0, width - j0, columns, false);
  }
  return nullptr;
}
