// Functions of vectors of float32, by the polynomials of the WebAssembly ones (assembly/core/exp.ts), and with their limits.

/** 1.5 · 2²³: adding it rounds to an integer, which then stands in the low bits. */
constexpr float roundingBias = 12582912.0f;
constexpr float ln2High = 0.693359375f, ln2Low = -2.12194440e-4f;

/** A polynomial by Horner's rule, highest coefficient first. */
template <class... C>
ALWAYS_INLINE vec<float> poly(vec<float> x, float first, C... rest) {
  vec<float> p = all(first);
  ((p = p * x + static_cast<float>(rest)), ...);
  return p;
}

/** exp of x <= 88.7, within 3 ulp; 0 below -87.33 (no denormals), NaN stays NaN. */
ALWAYS_INLINE vec<float> expBelow(vec<float> x) {
  const vec<float> c = larger(x, all(-87.33654f));
  const vec<float> shifted = c * 1.44269504088896341f + roundingBias;
  const vec<float> n = shifted - roundingBias;
  const vec<float> r = c - n * ln2High - n * ln2Low;
  const vec<float> p = poly(r, 8.312520571053028e-3f, 4.189015552401543e-2f, 1.6667114198207855e-1f, 4.99992311000824e-1f);
  const vec<float> e = asFloats(bits(r * r * p + (r + 1.0f)) + (bits(shifted) << 23));
  const vec<float> inside = x < -87.33654f ? vec<float>{} : e;
  return x != x ? x : inside;
}

/** exp, +∞ above 88.72. */
ALWAYS_INLINE vec<float> expOf(vec<float> x) {
  return x > 88.72283f ? all(__builtin_inff()) : expBelow(smaller(x, all(88.72283f)));
}

/** log of a float64 that is normal and positive, or ∞ or NaN: 2 atanh((m - 1) / (m + 1)) with m between √½ and √2; relative error 1e-13. */
inline double logOf(double x) {
  if (!(x < __builtin_inf())) return x;
  int64_t word;
  __builtin_memcpy(&word, &x, sizeof word);
  const int64_t shifted = word - 0x3fe6a09e667f3bcd;
  word = (shifted & 0xfffffffffffff) + 0x3fe6a09e667f3bcd;
  double m;
  __builtin_memcpy(&m, &word, sizeof m);
  const double s = (m - 1) / (m + 1), z = s * s;
  const double p =
      2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * (2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 + z * (2.0 / 15 + z * (2.0 / 17)))))));
  return static_cast<double>(shifted >> 52) * 0.69314718055994530942 + (2 * s + s * z * p);
}
