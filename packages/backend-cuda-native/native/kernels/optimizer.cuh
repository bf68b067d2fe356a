// Steps of optimizers, of several parameters in one launch. They follow the definitions in packages/optim, operation by operation. A decay of 0 is
// skipped: it would make NaN of infinity.
#include "teams.cuh"

/** The elements of a parameter that one block updates at a time. */
constexpr int64 share = 1024;

/** Parameters one after the other. words: how many, then for each its first share, its size, the gradient's address, and those of what is written. */
template <int written> struct Parameters {
  int64 count;
  const int64* each;
  DEVICE explicit Parameters(Words& words) : count(words.next()), each(words.list(int(count) * (3 + written))) {}
  /** Calls `step` with a gradient and what is written, and the element. */
  template <class S, class Step> DEVICE void update(int64 shares, const Step& step) const {
    for (int64 at = blockIdx.x; at < shares; at += gridDim.x) {
      // the last one that begins at or before it
      int64 low = 0, high = count - 1;
      while (low < high) {
        const int64 middle = (low + high + 1) / 2;
        if (each[middle * (3 + written)] <= at) low = middle;
        else high = middle - 1;
      }
      const int64* own = each + low * (3 + written);
      const int64 start = (at - own[0]) * share, rest = own[1] - start;
      const int64 end = start + (rest < share ? rest : share);
      for (int64 i = start + threadIdx.x; i < end; i += blockDim.x) step(Computed<S>(reinterpret_cast<const S*>(own[2])[i]), own + 3, i);
    }
  }
};
template <class S> DEVICE S& elementOf(const int64* addresses, int which, int64 i) { return reinterpret_cast<S*>(addresses[which])[i]; }

/** Of halves everything is computed in float32, and rounded where it is stored. */
template <class S> struct Adam {
  typedef Computed<S> T;
  T shrink, decay, toGradient, beta2, rest2, root, eps, step;
  bool amsgrad, maximize;
  DEVICE explicit Adam(Words& words)
      : shrink(T(words.real())), decay(T(words.real())), toGradient(T(words.real())), beta2(T(words.real())), rest2(T(words.real())),
        root(T(words.real())), eps(T(words.real())), step(T(words.real())), amsgrad(words.next() != 0), maximize(words.next() != 0) {}
  DEVICE void operator()(T gradient, const int64* written, int64 i) const {
    S& parameter = elementOf<S>(written, 0, i);
    S& firstMoment = elementOf<S>(written, 1, i);
    S& secondMoment = elementOf<S>(written, 2, i);
    const T old = parameter * shrink;
    T g = maximize ? -gradient : gradient;
    if (decay != T(0)) g = g + old * decay;
    const T first = firstMoment + toGradient * (g - firstMoment), second = secondMoment * beta2 + g * g * rest2;
    firstMoment = first;
    secondMoment = second;
    T spread = second;
    if (amsgrad) {
      S& most = elementOf<S>(written, 3, i);
      most = spread = greater(T(most), second);
    }
    parameter = old + first / (sqrt(spread) / root + eps) * step;
  }
};
// words: shares, numbers, parameters
template <class S> DEVICE void adamStep(const Args& args) {
  Words words(args);
  const int64 shares = words.next();
  const Adam<S> step(words);
  if (step.amsgrad) Parameters<4>(words).template update<S>(shares, step);
  else Parameters<3>(words).template update<S>(shares, step);
}
FOR_EACH_FLOAT(KERNEL, adam_step, adamStep)
FOR_EACH_HALF(KERNEL, adam_step, adamStep)

template <class S> struct Descent {
  typedef Computed<S> T;
  T lr, momentum, fresh, decay;
  bool buffered, first, nesterov, maximize;
  DEVICE explicit Descent(Words& words)
      : lr(T(words.real())), momentum(T(words.real())), fresh(T(words.real())), decay(T(words.real())), buffered(words.next() != 0),
        first(words.next() != 0), nesterov(words.next() != 0), maximize(words.next() != 0) {}
  DEVICE void operator()(T gradient, const int64* written, int64 i) const {
    S& parameter = elementOf<S>(written, 0, i);
    const T old = parameter;
    T g = maximize ? -gradient : gradient;
    if (decay != T(0)) g = g + old * decay;
    if (buffered) {
      S& buffer = elementOf<S>(written, 1, i);
      const T value = first ? g : buffer * momentum + g * fresh;
      buffer = value;
      g = nesterov ? g + value * momentum : value;
    }
    parameter = old - g * lr;
  }
};
// words: shares, numbers, parameters
template <class S> DEVICE void sgdStep(const Args& args) {
  Words words(args);
  const int64 shares = words.next();
  const Descent<S> step(words);
  if (step.buffered) Parameters<2>(words).template update<S>(shares, step);
  else Parameters<1>(words).template update<S>(shares, step);
}
FOR_EACH_FLOAT(KERNEL, sgd_step, sgdStep)
FOR_EACH_HALF(KERNEL, sgd_step, sgdStep)
