// Normalization of channels by the statistics of the batch, and its gradients: a block for each channel. Where an address is 0, there is no such
// tensor.
#include "teams.cuh"

/** The elements of a channel of a row-major tensor [images, channels, places]. words: images, channels, places */
struct Channels {
  int64 images, channels, places;
  DEVICE explicit Channels(Words& words) : images(words.next()), channels(words.next()), places(words.next()) {}
  DEVICE int64 count() const { return images * places; }
  DEVICE int64 at(int64 channel, int64 k) const { return (k / places * channels + channel) * places + k % places; }
};

/** words: channels, eps, momentum, y, mean, rstd, x, weight or 0, bias or 0, running mean or 0, running variance or 0 */
template <class T> DEVICE void batchNorm(const Args& args) {
  SHARED(T, cells, [teamCells]);
  const Together<T> team{cells};
  Words words(args);
  const Channels channels(words);
  const T eps = T(words.real()), momentum = T(words.real());
  T* y = elements<T>(words);
  T* means = elements<T>(words);
  T* factors = elements<T>(words);
  const T* x = elements<const T>(words);
  const T* weight = elements<const T>(words);
  const T* bias = elements<const T>(words);
  T* runningMean = elements<T>(words);
  T* runningVar = elements<T>(words);
  const int64 count = channels.count();
  for (int64 c = blockIdx.x; c < channels.channels; c += gridDim.x) {
    T own = T(0);
    for (int64 k = team.first(); k < count; k += team.next()) own += x[channels.at(c, k)];
    const T mean = team.sum(own) / T(count);
    own = T(0);
    for (int64 k = team.first(); k < count; k += team.next()) {
      const T d = x[channels.at(c, k)] - mean;
      own += d * d;
    }
    const T spread = team.sum(own);
    const T rstd = T(1) / sqrt(spread / T(count) + eps);
    for (int64 k = team.first(); k < count; k += team.next()) {
      T value = (x[channels.at(c, k)] - mean) * rstd;
      if (weight) value *= weight[c];
      if (bias) value += bias[c];
      y[channels.at(c, k)] = value;
    }
    if (!team.leads()) continue;
    means[c] = mean;
    factors[c] = rstd;
    if (!runningMean) continue;
    runningMean[c] += momentum * (mean - runningMean[c]);
    runningVar[c] += momentum * (spread / T(count - 1) - runningVar[c]);
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, batch_norm, batchNorm)

/** dx = weight rstd (g - mean(g) - hat mean(g hat)). words: channels, dx, g, x, mean, rstd, weight or 0, dweight or 0, dbias or 0 */
template <class T> DEVICE void batchNormBackward(const Args& args) {
  SHARED(T, cells, [teamCells]);
  const Together<T> team{cells};
  Words words(args);
  const Channels channels(words);
  T* dx = elements<T>(words);
  const T* g = elements<const T>(words);
  const T* x = elements<const T>(words);
  const T* means = elements<const T>(words);
  const T* factors = elements<const T>(words);
  const T* weight = elements<const T>(words);
  T* toWeight = elements<T>(words);
  T* toBias = elements<T>(words);
  const int64 count = channels.count();
  for (int64 c = blockIdx.x; c < channels.channels; c += gridDim.x) {
    const T mean = means[c], rstd = factors[c];
    T ownSum = T(0), ownDot = T(0);
    for (int64 k = team.first(); k < count; k += team.next()) {
      const int64 at = channels.at(c, k);
      ownSum += g[at];
      ownDot += g[at] * ((x[at] - mean) * rstd);
    }
    const T sum = team.sum(ownSum), dot = team.sum(ownDot);
    const T factor = weight ? weight[c] * rstd : rstd;
    for (int64 k = team.first(); k < count; k += team.next()) {
      const int64 at = channels.at(c, k);
      dx[at] = factor * (g[at] - sum / T(count) - (x[at] - mean) * rstd * (dot / T(count)));
    }
    if (!team.leads()) continue;
    if (toWeight) toWeight[c] = dot;
    if (toBias) toBias[c] = sum;
  }
}
FOR_EACH_FLOAT(BLOCK_KERNEL, batch_norm_backward, batchNormBackward)
