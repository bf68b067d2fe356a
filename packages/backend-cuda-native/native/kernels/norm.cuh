// Normalization of rows (layer norm, and without a mean RMS norm), and its gradients. Where an address is 0, there is no such tensor. The results may
// go through a program, whose words then stand behind the others (behind.cuh); the address of the result is not used then.
#include "behind.cuh"
#include "teams.cuh"

/** y = (x - mean) rstd weight + bias. Of halves the mean and rstd are float32. words: rows, n, eps, y, mean or 0, rstd, x, weight or 0, bias or 0 */
template <class S, template <class> class Put, class Team> DEVICE void normRows(const Args& args, const Team& team) {
  typedef Computed<S> T;
  Words words(args);
  const int64 rows = words.next(), n = words.next();
  const T eps = T(words.real());
  S* output = elements<S>(words);
  T* means = elements<T>(words);
  T* factors = elements<T>(words);
  const S* input = elements<const S>(words);
  const S* weight = elements<const S>(words);
  const S* bias = elements<const S>(words);
  Put<S> put(words, output);
  for (int64 row = team.firstRow(); row < rows; row += team.nextRow()) {
    const S* x = input + row * n;
    T mean = T(0);
    if (means) {
      T own = T(0);
      for (int64 k = team.first(); k < n; k += team.next()) own += x[k];
      mean = team.sum(own) / T(n);
    }
    T own = T(0);
    for (int64 k = team.first(); k < n; k += team.next()) own += (x[k] - mean) * (x[k] - mean);
    const T rstd = T(1) / sqrt(team.sum(own) / T(n) + eps);
    for (int64 k = team.first(); k < n; k += team.next()) {
      T value = (x[k] - mean) * rstd;
      if (weight) value *= weight[k];
      if (bias) value += bias[k];
      put(row * n + k, value);
    }
    if (!team.leads()) continue;
    if (means) means[row] = mean;
    factors[row] = rstd;
  }
}
template <class S, class Team> DEVICE void norm(const Args& args, const Team& team) { normRows<S, Stored>(args, team); }
template <class S, class Team> DEVICE void normMapped(const Args& args, const Team& team) { normRows<S, Mapped>(args, team); }
ROW_KERNELS(norm, norm)
ROW_KERNELS(norm_mapped, normMapped)
ROW_KERNELS_OF_HALVES(norm, norm)

/**
 * dx = rstd (g w - mean(g w) - hat mean(g w hat)), where hat = (x - mean) rstd; without a mean there is no mean(g w).
 * words: rows, n, dx, g, x, mean or 0, rstd, weight or 0
 */
template <class T, template <class> class Put, class Team> DEVICE void normRowsBack(const Args& args, const Team& team) {
  Words words(args);
  const int64 rows = words.next(), n = words.next();
  T* output = elements<T>(words);
  const T* gradient = elements<const T>(words);
  const T* input = elements<const T>(words);
  const T* means = elements<const T>(words);
  const T* factors = elements<const T>(words);
  const T* weight = elements<const T>(words);
  Put<T> put(words, output);
  for (int64 row = team.firstRow(); row < rows; row += team.nextRow()) {
    const T* x = input + row * n;
    const T* g = gradient + row * n;
    const T mean = means ? means[row] : T(0), rstd = factors[row];
    T ownSum = T(0), ownDot = T(0);
    for (int64 k = team.first(); k < n; k += team.next()) {
      const T scaled = weight ? g[k] * weight[k] : g[k];
      ownSum += scaled;
      ownDot += scaled * ((x[k] - mean) * rstd);
    }
    const T shift = means ? team.sum(ownSum) / T(n) : T(0);
    const T slope = team.sum(ownDot) / T(n);
    for (int64 k = team.first(); k < n; k += team.next()) {
      const T scaled = weight ? g[k] * weight[k] : g[k];
      put(row * n + k, rstd * (scaled - shift - (x[k] - mean) * rstd * slope));
    }
  }
}
template <class T, class Team> DEVICE void normBackward(const Args& args, const Team& team) { normRowsBack<T, Stored>(args, team); }
template <class T, class Team> DEVICE void normBackwardMapped(const Args& args, const Team& team) { normRowsBack<T, Mapped>(args, team); }
ROW_KERNELS(norm_backward, normBackward)
ROW_KERNELS(norm_backward_mapped, normBackwardMapped)

/**
 * Sums of g hat and of g down the columns, each over every parts-th row: [2, parts, n].
 * words: rows, n, parts, sums, g, x, mean or 0, rstd
 */
template <class T> DEVICE void normColumns(const Args& args) {
  Words words(args);
  const int64 rows = words.next(), n = words.next(), parts = words.next();
  T* sums = elements<T>(words);
  const T* g = elements<const T>(words);
  const T* x = elements<const T>(words);
  const T* means = elements<const T>(words);
  const T* factors = elements<const T>(words);
  for (int64 i = threadNumber(); i < parts * n; i += threadCount()) {
    T dot = T(0), sum = T(0);
    for (int64 row = i / n; row < rows; row += parts) {
      const int64 at = row * n + i % n;
      dot += g[at] * ((x[at] - (means ? means[row] : T(0))) * factors[row]);
      sum += g[at];
    }
    sums[i] = dot;
    sums[parts * n + i] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, norm_columns, normColumns)

/** The parts added up. words: n, parts, sums, dweight or 0, dbias or 0 */
template <class T> DEVICE void normColumnSums(const Args& args) {
  Words words(args);
  const int64 n = words.next(), parts = words.next();
  const T* sums = elements<const T>(words);
  T* weight = elements<T>(words);
  T* bias = elements<T>(words);
  for (int64 column = threadNumber(); column < n; column += threadCount()) {
    T dot = T(0), sum = T(0);
    for (int64 part = 0; part < parts; part++) {
      dot += sums[part * n + column];
      sum += sums[(parts + part) * n + column];
    }
    if (weight) weight[column] = dot;
    if (bias) bias[column] = sum;
  }
}
FOR_EACH_FLOAT(KERNEL, norm_column_sums, normColumnSums)
