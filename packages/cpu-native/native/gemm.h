// C = A·B (+ C) (+ bias), one output tile per index, as assembly/gemm/gemm.ts has it, with its arguments and its order of sums:
// index = (batch · mTiles + mTile) · nTiles + nTile. Slots, steps in bytes:
// 0 a  1 b  2 c  3 bias  4 m  5 n  6 k  7 aBatch  8 aRow  9 aCol  10 bBatch  11 bRow  12 bCol  13 cBatch  14 cRow
// 15 add  16 tileM  17 tileN  18 mTiles  19 nTiles  20 packed B or 0  21 kc  22 pack A?  23 pack B?

/** The product's arguments, read once. */
template <class T>
struct Product {
  static constexpr int width = panelBytes / static_cast<int>(sizeof(T));
  uint64_t a, b, c, bias, aBatch, aRow, aCol, bBatch, bRow, bCol, cBatch, cRow, packed;
  int m, n, k, tileM, tileN, mTiles, nTiles, kc, panels;
  bool add, packA, packB;

  explicit Product(const Call& call)
      : a(call.offset(0)), b(call.offset(1)), c(call.offset(2)), bias(call.offset(3)), aBatch(call.offset(7)),
        aRow(call.offset(8)), aCol(call.offset(9)), bBatch(call.offset(10)), bRow(call.offset(11)), bCol(call.offset(12)),
        cBatch(call.offset(13)), cRow(call.offset(14)), packed(call.offset(20)), m(call.slot(4)), n(call.slot(5)),
        k(call.slot(6)), tileM(call.slot(16)), tileN(call.slot(17)), mTiles(call.slot(18)), nTiles(call.slot(19)),
        kc(call.slot(21)), panels((n + width - 1) / width), add(call.slot(15) != 0), packA(call.slot(22) != 0),
        packB(call.slot(23) != 0) {}

  bool fits(const Call& call, int64_t batches) const {
    if (m < 0 || n < 0 || k < 0) return false;
    if (!call.holds(b, extent(sizeof(T), Steps{batches, bBatch}, Steps{k, bRow}, Steps{n, bCol}))) return false;
    return packed == 0 || call.holds(packed, times(times(times(panelBytes, batches), panels), k));
  }
};

/** Packs all of B, four panels per index: index = batch · quads + quad. */
template <class T>
const char* packAllB(const Call& call) {
  const Product<T> p(call);
  const int quads = (p.panels + 3) >> 2;
  if (quads == 0) return nullptr;
  if (p.packed == 0 || call.start < 0 || !p.fits(call, (int64_t(call.end) + quads - 1) / quads)) return "its operands leave the heap";
  for (int i = call.start; i < call.end; i++) {
    const int batch = i / quads, column = (i % quads) * 4 * p.width;
    packColumns<T>(call.at(p.packed + (uint64_t(batch) * p.panels + column / p.width) * p.k * panelBytes),
                   uint64_t(p.k) * panelBytes, call.at(p.b + batch * p.bBatch + column * p.bCol), p.bRow, p.bCol, p.k,
                   least(4 * p.width, p.n - column));
  }
  return nullptr;
}

template <class T>
const char* gemm(const Call& call) {
  constexpr uint64_t S = sizeof(T);
  const Product<T> p(call);
  const int width = p.width, perBatch = p.mTiles * p.nTiles;
  if (p.mTiles <= 0 || p.nTiles <= 0 || perBatch <= 0 || p.tileM <= 0 || p.tileN <= 0 || p.kc <= 0 || call.start < 0 ||
      int64_t(p.mTiles - 1) * p.tileM >= p.m || int64_t(p.nTiles - 1) * p.tileN >= p.n)
    return "its tiles are empty";
  const int64_t batches = (int64_t(call.end) + perBatch - 1) / perBatch;
  if (!p.fits(call, batches) || !call.holds(p.a, extent(S, Steps{batches, p.aBatch}, Steps{p.m, p.aRow}, Steps{p.k, p.aCol})) ||
      !call.holds(p.c, extent(S, Steps{batches, p.cBatch}, Steps{p.m, p.cRow}, Steps{p.n, S})) || (p.bias && !call.holds(p.bias, p.n * S)))
    return "its operands leave the heap";
  // rows a page apart fall into the same few places of the first cache
  const bool crowded = p.aCol == S && p.aRow % 4096 == 0 && p.m > 2 && p.tileN > 2 * width;
  const bool packA = p.packA || crowded || (p.aCol != S && p.aRow != S);
  // private area: a panel of B's last columns, packed A, packed B
  uint8_t* spareB = call.scratch;
  uint8_t* areaA = spareB + uint64_t(p.kc) * panelBytes;
  const uint64_t groups = (int64_t(p.tileM) + tileRows - 1) / tileRows, groupBytes = (uint64_t(tileRows) * p.kc * S + 127) & ~uint64_t(63);
  uint8_t* areaB = areaA + groups * groupBytes;
  const uint64_t ownB = p.packB && !p.packed ? uint64_t((int64_t(p.tileN) + width - 1) / width) * p.kc * panelBytes : 0;
  if (areaB + ownB > call.scratch + scratchBytes) return "its tiles are too large";
  for (int index = call.start; index < call.end; index++) {
    const int batch = index / perBatch, rest = index % perBatch;
    const int m0 = (rest / p.nTiles) * p.tileM, n0 = (rest % p.nTiles) * p.tileN;
    const int m1 = p.tileM < p.m - m0 ? m0 + p.tileM : p.m, n1 = p.tileN < p.n - n0 ? n0 + p.tileN : p.n;
    const uint8_t* a = call.at(p.a + batch * p.aBatch + m0 * p.aRow);
    const uint8_t* b = call.at(p.b + batch * p.bBatch + n0 * p.bCol);
    uint8_t* c = call.at(p.c + batch * p.cBatch + m0 * p.cRow + n0 * S);
    for (int k0 = 0; k0 < p.k || k0 == 0; k0 += p.kc) {
      const int depth = least(p.kc, p.k - k0);
      if (packA)
        for (int i = m0; i < m1; i += tileRows)
          packRows<T>(areaA + (i - m0) / tileRows * groupBytes, tileRows * S, a + (i - m0) * p.aRow + k0 * p.aCol, p.aRow, p.aCol,
                      least(tileRows, m1 - i), depth);
      // the panels of B: where the first lies, and the bytes to the next panel and to the next row of one
      const uint8_t* panel = b + k0 * p.bRow;
      uint64_t panelStep = panelBytes, bStep = p.bRow;
      const int whole = (n1 - n0) / width * width;
      bool spare = false;
      if (p.packed) {
        panel = call.at(p.packed + ((uint64_t(batch) * p.panels + n0 / width) * p.k + k0) * panelBytes);
        panelStep = uint64_t(p.k) * panelBytes;
        bStep = panelBytes;
      } else if (p.packB) {
        packColumns<T>(areaB, uint64_t(depth) * panelBytes, panel, p.bRow, p.bCol, depth, n1 - n0);
        panel = areaB;
        panelStep = uint64_t(depth) * panelBytes;
        bStep = panelBytes;
      } else if (whole < n1 - n0) {
        spare = true;
        packPanel<T>(spareB, panel + whole * S, p.bRow, p.bCol, depth, n1 - n0 - whole);
      }
      // columns outside: the panels of B stay in the first cache, and the smaller ones of A come again from the second
      for (int j = n0; j < n1;) {
        const int left = n1 - j, two = left > width && !(spare && left < 2 * width) ? 2 : 1;
        const int columns = least(two * width, left);
        const bool last = spare && left < width;
        const uint8_t* right = last ? spareB : panel + uint64_t((j - n0) / width) * panelStep;
        const uint64_t rightStep = last ? panelBytes : bStep;
        const Target<T> to = {c + (j - n0) * S, p.cRow, columns, p.add || k0 > 0,
                              p.bias && k0 == 0 ? reinterpret_cast<const T*>(call.at(p.bias) + j * S) : nullptr};
        const auto run = [&](int rows, const uint8_t* left_, uint64_t rowStep, uint64_t step, bool alongK, int from) {
          Target<T> part = to;
          part.c += from * p.cRow;
          if (alongK) {
            if (two == 2) tiles<T, 2, true>(rows, depth, left_, rowStep, rowStep, right, rightStep, panelStep, part);
            else tiles<T, 1, true>(rows, depth, left_, rowStep, rowStep, right, rightStep, panelStep, part);
          } else {
            if (two == 2) tiles<T, 2, false>(rows, depth, left_, S, step, right, rightStep, panelStep, part);
            else tiles<T, 1, false>(rows, depth, left_, S, step, right, rightStep, panelStep, part);
          }
        };
        if (packA)
          for (int i = m0; i < m1; i += tileRows)
            run(least(tileRows, m1 - i), areaA + (i - m0) / tileRows * groupBytes, S, tileRows * S, false, i - m0);
        else
          run(m1 - m0, a + k0 * p.aCol, p.aRow, p.aCol, p.aCol == S, 0);
        j += columns;
      }
    }
  }
  return nullptr;
}
