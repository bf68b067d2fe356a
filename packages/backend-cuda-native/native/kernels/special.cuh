#pragma once
// Functions that the platforms' mathematics lack.
#include <math.h>

#include "platform.cuh"

/** The derivative of lgamma: recurrence to x >= 10, then its asymptotic series; reflection below 0. */
DEVICE double digamma(double x) {
  if (x != x || x == -INFINITY) return NAN;
  if (x == INFINITY) return x;
  if (x == 0) return copysign(INFINITY, -x);
  double rest = 0;
  if (x < 0) {
    const double fraction = x - floor(x);
    if (fraction == 0) return NAN;
    rest = -3.14159265358979323846 / tan(3.14159265358979323846 * fraction);
    x = 1 - x;
  }
  for (; x < 10; x += 1) rest -= 1 / x;
  const double r = 1 / (x * x);
  // Bernoulli numbers B(2k) / (2k)
  const double tail =
      r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
  return rest + log(x) - 0.5 / x - tail;
}
