// Softmax and its logarithm along a dimension, and their gradients.
#include "teams.cuh"

/** Lines along a dimension of row-major tensors of one shape. words: lines, a line's elements, the step along it, then the tensors. */
struct Lines {
  int64 count, n, step;
  DEVICE explicit Lines(Words& words) : count(words.next()), n(words.next()), step(words.next()) {}
  DEVICE int64 start(int64 line) const { return line / step * (step * n) + line % step; }
};

template <class T, class Team> DEVICE T largestOf(const T* x, const Lines& lines, const Team& team) {
  T own = neutral<T>(Max);
  for (int64 k = team.first(); k < lines.n; k += team.next()) own = greater(own, x[k * lines.step]);
  return team.largest(own);
}
template <class T, class Team> DEVICE T sumOfExps(const T* x, T high, const Lines& lines, const Team& team) {
  T own = T(0);
  for (int64 k = team.first(); k < lines.n; k += team.next()) own += exp(x[k * lines.step] - high);
  return team.sum(own);
}

/** y = exp(x - max) / sum(exp(x - max)). words: lines, y, x */
template <class T, class Team> DEVICE void softmax(const Args& args, const Team& team) {
  Words words(args);
  const Lines lines(words);
  T* output = elements<T>(words);
  const T* input = elements<const T>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    T* y = output + lines.start(line);
    const T* x = input + lines.start(line);
    const T high = largestOf(x, lines, team);
    const T sum = sumOfExps(x, high, lines, team);
    for (int64 k = team.first(); k < lines.n; k += team.next()) y[k * lines.step] = exp(x[k * lines.step] - high) / sum;
  }
}
ROW_KERNELS(softmax, softmax)

/** y = x - max - log(sum(exp(x - max))). words: lines, y, x */
template <class T, class Team> DEVICE void logSoftmax(const Args& args, const Team& team) {
  Words words(args);
  const Lines lines(words);
  T* output = elements<T>(words);
  const T* input = elements<const T>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    T* y = output + lines.start(line);
    const T* x = input + lines.start(line);
    const T high = largestOf(x, lines, team);
    const T sum = log(sumOfExps(x, high, lines, team));
    for (int64 k = team.first(); k < lines.n; k += team.next()) y[k * lines.step] = x[k * lines.step] - high - sum;
  }
}
ROW_KERNELS(log_softmax, logSoftmax)

/** dx = (g - sum(g y)) y. words: lines, dx, g, y */
template <class T, class Team> DEVICE void softmaxBackward(const Args& args, const Team& team) {
  Words words(args);
  const Lines lines(words);
  T* output = elements<T>(words);
  const T* gradient = elements<const T>(words);
  const T* result = elements<const T>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    const int64 start = lines.start(line);
    T own = T(0);
    for (int64 k = team.first(); k < lines.n; k += team.next())
      own += gradient[start + k * lines.step] * result[start + k * lines.step];
    const T dot = team.sum(own);
    for (int64 k = team.first(); k < lines.n; k += team.next()) {
      const int64 at = start + k * lines.step;
      output[at] = (gradient[at] - dot) * result[at];
    }
  }
}
ROW_KERNELS(softmax_backward, softmaxBackward)

/** dx = g - exp(y) sum(g). words: lines, dx, g, y */
template <class T, class Team> DEVICE void logSoftmaxBackward(const Args& args, const Team& team) {
  Words words(args);
  const Lines lines(words);
  T* output = elements<T>(words);
  const T* gradient = elements<const T>(words);
  const T* result = elements<const T>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    const int64 start = lines.start(line);
    T own = T(0);
    for (int64 k = team.first(); k < lines.n; k += team.next()) own += gradient[start + k * lines.step];
    const T sum = team.sum(own);
    for (int64 k = team.first(); k < lines.n; k += team.next()) {
      const int64 at = start + k * lines.step;
      output[at] = gradient[at] - exp(result[at]) * sum;
    }
  }
}
ROW_KERNELS(log_softmax_backward, logSoftmaxBackward)
