// Attention without the matrix of all scores, and its gradients: a block for each row of the result, which goes through what it meets in pieces of
// as many as it has threads. Each thread makes the score of one, then all of them the sums of the row's features. All tensors are row-major.
#include "teams.cuh"

constexpr int widest = 256;

/** words: batch, rows of q, rows of k, features of q and k, features of v, scale, whether causal */
struct Scores {
  int64 batch, queries, keys, features, values;
  double scale;
  bool causal;
  DEVICE explicit Scores(Words& words)
      : batch(words.next()), queries(words.next()), keys(words.next()), features(words.next()), values(words.next()), scale(words.real()),
        causal(words.next() != 0) {}
  /** How many keys a query meets: the first ones. */
  DEVICE int64 met(int64 query) const { return causal && query + 1 < keys ? query + 1 : keys; }
};
template <class T> DEVICE T dot(const T* x, const T* y, int64 n) {
  T sum = T(0);
  for (int64 e = 0; e < n; e++) sum += x[e] * y[e];
  return sum;
}

/** y = softmax(q k^T scale) v, and each row's log-sum-exp of scores. words: scores, y, log sums, q, k, v */
template <class T> DEVICE void attention(const Args& args) {
  SHARED(T, cells, [teamCells]);
  SHARED(T, shares, [teamCells]);
  SHARED(T, totals, [widest]);
  const Together<T> team{cells};
  Words words(args);
  const Scores scores(words);
  T* output = elements<T>(words);
  T* logSums = elements<T>(words);
  const T* q = elements<const T>(words);
  const T* k = elements<const T>(words);
  const T* v = elements<const T>(words);
  const int64 own = threadIdx.x, size = blockDim.x;
  for (int64 row = blockIdx.x; row < scores.batch * scores.queries; row += gridDim.x) {
    const int64 n = row / scores.queries, met = scores.met(row % scores.queries);
    const T* query = q + row * scores.features;
    const T* keys = k + n * scores.keys * scores.features;
    const T* values = v + n * scores.keys * scores.values;
    for (int64 e = own; e < scores.values; e += size) totals[e] = T(0);
    T high = neutral<T>(Max), sum = T(0);
    for (int64 start = 0; start < met; start += size) {
      const int64 count = met - start < size ? met - start : size;
      const T score = own < count ? dot(query, keys + (start + own) * scores.features, scores.features) * T(scores.scale) : neutral<T>(Max);
      const T higher = greater(high, team.largest(score));
      const T before = high == higher ? T(1) : exp(high - higher); // of what was summed so far
      const T part = own < count ? exp(score - higher) : T(0);
      shares[own] = part;
      sum = sum * before + team.sum(part);
      high = higher;
      for (int64 e = own; e < scores.values; e += size) {
        T total = totals[e] * before;
        for (int64 j = 0; j < count; j++) total += shares[j] * values[(start + j) * scores.values + e];
        totals[e] = total;
      }
      BARRIER(); // before the shares are written again
    }
    for (int64 e = own; e < scores.values; e += size) output[row * scores.values + e] = totals[e] / sum;
    if (team.leads()) logSums[row] = high + log(sum);
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, attention, attention)

/** What the gradients are made of: p = exp(score - log sum), ds = p (g v - g y) scale. words: g, q, k, v, y, log sums */
template <class T> struct Met {
  const Scores& scores;
  const T *g, *q, *k, *v, *y, *logSums;
  DEVICE Met(const Scores& scores, Words& words)
      : scores(scores), g(elements<const T>(words)), q(elements<const T>(words)), k(elements<const T>(words)), v(elements<const T>(words)),
        y(elements<const T>(words)), logSums(elements<const T>(words)) {}
  /** Of a row of q and a row of k. */
  DEVICE void make(int64 query, int64 key, T& p, T& ds) const {
    const T* gradient = g + query * scores.values;
    p = exp(dot(q + query * scores.features, k + key * scores.features, scores.features) * T(scores.scale) - logSums[query]);
    ds = p * (dot(gradient, v + key * scores.values, scores.values) - dot(gradient, y + query * scores.values, scores.values)) * T(scores.scale);
  }
};

/** dq = ds k. words: scores, dq, what is met */
template <class T> DEVICE void attentionQueries(const Args& args) {
  SHARED(T, shares, [teamCells]);
  SHARED(T, totals, [widest]);
  Words words(args);
  const Scores scores(words);
  T* dq = elements<T>(words);
  const Met<T> all(scores, words);
  const int64 own = threadIdx.x, size = blockDim.x;
  for (int64 row = blockIdx.x; row < scores.batch * scores.queries; row += gridDim.x) {
    const int64 first = row / scores.queries * scores.keys, met = scores.met(row % scores.queries);
    for (int64 e = own; e < scores.features; e += size) totals[e] = T(0);
    for (int64 start = 0; start < met; start += size) {
      const int64 count = met - start < size ? met - start : size;
      T p, ds;
      if (own < count) {
        all.make(row, first + start + own, p, ds);
        shares[own] = ds;
      }
      BARRIER();
      for (int64 e = own; e < scores.features; e += size)
        for (int64 j = 0; j < count; j++) totals[e] += shares[j] * all.k[(first + start + j) * scores.features + e];
      BARRIER();
    }
    for (int64 e = own; e < scores.features; e += size) dq[row * scores.features + e] = totals[e];
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, attention_queries, attentionQueries)

/** dk = ds^T q, dv = p^T g. words: scores, dk, dv, what is met */
template <class T> DEVICE void attentionKeys(const Args& args) {
  SHARED(T, shares, [teamCells]);
  SHARED(T, slopes, [teamCells]);
  SHARED(T, keyTotals, [widest]);
  SHARED(T, valueTotals, [widest]);
  Words words(args);
  const Scores scores(words);
  T* dk = elements<T>(words);
  T* dv = elements<T>(words);
  const Met<T> all(scores, words);
  const int64 own = threadIdx.x, size = blockDim.x;
  for (int64 row = blockIdx.x; row < scores.batch * scores.keys; row += gridDim.x) {
    const int64 first = row / scores.keys * scores.queries;
    for (int64 e = own; e < scores.features; e += size) keyTotals[e] = T(0);
    for (int64 e = own; e < scores.values; e += size) valueTotals[e] = T(0);
    for (int64 start = scores.causal ? row % scores.keys : 0; start < scores.queries; start += size) {
      const int64 count = scores.queries - start < size ? scores.queries - start : size;
      if (own < count) all.make(first + start + own, row, shares[own], slopes[own]);
      BARRIER();
      for (int64 e = own; e < scores.features; e += size)
        for (int64 i = 0; i < count; i++) keyTotals[e] += slopes[i] * all.q[(first + start + i) * scores.features + e];
      for (int64 e = own; e < scores.values; e += size)
        for (int64 i = 0; i < count; i++) valueTotals[e] += shares[i] * all.g[(first + start + i) * scores.values + e];
      BARRIER();
    }
    for (int64 e = own; e < scores.features; e += size) dk[row * scores.features + e] = keyTotals[e];
    for (int64 e = own; e < scores.values; e += size) dv[row * scores.values + e] = valueTotals[e];
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, attention_keys, attentionKeys)
