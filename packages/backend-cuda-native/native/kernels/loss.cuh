// Cross entropy of logits [N, C] and integer targets [N], and its gradient.
#include "teams.cuh"

/**
 * A row's loss: log sum(exp(x - max)) + max - x[target]; max and the logarithm are kept. A target out of range is told in `found`, and counts as
 * one that is ignored. words: rows, n, the target to ignore, losses, kept, found, x, targets and their dtype
 */
template <class T, class Team> DEVICE void crossEntropy(const Args& args, const Team& team) {
  Words words(args);
  const int64 rows = words.next(), n = words.next(), ignored = words.next();
  T* losses = elements<T>(words);
  T* kept = elements<T>(words);
  int64* found = elements<int64>(words);
  const T* input = elements<const T>(words);
  const Memory targets{words.next(), int(words.next())};
  for (int64 row = team.firstRow(); row < rows; row += team.nextRow()) {
    const T* x = input + row * n;
    T high = neutral<T>(Max);
    for (int64 k = team.first(); k < n; k += team.next()) high = greater(high, x[k]);
    high = team.largest(high);
    T own = T(0);
    for (int64 k = team.first(); k < n; k += team.next()) own += exp(x[k] - high);
    const T logSum = log(team.sum(own));
    if (!team.leads()) continue;
    kept[2 * row] = high;
    kept[2 * row + 1] = logSum;
    const int64 target = targets.get<int64>(row);
    const bool inside = target >= 0 && target < n;
    if (!inside && target != ignored && atomicCAS(reinterpret_cast<int*>(found), 0, 1) == 0) found[1] = target;
    losses[row] = inside && target != ignored ? logSum + (high - x[target]) : T(0);
  }
}
ROW_KERNELS(cross_entropy, crossEntropy)

/** The sum or mean over the rows that count, whose number is kept. One block. words: rows, the target to ignore, whether mean, loss, count, losses, targets and their dtype */
template <class T, class Team> DEVICE void crossEntropyTotal(const Args& args, const Team& team) {
  Words words(args);
  const int64 rows = words.next(), ignored = words.next();
  const bool mean = words.next() != 0;
  T* loss = elements<T>(words);
  T* count = elements<T>(words);
  const T* losses = elements<const T>(words);
  const Memory targets{words.next(), int(words.next())};
  T ownTotal = T(0), ownCount = T(0);
  for (int64 row = team.first(); row < rows; row += team.next()) {
    ownTotal += losses[row];
    if (targets.get<int64>(row) != ignored) ownCount += T(1);
  }
  const T total = team.sum(ownTotal), counted = team.sum(ownCount);
  if (!team.leads()) return;
  *count = counted;
  *loss = mean ? total / counted : total; // 0 / 0 where none counts: NaN
}
template <class T> DEVICE void crossEntropyTotalOf(const Args& args) {
  SHARED(T, cells, [teamCells]);
  crossEntropyTotal<T>(args, Together<T>{cells});
}
FOR_EACH_FLOAT(BLOCK_KERNEL, cross_entropy_total, crossEntropyTotalOf)

/** (softmax(x) - onehot(target)) times the row's share of the gradient. words: rows, n, the target to ignore, whether mean, g's step, dx, g, x, targets and their dtype, kept */
template <class T> DEVICE void crossEntropyBackward(const Args& args) {
  Words words(args);
  const int64 rows = words.next(), n = words.next(), ignored = words.next();
  const bool mean = words.next() != 0;
  const int64 step = words.next();
  T* output = elements<T>(words);
  const T* gradient = elements<const T>(words);
  const T* x = elements<const T>(words);
  const Memory targets{words.next(), int(words.next())};
  const T* kept = elements<const T>(words);
  for (int64 i = threadNumber(); i < rows * n; i += threadCount()) {
    const int64 row = i / n, target = targets.get<int64>(row);
    T share = T(0);
    if (target != ignored) {
      share = gradient[row * step];
      if (mean) share /= kept[2 * rows];
      share *= exp(x[i] - kept[2 * row] - kept[2 * row + 1]) - (i % n == target ? T(1) : T(0));
    }
    output[i] = share;
  }
}
FOR_EACH_FLOAT(KERNEL, cross_entropy_backward, crossEntropyBackward)
