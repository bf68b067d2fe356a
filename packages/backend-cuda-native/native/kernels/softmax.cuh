// Softmax and its logarithm along a dimension, and their gradients.
#include "teams.cuh"

/** Lines along a dimension of row-major tensors of one shape. words: lines, a line's elements, the step along it, then the tensors. */
struct Lines {
  int64 count, n, step;
  DEVICE explicit Lines(Words& words) : count(words.next()), n(words.next()), step(words.next()) {}
  DEVICE int64 start(int64 line) const { return line / step * (step * n) + line % step; }
};

/** y from x, the largest one and the sum of exp(x - max). words: lines, y, x */
template <class S, class Team, class Make> DEVICE void ofLines(const Args& args, const Team& team, const Make& make) {
  typedef Computed<S> T;
  Words words(args);
  const Lines lines(words);
  S* output = elements<S>(words);
  const S* input = elements<const S>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    S* y = output + lines.start(line);
    const S* x = input + lines.start(line);
    T own = neutral<T>(Max);
    for (int64 k = team.first(); k < lines.n; k += team.next()) own = greater(own, T(x[k * lines.step]));
    const T high = team.largest(own);
    own = T(0);
    for (int64 k = team.first(); k < lines.n; k += team.next()) own += exp(x[k * lines.step] - high);
    const T sum = team.sum(own), logarithm = log(sum);
    for (int64 k = team.first(); k < lines.n; k += team.next()) y[k * lines.step] = make(T(x[k * lines.step]), high, sum, logarithm);
  }
}
/** y = exp(x - max) / sum(exp(x - max)). */
template <class S, class Team> DEVICE void softmax(const Args& args, const Team& team) {
  typedef Computed<S> T;
  ofLines<S>(args, team, [](T x, T high, T sum, T) { return exp(x - high) / sum; });
}
ROW_KERNELS(softmax, softmax)
ROW_KERNELS_OF_HALVES(softmax, softmax)

/** y = x - max - log(sum(exp(x - max))). */
template <class S, class Team> DEVICE void logSoftmax(const Args& args, const Team& team) {
  typedef Computed<S> T;
  ofLines<S>(args, team, [](T x, T high, T, T logarithm) { return x - high - logarithm; });
}
ROW_KERNELS(log_softmax, logSoftmax)
ROW_KERNELS_OF_HALVES(log_softmax, logSoftmax)

/** dx from g, y and the sum of `part` of both. words: lines, dx, g, y */
template <class T, class Team, class Part, class Make>
DEVICE void backAlongLines(const Args& args, const Team& team, const Part& part, const Make& make) {
  Words words(args);
  const Lines lines(words);
  T* output = elements<T>(words);
  const T* gradient = elements<const T>(words);
  const T* result = elements<const T>(words);
  for (int64 line = team.firstRow(); line < lines.count; line += team.nextRow()) {
    const int64 start = lines.start(line);
    T own = T(0);
    for (int64 k = team.first(); k < lines.n; k += team.next()) own += part(gradient[start + k * lines.step], result[start + k * lines.step]);
    const T sum = team.sum(own);
    for (int64 k = team.first(); k < lines.n; k += team.next()) {
      const int64 at = start + k * lines.step;
      output[at] = make(gradient[at], result[at], sum);
    }
  }
}
/** dx = (g - sum(g y)) y. */
template <class T, class Team> DEVICE void softmaxBackward(const Args& args, const Team& team) {
  backAlongLines<T>(args, team, [](T g, T y) { return g * y; }, [](T g, T y, T sum) { return (g - sum) * y; });
}
ROW_KERNELS(softmax_backward, softmaxBackward)

/** dx = g - exp(y) sum(g). */
template <class T, class Team> DEVICE void logSoftmaxBackward(const Args& args, const Team& team) {
  backAlongLines<T>(args, team, [](T g, T) { return g; }, [](T g, T y, T sum) { return g - exp(y) * sum; });
}
ROW_KERNELS(log_softmax_backward, logSoftmaxBackward)
