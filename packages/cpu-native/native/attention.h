// Scaled dot-product attention, float32, a block of queries by a block of keys at a time, as assembly/attention/attention.ts has it: the
// matrix of scores is never stored whole, and the backward pass computes it again from the saved log-sums (Dao and others, "FlashAttention", 2022).
// Slots, strides in bytes, the last dim contiguous:
// 0 q  1 k  2 v  3 out  4 log-sums [batch, heads, queries]  5 mask or 0: floats that are added or bytes, 0 where a key is hidden
// 6 heads  7 queries  8 keys  9 dim of q and k  10 dim of v
// 11 q batch  12 q head  13 q row  14 k batch  15 k head  16 k row  17 v batch  18 v head  19 v row
// 20 out batch  21 out head  22 out row  23 mask batch  24 mask head  25 mask row  26 mask column
// 27 scale (f32)  28 causal?  29 queries in a block  30 blocks  47 bytes of a mask's element  48 keys in a block

constexpr int panelWidth = panelBytes / 4;
/** How much of a long sum goes at a time, so that two panels stay in the first cache. */
constexpr int depthOfTiles = 384;
/** No bound. */
constexpr int unbounded = -0x40000000;
/** Of queries or keys in a block, so that no size below overflows. */
constexpr int mostTogether = 1 << 16;
constexpr const char* tooLong = "its rows are too long";

/** B in panels: `rows` rows each. */
struct Panels {
  const uint8_t* at;
  int rows;
};

/** Bytes of a k × n matrix in panels. */
ALWAYS_INLINE uint64_t panelsBytes(int64_t k, int64_t n) { return (n + panelWidth - 1) / panelWidth * k * panelBytes; }

ALWAYS_INLINE Panels packPanels(uint8_t* out, const uint8_t* b, uint64_t rowStep, uint64_t columnStep, int k, int n) {
  packColumns<float>(out, uint64_t(k) * panelBytes, b, rowStep, columnStep, k, n);
  return {out, k};
}

/**
 * C (+)= A·B: A m × k, its rows contiguous and `aStep` apart (ALONG_K), or its columns. Row i needs only the products [i + from, i + upTo)
 * unless a bound is `unbounded`; a group of rows takes the widest range of its rows, so A must be 0 in what the others do not need.
 */
template <bool ALONG_K>
void product(int m, int n, int k, const uint8_t* a, uint64_t aStep, Panels b, uint8_t* c, uint64_t cStep, bool add, int from, int upTo) {
  const uint64_t aRow = ALONG_K ? aStep : 4, aDeep = ALONG_K ? 4 : aStep, panelStep = uint64_t(b.rows) * panelBytes;
  const int group = from > unbounded || upTo > unbounded ? tileRows : m;
  for (int j = 0; j < n; j += 2 * panelWidth) {
    const uint8_t* right = b.at + j / panelWidth * panelStep;
    const int columns = least(2 * panelWidth, n - j);
    for (int i = 0; i < m; i += group) {
      const int rows = least(group, m - i);
      const int k0 = from > unbounded ? least(k, most(0, i + from)) : 0, k1 = upTo > unbounded ? least(k, i + rows - 1 + upTo) : k;
      for (int at = k0; at < k1 || at == k0; at += depthOfTiles) {
        const int depth = most(0, least(depthOfTiles, k1 - at));
        const Target<float> to = {c + i * cStep + j * 4, cStep, columns, add || at > k0, nullptr};
        const uint8_t *left = a + i * aRow + at * aDeep, *down = right + uint64_t(at) * panelBytes;
        if (columns > panelWidth) tiles<float, 2, ALONG_K>(rows, depth, left, aRow, aStep, down, panelBytes, panelStep, to);
        else tiles<float, 1, ALONG_K>(rows, depth, left, aRow, aStep, down, panelBytes, panelStep, to);
      }
    }
  }
}

/** A tensor [batch, heads, rows, dim]: slots of its address and of its three strides, its rows and its values in one. */
struct Heads {
  int address, strides;
  int64_t rows, dim;
};

/** The arguments, read once. */
struct Attention {
  const Call& call;
  int heads, queries, keys, dim, dimV, block, blocks, span;
  float scale;
  bool causal;
  explicit Attention(const Call& c)
      : call(c), heads(c.slot(6)), queries(c.slot(7)), keys(c.slot(8)), dim(c.slot(9)), dimV(c.slot(10)), block(c.slot(29)),
        blocks(c.slot(30)), span(c.slot(48)), scale(c.number(27)), causal(c.slot(28) != 0) {}
  bool fit() const {
    return heads > 0 && queries >= 0 && keys >= 0 && dim >= 0 && dimV >= 0 && call.start >= 0 && block > 0 && blocks >= 0 && span > 0 &&
           most(block, span) <= mostTogether && (!call.offset(5) || call.slot(47) == 1 || call.slot(47) == 4) &&
           int64_t(block) * blocks >= queries && int64_t(block) * (blocks - 1) < queries;
  }
  bool holds(const Heads& h, int64_t units) const {
    const int64_t batches = (units + heads - 1) / heads;
    return call.holds(call.offset(h.address), extent(4, Steps{batches, call.offset(h.strides)}, Steps{heads, call.offset(h.strides + 1)},
                                                     Steps{h.rows, call.offset(h.strides + 2)}, Steps{h.dim, 4}));
  }
  /** Whether q, k, v, the output, log-sums and mask lie in the heap. */
  bool holdsCommon(int64_t units) const {
    const int64_t batches = (units + heads - 1) / heads;
    return holds({0, 11, queries, dim}, units) && holds({1, 14, keys, dim}, units) && holds({2, 17, keys, dimV}, units) &&
           holds({3, 20, queries, dimV}, units) && (!call.offset(4) || call.holds(call.offset(4), floats(units, queries))) &&
           (!call.offset(5) || call.holds(call.offset(5), extent(call.offset(47), Steps{batches, call.offset(23)}, Steps{heads, call.offset(24)},
                                                                 Steps{queries, call.offset(25)}, Steps{keys, call.offset(26)})));
  }
  uint8_t* place(int address, int strides, int64_t batch, int64_t head) const {
    return call.at(call.offset(address) + batch * call.offset(strides) + head * call.offset(strides + 1));
  }
  const uint8_t* mask(int64_t batch, int64_t head, int64_t query, int64_t key) const {
    return call.offset(5) ? place(5, 23, batch, head) + query * call.offset(25) + key * call.offset(26) : nullptr;
  }
  /** A row of scores takes an odd number of cache lines, so that columns spread over all sets of the cache. */
  uint64_t scoreBytes() const { return ((uint64_t(span) * 4 + 63) & ~uint64_t(63)) | 64; }
  /** How many of `upTo` keys a query sees; both are counted from the first of these keys on. */
  int seenBy(int query, int upTo) const { return causal ? least(upTo, most(0, query + 1)) : upTo; }
  /** q·kᵀ, or the like, of a block of queries and of keys: of columns past a query's own position whole tiles are left out. */
  void scores(int rows, int seen, int ahead, const uint8_t* left, uint64_t leftRow, int depth, Panels right, uint8_t* to) const {
    const uint64_t step = scoreBytes();
    if (!causal) return product<true>(rows, seen, depth, left, leftRow, right, to, step, false, unbounded, unbounded);
    for (int j = 0; j < seen; j += 2 * panelWidth) {
      const int first = most(0, j + ahead), columns = least(2 * panelWidth, seen - j);
      const Panels some = {right.at + uint64_t(j / panelWidth) * right.rows * panelBytes, right.rows};
      product<true>(rows - first, columns, depth, left + first * leftRow, leftRow, some, to + first * step + j * 4, step, false, unbounded,
                    unbounded);
    }
  }
};

/**
 * Scores of one query: s ← s·scale + mask, or s·scale where the mask is a byte that is not 0, else -∞. Of a mask of floats the next row,
 * `maskRow` further, is fetched: parts of rows follow one another where no processor expects them.
 */
NOINLINE void scoreRow(uint8_t* p, int64_t n, float scale, const uint8_t* mask, uint64_t maskStep, uint64_t maskRow, int wide) {
  if (!mask) return scaleRow(p, n, scale);
  if (wide == 1) {
    int64_t i = 0;
    if (maskStep == 1) {
      typedef uint8_t Bytes __attribute__((vector_size(VECTOR_BYTES / 4)));
      for (; i + Lanes<float>::count <= n; i += Lanes<float>::count) {
        Bytes seen;
        __builtin_memcpy(&seen, mask + i, sizeof seen);
        const vec<int32_t> shown = __builtin_convertvector(seen, vec<int32_t>);
        store<float>(p + i * 4, shown != 0 ? load<float>(p + i * 4) * scale : all(-__builtin_inff()));
      }
    }
    for (; i < n; i++) put<float>(p + i * 4, mask[i * maskStep] ? scalar<float>(p + i * 4) * scale : -__builtin_inff());
    return;
  }
  if (maskStep == 4) {
    along<1>(n, EACH {
      __builtin_prefetch(mask + maskRow + o);
      part.set(p + o, part.get(p + o) * scale + part.get(mask + o));
      (void)u;
    });
    return;
  }
  for (int64_t i = 0; i < n; i++) put<float>(p + i * 4, scalar<float>(p + i * 4) * scale + scalar<float>(mask + i * maskStep));
}

/** out = softmax(q·kᵀ·scale + mask)·v: index = (batch · heads + head) · blocks + block of queries. */
const char* attention(const Call& call) {
  const Attention a(call);
  if (!a.fit()) return nothing;
  if (a.blocks == 0 || call.end <= call.start) return nullptr;
  if (!a.holdsCommon((int64_t(call.end) + a.blocks - 1) / a.blocks)) return outside;
  const uint64_t step = a.scoreBytes(), outRow = call.offset(22), kRow = call.offset(16), vRow = call.offset(19);
  uint8_t* rowsSoFar = call.scratch;  // of each row the largest score, and the sum of the others' exponentials relative to it
  uint8_t* scores = rowsSoFar + ((uint64_t(a.block) * 8 + 63) & ~uint64_t(63));
  uint8_t* panels = scores + a.block * step;
  const uint64_t needed = most(panelsBytes(a.dim, a.span), panelsBytes(a.span, a.dimV));
  if (needed > scratchBytes || panels + needed > call.scratch + scratchBytes) return tooLong;
  for (int64_t index = call.start; index < call.end; index++) {
    const int64_t unit = index / a.blocks, batch = unit / a.heads, head = unit % a.heads;
    const int q0 = static_cast<int>(index % a.blocks) * a.block, rows = least(a.block, a.queries - q0);
    const int keys = a.causal ? least(a.keys, q0 + rows) : a.keys;
    const uint8_t *q = a.place(0, 11, batch, head) + q0 * call.offset(13), *k = a.place(1, 14, batch, head), *v = a.place(2, 17, batch, head);
    uint8_t* out = a.place(3, 20, batch, head) + q0 * outRow;
    for (int64_t k0 = 0; k0 < keys; k0 += a.span) {
      const int seen = least(a.span, static_cast<int>(keys - k0)), ahead = static_cast<int>(k0 - q0);
      a.scores(rows, seen, ahead, q, call.offset(13), a.dim, packPanels(panels, k + k0 * kRow, 4, kRow, a.dim, seen), scores);
      for (int i = 0; i < rows; i++) {
        const int n = a.seenBy(i - ahead, seen);
        uint8_t *p = scores + i * step, *soFar = rowsSoFar + i * 8;
        scoreRow(p, n, a.scale, a.mask(batch, head, q0 + i, k0), call.offset(26), call.offset(25), call.slot(47));
        const float before = k0 > 0 ? scalar<float>(soFar) : -__builtin_inff(), m = most(rowMax(p, n), before);
        // where nothing is seen, every exponential is 0
        float sum = rowExp<true>(p, n, m == -__builtin_inff() ? 0 : m, p);
        __builtin_memset(p + n * 4, 0, (seen - n) * 4);
        if (k0 > 0 && m > before) {
          const float less = expBelow(all(before - m))[0];
          scaleRow(out + i * outRow, a.dimV, less);
          sum += less * scalar<float>(soFar + 4);
        } else if (k0 > 0) {
          sum += scalar<float>(soFar + 4);
        }
        put<float>(soFar, m);
        put<float>(soFar + 4, sum);
      }
      product<true>(rows, a.dimV, seen, scores, step, packPanels(panels, v + k0 * vRow, vRow, 4, seen, a.dimV), out, outRow, k0 > 0, unbounded,
                    a.causal ? 1 - ahead : unbounded);
    }
    for (int i = 0; i < rows; i++) {
      const float m = scalar<float>(rowsSoFar + i * 8), sum = scalar<float>(rowsSoFar + i * 8 + 4);
      // a query that may see nothing gets zeros, as in PyTorch
      scaleRow(out + i * outRow, a.dimV, sum != 0 ? 1 / sum : 0);
      const float logSum = sum != 0 ? m + static_cast<float>(logOf(sum)) : __builtin_inff();
      if (call.offset(4)) put<float>(call.at(call.offset(4) + (unit * a.queries + q0 + i) * 4), logSum);
    }
  }
  return nullptr;
}

/** Σ a·b of n neighbouring values. */
NOINLINE float dotRow(const uint8_t* a, const uint8_t* b, int64_t n) {
  vec<float> sums[4] = {};
  along<4>(n, EACH { sums[u] += part.get(a + o) * part.get(b + o); });
  return sumOf(sums);
}

/** p ← p·inverse, d ← p·(d - delta)·scale. */
NOINLINE void gradientRow(uint8_t* p, uint8_t* d, int64_t n, float inverse, float delta, float scale) {
  along<2>(n, EACH {
    const vec<float> e = part.get(p + o) * inverse;
    part.set(p + o, e);
    part.set(d + o, e * scale * (part.get(d + o) - delta));
    (void)u;
  });
}

/**
 * Gradients of q, k and v: index = batch · heads + head. Slots as above, but 3 is the output, and
 * 31 gradient of the output  32 dq  33 dk  34 dv
 * batch, head and row strides: 35, 36, 37 of dq  38, 39, 40 of dk  41, 42, 43 of dv  44, 45, 46 of the gradient
 */
const char* attentionBackward(const Call& call) {
  const Attention a(call);
  if (!a.fit()) return nothing;
  if (call.end <= call.start) return nullptr;
  const int64_t units = call.end;
  if (!a.holdsCommon(units) || !call.offset(4) || !a.holds({31, 44, a.queries, a.dimV}, units) ||
      !a.holds({32, 35, a.queries, a.dim}, units) || !a.holds({33, 38, a.keys, a.dim}, units) || !a.holds({34, 41, a.keys, a.dimV}, units))
    return outside;
  const uint64_t step = a.scoreBytes(), qRow = call.offset(13), gRow = call.offset(46);
  const uint64_t kRow = call.offset(16), vRow = call.offset(19), dqRow = call.offset(37), dkRow = call.offset(40), dvRow = call.offset(43);
  uint8_t* p = call.scratch;
  uint8_t* d = p + a.block * step;
  uint8_t* keysT = d + a.block * step;                           // dim × keys
  uint8_t* valuesT = keysT + panelsBytes(a.dim, a.span);         // dimV × keys
  uint8_t* keysN = valuesT + panelsBytes(a.dimV, a.span);        // keys × dim
  uint8_t* some = keysN + panelsBytes(a.span, a.dim);            // a block of q, or of the gradient
  const uint64_t last = panelsBytes(a.block, most(a.dim, a.dimV));
  if (some + last > call.scratch + scratchBytes) return tooLong;
  for (int64_t unit = call.start; unit < call.end; unit++) {
    const int64_t batch = unit / a.heads, head = unit % a.heads;
    const uint8_t *q = a.place(0, 11, batch, head), *out = a.place(3, 20, batch, head), *g = a.place(31, 44, batch, head);
    uint8_t* dq = a.place(32, 35, batch, head);
    const uint8_t* logSums = call.at(call.offset(4) + unit * a.queries * 4);
    for (int64_t k0 = 0; k0 < a.keys; k0 += a.span) {
      const int here = least(a.span, static_cast<int>(a.keys - k0));
      const uint8_t *k = a.place(1, 14, batch, head) + k0 * kRow, *v = a.place(2, 17, batch, head) + k0 * vRow;
      uint8_t *dk = a.place(33, 38, batch, head) + k0 * dkRow, *dv = a.place(34, 41, batch, head) + k0 * dvRow;
      const Panels keysAcross = packPanels(keysT, k, 4, kRow, a.dim, here);
      const Panels valuesAcross = packPanels(valuesT, v, 4, vRow, a.dimV, here);
      const Panels keysDown = packPanels(keysN, k, kRow, 4, here, a.dim);
      for (int64_t j = 0; j < here; j++) {
        __builtin_memset(dk + j * dkRow, 0, a.dim * 4);
        __builtin_memset(dv + j * dvRow, 0, a.dimV * 4);
      }
      // blocks of queries before the first that sees one of these keys are passed over
      for (int64_t q0 = a.causal ? k0 / a.block * a.block : 0; q0 < a.queries; q0 += a.block) {
        const int rows = least(a.block, static_cast<int>(a.queries - q0)), ahead = static_cast<int>(k0 - q0);
        const int seen = a.seenBy(rows - 1 - ahead, here);
        if (seen == 0) continue;
        const uint8_t *gBlock = g + q0 * gRow, *qBlock = q + q0 * qRow;
        a.scores(rows, seen, ahead, qBlock, qRow, a.dim, keysAcross, p);
        a.scores(rows, seen, ahead, gBlock, gRow, a.dimV, valuesAcross, d);
        for (int i = 0; i < rows; i++) {
          const int n = a.seenBy(i - ahead, seen);
          uint8_t *pRow = p + i * step, *dRow = d + i * step;
          const float delta = dotRow(gBlock + i * gRow, out + (q0 + i) * call.offset(22), a.dimV);
          scoreRow(pRow, n, a.scale, a.mask(batch, head, q0 + i, k0), call.offset(26), call.offset(25), call.slot(47));
          const float sum = rowExp<true>(pRow, n, scalar<float>(logSums + (q0 + i) * 4), pRow);
          // the log-sum, rounded, is off by as much as it is large, which the sum over all keys tells
          gradientRow(pRow, dRow, n, a.span < a.keys ? 1 : sum != 0 ? 1 / sum : 0, delta, a.scale);
          __builtin_memset(pRow + n * 4, 0, (seen - n) * 4);
          __builtin_memset(dRow + n * 4, 0, (seen - n) * 4);
        }
        product<true>(rows, a.dim, seen, d, step, keysDown, dq + q0 * dqRow, dqRow, k0 > 0, unbounded, a.causal ? 1 - ahead : unbounded);
        // key j is seen by the queries from j on
        const int later = a.causal ? ahead : unbounded;
        product<false>(seen, a.dim, rows, d, step, packPanels(some, qBlock, qRow, 4, rows, a.dim), dk, dkRow, true, later, unbounded);
        product<false>(seen, a.dimV, rows, p, step, packPanels(some, gBlock, gRow, 4, rows, a.dimV), dv, dvRow, true, later, unbounded);
      }
    }
  }
  return nullptr;
}
